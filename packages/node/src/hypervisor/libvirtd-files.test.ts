import { expect, test } from 'vitest';
import {
  bindMountTable,
  checkSocketPath,
  groupWithQemuUser,
  libvirtdConf,
  passwdWithQemuUser,
  qemuConf,
  qemuUserIn,
} from './libvirtd-files.ts';

test('the account is added once, and an existing one is kept', () => {
  const passwd = passwdWithQemuUser('root:x:0:0::/root:/bin/sh');
  expect(passwd.split('\n')[1]).toMatch(/^libvirt-qemu:x:64055:64055:/);
  expect(passwdWithQemuUser(passwd)).toBe(passwd);
  expect(groupWithQemuUser(groupWithQemuUser(''))).toBe('libvirt-qemu:x:64055:\n');
  expect(qemuUserIn('libvirt-qemu:x:112:113::/:/bin/false\n')).toEqual({ name: 'libvirt-qemu', uid: 112, gid: 113 });
});

test('blanks in a data directory survive fstab', () => {
  expect(bindMountTable([{ source: '/my data\\x', target: '/etc' }])).toBe('/my\\040data\\134x /etc none bind 0 0\n');
});

test('a path cannot break out of libvirt configuration', () => {
  expect(() => libvirtdConf({ socketDirectory: '/a"\nuser = "root', logFile: '/l', hostUuid: 'u' })).toThrow(
    /cannot be written/,
  );
});

test('QEMU has an account of its own only under root', () => {
  const conf = qemuConf({ system: true, hugetlbfsMounts: ['/h2'] });
  expect(conf).toContain('user = "libvirt-qemu"\n');
  expect(conf).toContain('hugetlbfs_mount = ["/h2"]\n');
  expect(qemuConf({ system: false, hugetlbfsMounts: [] })).not.toContain('user =');
});

test('a socket path that the kernel would cut off is refused with its excess', () => {
  checkSocketPath(`/${'a'.repeat(106)}`);
  expect(() => checkSocketPath(`/${'a'.repeat(110)}`)).toThrow(/111 bytes.*4 bytes shorter/);
});
