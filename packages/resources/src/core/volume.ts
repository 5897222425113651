import {
  bool,
  field,
  int32,
  int64,
  list,
  message,
  named,
  quantity,
  required,
  string,
  type TypeOf,
} from '../schema/builder.ts';
import {
  PersistentVolumeClaimTemplateSchema,
  PersistentVolumeClaimVolumeSourceSchema,
} from './persistent-volume-claim.ts';
import {
  KeyToPathSchema,
  type LocalObjectReference,
  LocalObjectReferenceSchema,
  ObjectFieldSelectorSchema,
  ResourceFieldSelectorSchema,
} from './references.ts';
import {
  AWSElasticBlockStoreVolumeSourceSchema,
  AzureDiskVolumeSourceSchema,
  AzureFileVolumeSourceSchema,
  CephFSVolumeSourceSchema,
  CinderVolumeSourceSchema,
  CSIVolumeSourceSchema,
  FCVolumeSourceSchema,
  FlexVolumeSourceSchema,
  FlockerVolumeSourceSchema,
  GCEPersistentDiskVolumeSourceSchema,
  GitRepoVolumeSourceSchema,
  GlusterfsVolumeSourceSchema,
  HostPathVolumeSourceSchema,
  ISCSIVolumeSourceSchema,
  NFSVolumeSourceSchema,
  PhotonPersistentDiskVolumeSourceSchema,
  PortworxVolumeSourceSchema,
  QuobyteVolumeSourceSchema,
  RBDVolumeSourceSchema,
  ScaleIOVolumeSourceSchema,
  StorageOSVolumeSourceSchema,
  VsphereVirtualDiskVolumeSourceSchema,
} from './volume-plugins.ts';

const emptyDirVolumeSource = message('io.k8s.api.core.v1.EmptyDirVolumeSource', '', {
  medium: [1, string],
  sizeLimit: [2, quantity],
});
export interface EmptyDirVolumeSource extends TypeOf<typeof emptyDirVolumeSource> {}
export const EmptyDirVolumeSourceSchema = named<EmptyDirVolumeSource>(emptyDirVolumeSource);

const secretVolumeSource = message('io.k8s.api.core.v1.SecretVolumeSource', '', {
  secretName: [1, string],
  items: [2, list(KeyToPathSchema)],
  defaultMode: [3, field(int32, '', { default: 420 })],
  optional: [4, bool],
});
export interface SecretVolumeSource extends TypeOf<typeof secretVolumeSource> {}
export const SecretVolumeSourceSchema = named<SecretVolumeSource>(secretVolumeSource);

const configMapVolumeSource = message(
  'io.k8s.api.core.v1.ConfigMapVolumeSource',
  '',
  {
    items: [2, list(KeyToPathSchema)],
    defaultMode: [3, field(int32, '', { default: 420 })],
    optional: [4, bool],
  },
  { inline: { localObjectReference: [1, LocalObjectReferenceSchema] } },
);
export interface ConfigMapVolumeSource extends TypeOf<typeof configMapVolumeSource>, LocalObjectReference {}
export const ConfigMapVolumeSourceSchema = named<ConfigMapVolumeSource>(configMapVolumeSource);

const downwardAPIVolumeFile = message('io.k8s.api.core.v1.DownwardAPIVolumeFile', '', {
  path: [1, required(string)],
  fieldRef: [2, ObjectFieldSelectorSchema],
  resourceFieldRef: [3, ResourceFieldSelectorSchema],
  mode: [4, int32],
});
export interface DownwardAPIVolumeFile extends TypeOf<typeof downwardAPIVolumeFile> {}
export const DownwardAPIVolumeFileSchema = named<DownwardAPIVolumeFile>(downwardAPIVolumeFile);

const downwardAPIVolumeSource = message('io.k8s.api.core.v1.DownwardAPIVolumeSource', '', {
  items: [1, list(DownwardAPIVolumeFileSchema)],
  defaultMode: [2, field(int32, '', { default: 420 })],
});
export interface DownwardAPIVolumeSource extends TypeOf<typeof downwardAPIVolumeSource> {}
export const DownwardAPIVolumeSourceSchema = named<DownwardAPIVolumeSource>(downwardAPIVolumeSource);

const secretProjection = message(
  'io.k8s.api.core.v1.SecretProjection',
  '',
  {
    items: [2, list(KeyToPathSchema)],
    optional: [4, bool],
  },
  { inline: { localObjectReference: [1, LocalObjectReferenceSchema] } },
);
export interface SecretProjection extends TypeOf<typeof secretProjection>, LocalObjectReference {}
export const SecretProjectionSchema = named<SecretProjection>(secretProjection);

const configMapProjection = message(
  'io.k8s.api.core.v1.ConfigMapProjection',
  '',
  {
    items: [2, list(KeyToPathSchema)],
    optional: [4, bool],
  },
  { inline: { localObjectReference: [1, LocalObjectReferenceSchema] } },
);
export interface ConfigMapProjection extends TypeOf<typeof configMapProjection>, LocalObjectReference {}
export const ConfigMapProjectionSchema = named<ConfigMapProjection>(configMapProjection);

const downwardAPIProjection = message('io.k8s.api.core.v1.DownwardAPIProjection', '', {
  items: [1, list(DownwardAPIVolumeFileSchema)],
});
export interface DownwardAPIProjection extends TypeOf<typeof downwardAPIProjection> {}
export const DownwardAPIProjectionSchema = named<DownwardAPIProjection>(downwardAPIProjection);

const serviceAccountTokenProjection = message('io.k8s.api.core.v1.ServiceAccountTokenProjection', '', {
  audience: [1, string],
  expirationSeconds: [2, field(int64, '', { default: 3600 })],
  path: [3, required(string)],
});
export interface ServiceAccountTokenProjection extends TypeOf<typeof serviceAccountTokenProjection> {}
export const ServiceAccountTokenProjectionSchema = named<ServiceAccountTokenProjection>(serviceAccountTokenProjection);

const volumeProjection = message('io.k8s.api.core.v1.VolumeProjection', '', {
  secret: [1, SecretProjectionSchema],
  downwardAPI: [2, DownwardAPIProjectionSchema],
  configMap: [3, ConfigMapProjectionSchema],
  serviceAccountToken: [4, ServiceAccountTokenProjectionSchema],
});
export interface VolumeProjection extends TypeOf<typeof volumeProjection> {}
export const VolumeProjectionSchema = named<VolumeProjection>(volumeProjection);

const projectedVolumeSource = message('io.k8s.api.core.v1.ProjectedVolumeSource', '', {
  sources: [1, list(VolumeProjectionSchema)],
  defaultMode: [2, field(int32, '', { default: 420 })],
});
export interface ProjectedVolumeSource extends TypeOf<typeof projectedVolumeSource> {}
export const ProjectedVolumeSourceSchema = named<ProjectedVolumeSource>(projectedVolumeSource);

const ephemeralVolumeSource = message('io.k8s.api.core.v1.EphemeralVolumeSource', '', {
  volumeClaimTemplate: [1, PersistentVolumeClaimTemplateSchema],
});
export interface EphemeralVolumeSource extends TypeOf<typeof ephemeralVolumeSource> {}
export const EphemeralVolumeSourceSchema = named<EphemeralVolumeSource>(ephemeralVolumeSource);

const volumeSource = message('io.k8s.api.core.v1.VolumeSource', '', {
  hostPath: [1, HostPathVolumeSourceSchema],
  emptyDir: [2, EmptyDirVolumeSourceSchema],
  gcePersistentDisk: [3, GCEPersistentDiskVolumeSourceSchema],
  awsElasticBlockStore: [4, AWSElasticBlockStoreVolumeSourceSchema],
  gitRepo: [5, GitRepoVolumeSourceSchema],
  secret: [6, SecretVolumeSourceSchema],
  nfs: [7, NFSVolumeSourceSchema],
  iscsi: [8, ISCSIVolumeSourceSchema],
  glusterfs: [9, GlusterfsVolumeSourceSchema],
  persistentVolumeClaim: [10, PersistentVolumeClaimVolumeSourceSchema],
  rbd: [11, RBDVolumeSourceSchema],
  flexVolume: [12, FlexVolumeSourceSchema],
  cinder: [13, CinderVolumeSourceSchema],
  cephfs: [14, CephFSVolumeSourceSchema],
  flocker: [15, FlockerVolumeSourceSchema],
  downwardAPI: [16, DownwardAPIVolumeSourceSchema],
  fc: [17, FCVolumeSourceSchema],
  azureFile: [18, AzureFileVolumeSourceSchema],
  configMap: [19, ConfigMapVolumeSourceSchema],
  vsphereVolume: [20, VsphereVirtualDiskVolumeSourceSchema],
  quobyte: [21, QuobyteVolumeSourceSchema],
  azureDisk: [22, AzureDiskVolumeSourceSchema],
  photonPersistentDisk: [23, PhotonPersistentDiskVolumeSourceSchema],
  projected: [26, ProjectedVolumeSourceSchema],
  portworxVolume: [24, PortworxVolumeSourceSchema],
  scaleIO: [25, ScaleIOVolumeSourceSchema],
  storageos: [27, StorageOSVolumeSourceSchema],
  csi: [28, CSIVolumeSourceSchema],
  ephemeral: [29, EphemeralVolumeSourceSchema],
});
export interface VolumeSource extends TypeOf<typeof volumeSource> {}
export const VolumeSourceSchema = named<VolumeSource>(volumeSource);

const volume = message(
  'io.k8s.api.core.v1.Volume',
  'Storage that containers of a pod can mount. It has exactly one source.',
  {
    name: [1, required(string)],
  },
  { inline: { volumeSource: [2, VolumeSourceSchema] } },
);
export interface Volume extends TypeOf<typeof volume>, VolumeSource {}
export const VolumeSchema = named<Volume>(volume);
