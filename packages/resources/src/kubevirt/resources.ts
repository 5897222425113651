import type { ResourceDefinition } from '../definition.ts';
import { VirtualMachineInstance } from '../kubevirt/instance.ts';
import { KubeVirt } from '../kubevirt/kubevirt.ts';
import { VirtualMachineInstanceMigration } from '../kubevirt/migration.ts';
import { VirtualMachineInstancePreset, VirtualMachineInstanceReplicaSet } from '../kubevirt/replica-set.ts';
import { VirtualMachine } from '../kubevirt/virtual-machine.ts';

/** The kinds of group kubevirt.io. */
export const kubevirtResources: readonly ResourceDefinition[] = [
  VirtualMachine,
  VirtualMachineInstance,
  VirtualMachineInstanceMigration,
  VirtualMachineInstanceReplicaSet,
  VirtualMachineInstancePreset,
  KubeVirt,
];
