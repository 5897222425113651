import { runCommand } from './command-line/command.ts';
import { verbs, versionCommand } from './commands.ts';
import { connectionFlags } from './connection-flags.ts';

process.exitCode = await runCommand(
  { name: 'virtctl', summary: 'Controls virtual machines.', commands: [...verbs, versionCommand] },
  process.argv.slice(2),
  { usageExitCode: 1, globalFlags: connectionFlags },
);
