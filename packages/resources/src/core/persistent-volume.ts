import { defineBuiltIn } from '../define.ts';
import { ObjectMetaSchema } from '../meta/types.ts';
import { field, kind, list, map, message, named, present, quantity, string, type TypeOf } from '../schema/builder.ts';
import { NodeSelectorSchema } from './affinity.ts';
import {
  AzureFilePersistentVolumeSourceSchema,
  CephFSPersistentVolumeSourceSchema,
  CinderPersistentVolumeSourceSchema,
  CSIPersistentVolumeSourceSchema,
  FlexPersistentVolumeSourceSchema,
  GlusterfsPersistentVolumeSourceSchema,
  ISCSIPersistentVolumeSourceSchema,
  LocalVolumeSourceSchema,
  RBDPersistentVolumeSourceSchema,
  ScaleIOPersistentVolumeSourceSchema,
  StorageOSPersistentVolumeSourceSchema,
} from './persistent-volume-plugins.ts';
import { ObjectReferenceSchema } from './references.ts';
import {
  AWSElasticBlockStoreVolumeSourceSchema,
  AzureDiskVolumeSourceSchema,
  FCVolumeSourceSchema,
  FlockerVolumeSourceSchema,
  GCEPersistentDiskVolumeSourceSchema,
  HostPathVolumeSourceSchema,
  NFSVolumeSourceSchema,
  PhotonPersistentDiskVolumeSourceSchema,
  PortworxVolumeSourceSchema,
  QuobyteVolumeSourceSchema,
  VsphereVirtualDiskVolumeSourceSchema,
} from './volume-plugins.ts';

const persistentVolumeSource = message('io.k8s.api.core.v1.PersistentVolumeSource', '', {
  gcePersistentDisk: [1, GCEPersistentDiskVolumeSourceSchema],
  awsElasticBlockStore: [2, AWSElasticBlockStoreVolumeSourceSchema],
  hostPath: [3, HostPathVolumeSourceSchema],
  glusterfs: [4, GlusterfsPersistentVolumeSourceSchema],
  nfs: [5, NFSVolumeSourceSchema],
  rbd: [6, RBDPersistentVolumeSourceSchema],
  iscsi: [7, ISCSIPersistentVolumeSourceSchema],
  cinder: [8, CinderPersistentVolumeSourceSchema],
  cephfs: [9, CephFSPersistentVolumeSourceSchema],
  fc: [10, FCVolumeSourceSchema],
  flocker: [11, FlockerVolumeSourceSchema],
  flexVolume: [12, FlexPersistentVolumeSourceSchema],
  azureFile: [13, AzureFilePersistentVolumeSourceSchema],
  vsphereVolume: [14, VsphereVirtualDiskVolumeSourceSchema],
  quobyte: [15, QuobyteVolumeSourceSchema],
  azureDisk: [16, AzureDiskVolumeSourceSchema],
  photonPersistentDisk: [17, PhotonPersistentDiskVolumeSourceSchema],
  portworxVolume: [18, PortworxVolumeSourceSchema],
  scaleIO: [19, ScaleIOPersistentVolumeSourceSchema],
  local: [20, LocalVolumeSourceSchema],
  storageos: [21, StorageOSPersistentVolumeSourceSchema],
  csi: [22, CSIPersistentVolumeSourceSchema],
});
export interface PersistentVolumeSource extends TypeOf<typeof persistentVolumeSource> {}
export const PersistentVolumeSourceSchema = named<PersistentVolumeSource>(persistentVolumeSource);

const volumeNodeAffinity = message('io.k8s.api.core.v1.VolumeNodeAffinity', '', {
  required: [1, NodeSelectorSchema],
});
export interface VolumeNodeAffinity extends TypeOf<typeof volumeNodeAffinity> {}
export const VolumeNodeAffinitySchema = named<VolumeNodeAffinity>(volumeNodeAffinity);

const persistentVolumeSpec = message(
  'io.k8s.api.core.v1.PersistentVolumeSpec',
  '',
  {
    capacity: [1, map(quantity)],
    accessModes: [3, list(string)],
    claimRef: [4, field(ObjectReferenceSchema, '', { 'x-kubernetes-map-type': 'granular' })],
    persistentVolumeReclaimPolicy: [5, field(string, '', { default: 'Retain', enum: ['Delete', 'Recycle', 'Retain'] })],
    storageClassName: [6, string],
    mountOptions: [7, list(string)],
    volumeMode: [8, field(string, '', { default: 'Filesystem', enum: ['Block', 'Filesystem'] })],
    nodeAffinity: [9, VolumeNodeAffinitySchema],
  },
  { inline: { persistentVolumeSource: [2, PersistentVolumeSourceSchema] } },
);
export interface PersistentVolumeSpec extends TypeOf<typeof persistentVolumeSpec>, PersistentVolumeSource {}
export const PersistentVolumeSpecSchema = named<PersistentVolumeSpec>(persistentVolumeSpec);

const persistentVolumeStatus = message('io.k8s.api.core.v1.PersistentVolumeStatus', '', {
  phase: [1, string],
  message: [2, string],
  reason: [3, string],
});
export interface PersistentVolumeStatus extends TypeOf<typeof persistentVolumeStatus> {}
export const PersistentVolumeStatusSchema = named<PersistentVolumeStatus>(persistentVolumeStatus);

const persistentVolume = kind('io.k8s.api.core.v1.PersistentVolume', '', {
  metadata: [1, present(ObjectMetaSchema)],
  spec: [2, present(PersistentVolumeSpecSchema)],
  status: [3, PersistentVolumeStatusSchema],
});
export interface PersistentVolume extends TypeOf<typeof persistentVolume> {}
export const PersistentVolumeSchema = named<PersistentVolume>(persistentVolume);
export const PersistentVolume = defineBuiltIn<PersistentVolume>({
  schema: PersistentVolumeSchema,
  group: '',
  version: 'v1',
  kind: 'PersistentVolume',
  plural: 'persistentvolumes',
  shortNames: ['pv'],
  clusterScoped: true,
  status: true,
});
