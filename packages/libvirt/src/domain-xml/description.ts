/** A domain as plain data; field names follow libvirt's formatdomain documentation. Sizes in bytes. */
import type { XmlElement } from './xml.ts';

export interface DomainDescription {
  type: 'kvm' | 'qemu';
  name: string;
  uuid: string;
  /** Elements with a namespace of their own, for `<metadata>`. */
  metadata?: readonly XmlElement[];
  memoryBytes: number;
  memoryBacking?: MemoryBacking;
  vcpus: number;
  ioThreads?: number;
  cpuTune?: CpuTune;
  sysinfo?: Sysinfo;
  os: OperatingSystem;
  features: Features;
  cpu: Cpu;
  clock?: Clock;
  onPoweroff: LifecycleAction;
  onReboot: LifecycleAction;
  onCrash: LifecycleAction;
  devices: Devices;
  /** Further arguments for QEMU itself, one item an argument. */
  qemuArguments?: readonly string[];
}

export type LifecycleAction = 'destroy' | 'restart' | 'preserve';

export interface MemoryBacking {
  hugepageBytes?: number;
  source?: 'memfd' | 'anonymous' | 'file';
  shared?: boolean;
  immediateAllocation?: boolean;
  locked?: boolean;
}

export interface CpuTune {
  /** Host CPU list per vCPU, e.g. `['2', '3']`. */
  vcpuPins?: readonly string[];
  emulatorPin?: string;
  ioThreadPins?: readonly string[];
}

/** SMBIOS fields; libvirt demands that a uuid in here equals the domain's, therefore there is none. */
export interface Sysinfo {
  system?: Readonly<Record<string, string | undefined>>;
  chassis?: Readonly<Record<string, string | undefined>>;
}

export interface OperatingSystem {
  arch: string;
  machine: string;
  loader?: { path: string; secure: boolean };
  nvram?: { path: string; template: string };
  kernel?: string;
  initrd?: string;
  commandLine?: string;
  biosUseSerial?: boolean;
  /** Take SMBIOS from `sysinfo`. */
  smbiosFromSysinfo?: boolean;
}

export interface HypervFeatures {
  relaxed?: boolean;
  vapic?: boolean;
  spinlocks?: { state: boolean; retries?: number };
  vpindex?: boolean;
  runtime?: boolean;
  synic?: boolean;
  stimer?: { state: boolean; direct?: boolean };
  reset?: boolean;
  vendorId?: { state: boolean; value?: string };
  frequencies?: boolean;
  reenlightenment?: boolean;
  tlbflush?: boolean;
  ipi?: boolean;
  evmcs?: boolean;
}

export interface Features {
  acpi: boolean;
  apic?: { state: boolean; eoi?: boolean };
  smm?: boolean;
  pvspinlock?: boolean;
  hyperv?: HypervFeatures;
  kvmHidden?: boolean;
  kvmHintDedicated?: boolean;
  pmu?: boolean;
}

export type CpuFeaturePolicy = 'force' | 'require' | 'optional' | 'disable' | 'forbid';

export interface Cpu {
  mode: 'host-passthrough' | 'host-model' | 'maximum' | 'custom';
  /** For `custom`. */
  model?: string;
  features?: readonly { name: string; policy: CpuFeaturePolicy }[];
  topology?: { sockets: number; cores: number; threads: number };
  numaCells?: readonly { cpus: string; memoryBytes: number; shared?: boolean }[];
}

export interface Timer {
  name: 'hpet' | 'kvmclock' | 'pit' | 'rtc' | 'hypervclock' | 'tsc';
  present?: boolean;
  tickPolicy?: string;
  track?: string;
  frequencyHz?: number;
}

export interface Clock {
  offset: 'utc' | 'timezone' | 'localtime';
  timezone?: string;
  /** `reset`, or seconds away from UTC. */
  adjustment?: 'reset' | number;
  timers?: readonly Timer[];
}

export interface PciAddress {
  domain: number;
  bus: number;
  slot: number;
  function: number;
}

export interface Disk {
  device: 'disk' | 'cdrom' | 'lun';
  /** Undefined: an empty CD-ROM drive. */
  source?: { type: 'file' | 'block'; path: string; keepOwner?: boolean };
  format?: 'raw' | 'qcow2';
  /** Formats of the images below a qcow2 overlay, top first; stated so that QEMU need not probe guest-written data. */
  backingChain?: readonly { path: string; format: 'raw' | 'qcow2'; type: 'file' | 'block' }[];
  target: { dev: string; bus: 'virtio' | 'sata' | 'scsi' | 'usb'; tray?: 'open' | 'closed' };
  model?: 'virtio-non-transitional' | 'virtio-transitional';
  cache?: string;
  io?: string;
  discard?: 'unmap' | 'ignore';
  errorPolicy?: 'stop' | 'report' | 'ignore' | 'enospace';
  ioThread?: number;
  serial?: string;
  bootOrder?: number;
  readonly?: boolean;
  shareable?: boolean;
  alias?: string;
  blockSize?: { logicalBytes: number; physicalBytes: number };
  address?: PciAddress;
  queues?: number;
}

export interface Interface {
  /** `ethernet`: a tap made by somebody else; `user`: QEMU's own network stack, no privileges. */
  type: 'ethernet' | 'user';
  tap?: string;
  mac?: string;
  model: string;
  mtu?: number;
  bootOrder?: number;
  /** False: the device offers no option ROM and never tries to boot from the network. */
  rom?: boolean;
  queues?: number;
  alias?: string;
  address?: PciAddress;
  portForwards?: readonly { proto: 'tcp' | 'udp'; port: number }[];
}

export interface UnixSocketDevice {
  path: string;
  /** QEMU appends everything the device says to this file. */
  logFile?: string;
}

export interface Devices {
  emulator?: string;
  disks?: readonly Disk[];
  interfaces?: readonly Interface[];
  controllers?: readonly Controller[];
  serial?: UnixSocketDevice;
  channels?: readonly (UnixSocketDevice & { name: string })[];
  vnc?: { socket: string };
  video?: { model: 'vga' | 'bochs' | 'virtio' | 'none'; vramKibibytes?: number };
  inputs?: readonly { type: 'tablet' | 'keyboard'; bus: 'usb' | 'virtio'; model?: string; alias?: string }[];
  balloon?: { model: string; statsPeriodSeconds?: number };
  rng?: { model: string };
  watchdog?: { model: 'i6300esb'; action: 'poweroff' | 'reset' | 'shutdown'; alias?: string };
  sound?: { model: 'ac97' | 'ich9'; alias?: string };
  tpm?: { model: 'tpm-tis' | 'tpm-crb' };
  hostDevices?: readonly HostDevice[];
}

export interface Controller {
  type: 'usb' | 'scsi' | 'virtio-serial' | 'sata';
  index: number;
  model?: string;
  ioThread?: number;
}

export type HostDevice =
  | { type: 'pci'; address: PciAddress; alias?: string; bootOrder?: number }
  | { type: 'mdev'; uuid: string; display?: boolean; ramfb?: boolean; alias?: string };
