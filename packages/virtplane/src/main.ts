import { runCommand } from '@virtplane/virtctl/command-line';
import { commands } from './commands.ts';

const code = await runCommand(
  {
    name: 'virtplane',
    summary: 'Runs virtual machines that are described by KubeVirt manifests.',
    commands,
    examples: ['virtplane up', 'virtplane up --example', 'virtplane explain vm NAME'],
  },
  process.argv.slice(2),
  { usageExitCode: 2 },
);
// A command that has returned is over, also one that failed half-way with connections and timers of its parts still open.
// Output is complete: on Linux standard streams are written before a call returns.
process.exit(code);
