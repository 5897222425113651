import type { Node } from '@virtplane/resources';
import { expect, test } from 'vitest';
import { hugepageResource, type NodeFacts, renderNodeStatus } from './node-object.ts';

const facts = (changes: Partial<NodeFacts['machine']> = {}, accelerator: 'kvm' | 'tcg' = 'tcg'): NodeFacts => ({
  name: 'node1',
  machine: {
    cpus: 4,
    memoryBytes: 8 * 2 ** 30,
    memoryAvailableBytes: 4 * 2 ** 30,
    diskBytes: 100 * 2 ** 30,
    diskFreeBytes: 50 * 2 ** 30,
    hugepages: new Map([
      [2048, 512],
      [1048576, 0],
    ]),
    devices: { tun: true, vhostNet: false },
    machineId: 'm',
    systemUuid: 's',
    bootId: 'b',
    kernelVersion: '6.1',
    osImage: 'Debian',
    ...changes,
  },
  address: '192.0.2.1',
  port: 10250,
  accelerator,
  version: '0.1.0',
  maxPods: 250,
  reservedMemoryBytes: 2 ** 30,
});
const node: Node = { metadata: { name: 'node1' } };
const now = Date.parse('2026-01-01T00:00:00Z');

test('capacity and what may be used of it', () => {
  const { status } = renderNodeStatus(node, facts(), now);
  expect(status?.capacity).toEqual({
    cpu: '4',
    pods: '250',
    memory: '8388608Ki',
    'ephemeral-storage': '104857600Ki',
    'hugepages-2Mi': '1048576Ki',
    'hugepages-1Gi': '0',
    'devices.kubevirt.io/tun': '1k',
  });
  expect(status?.allocatable?.memory).toBe('6291456Ki');
  expect(renderNodeStatus(node, facts({}, 'kvm'), now).status?.capacity).toMatchObject({
    'devices.kubevirt.io/kvm': '1k',
  });
});

test('conditions in the words of kubelet, times kept', () => {
  const first = renderNodeStatus(node, facts(), now);
  const reasons = Object.fromEntries((first.status?.conditions ?? []).map((c) => [c.type, c.reason]));
  expect(reasons).toEqual({
    MemoryPressure: 'KubeletHasSufficientMemory',
    DiskPressure: 'KubeletHasNoDiskPressure',
    PIDPressure: 'KubeletHasSufficientPID',
    HardwareVirtualization: 'Emulated',
    Ready: 'KubeletReady',
  });
  const later = renderNodeStatus(first, facts({ diskFreeBytes: 2 ** 30 }), now + 60_000);
  expect(later.status?.conditions?.find((c) => c.type === 'Ready')).toMatchObject({
    lastTransitionTime: '2026-01-01T00:00:00Z',
    lastHeartbeatTime: '2026-01-01T00:01:00Z',
  });
  expect(later.status?.conditions?.find((c) => c.type === 'DiskPressure')).toMatchObject({
    status: 'True',
    lastTransitionTime: '2026-01-01T00:01:00Z',
  });
});

test.each([
  [4, 'hugepages-4Ki'],
  [2048, 'hugepages-2Mi'],
  [1048576, 'hugepages-1Gi'],
])('%d KiB pages are %s', (sizeKib, name) => {
  expect(hugepageResource(sizeKib)).toBe(name);
});
