import type { Container, Volume as PodVolume } from '@virtplane/resources';
import type { InstanceSpec, Volume } from '../instance-types.ts';
import { containerDiskResources, diskBinaryResources } from './resources.ts';

export interface PodStorage {
  readonly volumes: PodVolume[];
  readonly containers: Container[];
  readonly initContainers: Container[];
  readonly imagePullSecrets: { name: string }[];
  readonly mounts: NonNullable<Container['volumeMounts']>;
  readonly devices: NonNullable<Container['volumeDevices']>;
}

const DISKS = '/var/run/kubevirt-private/vmi-disks';
const FILES = '/var/run/kubevirt-private';

/** The claim behind a volume; a DataVolume fills the claim of its own name. */
export const claimOf = (volume: Volume): string | undefined =>
  volume.persistentVolumeClaim?.claimName ??
  volume.dataVolume?.name ??
  volume.ephemeral?.persistentVolumeClaim?.claimName;

/**
 * What the guest's volumes need in the pod: claims and secrets as volumes, each container disk as a container with its image.
 * `blockClaims`: names of claims that are raw devices.
 */
export function renderStorage(spec: InstanceSpec, launcherImage: string, blockClaims: ReadonlySet<string>): PodStorage {
  const storage: PodStorage = {
    volumes: [],
    containers: [],
    initContainers: [],
    imagePullSecrets: [],
    mounts: [],
    devices: [],
  };
  for (const volume of spec.volumes ?? []) addVolume(volume, spec, blockClaims, storage);
  const kernel = spec.domain?.firmware?.kernelBoot?.container;
  if (kernel)
    addImage('kernel-boot-volume', kernel.image, kernel.imagePullPolicy, kernel.imagePullSecret, spec, storage);
  if (storage.initContainers.length > 0)
    storage.initContainers.unshift({
      name: 'container-disk-binary',
      image: launcherImage,
      command: ['/usr/bin/cp', '/usr/bin/container-disk', '/init/usr/bin/container-disk'],
      resources: diskBinaryResources(spec),
    });
  return storage;
}

function addVolume(volume: Volume, spec: InstanceSpec, blockClaims: ReadonlySet<string>, storage: PodStorage): void {
  const { name, containerDisk } = volume;
  const claim = claimOf(volume);
  if (claim !== undefined) {
    const readOnly = volume.persistentVolumeClaim?.readOnly || volume.ephemeral !== undefined;
    storage.volumes.push({ name, persistentVolumeClaim: { claimName: claim, ...(readOnly && { readOnly }) } });
    if (blockClaims.has(claim)) storage.devices.push({ name, devicePath: `/dev/${name}` });
    else storage.mounts.push({ name, mountPath: `${DISKS}/${name}` });
  }
  if (containerDisk)
    addImage(
      `volume${name}`,
      containerDisk.image,
      containerDisk.imagePullPolicy,
      containerDisk.imagePullSecret,
      spec,
      storage,
    );
  const mount = (mounted: PodVolume, path: string): void => {
    storage.volumes.push(mounted);
    storage.mounts.push({ name: mounted.name, mountPath: path, readOnly: true });
  };
  if (volume.secret?.secretName)
    mount({ name, secret: { secretName: volume.secret.secretName } }, `${FILES}/secret/${name}`);
  if (volume.configMap?.name)
    mount({ name, configMap: { name: volume.configMap.name } }, `${FILES}/config-map/${name}`);
  const cloudInit = volume.cloudInitNoCloud ?? volume.cloudInitConfigDrive;
  if (cloudInit?.secretRef?.name)
    mount(
      { name: `${name}-udata`, secret: { secretName: cloudInit.secretRef.name } },
      `${FILES}/secret/${name}/userdata`,
    );
  if (cloudInit?.networkDataSecretRef?.name)
    mount(
      { name: `${name}-ndata`, secret: { secretName: cloudInit.networkDataSecretRef.name } },
      `${FILES}/secret/${name}/networkdata`,
    );
  const hostDisk = volume.hostDisk;
  if (hostDisk) {
    const directory = hostDisk.path.slice(0, hostDisk.path.lastIndexOf('/')) || '/';
    storage.volumes.push({
      name,
      hostPath: { path: directory, type: hostDisk.type === 'DiskOrCreate' ? 'DirectoryOrCreate' : 'Directory' },
    });
    storage.mounts.push({ name, mountPath: `${DISKS}/${name}` });
  }
}

function addImage(
  name: string,
  image: string | undefined,
  imagePullPolicy: string | undefined,
  pullSecret: string | undefined,
  spec: InstanceSpec,
  storage: PodStorage,
): void {
  if (!image) return;
  const container: Container = {
    name,
    image,
    ...(imagePullPolicy && { imagePullPolicy }),
    command: ['/usr/bin/container-disk'],
    resources: containerDiskResources(spec),
  };
  storage.containers.push(container);
  storage.initContainers.push({ ...container, name: `${name}-init`, args: ['--no-op'] });
  if (pullSecret && !storage.imagePullSecrets.some((secret) => secret.name === pullSecret))
    storage.imagePullSecrets.push({ name: pullSecret });
}
