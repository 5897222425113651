import { type CommandModule, print } from '@virtplane/virtctl';
import { dataDirectory } from './data-directory.ts';
import { type Part, runningRecord } from './process-record.ts';

const parts: readonly (readonly [Part, string])[] = [
  ['up', 'supervisor'],
  ['server', 'API server, controllers, scheduler'],
  ['node', 'node agent'],
];

/** `virtplane status`: exit code 0 when server and node agent run, else 1. */
export const status: CommandModule = {
  async run({ flags }) {
    const data = dataDirectory(flags);
    const rows = await Promise.all(
      parts.map(async ([part, title]) => ({ part, title, record: await runningRecord(data, part) })),
    );
    const healthy = rows.every(({ part, record }) => part === 'up' || record?.port !== undefined);
    if (flags.output === 'json') {
      print(
        JSON.stringify({
          dataDirectory: data.root,
          parts: Object.fromEntries(rows.map((r) => [r.part, r.record ?? null])),
        }),
      );
      return healthy ? 0 : 1;
    }
    print(`${'data directory'.padEnd(36)}${data.root}`);
    for (const { part, title, record } of rows) {
      const state = record
        ? `${part !== 'up' && record.port === undefined ? 'starting' : 'running'} as process ${record.pid} since ${record.startedAt}${record.url ? ` at ${record.url}` : ''}`
        : 'not running';
      print(`${title.padEnd(36)}${state}`);
    }
    return healthy ? 0 : 1;
  },
};
