/** What the agent has made ready on this machine for one guest: with the VMI all that the domain's XML depends on. */
import type { CpuTune, HostDevice } from '@virtplane/libvirt';
import type { Accelerator } from './kvm-probe.ts';

export interface PreparedDisk {
  /** As QEMU sees it. */
  path: string;
  kind: 'file' | 'block';
  format: 'raw' | 'qcow2';
  /** Images below a qcow2 overlay, top first. */
  backingChain?: readonly { path: string; format: 'raw' | 'qcow2'; kind: 'file' | 'block' }[];
  /**
   * The volume must not be written whatever the disk says (configuration ISO, read-only claim). SATA knows no read-only
   * disks: there the guest may write, so give it a copy or an overlay of its own.
   */
  readonly?: boolean;
  /** Can the file be opened with O_DIRECT? Decides the default cache mode. */
  directIo: boolean;
  /** Every block is allocated: native AIO is worth it, and holes must not be punched. */
  preallocated?: boolean;
  /** libvirt leaves owner and mode alone: the file is shared between guests or nodes. */
  keepOwner?: boolean;
}

export interface PreparedInterface {
  /** `ethernet`: a tap made with `createTap`; `user`: QEMU's own network, no privileges. */
  type: 'ethernet' | 'user';
  /** Name of the tap in the node's namespace at the start. */
  tap?: string;
  /** What the guest sees. */
  mac: string;
  mtu?: number;
  /** Set when the tap was made with several queues. */
  queues?: number;
}

export interface Smbios {
  manufacturer: string;
  product: string;
  family: string;
  version?: string;
  sku?: string;
}

export const defaultSmbios: Smbios = { manufacturer: 'KubeVirt', product: 'None', family: 'KubeVirt' };

export interface PreparedGuest {
  accelerator: Accelerator;
  /** From the hypervisor's capabilities, e.g. `/usr/bin/qemu-system-x86_64`. */
  emulator: string;
  /** The resolved machine type, e.g. `pc-q35-7.2` for `q35`. */
  machine: string;
  arch: string;
  /** By volume name. */
  disks: Readonly<Record<string, PreparedDisk>>;
  /** By interface name. */
  interfaces: Readonly<Record<string, PreparedInterface>>;
  /** Directory of the guest's sockets as QEMU sees it: `Libvirtd.prepareGuestDirectory(uid).insidePath`. */
  guestDirectory: string;
  smbios: Smbios;
  /** For UEFI guests; the variable store is made from the template by libvirt. */
  firmware?: { code: string; variablesTemplate: string; variables: string };
  /** Files of a kernelBoot container. */
  kernelBoot?: { kernel?: string; initrd?: string };
  /** Exclusive CPUs. */
  cpuTune?: CpuTune;
  hostDevices?: readonly HostDevice[];
}

/** Names of the sockets and files in a guest's directory. */
export const guestFile = {
  serial: 'virt-serial0',
  serialLog: 'serial.log',
  vnc: 'virt-vnc',
  agent: 'agent',
} as const;
