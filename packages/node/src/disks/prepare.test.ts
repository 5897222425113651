import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { KubevirtVolume, VirtualMachineInstance } from '@virtplane/resources';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openLocalHost } from '../host/local-host.ts';
import { type DiskSources, prepareDisks, supportsDirectIo } from './prepare.ts';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'prepare-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const vmi = (volumes: KubevirtVolume[]): VirtualMachineInstance => ({
  metadata: { namespace: 'ns', name: 'vm1', uid: 'u' },
  spec: { domain: {}, volumes },
});
const sources = (): DiskSources => ({
  host: openLocalHost(),
  directory,
  owner: undefined,
  containerDisk: async () => ({ path: '/images/disk.img', format: 'raw', virtualSizeBytes: 1 << 20 }),
  secret: async (_, name) => (name === 's' ? new Map([['userdata', Buffer.from('secret text')]]) : undefined),
  configMap: async (_, name) => (name === 'c' ? new Map([['key', Buffer.from('v')]]) : undefined),
});
const prepare = (volume: Omit<KubevirtVolume, 'name'>) =>
  prepareDisks(vmi([{ name: 'v', ...volume }]), sources(), true);

test('a container disk becomes an overlay of the same size', async () => {
  const { v } = await prepare({ containerDisk: { image: 'x' } });
  expect(v).toEqual({
    path: join(directory, 'v.qcow2'),
    kind: 'file',
    format: 'qcow2',
    directIo: true,
    backingChain: [{ path: '/images/disk.img', format: 'raw', kind: 'file' }],
  });
  const image = await readFile(join(directory, 'v.qcow2'));
  expect(Number(image.readBigUInt64BE(24))).toBe(1 << 20);
  expect((await stat(join(directory, 'v.qcow2'))).mode & 0o777).toBe(0o600);
});

test('an empty disk is rounded down to whole MiB', async () => {
  await prepare({ emptyDisk: { capacity: '1500Ki' } });
  expect(Number((await readFile(join(directory, 'v.qcow2'))).readBigUInt64BE(24))).toBe(1 << 20);
  await expect(prepare({ emptyDisk: { capacity: '100Ki' } })).rejects.toThrow('the size for volume v is too low');
});

test('secrets are read where they are referred to', async () => {
  const { v } = await prepare({ cloudInitNoCloud: { secretRef: { name: 's' } } });
  expect(v).toMatchObject({ format: 'raw', readonly: true });
  expect((await readFile(v?.path ?? '')).includes('secret text')).toBe(true);
  await expect(prepare({ cloudInitNoCloud: { secretRef: { name: 'nope' } } })).rejects.toThrow(
    'secret "nope" not found',
  );
});

test('config maps and secrets as disks', async () => {
  await prepare({ configMap: { name: 'c' } });
  await prepare({ secret: { secretName: 'nope', optional: true } });
  await expect(prepare({ secret: { secretName: 'nope' } })).rejects.toThrow('secret nope not found');
});

test.each([
  [{ persistentVolumeClaim: { claimName: 'p' } }, 'persistentVolumeClaim volumes are not supported by this node yet'],
  [{ hostDisk: { path: '/etc/shadow', type: 'Disk' } }, 'hostDisk volumes are not supported by this node yet'],
  [{ dataVolume: { name: 'd' } }, 'dataVolume volumes are not supported by this node yet'],
])('refuses %j', async (volume, text) => {
  await expect(prepare(volume)).rejects.toThrow(text);
});

test('a directory tells whether it supports direct I/O', async () => {
  expect(typeof (await supportsDirectIo(directory))).toBe('boolean');
});
