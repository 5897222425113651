import { bool, field, int32, list, map, message, named, required, string, type TypeOf } from '../schema/builder.ts';
import { LocalObjectReferenceSchema } from './references.ts';

const awsElasticBlockStoreVolumeSource = message('io.k8s.api.core.v1.AWSElasticBlockStoreVolumeSource', '', {
  volumeID: [1, required(string)],
  fsType: [2, string],
  partition: [3, int32],
  readOnly: [4, bool],
});
export interface AWSElasticBlockStoreVolumeSource extends TypeOf<typeof awsElasticBlockStoreVolumeSource> {}
export const AWSElasticBlockStoreVolumeSourceSchema = named<AWSElasticBlockStoreVolumeSource>(
  awsElasticBlockStoreVolumeSource,
);

const azureDiskVolumeSource = message('io.k8s.api.core.v1.AzureDiskVolumeSource', '', {
  diskName: [1, required(string)],
  diskURI: [2, required(string)],
  cachingMode: [3, field(string, '', { default: 'ReadWrite' })],
  fsType: [4, field(string, '', { default: 'ext4' })],
  readOnly: [5, field(bool, '', { default: false })],
  kind: [6, field(string, '', { default: 'Shared' })],
});
export interface AzureDiskVolumeSource extends TypeOf<typeof azureDiskVolumeSource> {}
export const AzureDiskVolumeSourceSchema = named<AzureDiskVolumeSource>(azureDiskVolumeSource);

const azureFileVolumeSource = message('io.k8s.api.core.v1.AzureFileVolumeSource', '', {
  secretName: [1, required(string)],
  shareName: [2, required(string)],
  readOnly: [3, bool],
});
export interface AzureFileVolumeSource extends TypeOf<typeof azureFileVolumeSource> {}
export const AzureFileVolumeSourceSchema = named<AzureFileVolumeSource>(azureFileVolumeSource);

const cephFSVolumeSource = message('io.k8s.api.core.v1.CephFSVolumeSource', '', {
  monitors: [1, required(list(string))],
  path: [2, string],
  user: [3, string],
  secretFile: [4, string],
  secretRef: [5, LocalObjectReferenceSchema],
  readOnly: [6, bool],
});
export interface CephFSVolumeSource extends TypeOf<typeof cephFSVolumeSource> {}
export const CephFSVolumeSourceSchema = named<CephFSVolumeSource>(cephFSVolumeSource);

const cinderVolumeSource = message('io.k8s.api.core.v1.CinderVolumeSource', '', {
  volumeID: [1, required(string)],
  fsType: [2, string],
  readOnly: [3, bool],
  secretRef: [4, LocalObjectReferenceSchema],
});
export interface CinderVolumeSource extends TypeOf<typeof cinderVolumeSource> {}
export const CinderVolumeSourceSchema = named<CinderVolumeSource>(cinderVolumeSource);

const fcVolumeSource = message('io.k8s.api.core.v1.FCVolumeSource', '', {
  targetWWNs: [1, list(string)],
  lun: [2, int32],
  fsType: [3, string],
  readOnly: [4, bool],
  wwids: [5, list(string)],
});
export interface FCVolumeSource extends TypeOf<typeof fcVolumeSource> {}
export const FCVolumeSourceSchema = named<FCVolumeSource>(fcVolumeSource);

const flexVolumeSource = message('io.k8s.api.core.v1.FlexVolumeSource', '', {
  driver: [1, required(string)],
  fsType: [2, string],
  secretRef: [3, LocalObjectReferenceSchema],
  readOnly: [4, bool],
  options: [5, map(string)],
});
export interface FlexVolumeSource extends TypeOf<typeof flexVolumeSource> {}
export const FlexVolumeSourceSchema = named<FlexVolumeSource>(flexVolumeSource);

const flockerVolumeSource = message('io.k8s.api.core.v1.FlockerVolumeSource', '', {
  datasetName: [1, string],
  datasetUUID: [2, string],
});
export interface FlockerVolumeSource extends TypeOf<typeof flockerVolumeSource> {}
export const FlockerVolumeSourceSchema = named<FlockerVolumeSource>(flockerVolumeSource);

const gcePersistentDiskVolumeSource = message('io.k8s.api.core.v1.GCEPersistentDiskVolumeSource', '', {
  pdName: [1, required(string)],
  fsType: [2, string],
  partition: [3, int32],
  readOnly: [4, bool],
});
export interface GCEPersistentDiskVolumeSource extends TypeOf<typeof gcePersistentDiskVolumeSource> {}
export const GCEPersistentDiskVolumeSourceSchema = named<GCEPersistentDiskVolumeSource>(gcePersistentDiskVolumeSource);

const gitRepoVolumeSource = message('io.k8s.api.core.v1.GitRepoVolumeSource', '', {
  repository: [1, required(string)],
  revision: [2, string],
  directory: [3, string],
});
export interface GitRepoVolumeSource extends TypeOf<typeof gitRepoVolumeSource> {}
export const GitRepoVolumeSourceSchema = named<GitRepoVolumeSource>(gitRepoVolumeSource);

const glusterfsVolumeSource = message('io.k8s.api.core.v1.GlusterfsVolumeSource', '', {
  endpoints: [1, required(string)],
  path: [2, required(string)],
  readOnly: [3, bool],
});
export interface GlusterfsVolumeSource extends TypeOf<typeof glusterfsVolumeSource> {}
export const GlusterfsVolumeSourceSchema = named<GlusterfsVolumeSource>(glusterfsVolumeSource);

const iscsiVolumeSource = message('io.k8s.api.core.v1.ISCSIVolumeSource', '', {
  targetPortal: [1, required(string)],
  iqn: [2, required(string)],
  lun: [3, required(int32)],
  iscsiInterface: [4, field(string, '', { default: 'default' })],
  fsType: [5, string],
  readOnly: [6, bool],
  portals: [7, list(string)],
  chapAuthDiscovery: [8, bool],
  chapAuthSession: [11, bool],
  secretRef: [10, LocalObjectReferenceSchema],
  initiatorName: [12, string],
});
export interface ISCSIVolumeSource extends TypeOf<typeof iscsiVolumeSource> {}
export const ISCSIVolumeSourceSchema = named<ISCSIVolumeSource>(iscsiVolumeSource);

const nfsVolumeSource = message('io.k8s.api.core.v1.NFSVolumeSource', '', {
  server: [1, required(string)],
  path: [2, required(string)],
  readOnly: [3, bool],
});
export interface NFSVolumeSource extends TypeOf<typeof nfsVolumeSource> {}
export const NFSVolumeSourceSchema = named<NFSVolumeSource>(nfsVolumeSource);

const photonPersistentDiskVolumeSource = message('io.k8s.api.core.v1.PhotonPersistentDiskVolumeSource', '', {
  pdID: [1, required(string)],
  fsType: [2, string],
});
export interface PhotonPersistentDiskVolumeSource extends TypeOf<typeof photonPersistentDiskVolumeSource> {}
export const PhotonPersistentDiskVolumeSourceSchema = named<PhotonPersistentDiskVolumeSource>(
  photonPersistentDiskVolumeSource,
);

const portworxVolumeSource = message('io.k8s.api.core.v1.PortworxVolumeSource', '', {
  volumeID: [1, required(string)],
  fsType: [2, string],
  readOnly: [3, bool],
});
export interface PortworxVolumeSource extends TypeOf<typeof portworxVolumeSource> {}
export const PortworxVolumeSourceSchema = named<PortworxVolumeSource>(portworxVolumeSource);

const quobyteVolumeSource = message('io.k8s.api.core.v1.QuobyteVolumeSource', '', {
  registry: [1, required(string)],
  volume: [2, required(string)],
  readOnly: [3, bool],
  user: [4, string],
  group: [5, string],
  tenant: [6, string],
});
export interface QuobyteVolumeSource extends TypeOf<typeof quobyteVolumeSource> {}
export const QuobyteVolumeSourceSchema = named<QuobyteVolumeSource>(quobyteVolumeSource);

const rbdVolumeSource = message('io.k8s.api.core.v1.RBDVolumeSource', '', {
  monitors: [1, required(list(string))],
  image: [2, required(string)],
  fsType: [3, string],
  pool: [4, field(string, '', { default: 'rbd' })],
  user: [5, field(string, '', { default: 'admin' })],
  keyring: [6, field(string, '', { default: '/etc/ceph/keyring' })],
  secretRef: [7, LocalObjectReferenceSchema],
  readOnly: [8, bool],
});
export interface RBDVolumeSource extends TypeOf<typeof rbdVolumeSource> {}
export const RBDVolumeSourceSchema = named<RBDVolumeSource>(rbdVolumeSource);

const scaleIOVolumeSource = message('io.k8s.api.core.v1.ScaleIOVolumeSource', '', {
  gateway: [1, required(string)],
  system: [2, required(string)],
  secretRef: [3, required(LocalObjectReferenceSchema)],
  sslEnabled: [4, bool],
  protectionDomain: [5, string],
  storagePool: [6, string],
  storageMode: [7, field(string, '', { default: 'ThinProvisioned' })],
  volumeName: [8, string],
  fsType: [9, field(string, '', { default: 'xfs' })],
  readOnly: [10, bool],
});
export interface ScaleIOVolumeSource extends TypeOf<typeof scaleIOVolumeSource> {}
export const ScaleIOVolumeSourceSchema = named<ScaleIOVolumeSource>(scaleIOVolumeSource);

const storageOSVolumeSource = message('io.k8s.api.core.v1.StorageOSVolumeSource', '', {
  volumeName: [1, string],
  volumeNamespace: [2, string],
  fsType: [3, string],
  readOnly: [4, bool],
  secretRef: [5, LocalObjectReferenceSchema],
});
export interface StorageOSVolumeSource extends TypeOf<typeof storageOSVolumeSource> {}
export const StorageOSVolumeSourceSchema = named<StorageOSVolumeSource>(storageOSVolumeSource);

const vsphereVirtualDiskVolumeSource = message('io.k8s.api.core.v1.VsphereVirtualDiskVolumeSource', '', {
  volumePath: [1, required(string)],
  fsType: [2, string],
  storagePolicyName: [3, string],
  storagePolicyID: [4, string],
});
export interface VsphereVirtualDiskVolumeSource extends TypeOf<typeof vsphereVirtualDiskVolumeSource> {}
export const VsphereVirtualDiskVolumeSourceSchema =
  named<VsphereVirtualDiskVolumeSource>(vsphereVirtualDiskVolumeSource);

const csiVolumeSource = message('io.k8s.api.core.v1.CSIVolumeSource', '', {
  driver: [1, required(string)],
  readOnly: [2, bool],
  fsType: [3, string],
  volumeAttributes: [4, map(string)],
  nodePublishSecretRef: [5, LocalObjectReferenceSchema],
});
export interface CSIVolumeSource extends TypeOf<typeof csiVolumeSource> {}
export const CSIVolumeSourceSchema = named<CSIVolumeSource>(csiVolumeSource);

const hostPathVolumeSource = message('io.k8s.api.core.v1.HostPathVolumeSource', '', {
  path: [1, required(string)],
  type: [2, field(string, '', { default: '' })],
});
export interface HostPathVolumeSource extends TypeOf<typeof hostPathVolumeSource> {}
export const HostPathVolumeSourceSchema = named<HostPathVolumeSource>(hostPathVolumeSource);
