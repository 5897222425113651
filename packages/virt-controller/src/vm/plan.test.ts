import type { VirtualMachine, VirtualMachineInstance } from '@virtplane/resources';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { firmwareUuid } from './instance.ts';
import { planVm, type StateChangeRequest } from './plan.ts';
import type { RunStrategy } from './run-strategy.ts';
import { backOffSeconds } from './start-failure.ts';
import { printableStatus } from './status.ts';

const STRATEGIES: readonly RunStrategy[] = ['Always', 'RerunOnFailure', 'Manual', 'Halted', 'Once'];

function vm(
  runStrategy: string,
  requests: StateChangeRequest[] = [],
  status: VirtualMachine['status'] = {},
): VirtualMachine {
  return {
    metadata: { name: 'vm1', namespace: 'ns', uid: 'vm' },
    spec: { runStrategy },
    status: { ...status, ...(requests.length > 0 && { stateChangeRequests: requests }) },
  };
}

function instance(
  phase: string,
  options: { ran?: boolean; uid?: string; deleting?: boolean } = {},
): VirtualMachineInstance {
  const { ran = true, uid = 'i1', deleting = false } = options;
  return {
    metadata: { name: 'vm1', uid, ...(deleting && { deletionTimestamp: '2026-01-01T00:00:00Z' }) },
    spec: { domain: { devices: {} } },
    status: {
      phase,
      phaseTransitionTimestamps: ran ? [{ phase: 'Running', phaseTransitionTimestamp: '2026-01-01T00:00:00Z' }] : [],
    },
  };
}

const plan = (machine: VirtualMachine, vmi?: VirtualMachineInstance, nowMs = 0) =>
  planVm({ vm: machine, vmi, nowMs, jitter: 0 });
const stepOf = (machine: VirtualMachine, vmi?: VirtualMachineInstance) => plan(machine, vmi).step?.do;
const stop = (uid: string): StateChangeRequest => ({ action: 'Stop', uid });
const startRequest: StateChangeRequest = { action: 'Start' };

describe('without an instance', () => {
  test.each([
    ['Always', 'create-instance'],
    ['RerunOnFailure', 'create-instance'],
    ['Manual', undefined],
    ['Halted', undefined],
    ['Once', 'create-instance'],
  ])('%s', (strategy, expected) => expect(stepOf(vm(strategy))).toBe(expected));

  test.each([
    ['Manual', 'create-instance'],
    ['Halted', 'set-running'],
  ])('%s, asked to start', (strategy, expected) => expect(stepOf(vm(strategy, [startRequest]))).toBe(expected));

  test('a paused start', () =>
    expect(plan(vm('Manual', [{ action: 'Start', data: { paused: 'true' } }])).step).toEqual({
      do: 'create-instance',
      paused: true,
    }));
});

/** How guests end × run strategies: what is done with the instance. */
describe('with an instance', () => {
  const del = 'delete-instance';
  test.each([
    // phase, Always, RerunOnFailure, Manual, Halted, Once
    ['Running', undefined, undefined, undefined, del, undefined],
    ['Succeeded', del, undefined, undefined, del, undefined],
    ['Failed', del, del, undefined, del, undefined],
  ])('%s', (phase, ...expected) =>
    expect(['Always', 'RerunOnFailure', 'Manual', 'Halted', 'Once'].map((s) => stepOf(vm(s), instance(phase)))).toEqual(
      expected,
    ),
  );

  test.each([
    ['Always', del],
    ['RerunOnFailure', del],
    ['Manual', del],
    ['Once', undefined],
  ])('%s, asked to stop', (strategy, expected) =>
    expect(stepOf(vm(strategy, [stop('i1')]), instance('Running'))).toBe(expected),
  );

  test('a stop of another instance is dropped', () => {
    const result = plan(vm('Manual', [stop('old'), startRequest]), instance('Running'));
    expect([result.step, result.requests]).toEqual([undefined, []]);
  });

  test('an instance that is being deleted is let be', () =>
    expect(stepOf(vm('Halted'), instance('Running', { deleting: true }))).toBeUndefined());
});

test('restart: stop, wait for the end, start', () => {
  const requests = [stop('i1'), startRequest];
  expect(plan(vm('Manual', requests), instance('Running')).step?.do).toBe('delete-instance');
  const leaving = plan(vm('Manual', requests), instance('Running', { deleting: true }));
  expect([leaving.step, leaving.requests]).toEqual([undefined, requests]);
  const gone = plan(vm('Manual', requests));
  expect([gone.step?.do, gone.requests]).toEqual(['create-instance', [startRequest]]);
  const back = plan(vm('Manual', [...gone.requests]), instance('Pending', { uid: 'i2' }));
  expect([back.step, back.requests]).toEqual([undefined, []]);
});

describe('back-off', () => {
  test.each([
    [1, 0, 10],
    [2, 0, 40],
    [3, 0, 90],
    [3, 1, 135],
    [9, 0, 300],
  ])('%i failures, jitter %i: %i s', (failures, jitter, seconds) =>
    expect(backOffSeconds(failures, jitter)).toBe(seconds),
  );

  test('an instance counts once, the next one again', () => {
    const failed = instance('Failed', { ran: false });
    const first = plan(vm('Always'), failed);
    expect(first.startFailure?.consecutiveFailCount).toBe(1);
    const state = first.startFailure ? { startFailure: first.startFailure } : {};
    const again = plan(vm('Always', [], state), failed);
    expect(again.startFailure).toBe(first.startFailure);
    expect(plan(vm('Always', [], state)).step).toEqual({ do: 'wait', untilMs: 10_000 });
    expect(plan(vm('Always', [], state), undefined, 10_000).step?.do).toBe('create-instance');
    const second = plan(vm('Always', [], state), instance('Failed', { ran: false, uid: 'i2' }));
    expect(second.startFailure?.consecutiveFailCount).toBe(2);
  });

  test.each(['Manual', 'Halted'])('%s clears it', (strategy) => {
    const startFailure = {
      consecutiveFailCount: 3,
      lastFailedVMIUID: 'i1',
      retryAfterTimestamp: '2026-01-01T00:00:00Z',
    };
    expect(plan(vm(strategy, [], { startFailure })).startFailure).toBeUndefined();
  });

  test('so does a guest that runs', () => {
    const startFailure = { consecutiveFailCount: 3, lastFailedVMIUID: 'i0' };
    expect(plan(vm('Always', [], { startFailure }), instance('Running')).startFailure).toBeUndefined();
  });
});

test('firmware UUID is version 5 of the name', () => {
  expect(firmwareUuid('vm1')).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(firmwareUuid('vm1')).toBe(firmwareUuid('vm1'));
  expect(firmwareUuid('vm1')).not.toBe(firmwareUuid('vm2'));
});

describe('printableStatus', () => {
  test.each([
    ['Pending', 'Starting'],
    ['Scheduling', 'Starting'],
    ['Scheduled', 'Starting'],
    ['Running', 'Running'],
    ['Succeeded', 'Stopped'],
    ['Failed', 'Stopped'],
  ])('%s → %s', (phase, expected) => expect(printableStatus(vm('Manual'), instance(phase))).toBe(expected));
  test('Stopping', () =>
    expect(printableStatus(vm('Always'), instance('Running', { deleting: true }))).toBe('Stopping'));
});

/** A small world around the planner: it carries steps out late, guests end as they like, users ask for what they like. */
type Act =
  | { readonly kind: 'reconcile' }
  | { readonly kind: 'guest'; readonly phase: string }
  | { readonly kind: 'gone' }
  | { readonly kind: 'strategy'; readonly strategy: RunStrategy }
  | { readonly kind: 'request'; readonly request: 'Start' | 'Stop' }
  | { readonly kind: 'time'; readonly seconds: number };

const acts: fc.Arbitrary<Act[]> = fc.array(
  fc.oneof(
    { weight: 5, arbitrary: fc.constant<Act>({ kind: 'reconcile' }) },
    fc.constantFrom('Running', 'Succeeded', 'Failed').map<Act>((phase) => ({ kind: 'guest', phase })),
    fc.constant<Act>({ kind: 'gone' }),
    fc.constantFrom(...STRATEGIES).map<Act>((strategy) => ({ kind: 'strategy', strategy })),
    fc.constantFrom('Start' as const, 'Stop' as const).map<Act>((request) => ({ kind: 'request', request })),
    fc.nat(400).map<Act>((seconds) => ({ kind: 'time', seconds })),
  ),
  { maxLength: 60 },
);

test('whatever happens: never two instances, and the world comes to rest as the strategy says', () => {
  fc.assert(
    fc.property(acts, fc.constantFrom(...STRATEGIES), (list, first) => {
      let machine = vm(first);
      let vmi: VirtualMachineInstance | undefined;
      let made = 0;
      let nowMs = 0;
      const reconcile = (): string | undefined => {
        const result = planVm({ vm: machine, vmi, nowMs, jitter: 0 });
        const { step } = result;
        if (step?.do === 'create-instance') {
          expect(vmi).toBeUndefined();
          made++;
          vmi = instance('Pending', { ran: false, uid: `i${made}` });
        }
        if (step?.do === 'delete-instance' && vmi) {
          expect(step.vmi.metadata.uid).toBe(vmi.metadata.uid);
          vmi = { ...vmi, metadata: { ...vmi.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' } };
        }
        const strategy = step?.do === 'set-running' ? 'Always' : (machine.spec.runStrategy ?? '');
        machine = vm(strategy, [...result.requests], result.startFailure ? { startFailure: result.startFailure } : {});
        return step?.do;
      };
      for (const act of list) {
        if (act.kind === 'reconcile') reconcile();
        if (act.kind === 'guest' && vmi) {
          const ran = act.phase === 'Running' || vmi.status?.phase === 'Running';
          const deleting = vmi.metadata.deletionTimestamp !== undefined;
          vmi = instance(act.phase, { ran, deleting, uid: vmi.metadata.uid ?? '' });
        }
        if (act.kind === 'gone') vmi = undefined;
        if (act.kind === 'time') nowMs += act.seconds * 1000;
        const requests = machine.status?.stateChangeRequests ?? [];
        if (act.kind === 'strategy') machine = { ...machine, spec: { runStrategy: act.strategy } };
        if (act.kind === 'request') {
          const request = act.request === 'Stop' && vmi ? stop(vmi.metadata.uid ?? '') : { action: act.request };
          machine = { ...machine, status: { ...machine.status, stateChangeRequests: [...requests, request] } };
        }
      }
      // Let the dust settle: deletions come true, waits pass.
      for (let i = 0; i < 20; i++) {
        if (vmi?.metadata.deletionTimestamp) vmi = undefined;
        if (reconcile() === 'wait') nowMs += 301_000;
      }
      const strategy = machine.spec.runStrategy;
      if (strategy === 'Halted') expect(vmi).toBeUndefined();
      if (strategy === 'Always') expect(['Pending', 'Running']).toContain(vmi?.status?.phase);
      if (strategy === 'Once') expect(vmi).toBeDefined();
      if (strategy === 'RerunOnFailure') expect(['Pending', 'Running', 'Succeeded']).toContain(vmi?.status?.phase);
      expect(reconcile()).toBeUndefined();
    }),
    { numRuns: 500 },
  );
});
