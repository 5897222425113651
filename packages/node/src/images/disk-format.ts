import { ImageError } from './errors.ts';

/** Bytes of a disk image that `readDiskHeader` needs. */
export const headerBytes = 64 * 1024;

export type DiskFormat = 'qcow2' | 'raw';

export interface DiskHeader {
  readonly format: DiskFormat;
  /** Of raw images: the file's size in whole sectors. */
  readonly virtualSizeBytes: number;
}

const unusable = (message: string): ImageError => new ImageError('UnusableDisk', message);

const ascii = (bytes: Buffer, offset: number, length: number): string =>
  bytes.toString('latin1', offset, offset + length);

/** Formats that QEMU would recognise by content and that are not taken. */
const foreignFormats: readonly { readonly name: string; readonly offset: number; readonly magic: string }[] = [
  { name: 'vmdk', offset: 0, magic: 'KDMV' },
  { name: 'vmdk', offset: 0, magic: 'COWD' },
  { name: 'vmdk', offset: 0, magic: '# Disk DescriptorFile' },
  { name: 'vhdx', offset: 0, magic: 'vhdxfile' },
  { name: 'vpc', offset: 0, magic: 'conectix' },
  { name: 'vdi', offset: 0x40, magic: '\x7f\x10\xda\xbe' },
  { name: 'qed', offset: 0, magic: 'QED\0' },
  { name: 'luks', offset: 0, magic: 'LUKS\xba\xbe' },
  { name: 'parallels', offset: 0, magic: 'WithoutFreeSpace' },
  { name: 'parallels', offset: 0, magic: 'WithouFreSpacExt' },
  { name: 'bochs', offset: 0, magic: 'Bochs Virtual HD Image' },
];

const incompatibleExternalData = 1n << 2n;

/**
 * Judges an untrusted image by its own first bytes, before any tool opens it: qcow2 with a backing file or an external data
 * file would make QEMU open other files of this machine. Source: QEMU docs/interop/qcow2. Throws ImageError `UnusableDisk`.
 */
export function readDiskHeader(bytes: Buffer, fileSizeBytes: number): DiskHeader {
  if (fileSizeBytes === 0) throw unusable('the disk image is empty');
  if (bytes.length >= 4 && bytes.readUInt32BE(0) === 0x514649fb) return readQcow2(bytes);
  for (const { name, offset, magic } of foreignFormats) {
    if (ascii(bytes, offset, magic.length) === magic) throw unusable(`unsupported image format: ${name}`);
  }
  // QEMU shows a guest whole sectors; the rest of the last one reads as zero.
  return { format: 'raw', virtualSizeBytes: Math.ceil(fileSizeBytes / 512) * 512 };
}

function readQcow2(bytes: Buffer): DiskHeader {
  if (bytes.length < 72) throw unusable('the qcow2 image is cut off in its header');
  const version = bytes.readUInt32BE(4);
  if (version === 1) throw unusable('unsupported image format: qcow');
  if (version !== 2 && version !== 3) throw unusable(`unsupported image format: qcow2 version ${version}`);
  const backingOffset = bytes.readBigUInt64BE(8);
  const backingLength = bytes.readUInt32BE(16);
  if (backingOffset !== 0n) {
    const offset = Number(backingOffset);
    const name =
      offset + backingLength <= bytes.length
        ? bytes.toString('utf8', offset, offset + Math.min(backingLength, 1023))
        : '(outside the header)';
    throw unusable(`expected no backing file, but found ${name}`);
  }
  if (bytes.readUInt32BE(32) !== 0) throw unusable('encrypted qcow2 images are not supported');
  if (version === 3) {
    if (bytes.length < 104) throw unusable('the qcow2 image is cut off in its header');
    if ((bytes.readBigUInt64BE(72) & incompatibleExternalData) !== 0n)
      throw unusable('expected no external data file, but the qcow2 image has one');
  }
  const size = bytes.readBigUInt64BE(24);
  if (size === 0n || size > 2n ** 53n) throw unusable(`the qcow2 image claims a virtual size of ${size} bytes`);
  return { format: 'qcow2', virtualSizeBytes: Number(size) };
}

/**
 * Reads `qemu-img info --output=json` of an untrusted image and confirms what its header said. Throws ImageError
 * `UnusableDisk`.
 */
export function confirmDiskInfo(json: string, header: DiskHeader): void {
  let info: Record<string, unknown>;
  try {
    info = JSON.parse(json) as Record<string, unknown>;
  } catch {
    throw unusable('qemu-img could not describe the disk image');
  }
  const backing = info['backing-filename'] ?? info['full-backing-filename'];
  if (typeof backing === 'string' && backing !== '') throw unusable(`expected no backing file, but found ${backing}`);
  if (info.format !== header.format) throw unusable(`unsupported image format: ${String(info.format)}`);
  if (info['virtual-size'] !== header.virtualSizeBytes && header.format === 'qcow2') {
    throw unusable(
      `the disk image's header says ${header.virtualSizeBytes} bytes, qemu-img ${String(info['virtual-size'])}`,
    );
  }
}
