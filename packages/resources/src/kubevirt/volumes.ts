import { PersistentVolumeClaimVolumeSourceSchema } from '../core/persistent-volume-claim.ts';
import { LocalObjectReferenceSchema } from '../core/references.ts';
import { DownwardAPIVolumeFileSchema } from '../core/volume.ts';
import {
  bool,
  type EmptyObject,
  emptyObject,
  field,
  list,
  named,
  object,
  quantity,
  required,
  string,
  type TypeOf,
} from '../schema/builder.ts';

const cloudInitConfigDriveSource = object('io.kubevirt.v1.CloudInitConfigDriveSource', '', {
  networkData: string,
  networkDataBase64: string,
  networkDataSecretRef: LocalObjectReferenceSchema,
  secretRef: LocalObjectReferenceSchema,
  userData: string,
  userDataBase64: string,
});
export interface CloudInitConfigDriveSource extends TypeOf<typeof cloudInitConfigDriveSource> {}
export const CloudInitConfigDriveSourceSchema = named<CloudInitConfigDriveSource>(cloudInitConfigDriveSource);

const cloudInitNoCloudSource = object('io.kubevirt.v1.CloudInitNoCloudSource', '', {
  networkData: field(string, 'Network configuration as text.'),
  networkDataBase64: string,
  networkDataSecretRef: LocalObjectReferenceSchema,
  secretRef: field(LocalObjectReferenceSchema, 'Secret with the user data.'),
  userData: field(string, 'User data as text.'),
  userDataBase64: field(string, 'User data, base64-encoded.'),
});
export interface CloudInitNoCloudSource extends TypeOf<typeof cloudInitNoCloudSource> {}
export const CloudInitNoCloudSourceSchema = named<CloudInitNoCloudSource>(cloudInitNoCloudSource);

const kubevirtConfigMapVolumeSource = object('io.kubevirt.v1.ConfigMapVolumeSource', '', {
  name: string,
  optional: bool,
  volumeLabel: string,
});
export interface KubevirtConfigMapVolumeSource extends TypeOf<typeof kubevirtConfigMapVolumeSource> {}
export const KubevirtConfigMapVolumeSourceSchema = named<KubevirtConfigMapVolumeSource>(kubevirtConfigMapVolumeSource);

const containerDiskSource = object('io.kubevirt.v1.ContainerDiskSource', '', {
  image: required(field(string, 'Container image with the disk under /disk.')),
  imagePullPolicy: field(string, 'Always, IfNotPresent or Never.'),
  imagePullSecret: string,
  path: field(string, 'Path of the disk in the image.'),
});
export interface ContainerDiskSource extends TypeOf<typeof containerDiskSource> {}
export const ContainerDiskSourceSchema = named<ContainerDiskSource>(containerDiskSource);

const dataVolumeSource = object('io.kubevirt.v1.DataVolumeSource', '', {
  hotpluggable: bool,
  name: required(string),
});
export interface DataVolumeSource extends TypeOf<typeof dataVolumeSource> {}
export const DataVolumeSourceSchema = named<DataVolumeSource>(dataVolumeSource);

const kubevirtDownwardAPIVolumeSource = object('io.kubevirt.v1.DownwardAPIVolumeSource', '', {
  fields: list(DownwardAPIVolumeFileSchema),
  volumeLabel: string,
});
export interface KubevirtDownwardAPIVolumeSource extends TypeOf<typeof kubevirtDownwardAPIVolumeSource> {}
export const KubevirtDownwardAPIVolumeSourceSchema = named<KubevirtDownwardAPIVolumeSource>(
  kubevirtDownwardAPIVolumeSource,
);

export const DownwardMetricsVolumeSourceSchema = emptyObject('io.kubevirt.v1.DownwardMetricsVolumeSource');
export type DownwardMetricsVolumeSource = EmptyObject;

const emptyDiskSource = object('io.kubevirt.v1.EmptyDiskSource', '', {
  capacity: required(field(quantity, 'Size of the disk.')),
});
export interface EmptyDiskSource extends TypeOf<typeof emptyDiskSource> {}
export const EmptyDiskSourceSchema = named<EmptyDiskSource>(emptyDiskSource);

const kubevirtEphemeralVolumeSource = object('io.kubevirt.v1.EphemeralVolumeSource', '', {
  persistentVolumeClaim: PersistentVolumeClaimVolumeSourceSchema,
});
export interface KubevirtEphemeralVolumeSource extends TypeOf<typeof kubevirtEphemeralVolumeSource> {}
export const KubevirtEphemeralVolumeSourceSchema = named<KubevirtEphemeralVolumeSource>(kubevirtEphemeralVolumeSource);

const hostDisk = object('io.kubevirt.v1.HostDisk', '', {
  capacity: quantity,
  path: required(field(string, 'Path of the image on the node.')),
  shared: bool,
  type: required(field(string, 'Disk, or DiskOrCreate to make it if absent.')),
});
export interface HostDisk extends TypeOf<typeof hostDisk> {}
export const HostDiskSchema = named<HostDisk>(hostDisk);

const memoryDumpVolumeSource = object('io.kubevirt.v1.MemoryDumpVolumeSource', '', {
  claimName: required(string),
  hotpluggable: bool,
  readOnly: bool,
});
export interface MemoryDumpVolumeSource extends TypeOf<typeof memoryDumpVolumeSource> {}
export const MemoryDumpVolumeSourceSchema = named<MemoryDumpVolumeSource>(memoryDumpVolumeSource);

const kubevirtPersistentVolumeClaimVolumeSource = object('io.kubevirt.v1.PersistentVolumeClaimVolumeSource', '', {
  claimName: required(string),
  hotpluggable: bool,
  readOnly: bool,
});
export interface KubevirtPersistentVolumeClaimVolumeSource
  extends TypeOf<typeof kubevirtPersistentVolumeClaimVolumeSource> {}
export const KubevirtPersistentVolumeClaimVolumeSourceSchema = named<KubevirtPersistentVolumeClaimVolumeSource>(
  kubevirtPersistentVolumeClaimVolumeSource,
);

const kubevirtSecretVolumeSource = object('io.kubevirt.v1.SecretVolumeSource', '', {
  optional: bool,
  secretName: string,
  volumeLabel: string,
});
export interface KubevirtSecretVolumeSource extends TypeOf<typeof kubevirtSecretVolumeSource> {}
export const KubevirtSecretVolumeSourceSchema = named<KubevirtSecretVolumeSource>(kubevirtSecretVolumeSource);

const serviceAccountVolumeSource = object('io.kubevirt.v1.ServiceAccountVolumeSource', '', {
  serviceAccountName: string,
});
export interface ServiceAccountVolumeSource extends TypeOf<typeof serviceAccountVolumeSource> {}
export const ServiceAccountVolumeSourceSchema = named<ServiceAccountVolumeSource>(serviceAccountVolumeSource);

const sysprepSource = object('io.kubevirt.v1.SysprepSource', '', {
  configMap: LocalObjectReferenceSchema,
  secret: LocalObjectReferenceSchema,
});
export interface SysprepSource extends TypeOf<typeof sysprepSource> {}
export const SysprepSourceSchema = named<SysprepSource>(sysprepSource);

const kubevirtVolume = object('io.kubevirt.v1.Volume', 'Content of a disk. It has exactly one source.', {
  cloudInitConfigDrive: field(
    CloudInitConfigDriveSourceSchema,
    'First-boot configuration as an OpenStack config drive.',
  ),
  cloudInitNoCloud: field(CloudInitNoCloudSourceSchema, 'First-boot configuration for cloud-init, as a NoCloud disk.'),
  configMap: field(KubevirtConfigMapVolumeSourceSchema, 'Keys of a ConfigMap as files.'),
  containerDisk: field(
    ContainerDiskSourceSchema,
    'Disk image in a container image; changes are lost with the machine.',
  ),
  dataVolume: field(DataVolumeSourceSchema, 'Storage of a data volume.'),
  downwardAPI: field(KubevirtDownwardAPIVolumeSourceSchema, 'Facts about the machine as files.'),
  downwardMetrics: field(DownwardMetricsVolumeSourceSchema, 'Metrics of the node, on a small disk.'),
  emptyDisk: field(EmptyDiskSourceSchema, 'An empty disk that lives as long as the machine.'),
  ephemeral: field(KubevirtEphemeralVolumeSourceSchema, 'A claim whose changes are thrown away.'),
  hostDisk: field(HostDiskSchema, 'An image file on the node.'),
  memoryDump: field(MemoryDumpVolumeSourceSchema, 'Claim that a memory dump is written to.'),
  name: required(field(string, 'Name by which disks refer to it; a DNS label.')),
  persistentVolumeClaim: field(KubevirtPersistentVolumeClaimVolumeSourceSchema, 'Storage of a claim.'),
  secret: field(KubevirtSecretVolumeSourceSchema, 'Keys of a Secret as files.'),
  serviceAccount: field(ServiceAccountVolumeSourceSchema, 'Token of a service account as a file.'),
  sysprep: field(SysprepSourceSchema, 'Answer file for the set-up of Windows.'),
});
export interface KubevirtVolume extends TypeOf<typeof kubevirtVolume> {}
export const KubevirtVolumeSchema = named<KubevirtVolume>(kubevirtVolume);

const hotplugVolumeSource = object('io.kubevirt.v1.HotplugVolumeSource', '', {
  dataVolume: DataVolumeSourceSchema,
  persistentVolumeClaim: KubevirtPersistentVolumeClaimVolumeSourceSchema,
});
export interface HotplugVolumeSource extends TypeOf<typeof hotplugVolumeSource> {}
export const HotplugVolumeSourceSchema = named<HotplugVolumeSource>(hotplugVolumeSource);
