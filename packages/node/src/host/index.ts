export { type CommandScript, FixtureHost, type RecordedCommand } from './fixture-host.ts';
export * from './host.ts';
export { openLocalHost } from './local-host.ts';
