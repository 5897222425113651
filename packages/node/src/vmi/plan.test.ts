import type { DomainState } from '@virtplane/libvirt';
import type { Pod, VirtualMachineInstance } from '@virtplane/resources';
import { describe, expect, test } from 'vitest';
import type { GuestRecord } from './guest-record.ts';
import { finalPhase, isActive } from './phase.ts';
import { type ObservedGuest, planGuest, type Step } from './plan.ts';

const now = 1_000_000;
const at = (seconds: number): number => now + seconds * 1000;

interface VmiOptions {
  phase?: string;
  deleting?: boolean;
  grace?: number;
  acpi?: boolean;
  node?: string;
}
const vmi = ({
  phase = 'Running',
  deleting = false,
  grace,
  acpi,
  node = 'node1',
}: VmiOptions = {}): VirtualMachineInstance => ({
  apiVersion: 'kubevirt.io/v1',
  kind: 'VirtualMachineInstance',
  metadata: { namespace: 'ns', name: 'vm1', uid: 'u1', ...(deleting && { deletionTimestamp: '2026-01-01T00:00:00Z' }) },
  spec: {
    domain: { ...(acpi !== undefined && { features: { acpi: { enabled: acpi } } }) },
    ...(grace !== undefined && { terminationGracePeriodSeconds: grace }),
  },
  status: { phase, nodeName: node },
});
const pod = (options: { deleting?: boolean; grace?: number; phase?: string } = {}): Pod => ({
  metadata: {
    namespace: 'ns',
    name: 'p',
    uid: 'p1',
    ...(options.deleting && {
      deletionTimestamp: '2026-01-01T00:00:00Z',
      deletionGracePeriodSeconds: options.grace ?? 60,
    }),
  },
  spec: { containers: [] },
  status: { phase: options.phase ?? 'Running' },
});
const record = (changes: Partial<GuestRecord> = {}): GuestRecord => ({
  uid: 'u1',
  namespace: 'ns',
  name: 'vm1',
  podUid: 'p1',
  podName: 'p',
  stage: 'started',
  bootId: 'boot1',
  failures: 0,
  ...changes,
});
const running: DomainState = { state: 'running', reason: 'booted' };
const paused = (reason: 'user' | 'ioError' | 'startingUp' | 'migration'): DomainState => ({ state: 'paused', reason });
const off = (reason: 'shutdown' | 'destroyed' | 'crashed' | 'migrated' | 'unknown' | 'daemon'): DomainState => ({
  state: 'shutoff',
  reason,
});

const plan = (changes: Partial<ObservedGuest>): Step[] =>
  planGuest({
    vmi: vmi(),
    pod: pod(),
    sandboxReady: true,
    domain: undefined,
    record: record(),
    nodeName: 'node1',
    bootId: 'boot1',
    nowMs: now,
    ...changes,
  });

const report = (phase: 'Running' | 'Succeeded' | 'Failed', reason?: string): Step => ({
  do: 'report',
  phase,
  ...(reason && { reason }),
});
const cleanUp: Step = { do: 'cleanUp' };
const start: Step = { do: 'start' };
const wait = (seconds: number): Step => ({ do: 'wait', untilMs: at(seconds) });

describe('starting', () => {
  const scheduled = vmi({ phase: 'Scheduled' });
  test.each<{ name: string; given: Partial<ObservedGuest>; steps: Step[] }>([
    { name: 'a scheduled VMI whose sandbox is ready', given: { record: undefined }, steps: [start] },
    { name: 'waits for the sandbox', given: { record: undefined, sandboxReady: false }, steps: [] },
    {
      name: 'waits before the next attempt',
      given: { record: record({ stage: 'starting', failures: 1, retryAtMs: at(2) }) },
      steps: [wait(2)],
    },
    {
      name: 'tries again',
      given: { record: record({ stage: 'starting', failures: 2, retryAtMs: at(-1) }) },
      steps: [start],
    },
    {
      name: 'gives up after three failures',
      given: { record: record({ stage: 'starting', failures: 3 }) },
      steps: [report('Failed'), cleanUp],
    },
    {
      name: 'gives up at once on what cannot be cured',
      given: { record: record({ stage: 'starting', failures: 1, fatal: true }) },
      steps: [report('Failed'), cleanUp],
    },
    {
      name: 'is stopped before it ran',
      given: { record: undefined, vmi: vmi({ phase: 'Scheduled', deleting: true }) },
      steps: [report('Failed'), cleanUp],
    },
    { name: 'fails without its Pod', given: { record: undefined, pod: undefined }, steps: [report('Failed'), cleanUp] },
    {
      name: 'fails with a dead Pod',
      given: { record: undefined, pod: pod({ phase: 'Failed' }) },
      steps: [report('Failed'), cleanUp],
    },
    {
      name: 'begins again after the agent died while starting',
      given: { record: record({ stage: 'starting' }), domain: paused('user') },
      steps: [{ do: 'destroy', because: 'incompleteStart' }, start],
    },
    {
      name: 'takes over what runs already',
      given: { record: record({ stage: 'starting' }), domain: running },
      steps: [{ do: 'adopt' }, report('Running')],
    },
    { name: 'reports Running', given: { domain: running }, steps: [report('Running')] },
  ])('$name', ({ given, steps }) => {
    expect(plan({ vmi: scheduled, ...given })).toEqual(steps);
  });
});

describe('running', () => {
  test.each<{ name: string; given: Partial<ObservedGuest>; steps: Step[] }>([
    { name: 'stays', given: { domain: running }, steps: [report('Running')] },
    {
      name: 'stays paused for a user',
      given: { domain: paused('user'), record: record({ pausedByUser: true }) },
      steps: [report('Running')],
    },
    {
      name: 'is resumed when nobody asked for the pause',
      given: { domain: paused('user') },
      steps: [report('Running'), { do: 'resume' }],
    },
    {
      name: 'is tried again after an I/O error',
      given: { domain: paused('ioError') },
      steps: [report('Running'), { do: 'resume' }, wait(10)],
    },
    { name: 'is left to migrate', given: { domain: paused('migration') }, steps: [report('Running')] },
    {
      name: 'is adopted without a record',
      given: { domain: running, record: undefined },
      steps: [{ do: 'adopt' }, report('Running')],
    },
  ])('$name', ({ given, steps }) => {
    expect(plan(given)).toEqual(steps);
  });
});

describe('stopping', () => {
  const signal: Step = { do: 'signalShutdown' };
  const destroy = (because: 'graceExpired' | 'immediately'): Step => ({ do: 'destroy', because });
  test.each<{ name: string; given: Partial<ObservedGuest>; steps: Step[] }>([
    { name: 'presses the power button', given: { vmi: vmi({ deleting: true }) }, steps: [signal, wait(5)] },
    {
      name: 'presses again after 5 s',
      given: { vmi: vmi({ deleting: true }), record: record({ shutdownSinceMs: at(-6), lastSignalMs: at(-6) }) },
      steps: [signal, wait(5)],
    },
    {
      name: 'waits in between',
      given: { vmi: vmi({ deleting: true }), record: record({ shutdownSinceMs: at(-6), lastSignalMs: at(-1) }) },
      steps: [wait(4)],
    },
    {
      name: 'never waits past the deadline',
      given: {
        vmi: vmi({ deleting: true, grace: 8 }),
        record: record({ shutdownSinceMs: at(-6), lastSignalMs: at(-1) }),
      },
      steps: [wait(2)],
    },
    {
      name: 'destroys when the time is over',
      given: { vmi: vmi({ deleting: true }), record: record({ shutdownSinceMs: at(-30), lastSignalMs: at(-1) }) },
      steps: [destroy('graceExpired')],
    },
    {
      name: 'destroys at once with grace 0',
      given: { vmi: vmi({ deleting: true, grace: 0 }) },
      steps: [destroy('immediately')],
    },
    {
      name: 'destroys at once without ACPI',
      given: { vmi: vmi({ deleting: true, acpi: false }) },
      steps: [destroy('immediately')],
    },
    {
      name: 'wakes a paused guest first',
      given: { vmi: vmi({ deleting: true }), domain: paused('user'), record: record({ pausedByUser: true }) },
      steps: [{ do: 'resume' }, signal, wait(5)],
    },
    { name: 'a deleted Pod stops it too', given: { pod: pod({ deleting: true }) }, steps: [signal, wait(5)] },
    {
      name: 'a shorter period of the Pod counts',
      given: {
        pod: pod({ deleting: true, grace: 3 }),
        record: record({ shutdownSinceMs: at(-3), lastSignalMs: at(-3) }),
      },
      steps: [destroy('graceExpired')],
    },
    { name: 'a Pod that was removed by force', given: { pod: undefined }, steps: [destroy('immediately')] },
  ])('$name', ({ given, steps }) => {
    expect(plan({ domain: running, ...given })).toEqual([report('Running'), ...steps]);
  });
});

describe('ended', () => {
  test.each<{ name: string; given: Partial<ObservedGuest>; steps: Step[] }>([
    { name: 'by its own power-off', given: { domain: off('shutdown') }, steps: [report('Succeeded'), cleanUp] },
    { name: 'by a crash', given: { domain: off('crashed') }, steps: [report('Failed'), cleanUp] },
    {
      name: 'by destroy within a grace period',
      given: { domain: off('destroyed') },
      steps: [report('Failed'), cleanUp],
    },
    {
      name: 'by destroy with grace 0',
      given: { vmi: vmi({ grace: 0 }), domain: off('destroyed') },
      steps: [report('Succeeded'), cleanUp],
    },
    { name: 'by migration', given: { domain: off('migrated') }, steps: [cleanUp] },
    {
      name: 'as its event told, when libvirt has forgotten',
      given: { domain: off('unknown'), record: record({ lastStop: off('shutdown') }) },
      steps: [report('Succeeded'), cleanUp],
    },
    { name: 'and vanished', given: { domain: undefined }, steps: [report('Failed'), cleanUp] },
    {
      name: 'with the machine',
      given: { domain: undefined, record: record({ bootId: 'boot0' }) },
      steps: [report('Failed', 'NodeRebooted'), cleanUp],
    },
    {
      name: 'Running without domain and record',
      given: { domain: undefined, record: undefined },
      steps: [report('Failed'), cleanUp],
    },
  ])('$name', ({ given, steps }) => {
    expect(plan(given)).toEqual(steps);
  });
});

describe('left over', () => {
  const orphan: Step[] = [{ do: 'destroy', because: 'orphaned' }, cleanUp];
  test.each<{ name: string; given: Partial<ObservedGuest>; steps: Step[] }>([
    { name: 'a guest whose VMI is gone', given: { vmi: undefined, domain: running }, steps: orphan },
    { name: 'a guest whose VMI is final', given: { vmi: vmi({ phase: 'Failed' }), domain: running }, steps: orphan },
    {
      name: 'a guest whose VMI is on another node',
      given: { vmi: vmi({ node: 'node2' }), domain: running },
      steps: orphan,
    },
    { name: 'files of a final VMI', given: { vmi: vmi({ phase: 'Succeeded' }), domain: undefined }, steps: [cleanUp] },
    { name: 'nothing', given: { vmi: undefined, domain: undefined, record: undefined }, steps: [] },
    {
      name: 'nothing of a pending VMI',
      given: { vmi: vmi({ phase: 'Scheduling' }), domain: undefined, record: undefined },
      steps: [],
    },
  ])('$name', ({ given, steps }) => {
    expect(plan(given)).toEqual(steps);
  });
});

test('a panicked domain failed and is not active', () => {
  const panicked: DomainState = { state: 'crashed', reason: 'panicked' };
  expect(isActive(panicked)).toBe(false);
  expect(finalPhase(panicked, { gracePeriodSeconds: 0, acpi: true })).toBe('Failed');
});
