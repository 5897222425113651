import { runCommand } from '@virtplane/virtctl/command-line';
import { commands } from './commands.ts';

process.exitCode = await runCommand(
  {
    name: 'virtplane',
    summary: 'Runs virtual machines that are described by KubeVirt manifests.',
    commands,
    examples: ['virtplane up', 'virtplane up --example', 'virtplane explain vm NAME'],
  },
  process.argv.slice(2),
  { usageExitCode: 2 },
);
