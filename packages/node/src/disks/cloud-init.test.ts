import type { VirtualMachineInstance } from '@virtplane/resources';
import { describe, expect, test } from 'vitest';
import { configDriveDisk, guestHostname, noCloudDisk } from './cloud-init.ts';

const vmi = (name = 'vm1.example', spec: Partial<VirtualMachineInstance['spec']> = {}): VirtualMachineInstance => ({
  metadata: { namespace: 'ns', name, uid: 'uid-1' },
  spec: { domain: { firmware: { uuid: 'fw-1' } }, ...spec },
});
const files = (disk: { files: readonly { path: string; content: Buffer | string }[] }): Record<string, string> =>
  Object.fromEntries(disk.files.map((f) => [f.path, f.content.toString()]));
const none = new Map();

test.each([
  [vmi('a.b.c'), 'a'],
  [vmi('x'.repeat(100)), 'x'.repeat(63)],
  [vmi('a', { hostname: 'h' }), 'h'],
])('host name', (given, expected) => {
  expect(guestHostname(given)).toBe(expected);
});

describe('NoCloud', () => {
  test('inline', () => {
    const disk = noCloudDisk(vmi(), { userData: '#cloud-config', networkData: 'version: 2' }, none);
    expect(disk.label).toBe('cidata');
    expect(files(disk)).toEqual({
      'user-data': '#cloud-config',
      'meta-data': '{"instance-id":"fw-1","local-hostname":"vm1"}',
      'network-config': 'version: 2',
    });
  });
  test('base64 and instance type', () => {
    const given = vmi();
    given.metadata = { ...given.metadata, annotations: { 'kubevirt.io/cluster-instancetype-name': 'u1.small' } };
    const disk = files(noCloudDisk(given, { userDataBase64: Buffer.from('x').toString('base64') }, none));
    expect(disk['user-data']).toBe('x');
    expect(disk['meta-data']).toContain('"instance-type":"u1.small"');
    expect(disk['network-config']).toBeUndefined();
  });
  test.each(['userdata', 'userData'])('from a Secret, key %s', (key) => {
    const secrets = new Map([
      [
        's',
        new Map([
          [key, Buffer.from('y')],
          ['networkdata', Buffer.from('n')],
        ]),
      ],
    ]);
    expect(
      files(noCloudDisk(vmi(), { secretRef: { name: 's' }, networkDataSecretRef: { name: 's' } }, secrets)),
    ).toMatchObject({
      'user-data': 'y',
      'network-config': 'n',
    });
  });
  test('says which key is missing', () => {
    expect(() => noCloudDisk(vmi(), { secretRef: { name: 's' } }, new Map([['s', new Map()]]))).toThrow(
      'no userdata key found in secret s',
    );
  });
});

test('config drive', () => {
  const disk = configDriveDisk(vmi('vm1'), {}, none);
  expect(disk.label).toBe('config-2');
  expect(files(disk)).toEqual({
    'openstack/latest/user_data': '',
    'openstack/latest/meta_data.json': '{"instance_id":"vm1.ns","hostname":"vm1","uuid":"fw-1"}',
  });
});
