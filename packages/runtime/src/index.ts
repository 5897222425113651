export * from './admission.ts';
export * from './client.ts';
export * from './clock.ts';
export * from './controller.ts';
export * from './extension.ts';
export * from './log.ts';
export * from './transport.ts';
