import { describe, expect, test } from 'vitest';
import { emptyQcow2 } from '../disks/qcow2.ts';
import { confirmDiskInfo, readDiskHeader } from './disk-format.ts';

const raw = (start: string | Buffer, length = 4096): Buffer => {
  const bytes = Buffer.alloc(length);
  Buffer.from(start as string, 'latin1').copy(bytes);
  return bytes;
};
const withBytes = (image: Buffer, change: (image: Buffer) => void): Buffer => {
  change(image);
  return image;
};
const mib = 2 ** 20;

test('recognises qcow2 and raw', () => {
  expect(readDiskHeader(emptyQcow2(64 * mib), 1)).toEqual({ format: 'qcow2', virtualSizeBytes: 64 * mib });
  expect(readDiskHeader(raw('\xeb\x63'), 1025)).toEqual({ format: 'raw', virtualSizeBytes: 1536 });
});

describe('refuses', () => {
  test.each([
    [
      'a backing file',
      emptyQcow2(mib, { path: '/etc/shadow', format: 'raw' }),
      'expected no backing file, but found /etc/shadow',
    ],
    ['an external data file', withBytes(emptyQcow2(mib), (i) => i.writeBigUInt64BE(4n, 72)), 'external data file'],
    ['encryption', withBytes(emptyQcow2(mib), (i) => i.writeUInt32BE(2, 32)), 'encrypted'],
    ['vmdk', raw('KDMV'), 'unsupported image format: vmdk'],
    ['vmdk descriptors', raw('# Disk DescriptorFile\n'), 'unsupported image format: vmdk'],
    ['vhdx', raw('vhdxfile'), 'unsupported image format: vhdx'],
    ['qed', raw('QED\0'), 'unsupported image format: qed'],
    [
      'vdi',
      withBytes(Buffer.alloc(4096), (i) => i.write('\x7f\x10\xda\xbe', 0x40, 'latin1')),
      'unsupported image format: vdi',
    ],
    ['qcow version 1', withBytes(emptyQcow2(mib), (i) => i.writeUInt32BE(1, 4)), 'unsupported image format: qcow'],
    ['a cut header', emptyQcow2(mib).subarray(0, 50), 'cut off'],
    ['no size', withBytes(emptyQcow2(mib), (i) => i.writeBigUInt64BE(0n, 24)), 'virtual size'],
  ])('%s', (_, image, text) => {
    expect(() => readDiskHeader(image, image.length)).toThrow(text);
  });
  test('an empty file', () => {
    expect(() => readDiskHeader(Buffer.alloc(0), 0)).toThrow('empty');
  });
});

test('qemu-img has the last word', () => {
  const header = { format: 'raw', virtualSizeBytes: 512 } as const;
  expect(() => confirmDiskInfo('{"format":"dmg","virtual-size":512}', header)).toThrow('unsupported image format: dmg');
  expect(() => confirmDiskInfo('{"format":"raw","virtual-size":512,"backing-filename":"/x"}', header)).toThrow(
    'expected no backing file, but found /x',
  );
  expect(() => confirmDiskInfo('', header)).toThrow('could not describe');
  confirmDiskInfo('{"format":"raw","virtual-size":512}', header);
});
