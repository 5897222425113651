export { applyBinding, type BindingPlan } from './binding.ts';
export { planBridgeBinding } from './bridge-binding.ts';
export * from './cni.ts';
export { type Resolver, readHostResolver } from './dhcp.ts';
export { listLinks } from './ip-command.ts';
export { planMasquerade } from './masquerade.ts';
export * from './pod-sandbox.ts';
export { nodeKey } from './pod-subnet.ts';
export { createTap, deleteTap, moveTap, tapName } from './tap.ts';
