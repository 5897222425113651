import { type CommandModule, print } from '@virtplane/virtctl';
import { dataDirectory } from '../data-directory.ts';
import { gatherFacts } from './facts.ts';
import { findings, type Level } from './findings.ts';

const signs: Readonly<Record<Level, string>> = { ok: '✓', note: '·', warning: '!', fault: '✗' };

/** `virtplane doctor`: exit code 1 when something keeps guests from running at all. */
export const doctor: CommandModule = {
  async run({ flags }) {
    const list = findings(await gatherFacts(dataDirectory(flags)));
    if (flags.json === true) print(JSON.stringify({ findings: list }, null, 2));
    else {
      const width = Math.max(...list.map((f) => f.id.length));
      for (const { id, level, says, remedy } of list) {
        print(`${signs[level]} ${id.padEnd(width)}  ${says}`);
        if (remedy) print(`  ${' '.repeat(width)}  → ${remedy}`);
      }
    }
    return list.some((f) => f.level === 'fault') ? 1 : 0;
  },
};
