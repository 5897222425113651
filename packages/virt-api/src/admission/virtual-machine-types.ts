import type { VirtualMachineInstance } from '@virtplane/resources';

/** The parts of a VirtualMachineInstance by the names that validators and defaults use. */
export type InstanceSpec = NonNullable<VirtualMachineInstance['spec']>;
export type DomainSpec = NonNullable<InstanceSpec['domain']>;
export type Devices = NonNullable<DomainSpec['devices']>;
export type Disk = NonNullable<Devices['disks']>[number];
export type Interface = NonNullable<Devices['interfaces']>[number];
export type Network = NonNullable<InstanceSpec['networks']>[number];
export type Volume = NonNullable<InstanceSpec['volumes']>[number];
export type Features = NonNullable<DomainSpec['features']>;
export type Affinity = NonNullable<InstanceSpec['affinity']>;
export type Toleration = NonNullable<InstanceSpec['tolerations']>[number];
export type SpreadConstraint = NonNullable<InstanceSpec['topologySpreadConstraints']>[number];
export type Probe = NonNullable<InstanceSpec['readinessProbe']>;
