export * from './framework.ts';
export { NodeInfo } from './node-info.ts';
export * from './place.ts';
export { type SchedulerOptions, startScheduler } from './scheduler.ts';
