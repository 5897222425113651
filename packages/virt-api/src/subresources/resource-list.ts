import type { ApiResource } from '@virtplane/runtime';

const NAMESPACED: readonly (readonly [name: string, kind: string, verbs: readonly string[]])[] = [
  ...['start', 'stop', 'restart', 'migrate', 'addvolume', 'removevolume'].map(
    (verb) => [`virtualmachines/${verb}`, 'VirtualMachine', ['update']] as const,
  ),
  ['virtualmachines/expand-spec', 'VirtualMachine', ['get']],
  ['virtualmachines/portforward', 'VirtualMachine', ['get']],
  ...['console', 'vnc', 'vnc/screenshot', 'portforward', 'guestosinfo', 'userlist', 'filesystemlist'].map(
    (verb) => [`virtualmachineinstances/${verb}`, 'VirtualMachineInstance', ['get']] as const,
  ),
  ...['pause', 'unpause', 'softreboot', 'reset', 'freeze', 'unfreeze', 'addvolume', 'removevolume'].map(
    (verb) => [`virtualmachineinstances/${verb}`, 'VirtualMachineInstance', ['update']] as const,
  ),
  ['expand-vm-spec', 'VirtualMachine', ['update']],
];

const CLUSTER: readonly string[] = ['version', 'guestfs', 'healthz'];

export const SUBRESOURCES: readonly ApiResource[] = [
  ...NAMESPACED.map(([name, kind, verbs]) => ({ name, singularName: '', namespaced: true, kind, verbs })),
  ...CLUSTER.map((name) => ({ name, singularName: '', namespaced: false, kind: '', verbs: ['get'] })),
];
