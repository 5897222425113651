import type { FieldError } from '@virtplane/resources';
import { isDns1123Label } from '@virtplane/resources';
import type { Disk, Volume } from './virtual-machine-types.ts';
import { fault } from './webhooks.ts';

/** Longest list of disks, volumes, interfaces, networks and credentials. */
export const LIST_LIMIT = 256;

export function listLimitFaults(field: string, length: number | undefined): FieldError[] {
  if (length === undefined || length <= LIST_LIMIT) return [];
  return [fault(field, `${field} list exceeds the ${LIST_LIMIT} element limit in length`)];
}

const BUSES = ['virtio', 'scsi', 'sata', 'usb'];
const CACHES = ['none', 'writethrough', 'writeback'];
const SERIAL = /^[A-Za-z0-9_.+-]+$/;
const TARGETS = ['disk', 'lun', 'cdrom'] as const;

/** `devices.disks` of a machine against its volumes; `p` is the path of the machine's spec. */
export function validateDisks(disks: readonly Disk[], volumes: readonly Volume[], p: string): FieldError[] {
  const list = `${p}.domain.devices.disks`;
  const faults = listLimitFaults(list, disks.length);
  const volumeOf = new Map(volumes.map((volume) => [volume.name, volume]));
  const seen = new Map<string, number>();
  for (const [i, disk] of disks.entries()) {
    const d = `${list}[${i}]`;
    const first = seen.get(disk.name);
    if (first === undefined) seen.set(disk.name, i);
    else faults.push(fault(`${d}.name`, `${d} and ${list}[${first}] must not have the same Name.`));
    const volume = volumeOf.get(disk.name);
    if (!volume) faults.push(fault(`${d}.name`, `${d}.Name '${disk.name}' not found.`));
    for (const text of isDns1123Label(disk.name)) faults.push(fault(`${d}.name`, text));
    faults.push(...validateTarget(disk, volume, d));
    if (disk.bootOrder !== undefined && disk.bootOrder < 1)
      faults.push(fault(`${d}.bootOrder`, `${d} must have a boot order > 0, if supplied`));
    if (disk.cache && !CACHES.includes(disk.cache))
      faults.push(fault(`${d}.cache`, `${d}.cache has invalid value ${disk.cache}`));
    if (disk.shareable && disk.cache && disk.cache !== 'none')
      faults.push(fault(`${d}.cache`, `a sharable disk requires cache = none got: ${disk.cache}`));
    if (disk.io && !['native', 'threads', 'default'].includes(disk.io))
      faults.push(
        fault(
          `${d}.io`,
          `Disk IO mode for ${d}.io is not supported. Supported modes are: native, threads, default.`,
          'FieldValueNotSupported',
        ),
      );
    if (disk.serial) {
      if (disk.serial.length > 256)
        faults.push(fault(`${d}.serial`, `${d} must be less than or equal to 256 in length, if specified`));
      if (!SERIAL.test(disk.serial))
        faults.push(
          fault(`${d}.serial`, `${d} must be made up of the following characters [A-Za-z0-9_.+-], if specified`),
        );
    }
  }
  return faults;
}

function validateTarget(disk: Disk, volume: Volume | undefined, d: string): FieldError[] {
  const faults: FieldError[] = [];
  const given = TARGETS.filter((target) => disk[target] !== undefined);
  if (given.length > 1) faults.push(fault(d, `${d} can only have a single target type defined`));
  for (const target of given) {
    const bus = disk[target]?.bus;
    if (!bus) continue;
    if (bus === 'ide') faults.push(fault(`${d}.${target}.bus`, 'IDE bus is not supported'));
    else if (!BUSES.includes(bus))
      faults.push(
        fault(
          `${d}.${target}.bus`,
          `${d} is set with an unrecognized bus ${bus}, must be one of: [${BUSES.join(' ')}]`,
        ),
      );
    else if (bus === 'virtio' && target === 'cdrom')
      faults.push(fault(`${d}.cdrom.bus`, 'Bus type virtio is invalid for CD-ROM device'));
    else if (bus === 'sata' && disk.dedicatedIOThread)
      faults.push(fault(`${d}.${target}.bus`, 'IOThreads are not supported for disks on a SATA bus'));
  }
  if (disk.lun && volume && !volume.persistentVolumeClaim)
    faults.push(fault(`${d}.lun`, `${d}.lun can only be mapped to a PersistentVolumeClaim volume.`));
  return faults;
}

/** One boot order for one device, over disks and interfaces; disks are read first. */
export function validateBootOrders(
  disks: readonly { readonly bootOrder?: number }[],
  interfaces: readonly { readonly bootOrder?: number }[],
  p: string,
): FieldError[] {
  const faults: FieldError[] = [];
  const taken = new Set<number>();
  const check = (order: number | undefined, field: string): void => {
    if (order === undefined || order < 1) return;
    if (taken.has(order)) faults.push(fault(field, `Boot order for ${field} already set for a different device.`));
    taken.add(order);
  };
  for (const [i, disk] of disks.entries()) check(disk.bootOrder, `${p}.domain.devices.disks[${i}].bootOrder`);
  for (const [i, nic] of interfaces.entries()) check(nic.bootOrder, `${p}.domain.devices.interfaces[${i}].bootOrder`);
  return faults;
}
