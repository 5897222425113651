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
    capacity: [1, field(map(quantity), 'Size of the volume.')],
    accessModes: [
      3,
      field(list(string), 'How nodes can use it: ReadWriteOnce, ReadOnlyMany, ReadWriteMany, ReadWriteOncePod.'),
    ],
    claimRef: [
      4,
      field(ObjectReferenceSchema, 'The claim that the volume is bound to.', { 'x-kubernetes-map-type': 'granular' }),
    ],
    persistentVolumeReclaimPolicy: [
      5,
      field(string, 'What happens when the claim goes: Retain, Delete or Recycle.', {
        default: 'Retain',
        enum: ['Delete', 'Recycle', 'Retain'],
      }),
    ],
    storageClassName: [6, field(string, 'Class of the volume.')],
    mountOptions: [7, list(string)],
    volumeMode: [8, field(string, 'Filesystem or Block.', { default: 'Filesystem', enum: ['Block', 'Filesystem'] })],
    nodeAffinity: [9, field(VolumeNodeAffinitySchema, 'Nodes from which the volume can be reached.')],
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

const persistentVolume = kind('io.k8s.api.core.v1.PersistentVolume', 'A piece of storage of the cluster.', {
  metadata: [1, present(ObjectMetaSchema)],
  spec: [2, present(field(PersistentVolumeSpecSchema, 'Size, access modes and where the storage is.'))],
  status: [3, field(PersistentVolumeStatusSchema, 'Whether the volume is free, bound or released.')],
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
