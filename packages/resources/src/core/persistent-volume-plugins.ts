import { bool, field, int32, list, map, message, named, required, string, type TypeOf } from '../schema/builder.ts';
import { ObjectReferenceSchema, SecretReferenceSchema } from './references.ts';

const azureFilePersistentVolumeSource = message('io.k8s.api.core.v1.AzureFilePersistentVolumeSource', '', {
  secretName: [1, required(string)],
  shareName: [2, required(string)],
  readOnly: [3, bool],
  secretNamespace: [4, string],
});
export interface AzureFilePersistentVolumeSource extends TypeOf<typeof azureFilePersistentVolumeSource> {}
export const AzureFilePersistentVolumeSourceSchema = named<AzureFilePersistentVolumeSource>(
  azureFilePersistentVolumeSource,
);

const cephFSPersistentVolumeSource = message('io.k8s.api.core.v1.CephFSPersistentVolumeSource', '', {
  monitors: [1, required(list(string))],
  path: [2, string],
  user: [3, string],
  secretFile: [4, string],
  secretRef: [5, SecretReferenceSchema],
  readOnly: [6, bool],
});
export interface CephFSPersistentVolumeSource extends TypeOf<typeof cephFSPersistentVolumeSource> {}
export const CephFSPersistentVolumeSourceSchema = named<CephFSPersistentVolumeSource>(cephFSPersistentVolumeSource);

const cinderPersistentVolumeSource = message('io.k8s.api.core.v1.CinderPersistentVolumeSource', '', {
  volumeID: [1, required(string)],
  fsType: [2, string],
  readOnly: [3, bool],
  secretRef: [4, SecretReferenceSchema],
});
export interface CinderPersistentVolumeSource extends TypeOf<typeof cinderPersistentVolumeSource> {}
export const CinderPersistentVolumeSourceSchema = named<CinderPersistentVolumeSource>(cinderPersistentVolumeSource);

const flexPersistentVolumeSource = message('io.k8s.api.core.v1.FlexPersistentVolumeSource', '', {
  driver: [1, required(string)],
  fsType: [2, string],
  secretRef: [3, SecretReferenceSchema],
  readOnly: [4, bool],
  options: [5, map(string)],
});
export interface FlexPersistentVolumeSource extends TypeOf<typeof flexPersistentVolumeSource> {}
export const FlexPersistentVolumeSourceSchema = named<FlexPersistentVolumeSource>(flexPersistentVolumeSource);

const glusterfsPersistentVolumeSource = message('io.k8s.api.core.v1.GlusterfsPersistentVolumeSource', '', {
  endpoints: [1, required(string)],
  path: [2, required(string)],
  readOnly: [3, bool],
  endpointsNamespace: [4, string],
});
export interface GlusterfsPersistentVolumeSource extends TypeOf<typeof glusterfsPersistentVolumeSource> {}
export const GlusterfsPersistentVolumeSourceSchema = named<GlusterfsPersistentVolumeSource>(
  glusterfsPersistentVolumeSource,
);

const iscsiPersistentVolumeSource = message('io.k8s.api.core.v1.ISCSIPersistentVolumeSource', '', {
  targetPortal: [1, required(string)],
  iqn: [2, required(string)],
  lun: [3, required(int32)],
  iscsiInterface: [4, field(string, '', { default: 'default' })],
  fsType: [5, string],
  readOnly: [6, bool],
  portals: [7, list(string)],
  chapAuthDiscovery: [8, bool],
  chapAuthSession: [11, bool],
  secretRef: [10, SecretReferenceSchema],
  initiatorName: [12, string],
});
export interface ISCSIPersistentVolumeSource extends TypeOf<typeof iscsiPersistentVolumeSource> {}
export const ISCSIPersistentVolumeSourceSchema = named<ISCSIPersistentVolumeSource>(iscsiPersistentVolumeSource);

const rbdPersistentVolumeSource = message('io.k8s.api.core.v1.RBDPersistentVolumeSource', '', {
  monitors: [1, required(list(string))],
  image: [2, required(string)],
  fsType: [3, string],
  pool: [4, field(string, '', { default: 'rbd' })],
  user: [5, field(string, '', { default: 'admin' })],
  keyring: [6, field(string, '', { default: '/etc/ceph/keyring' })],
  secretRef: [7, SecretReferenceSchema],
  readOnly: [8, bool],
});
export interface RBDPersistentVolumeSource extends TypeOf<typeof rbdPersistentVolumeSource> {}
export const RBDPersistentVolumeSourceSchema = named<RBDPersistentVolumeSource>(rbdPersistentVolumeSource);

const scaleIOPersistentVolumeSource = message('io.k8s.api.core.v1.ScaleIOPersistentVolumeSource', '', {
  gateway: [1, required(string)],
  system: [2, required(string)],
  secretRef: [3, required(SecretReferenceSchema)],
  sslEnabled: [4, bool],
  protectionDomain: [5, string],
  storagePool: [6, string],
  storageMode: [7, field(string, '', { default: 'ThinProvisioned' })],
  volumeName: [8, string],
  fsType: [9, field(string, '', { default: 'xfs' })],
  readOnly: [10, bool],
});
export interface ScaleIOPersistentVolumeSource extends TypeOf<typeof scaleIOPersistentVolumeSource> {}
export const ScaleIOPersistentVolumeSourceSchema = named<ScaleIOPersistentVolumeSource>(scaleIOPersistentVolumeSource);

const storageOSPersistentVolumeSource = message('io.k8s.api.core.v1.StorageOSPersistentVolumeSource', '', {
  volumeName: [1, string],
  volumeNamespace: [2, string],
  fsType: [3, string],
  readOnly: [4, bool],
  secretRef: [5, ObjectReferenceSchema],
});
export interface StorageOSPersistentVolumeSource extends TypeOf<typeof storageOSPersistentVolumeSource> {}
export const StorageOSPersistentVolumeSourceSchema = named<StorageOSPersistentVolumeSource>(
  storageOSPersistentVolumeSource,
);

const csiPersistentVolumeSource = message('io.k8s.api.core.v1.CSIPersistentVolumeSource', '', {
  driver: [1, required(string)],
  volumeHandle: [2, required(string)],
  readOnly: [3, bool],
  fsType: [4, string],
  volumeAttributes: [5, map(string)],
  controllerPublishSecretRef: [6, SecretReferenceSchema],
  nodeStageSecretRef: [7, SecretReferenceSchema],
  nodePublishSecretRef: [8, SecretReferenceSchema],
  controllerExpandSecretRef: [9, SecretReferenceSchema],
  nodeExpandSecretRef: [10, SecretReferenceSchema],
});
export interface CSIPersistentVolumeSource extends TypeOf<typeof csiPersistentVolumeSource> {}
export const CSIPersistentVolumeSourceSchema = named<CSIPersistentVolumeSource>(csiPersistentVolumeSource);

const localVolumeSource = message('io.k8s.api.core.v1.LocalVolumeSource', '', {
  path: [1, required(string)],
  fsType: [2, string],
});
export interface LocalVolumeSource extends TypeOf<typeof localVolumeSource> {}
export const LocalVolumeSourceSchema = named<LocalVolumeSource>(localVolumeSource);
