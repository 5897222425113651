/** What a start needs before it knows which command runs: kept apart, so that `--help` loads nothing else. */
export { verbs, versionCommand } from '../commands.ts';
export { connectionFlags } from '../connection-flags.ts';
export { version } from '../version.ts';
export * from './command.ts';
export * from './flags.ts';
