import type { Controller, Disk, PciAddress } from '@virtplane/libvirt';
import { parsePciAddress, userAlias } from '@virtplane/libvirt';
import type { Disk as KubevirtDisk } from '@virtplane/resources';
import type { PreparedDisk } from './prepared-guest.ts';

type Bus = Disk['target']['bus'];
const targetPrefix: Readonly<Record<Bus, string>> = { virtio: 'vd', sata: 'sd', scsi: 'sd', usb: 'sd' };

/** `vda` … `vdz`, `vdaa` …: the kernel's own way of counting. */
export function targetName(prefix: string, index: number): string {
  let letters = '';
  for (let n = index; n >= 0; n = Math.floor(n / 26) - 1) letters = String.fromCharCode(97 + (n % 26)) + letters;
  return prefix + letters;
}

export interface DiskContext {
  vcpus: number;
  virtioModel: 'virtio-non-transitional' | 'virtio-transitional';
  blockMultiQueue: boolean;
  /** By disk name, 1-based. */
  ioThreadOf: ReadonlyMap<string, number>;
}

function busOf(disk: KubevirtDisk): string {
  return disk.disk?.bus ?? disk.lun?.bus ?? disk.cdrom?.bus ?? 'sata';
}

/**
 * @param faults collects what cannot be built, with the disk's name.
 * @returns the disks in the VMI's order; target names count per prefix.
 */
export function describeDisks(
  disks: readonly KubevirtDisk[],
  prepared: Readonly<Record<string, PreparedDisk>>,
  context: DiskContext,
  faults: string[],
): Disk[] {
  const used = new Map<string, number>();
  const described: Disk[] = [];
  for (const disk of disks) {
    const source = prepared[disk.name];
    const bus = busOf(disk);
    if (!source) {
      faults.push(`disk ${disk.name}: its volume has not been prepared on this node`);
      continue;
    }
    if (!isBus(bus)) {
      faults.push(`disk ${disk.name}: unknown bus ${bus}`);
      continue;
    }
    const prefix = targetPrefix[bus];
    const index = used.get(prefix) ?? 0;
    used.set(prefix, index + 1);
    described.push(describeDisk(disk, source, { bus, dev: targetName(prefix, index) }, context, faults));
  }
  return described;
}

const isBus = (bus: string): bus is Bus => bus in targetPrefix;

function describeDisk(
  disk: KubevirtDisk,
  source: PreparedDisk,
  target: { bus: Bus; dev: string },
  context: DiskContext,
  faults: string[],
): Disk {
  const device = disk.cdrom ? 'cdrom' : disk.lun ? 'lun' : 'disk';
  const virtio = target.bus === 'virtio';
  const readonly = readonlyState(disk, device, source, target.bus, faults);
  const cache = cacheMode(disk, source, faults);
  return {
    device,
    source: { type: source.kind, path: source.path, keepOwner: source.keepOwner === true },
    format: source.format,
    ...(source.backingChain && {
      backingChain: source.backingChain.map(({ path, format, kind }) => ({ path, format, type: kind })),
    }),
    target: { ...target, ...(device === 'cdrom' && { tray: disk.cdrom?.tray === 'open' ? 'open' : 'closed' }) },
    ...(virtio && { model: context.virtioModel }),
    cache,
    ...ioMode(disk, source, cache),
    ...(device !== 'cdrom' && !source.preallocated && { discard: 'unmap' }),
    errorPolicy: 'stop',
    ...(context.ioThreadOf.has(disk.name) && virtio && { ioThread: context.ioThreadOf.get(disk.name)! }),
    ...(device === 'disk' && disk.serial && { serial: disk.serial }),
    ...(disk.bootOrder !== undefined && { bootOrder: disk.bootOrder }),
    readonly,
    ...(device === 'disk' && disk.shareable && { shareable: true }),
    ...alias(disk.name),
    ...blockSize(disk),
    ...address(disk, faults),
    ...(virtio && context.blockMultiQueue && { queues: context.vcpus }),
  };
}

function alias(name: string): { alias?: string } {
  const text = userAlias(name);
  return text === undefined ? {} : { alias: text };
}

function readonlyState(
  disk: KubevirtDisk,
  device: Disk['device'],
  source: PreparedDisk,
  bus: Bus,
  faults: string[],
): boolean {
  // A CD-ROM is read-only unless it says otherwise.
  if (device === 'cdrom') return source.readonly === true || disk.cdrom?.readonly !== false;
  const wanted = disk.disk?.readonly === true || disk.lun?.readonly === true;
  // There is no read-only SATA disk: a prepared image is then protected by being this guest's own.
  if (bus !== 'sata') return wanted || source.readonly === true;
  if (wanted) faults.push(`disk ${disk.name}: SATA disks cannot be read-only; use bus virtio or scsi, or a cdrom`);
  return false;
}

function cacheMode(disk: KubevirtDisk, source: PreparedDisk, faults: string[]): string {
  if (disk.cache === 'none' && !source.directIo) {
    faults.push(
      `Unable to use 'none' cache mode, file system where ${source.path} is stored does not support direct I/O`,
    );
  }
  if (disk.cache && disk.shareable && disk.cache !== 'none') {
    faults.push(`a sharable disk requires cache = none got: ${disk.cache}`);
  }
  if (disk.cache) return disk.cache;
  if (disk.shareable) return 'none';
  return source.directIo ? 'none' : 'writethrough';
}

/** Native AIO blocks on holes and needs O_DIRECT: only where both are certain. */
function ioMode(disk: KubevirtDisk, source: PreparedDisk, cache: string): { io?: string } {
  if (disk.io) return { io: disk.io };
  const settled = source.kind === 'block' || source.preallocated === true;
  return cache === 'none' && settled && source.format === 'raw' ? { io: 'native' } : {};
}

function blockSize(disk: KubevirtDisk): { blockSize?: { logicalBytes: number; physicalBytes: number } } {
  const custom = disk.blockSize?.custom;
  return custom ? { blockSize: { logicalBytes: custom.logical, physicalBytes: custom.physical } } : {};
}

function address(disk: KubevirtDisk, faults: string[]): { address?: PciAddress } {
  const text = disk.disk?.pciAddress;
  if (!text) return {};
  const parsed = parsePciAddress(text);
  if (!parsed) faults.push(`disk ${disk.name}: "${text}" is not a PCI address such as 0000:81:01.0`);
  return parsed ? { address: parsed } : {};
}

/**
 * I/O threads: a disk with `dedicatedIOThread` gets its own, the others share one (`shared`, or no policy) or are dealt
 * out over up to two per vCPU (`auto`). Only virtio disks use them.
 */
export function assignIoThreads(
  disks: readonly KubevirtDisk[],
  policy: string | undefined,
  vcpus: number,
): { count: number; threadOf: Map<string, number> } {
  const virtio = disks.filter((disk) => busOf(disk) === 'virtio');
  const dedicated = virtio.filter((disk) => disk.dedicatedIOThread === true);
  const others = virtio.filter((disk) => disk.dedicatedIOThread !== true);
  const threadOf = new Map<string, number>();
  if (policy === undefined && dedicated.length === 0) return { count: 0, threadOf };
  const pool =
    others.length === 0
      ? 0
      : policy === 'auto'
        ? Math.max(1, Math.min(others.length, 2 * vcpus - dedicated.length))
        : 1;
  others.forEach((disk, i) => {
    threadOf.set(disk.name, 1 + (i % pool));
  });
  dedicated.forEach((disk, i) => {
    threadOf.set(disk.name, pool + 1 + i);
  });
  return { count: pool + dedicated.length, threadOf };
}

export function diskControllers(
  disks: readonly Disk[],
  options: { usbInput: boolean; hotplug: boolean; virtioModel: string },
): Controller[] {
  const usb = options.usbInput || disks.some((disk) => disk.target.bus === 'usb');
  const scsi = options.hotplug || disks.some((disk) => disk.target.bus === 'scsi');
  return [
    { type: 'usb', index: 0, model: usb ? 'qemu-xhci' : 'none' },
    ...(scsi ? [{ type: 'scsi' as const, index: 0, model: options.virtioModel }] : []),
    { type: 'virtio-serial', index: 0, model: options.virtioModel },
  ];
}
