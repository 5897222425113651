export { guestMemoryBytes, type Topology, vcpuCount, vcpuTopology } from './domain-cpu.ts';
export { acpiEnabled, efiSecureBoot } from './domain-features.ts';
export {
  DomainSpecError,
  defaultGracePeriodSeconds,
  describeDomain,
  domainName,
  type GuestMetadata,
  readGuestMetadata,
  renderDomainXml,
} from './domain-spec.ts';
export {
  type Accelerator,
  type AcceleratorChoice,
  chooseAccelerator,
  type KvmProbeResult,
  KvmUnusableError,
  runProbeGuest,
} from './kvm-probe.ts';
export { type GuestDirectory, Libvirtd, type LibvirtdOptions } from './libvirtd.ts';
export { checkSocketPath, debianQemuUser, maxSocketPathBytes, type QemuUser } from './libvirtd-files.ts';
export * from './prepared-guest.ts';
