import { PersistentVolumeClaimVolumeSourceSchema } from '../core/persistent-volume-claim.ts';
import { LocalObjectReferenceSchema } from '../core/references.ts';
import { DownwardAPIVolumeFileSchema } from '../core/volume.ts';
import {
  bool,
  type EmptyObject,
  emptyObject,
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
  networkData: string,
  networkDataBase64: string,
  networkDataSecretRef: LocalObjectReferenceSchema,
  secretRef: LocalObjectReferenceSchema,
  userData: string,
  userDataBase64: string,
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
  image: required(string),
  imagePullPolicy: string,
  imagePullSecret: string,
  path: string,
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
  capacity: required(quantity),
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
  path: required(string),
  shared: bool,
  type: required(string),
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

const kubevirtVolume = object('io.kubevirt.v1.Volume', '', {
  cloudInitConfigDrive: CloudInitConfigDriveSourceSchema,
  cloudInitNoCloud: CloudInitNoCloudSourceSchema,
  configMap: KubevirtConfigMapVolumeSourceSchema,
  containerDisk: ContainerDiskSourceSchema,
  dataVolume: DataVolumeSourceSchema,
  downwardAPI: KubevirtDownwardAPIVolumeSourceSchema,
  downwardMetrics: DownwardMetricsVolumeSourceSchema,
  emptyDisk: EmptyDiskSourceSchema,
  ephemeral: KubevirtEphemeralVolumeSourceSchema,
  hostDisk: HostDiskSchema,
  memoryDump: MemoryDumpVolumeSourceSchema,
  name: required(string),
  persistentVolumeClaim: KubevirtPersistentVolumeClaimVolumeSourceSchema,
  secret: KubevirtSecretVolumeSourceSchema,
  serviceAccount: ServiceAccountVolumeSourceSchema,
  sysprep: SysprepSourceSchema,
});
export interface KubevirtVolume extends TypeOf<typeof kubevirtVolume> {}
export const KubevirtVolumeSchema = named<KubevirtVolume>(kubevirtVolume);

const hotplugVolumeSource = object('io.kubevirt.v1.HotplugVolumeSource', '', {
  dataVolume: DataVolumeSourceSchema,
  persistentVolumeClaim: KubevirtPersistentVolumeClaimVolumeSourceSchema,
});
export interface HotplugVolumeSource extends TypeOf<typeof hotplugVolumeSource> {}
export const HotplugVolumeSourceSchema = named<HotplugVolumeSource>(hotplugVolumeSource);
