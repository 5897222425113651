import {
  bool,
  type EmptyObject,
  emptyObject,
  field,
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

const cpuFeature = object('io.kubevirt.v1.CPUFeature', 'One processor feature.', {
  name: required(field(string, 'Name, such as vmx.')),
  policy: field(string, 'force, require, optional, disable or forbid; require if unset.'),
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

const cpu = object('io.kubevirt.v1.CPU', 'Processors of a guest: topology, model, placement.', {
  cores: field(int64, 'Cores in a socket.'),
  dedicatedCpuPlacement: field(bool, 'Give each virtual processor a physical one of its own.'),
  features: field(list(CPUFeatureSchema), 'Processor features to require, disable or forbid.'),
  isolateEmulatorThread: field(bool, 'One more physical processor for the emulator itself.'),
  model: field(string, 'Model that the guest sees: host-model (the default), host-passthrough or a name.'),
  numa: field(NUMASchema, 'How the guest sees NUMA nodes.'),
  realtime: field(RealtimeSchema, 'Settings for real-time guests.'),
  sockets: field(int64, 'Sockets.'),
  threads: field(int64, 'Threads in a core.'),
  maxSockets: field(int64, 'Most sockets that can be added while the guest runs.'),
});
export interface CPU extends TypeOf<typeof cpu> {}
export const CPUSchema = named<CPU>(cpu);

const hugepages = object('io.kubevirt.v1.Hugepages', '', {
  pageSize: field(string, 'Size of the pages: 2Mi or 1Gi on x86.'),
});
export interface Hugepages extends TypeOf<typeof hugepages> {}
export const HugepagesSchema = named<Hugepages>(hugepages);

const memory = object('io.kubevirt.v1.Memory', 'Memory of a guest.', {
  guest: field(quantity, 'Amount that the guest sees.'),
  hugepages: field(HugepagesSchema, 'Back the guest by huge pages.'),
  maxGuest: field(quantity, 'Most that can be given while the guest runs.'),
});
export interface Memory extends TypeOf<typeof memory> {}
export const MemorySchema = named<Memory>(memory);

const kubevirtResourceRequirements = object(
  'io.kubevirt.v1.ResourceRequirements',
  'What is set aside for the machine on its node, and the most it may use.',
  {
    limits: field(map(quantity), 'Most that may be used, by resource.'),
    overcommitGuestOverhead: field(bool, 'true counts the overhead of virtualisation only in the limit.'),
    requests: field(map(quantity), 'What is set aside, by resource: cpu, memory.'),
  },
);
export interface KubevirtResourceRequirements extends TypeOf<typeof kubevirtResourceRequirements> {}
export const KubevirtResourceRequirementsSchema = named<KubevirtResourceRequirements>(kubevirtResourceRequirements);
