import type { VirtualMachineInstance } from '@virtplane/resources';
import { describe, expect, test } from 'vitest';
import { agentShortcoming, readAgentAnswer, requiredCommands } from './guest-agent.ts';
import { type GuestFacts, renderStatus, syncFailedReason } from './status.ts';

const now = Date.parse('2026-01-02T03:04:05Z');
const vmi = (status: VirtualMachineInstance['status'] = { phase: 'Scheduled' }): VirtualMachineInstance => ({
  metadata: { namespace: 'ns', name: 'vm1', uid: 'u' },
  spec: {
    domain: {
      devices: {
        interfaces: [
          { name: 'extra', bridge: {} },
          { name: 'default', masquerade: {} },
        ],
        disks: [{ name: 'd', disk: { bus: 'virtio' } }],
      },
    },
    networks: [
      { name: 'extra', multus: { networkName: 'n' } },
      { name: 'default', pod: {} },
    ],
    volumes: [{ name: 'd', containerDisk: { image: 'i' } }],
  },
  status,
});
const facts = (changes: Partial<GuestFacts> = {}): GuestFacts => ({
  phase: 'Running',
  agentConnected: false,
  agent: {},
  interfaces: [
    { name: 'extra', mac: '02:00:00:00:00:02', ipAddresses: [] },
    { name: 'default', mac: '02:00:00:00:00:01', ipAddresses: ['10.244.0.5'] },
  ],
  disks: new Map([['d', { target: 'vda', sizeBytes: 1024 }]]),
  ...changes,
});

test('a guest that has just been started', () => {
  expect(renderStatus(vmi(), facts(), now).status).toEqual({
    phase: 'Running',
    phaseTransitionTimestamps: [{ phase: 'Running', phaseTransitionTimestamp: '2026-01-02T03:04:05Z' }],
    conditions: [{ type: 'LiveMigratable', status: 'True', lastTransitionTime: '2026-01-02T03:04:05Z' }],
    interfaces: [
      {
        name: 'default',
        mac: '02:00:00:00:00:01',
        ipAddress: '10.244.0.5',
        ipAddresses: ['10.244.0.5'],
        infoSource: 'domain',
        queueCount: 1,
      },
      { name: 'extra', mac: '02:00:00:00:00:02', infoSource: 'domain', queueCount: 1 },
    ],
    volumeStatus: [{ name: 'd', target: 'vda', size: 1024 }],
    migrationMethod: 'LiveMigration',
    guestOSInfo: {},
  });
});

test('the same facts again change nothing', () => {
  const once = renderStatus(vmi(), facts({ paused: 'user', agentConnected: true }), now);
  expect(renderStatus(once, facts({ paused: 'user', agentConnected: true }), now + 60_000)).toEqual(once);
});

describe('conditions', () => {
  const of = (type: string, given: VirtualMachineInstance) => given.status?.conditions?.find((c) => c.type === type);
  test('paused comes and goes', () => {
    const paused = renderStatus(vmi(), facts({ paused: 'ioError' }), now);
    expect(of('Paused', paused)).toMatchObject({
      status: 'True',
      reason: 'PausedIOError',
      message: 'VMI was paused, IO error',
    });
    expect(of('Paused', renderStatus(paused, facts(), now))).toBeUndefined();
  });
  test('a sync error comes and goes, the reasons of the controller stay', () => {
    const failed = renderStatus(
      vmi(),
      facts({ phase: 'Failed', syncError: { reason: syncFailedReason, message: 'no' } }),
      now,
    );
    expect(of('Synchronized', failed)).toMatchObject({ status: 'False', message: 'no' });
    expect(failed.status?.phase).toBe('Failed');
    expect(of('Synchronized', renderStatus(failed, facts(), now))).toBeUndefined();
    const byController = vmi({ conditions: [{ type: 'Synchronized', status: 'False', reason: 'ErrImagePull' }] });
    expect(of('Synchronized', renderStatus(byController, facts(), now))).toMatchObject({ reason: 'ErrImagePull' });
  });
  test("others' conditions stay", () => {
    const ready = vmi({ conditions: [{ type: 'Ready', status: 'True' }] });
    expect(of('Ready', renderStatus(ready, facts(), now))).toEqual({ type: 'Ready', status: 'True' });
  });
});

describe('guest agent', () => {
  test('its interfaces add names, and addresses where the pod has none', () => {
    const agent = readAgentAnswer({}, 'guest-network-get-interfaces', [
      { name: 'lo', 'hardware-address': '00:00:00:00:00:00' },
      { name: 'eth0', 'hardware-address': '02:00:00:00:00:01', 'ip-addresses': [{ 'ip-address': '10.0.2.2' }] },
      {
        name: 'eth1',
        'hardware-address': '02:00:00:00:00:02',
        'ip-addresses': [{ 'ip-address': '192.0.2.7' }, { 'ip-address': 'fe80::1' }],
      },
    ]);
    const interfaces = renderStatus(vmi(), facts({ agentConnected: true, agent }), now).status?.interfaces;
    expect(interfaces).toMatchObject([
      { name: 'default', ipAddress: '10.244.0.5', interfaceName: 'eth0', infoSource: 'domain, guest-agent' },
      { name: 'extra', ipAddress: '192.0.2.7', ipAddresses: ['192.0.2.7', 'fe80::1'], interfaceName: 'eth1' },
    ]);
  });
  test('answers of a hostile guest are bounded and typed', () => {
    expect(readAgentAnswer({}, 'guest-get-users', 'x')).toEqual({ users: [] });
    expect(
      readAgentAnswer(
        {},
        'guest-get-users',
        Array.from({ length: 5000 }, () => ({ user: 'u'.repeat(9999) })),
      ).users,
    ).toHaveLength(256);
    expect(readAgentAnswer({}, 'guest-get-osinfo', { name: 'n'.repeat(9999), id: 7 }).os).toEqual({
      name: 'n'.repeat(256),
    });
    expect(
      readAgentAnswer({}, 'guest-get-fsinfo', [null, { name: 'vda1', mountpoint: '/', type: 'ext4' }]).fileSystems,
    ).toHaveLength(2);
  });
  test('too old an agent is told apart', () => {
    const commands = requiredCommands.map((name) => ({ name, enabled: true }));
    expect(agentShortcoming({})).toBeUndefined();
    expect(agentShortcoming({ supportedCommands: commands })).toBeUndefined();
    expect(agentShortcoming({ supportedCommands: commands.slice(1) })).toContain('basic commands');
  });
});
