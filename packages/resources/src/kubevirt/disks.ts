import {
  bool,
  type EmptyObject,
  emptyObject,
  field,
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
  bus: field(string, 'sata, scsi or usb.'),
  readonly: bool,
  tray: field(string, 'open or closed.'),
});
export interface CDRomTarget extends TypeOf<typeof cdRomTarget> {}
export const CDRomTargetSchema = named<CDRomTarget>(cdRomTarget);

const diskTarget = object('io.kubevirt.v1.DiskTarget', '', {
  bus: field(string, 'virtio, sata, scsi or usb.'),
  pciAddress: field(string, 'PCI address in the guest, such as 0000:81:01.0.'),
  readonly: field(bool, "The guest can't write."),
});
export interface DiskTarget extends TypeOf<typeof diskTarget> {}
export const DiskTargetSchema = named<DiskTarget>(diskTarget);

const lunTarget = object('io.kubevirt.v1.LunTarget', '', {
  bus: string,
  readonly: bool,
});
export interface LunTarget extends TypeOf<typeof lunTarget> {}
export const LunTargetSchema = named<LunTarget>(lunTarget);

const disk = object('io.kubevirt.v1.Disk', 'One disk of the machine. It has one of disk, lun or cdrom.', {
  blockSize: field(BlockSizeSchema, 'Block size that the guest sees.'),
  bootOrder: field(int32, 'Place in the order of boot devices, from 1.'),
  cache: field(string, 'none, writethrough or writeback.'),
  cdrom: field(CDRomTargetSchema, 'A CD-ROM drive.'),
  dedicatedIOThread: field(bool, 'Use an input and output thread of its own.'),
  disk: field(DiskTargetSchema, 'A plain disk.'),
  io: field(string, 'native, threads or default.'),
  lun: field(LunTargetSchema, 'A SCSI device whose commands go through to the storage.'),
  name: required(field(string, 'Name of the volume that it shows.')),
  serial: field(string, 'Serial number that the guest sees.'),
  shareable: field(bool, 'Several machines may use the disk at once.'),
  tag: field(string, "Label that the guest reads with the device's address."),
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
