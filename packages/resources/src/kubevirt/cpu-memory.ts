import {
  bool,
  type EmptyObject,
  emptyObject,
  int64,
  list,
  map,
  named,
  object,
  quantity,
  required,
  string,
  type TypeOf,
} from '../schema/builder.ts';

const cpuFeature = object('io.kubevirt.v1.CPUFeature', '', {
  name: required(string),
  policy: string,
});
export interface CPUFeature extends TypeOf<typeof cpuFeature> {}
export const CPUFeatureSchema = named<CPUFeature>(cpuFeature);

export const NUMAGuestMappingPassthroughSchema = emptyObject('io.kubevirt.v1.NUMAGuestMappingPassthrough');
export type NUMAGuestMappingPassthrough = EmptyObject;

const numa = object('io.kubevirt.v1.NUMA', '', {
  guestMappingPassthrough: NUMAGuestMappingPassthroughSchema,
});
export interface NUMA extends TypeOf<typeof numa> {}
export const NUMASchema = named<NUMA>(numa);

const realtime = object('io.kubevirt.v1.Realtime', '', {
  mask: string,
});
export interface Realtime extends TypeOf<typeof realtime> {}
export const RealtimeSchema = named<Realtime>(realtime);

const cpu = object('io.kubevirt.v1.CPU', '', {
  cores: int64,
  dedicatedCpuPlacement: bool,
  features: list(CPUFeatureSchema),
  isolateEmulatorThread: bool,
  model: string,
  numa: NUMASchema,
  realtime: RealtimeSchema,
  sockets: int64,
  threads: int64,
  maxSockets: int64,
});
export interface CPU extends TypeOf<typeof cpu> {}
export const CPUSchema = named<CPU>(cpu);

const hugepages = object('io.kubevirt.v1.Hugepages', '', {
  pageSize: string,
});
export interface Hugepages extends TypeOf<typeof hugepages> {}
export const HugepagesSchema = named<Hugepages>(hugepages);

const memory = object('io.kubevirt.v1.Memory', '', {
  guest: quantity,
  hugepages: HugepagesSchema,
  maxGuest: quantity,
});
export interface Memory extends TypeOf<typeof memory> {}
export const MemorySchema = named<Memory>(memory);

const kubevirtResourceRequirements = object('io.kubevirt.v1.ResourceRequirements', '', {
  limits: map(quantity),
  overcommitGuestOverhead: bool,
  requests: map(quantity),
});
export interface KubevirtResourceRequirements extends TypeOf<typeof kubevirtResourceRequirements> {}
export const KubevirtResourceRequirementsSchema = named<KubevirtResourceRequirements>(kubevirtResourceRequirements);
