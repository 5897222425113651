export { type NodeAgent, type NodeAgentOptions, openImageStore, startNodeAgent, wipeNode } from './agent/agent.ts';
export { type ShutDownOptions, shutDownNode } from './agent/shut-down.ts';
export * from './host/index.ts';
export * from './hypervisor/index.ts';
export { ImageError } from './images/errors.ts';
export { ImageStore, type PulledImage } from './images/image-store.ts';
export { formatReference, parseReference } from './images/reference.ts';
export { type StreamServer, startStreamServer } from './streams/server.ts';
export type { StartTimes } from './vmi/start-guest.ts';
