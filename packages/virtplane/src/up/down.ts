import * as fs from 'node:fs/promises';
import { openLocalHost, shutDownNode, wipeNode } from '@virtplane/node';
import { createJsonLogger } from '@virtplane/runtime';
import { booleanFlag, type CommandModule, integerFlag } from '@virtplane/virtctl';
import { type DataDirectory, dataDirectory, removeDataDirectory } from '../data-directory.ts';
import { endProcess, type Part, runningRecord } from '../process-record.ts';
import { Progress } from './progress.ts';

/** In this order: the supervisor would start the others again, the agent still wants to say goodbye to the server. */
const order: readonly (readonly [Part, string])[] = [
  ['up', 'supervisor'],
  ['node', 'node agent'],
  ['server', 'API server'],
];

/** `virtplane down`: ends control plane and guests; `--wipe` removes the data too. May be called again at any time. */
export const down: CommandModule = {
  async run({ flags }) {
    const data = dataDirectory(flags);
    const exists = await fs.stat(data.root).then(
      () => true,
      (error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return false;
        throw error;
      },
    );
    if (!exists) {
      process.stderr.write(`nothing to stop: there is no data directory ${data.root}\n`);
      return 0;
    }
    const progress = new Progress();
    const log = createJsonLogger({ name: 'virtplane-down', level: 'warn' });
    for (const [part, title] of order) await endPart(data, part, title, progress);
    const host = openLocalHost();
    await progress.step('guests', async (update) => {
      await shutDownNode(host, data.node, {
        graceSeconds: integerFlag(flags, 'grace-period') ?? 30,
        log,
        onProgress: (ended, all) => update(all === 0 ? 1 : ended / all, `${ended} of ${all}`),
      });
      return 'guests are shut down, libvirtd and networks are gone';
    });
    if (booleanFlag(flags, 'wipe')) {
      await progress.step('data', async () => {
        await wipeNode(host, data.node, log);
        await removeDataDirectory(data);
        return `${data.root} is removed`;
      });
    }
    return 0;
  },
};

async function endPart(data: DataDirectory, part: Part, title: string, progress: Progress): Promise<void> {
  const record = await runningRecord(data, part);
  if (!record) return;
  await progress.step(title, async () => {
    if (await endProcess(record, 'SIGTERM', 30_000)) return `${title} stopped`;
    await endProcess(record, 'SIGKILL', 5_000);
    return `${title} did not answer and was killed`;
  });
}
