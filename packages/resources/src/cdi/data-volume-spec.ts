import { PersistentVolumeClaimSpecSchema } from '../core/persistent-volume-claim.ts';
import { TypedLocalObjectReferenceSchema } from '../core/references.ts';
import { ResourceRequirementsSchema } from '../core/resource-requirements.ts';
import { LabelSelectorSchema } from '../meta/types.ts';
import {
  bool,
  type EmptyObject,
  emptyObject,
  field,
  list,
  named,
  object,
  required,
  string,
  type TypeOf,
} from '../schema/builder.ts';

export const DataVolumeBlankImageSchema = emptyObject('io.kubevirt.cdi.v1beta1.DataVolumeBlankImage');
export type DataVolumeBlankImage = EmptyObject;

const dataVolumeCheckpoint = object('io.kubevirt.cdi.v1beta1.DataVolumeCheckpoint', '', {
  current: required(string),
  previous: required(string),
});
export interface DataVolumeCheckpoint extends TypeOf<typeof dataVolumeCheckpoint> {}
export const DataVolumeCheckpointSchema = named<DataVolumeCheckpoint>(dataVolumeCheckpoint);

const dataVolumeSourceHTTP = object('io.kubevirt.cdi.v1beta1.DataVolumeSourceHTTP', '', {
  certConfigMap: string,
  extraHeaders: list(string),
  secretExtraHeaders: list(string),
  secretRef: string,
  url: required(string),
});
export interface DataVolumeSourceHTTP extends TypeOf<typeof dataVolumeSourceHTTP> {}
export const DataVolumeSourceHTTPSchema = named<DataVolumeSourceHTTP>(dataVolumeSourceHTTP);

const dataVolumeSourceImageIO = object('io.kubevirt.cdi.v1beta1.DataVolumeSourceImageIO', '', {
  certConfigMap: string,
  diskId: required(string),
  secretRef: string,
  url: required(string),
});
export interface DataVolumeSourceImageIO extends TypeOf<typeof dataVolumeSourceImageIO> {}
export const DataVolumeSourceImageIOSchema = named<DataVolumeSourceImageIO>(dataVolumeSourceImageIO);

const dataVolumeSourcePVC = object('io.kubevirt.cdi.v1beta1.DataVolumeSourcePVC', '', {
  name: required(string),
  namespace: required(string),
});
export interface DataVolumeSourcePVC extends TypeOf<typeof dataVolumeSourcePVC> {}
export const DataVolumeSourcePVCSchema = named<DataVolumeSourcePVC>(dataVolumeSourcePVC);

const dataVolumeSourceRegistry = object('io.kubevirt.cdi.v1beta1.DataVolumeSourceRegistry', '', {
  certConfigMap: string,
  imageStream: string,
  pullMethod: string,
  secretRef: string,
  url: string,
});
export interface DataVolumeSourceRegistry extends TypeOf<typeof dataVolumeSourceRegistry> {}
export const DataVolumeSourceRegistrySchema = named<DataVolumeSourceRegistry>(dataVolumeSourceRegistry);

const dataVolumeSourceS3 = object('io.kubevirt.cdi.v1beta1.DataVolumeSourceS3', '', {
  certConfigMap: string,
  secretRef: string,
  url: required(string),
});
export interface DataVolumeSourceS3 extends TypeOf<typeof dataVolumeSourceS3> {}
export const DataVolumeSourceS3Schema = named<DataVolumeSourceS3>(dataVolumeSourceS3);

export const DataVolumeSourceUploadSchema = emptyObject('io.kubevirt.cdi.v1beta1.DataVolumeSourceUpload');
export type DataVolumeSourceUpload = EmptyObject;

const dataVolumeSourceVDDK = object('io.kubevirt.cdi.v1beta1.DataVolumeSourceVDDK', '', {
  backingFile: string,
  initImageURL: string,
  secretRef: string,
  thumbprint: string,
  url: string,
  uuid: string,
});
export interface DataVolumeSourceVDDK extends TypeOf<typeof dataVolumeSourceVDDK> {}
export const DataVolumeSourceVDDKSchema = named<DataVolumeSourceVDDK>(dataVolumeSourceVDDK);

const dataVolumeContentSource = object('io.kubevirt.cdi.v1beta1.DataVolumeSource', '', {
  blank: DataVolumeBlankImageSchema,
  http: DataVolumeSourceHTTPSchema,
  imageio: DataVolumeSourceImageIOSchema,
  pvc: DataVolumeSourcePVCSchema,
  registry: DataVolumeSourceRegistrySchema,
  s3: DataVolumeSourceS3Schema,
  upload: DataVolumeSourceUploadSchema,
  vddk: DataVolumeSourceVDDKSchema,
});
export interface DataVolumeContentSource extends TypeOf<typeof dataVolumeContentSource> {}
export const DataVolumeContentSourceSchema = named<DataVolumeContentSource>(dataVolumeContentSource);

const dataVolumeSourceRef = object('io.kubevirt.cdi.v1beta1.DataVolumeSourceRef', '', {
  kind: required(string),
  name: required(string),
  namespace: string,
});
export interface DataVolumeSourceRef extends TypeOf<typeof dataVolumeSourceRef> {}
export const DataVolumeSourceRefSchema = named<DataVolumeSourceRef>(dataVolumeSourceRef);

const storageSpec = object('io.kubevirt.cdi.v1beta1.StorageSpec', '', {
  accessModes: list(string),
  dataSource: TypedLocalObjectReferenceSchema,
  resources: ResourceRequirementsSchema,
  selector: LabelSelectorSchema,
  storageClassName: string,
  volumeMode: string,
  volumeName: string,
});
export interface StorageSpec extends TypeOf<typeof storageSpec> {}
export const StorageSpecSchema = named<StorageSpec>(storageSpec);

const dataVolumeSpec = object('io.kubevirt.cdi.v1beta1.DataVolumeSpec', '', {
  checkpoints: list(DataVolumeCheckpointSchema),
  contentType: field(string, '', { enum: ['kubevirt', 'archive'] }),
  finalCheckpoint: bool,
  preallocation: bool,
  priorityClassName: string,
  pvc: field(PersistentVolumeClaimSpecSchema, 'Claim to be made, given in full.'),
  source: field(DataVolumeContentSourceSchema, 'Where the content comes from.'),
  sourceRef: field(DataVolumeSourceRefSchema, 'Data source that names where the content comes from.'),
  storage: field(StorageSpecSchema, 'Claim to be made, completed from the profile of its storage class.'),
});
export interface DataVolumeSpec extends TypeOf<typeof dataVolumeSpec> {}
export const DataVolumeSpecSchema = named<DataVolumeSpec>(dataVolumeSpec);
