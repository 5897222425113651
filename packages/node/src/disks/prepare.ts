import { constants } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type KubevirtVolume, quantityBytes, type VirtualMachineInstance } from '@virtplane/resources';
import type { Host } from '../host/host.ts';
import type { PreparedDisk } from '../hypervisor/prepared-guest.ts';
import type { ImageDisk } from '../images/image-store.ts';
import { type ConfigurationDisk, configDriveDisk, noCloudDisk, type SecretFiles, secretsOf } from './cloud-init.ts';
import { isoImage } from './iso9660.ts';
import { emptyQcow2 } from './qcow2.ts';

/** A volume that cannot be made; trying again without a change of the VMI does not help. */
export class VolumeError extends Error {
  override name = 'VolumeError';
  readonly volume: string;

  constructor(volume: string, message: string) {
    super(`volume ${volume}: ${message}`);
    this.volume = volume;
  }
}

/** What preparing disks needs of the world around it. */
export interface DiskSources {
  readonly host: Host;
  /** The guest's own directory, `DIR/guests/<uid>`; exists, traversable for the QEMU user. */
  readonly directory: string;
  /** Owner of what the guest writes. */
  readonly owner: { readonly uid: number; readonly gid: number } | undefined;
  /** The disk of a container disk volume, already pulled. */
  containerDisk(volume: KubevirtVolume): Promise<ImageDisk>;
  /** Decoded data; `undefined`: there is no such object. */
  secret(namespace: string, name: string): Promise<ReadonlyMap<string, Buffer> | undefined>;
  configMap(namespace: string, name: string): Promise<ReadonlyMap<string, Buffer> | undefined>;
}

const mib = 2 ** 20;
const qcow2Suffix = 'qcow2';

/** Can files below this directory be opened with O_DIRECT? (tmpfs and some overlays cannot.) */
export async function supportsDirectIo(directory: string): Promise<boolean> {
  const probe = join(directory, `.direct-io-${process.pid}`);
  try {
    const file = await open(probe, constants.O_CREAT | constants.O_RDWR | constants.O_DIRECT, 0o600);
    await file.close();
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EINVAL') return false;
    throw error;
  } finally {
    await rm(probe, { force: true });
  }
}

/**
 * Makes the disk of every volume of the VMI, by volume name: overlays over container disks, empty disks, configuration ISOs.
 * Throws VolumeError for what this node cannot provide, all other errors as they come (they may be cured by trying again).
 */
export async function prepareDisks(
  vmi: VirtualMachineInstance,
  sources: DiskSources,
  directIo: boolean,
): Promise<Record<string, PreparedDisk>> {
  const entries = await Promise.all(
    (vmi.spec.volumes ?? []).map(
      async (volume) => [volume.name, await prepareVolume(vmi, volume, sources, directIo)] as const,
    ),
  );
  return Object.fromEntries(entries);
}

async function prepareVolume(
  vmi: VirtualMachineInstance,
  volume: KubevirtVolume,
  sources: DiskSources,
  directIo: boolean,
): Promise<PreparedDisk> {
  if (volume.containerDisk) {
    const base = await sources.containerDisk(volume);
    const path = await writeImage(sources, volume.name, qcow2Suffix, emptyQcow2(base.virtualSizeBytes, base));
    return {
      path,
      kind: 'file',
      format: 'qcow2',
      directIo,
      backingChain: [{ path: base.path, format: base.format, kind: 'file' }],
    };
  }
  if (volume.emptyDisk) {
    const size = Math.floor(quantityBytes(volume.emptyDisk.capacity) / mib) * mib;
    if (size <= 0) throw new VolumeError(volume.name, `the size for volume ${volume.name} is too low`);
    const path = await writeImage(sources, volume.name, qcow2Suffix, emptyQcow2(size));
    return { path, kind: 'file', format: 'qcow2', directIo };
  }
  const configuration = await configurationDisk(vmi, volume, sources);
  const path = await writeImage(sources, volume.name, 'iso', isoImage(configuration.label, configuration.files));
  return { path, kind: 'file', format: 'raw', readonly: true, directIo };
}

/** 0600 of the QEMU user: cloud-init data and Secrets are nobody else's business. */
async function writeImage(sources: DiskSources, volume: string, suffix: string, bytes: Buffer): Promise<string> {
  const path = join(sources.directory, `${volume}.${suffix}`);
  await sources.host.remove(path);
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(bytes);
    if (sources.owner) await file.chown(sources.owner.uid, sources.owner.gid);
  } finally {
    await file.close();
  }
  return path;
}

async function configurationDisk(
  vmi: VirtualMachineInstance,
  volume: KubevirtVolume,
  sources: DiskSources,
): Promise<ConfigurationDisk> {
  const namespace = vmi.metadata?.namespace ?? '';
  const cloudInit = volume.cloudInitNoCloud ?? volume.cloudInitConfigDrive;
  if (cloudInit) {
    const secrets = await readSecrets(namespace, secretsOf(cloudInit), sources);
    return volume.cloudInitNoCloud
      ? noCloudDisk(vmi, volume.cloudInitNoCloud, secrets)
      : configDriveDisk(vmi, cloudInit, secrets);
  }
  if (volume.secret) {
    const { secretName = '', optional = false, volumeLabel } = volume.secret;
    return filesDisk(
      volumeLabel || 'cfgdata',
      await sources.secret(namespace, secretName),
      optional,
      `secret ${secretName}`,
    );
  }
  if (volume.configMap) {
    const { name = '', optional = false, volumeLabel } = volume.configMap;
    return filesDisk(volumeLabel || 'cfgdata', await sources.configMap(namespace, name), optional, `configmap ${name}`);
  }
  if (volume.sysprep) {
    const { secret, configMap } = volume.sysprep;
    const data = secret?.name
      ? await sources.secret(namespace, secret.name)
      : await sources.configMap(namespace, configMap?.name ?? '');
    return filesDisk(
      'unattendCD',
      data,
      false,
      secret?.name ? `secret ${secret.name}` : `configmap ${configMap?.name}`,
    );
  }
  throw new VolumeError(volume.name, `${sourceName(volume)} volumes are not supported by this node yet`);
}

const sourceName = (volume: KubevirtVolume): string => Object.keys(volume).find((key) => key !== 'name') ?? 'empty';

async function readSecrets(namespace: string, names: readonly string[], sources: DiskSources): Promise<SecretFiles> {
  const found = new Map<string, ReadonlyMap<string, Buffer>>();
  for (const name of new Set(names)) {
    const data = await sources.secret(namespace, name);
    if (!data) throw new Error(`secret "${name}" not found`);
    found.set(name, data);
  }
  return found;
}

function filesDisk(
  label: string,
  data: ReadonlyMap<string, Buffer> | undefined,
  optional: boolean,
  what: string,
): ConfigurationDisk {
  if (!data && !optional) throw new Error(`${what} not found`);
  return { label, files: [...(data ?? [])].map(([path, content]) => ({ path, content })) };
}
