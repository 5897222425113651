import type { VirtualMachineInstance } from '@virtplane/resources';

export type InstanceSpec = NonNullable<VirtualMachineInstance['spec']>;
export type InstanceStatus = NonNullable<VirtualMachineInstance['status']>;
export type DomainSpec = NonNullable<InstanceSpec['domain']>;
export type InstanceCondition = NonNullable<InstanceStatus['conditions']>[number];
export type Volume = NonNullable<InstanceSpec['volumes']>[number];
