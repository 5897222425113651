export * from './command-line/command.ts';
export * from './command-line/flags.ts';
export { verbs, versionCommand } from './commands.ts';
export {
  connectionFlags,
  failed,
  openSession,
  print,
  type Session,
  subresourcePath,
  textOf,
  withSession,
} from './session.ts';
