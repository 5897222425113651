export * from './command-line/index.ts';
export {
  failed,
  openSession,
  print,
  type Session,
  subresourcePath,
  textOf,
  withSession,
} from './session.ts';
