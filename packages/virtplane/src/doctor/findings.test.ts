import { expect, test } from 'vitest';
import { findings, type HostFacts } from './findings.ts';

const good: HostFacts = {
  nodeVersion: '20.19.0',
  privileged: true,
  architecture: 'x64',
  commands: new Set(['qemu-system-x86_64', 'qemu-img', 'libvirtd', 'ip', 'nft', 'dnsmasq', 'nsenter']),
  cniPlugins: new Set(['bridge', 'host-local', 'ptp', 'loopback', 'tuning']),
  kvm: { usable: true },
  ovmf: true,
  hugepages: { '2048': { total: 8, free: 4 }, '1048576': { total: 1, free: 1 } },
  iommuGroups: 3,
  vlanFiltering: true,
  freeBytes: 50 * 1024 ** 3,
  memoryBytes: 8 * 1024 ** 3,
  dataDirectory: '/d',
};

test('a good machine has nothing but ok', () => {
  expect(findings(good).filter((f) => f.level !== 'ok')).toEqual([]);
});

test.each([
  { change: { nodeVersion: '20.18.1' }, id: 'node', level: 'fault' },
  { change: { nodeVersion: '24.1.0' }, id: 'node', level: 'ok' },
  { change: { privileged: false }, id: 'root', level: 'fault' },
  { change: { commands: new Set<string>() }, id: 'libvirtd', level: 'fault' },
  { change: { kvm: { usable: false, reason: 'the probe guest hangs' } }, id: 'kvm', level: 'warning' },
  { change: { cniPlugins: new Set(['bridge']) }, id: 'cni', level: 'fault' },
  { change: { ovmf: false }, id: 'ovmf', level: 'warning' },
  { change: { hugepages: {} }, id: 'hugepages-2Mi', level: 'note' },
  { change: { iommuGroups: 0 }, id: 'iommu', level: 'note' },
  { change: { freeBytes: 1000 }, id: 'data-directory', level: 'warning' },
  { change: { networkFileSystem: 'nfs' }, id: 'data-directory', level: 'fault' },
])('$id is $level for $change', ({ change, id, level }) => {
  const found = findings({ ...good, ...change }).find((f) => f.id === id);
  expect(found?.level).toBe(level);
  if (level === 'fault' || level === 'warning') expect(found?.remedy).toMatch(/\w+ \w+/);
});

test('ids are unique', () => {
  const ids = findings(good).map((f) => f.id);
  expect(new Set(ids).size).toBe(ids.length);
});
