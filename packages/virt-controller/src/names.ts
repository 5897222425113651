/** Names that the controllers, the node agent and KubeVirt's clients agree on. */
export const COMPONENT = 'virt-controller';

/** Holds a deleted instance until its launcher pods are gone. */
export const INSTANCE_FINALIZER = 'foregroundDeleteVirtualMachine';
/** On a VirtualMachine: until its guest has stopped. On its instance: until the machine has recorded how it ended. */
export const MACHINE_FINALIZER = 'kubevirt.io/virtualMachineControllerFinalize';

export const UNPAUSED_GATE = 'kubevirt.io/virtual-machine-unpaused';

export const label = {
  app: 'kubevirt.io',
  createdBy: 'kubevirt.io/created-by',
  machineName: 'vm.kubevirt.io/name',
  nodeName: 'kubevirt.io/nodeName',
  schedulable: 'kubevirt.io/schedulable',
} as const;

export const annotation = {
  heartbeat: 'kubevirt.io/heartbeat',
  domain: 'kubevirt.io/domain',
} as const;

/** The guest's host name: as asked for, else the instance's name up to its first dot. */
export function hostnameOf(name: string, hostname: string | undefined): string {
  if (hostname) return hostname;
  const dot = name.indexOf('.');
  // A cut may not leave a dash at the end, which no DNS label has.
  return (dot < 0 ? name : name.slice(0, dot)).slice(0, 63).replace(/-+$/, '');
}
