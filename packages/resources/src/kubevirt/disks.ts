import {
  bool,
  type EmptyObject,
  emptyObject,
  int32,
  named,
  object,
  required,
  string,
  type TypeOf,
} from '../schema/builder.ts';
import { FeatureStateSchema } from './features.ts';

const customBlockSize = object('io.kubevirt.v1.CustomBlockSize', '', {
  logical: required(int32),
  physical: required(int32),
});
export interface CustomBlockSize extends TypeOf<typeof customBlockSize> {}
export const CustomBlockSizeSchema = named<CustomBlockSize>(customBlockSize);

const blockSize = object('io.kubevirt.v1.BlockSize', '', {
  custom: CustomBlockSizeSchema,
  matchVolume: FeatureStateSchema,
});
export interface BlockSize extends TypeOf<typeof blockSize> {}
export const BlockSizeSchema = named<BlockSize>(blockSize);

const cdRomTarget = object('io.kubevirt.v1.CDRomTarget', '', {
  bus: string,
  readonly: bool,
  tray: string,
});
export interface CDRomTarget extends TypeOf<typeof cdRomTarget> {}
export const CDRomTargetSchema = named<CDRomTarget>(cdRomTarget);

const diskTarget = object('io.kubevirt.v1.DiskTarget', '', {
  bus: string,
  pciAddress: string,
  readonly: bool,
});
export interface DiskTarget extends TypeOf<typeof diskTarget> {}
export const DiskTargetSchema = named<DiskTarget>(diskTarget);

const lunTarget = object('io.kubevirt.v1.LunTarget', '', {
  bus: string,
  readonly: bool,
});
export interface LunTarget extends TypeOf<typeof lunTarget> {}
export const LunTargetSchema = named<LunTarget>(lunTarget);

const disk = object('io.kubevirt.v1.Disk', '', {
  blockSize: BlockSizeSchema,
  bootOrder: int32,
  cache: string,
  cdrom: CDRomTargetSchema,
  dedicatedIOThread: bool,
  disk: DiskTargetSchema,
  io: string,
  lun: LunTargetSchema,
  name: required(string),
  serial: string,
  shareable: bool,
  tag: string,
});
export interface Disk extends TypeOf<typeof disk> {}
export const DiskSchema = named<Disk>(disk);

export const FilesystemVirtiofsSchema = emptyObject('io.kubevirt.v1.FilesystemVirtiofs');
export type FilesystemVirtiofs = EmptyObject;

const filesystem = object('io.kubevirt.v1.Filesystem', '', {
  name: required(string),
  virtiofs: required(FilesystemVirtiofsSchema),
});
export interface Filesystem extends TypeOf<typeof filesystem> {}
export const FilesystemSchema = named<Filesystem>(filesystem);
