import { Lease } from '@virtplane/resources';
import { afterEach, expect, test } from 'vitest';
import { type LeaderElection, runLeaderElection } from './leader-election.ts';
import { refusal } from './refusals.ts';
import { createTestContext, eventually, type TestContext } from './testing/index.ts';

let context: TestContext;
const elections: LeaderElection[] = [];
afterEach(async () => {
  await Promise.all(elections.splice(0).map((e) => e.stop()));
  context.stop();
});

function candidate(identity: string) {
  const seen: string[] = [];
  let signal: AbortSignal | undefined;
  const election = runLeaderElection({
    ...context,
    namespace: 'virtplane',
    name: 'controllers',
    identity,
    onStartedLeading: (s) => {
      signal = s;
      seen.push('started');
    },
    onStoppedLeading: () => seen.push('stopped'),
    onNewLeader: (who) => seen.push(`new:${who}`),
  });
  elections.push(election);
  return { election, seen, signal: () => signal };
}
const holder = () => context.objects(Lease)[0]?.spec;

test('one leads; when it stops, another takes over at once', async () => {
  context = createTestContext({ definitions: [Lease] });
  const a = candidate('a');
  await eventually(() => a.election.isLeader(), 'a leads');
  const b = candidate('b');
  await context.clock.advance(60_000);
  expect([a.election.isLeader(), b.election.isLeader()]).toEqual([true, false]);
  expect(holder()).toMatchObject({ holderIdentity: 'a', leaseDurationSeconds: 15, leaseTransitions: 0 });
  await a.election.stop();
  expect(a.seen).toEqual(['started', 'new:a', 'stopped']);
  expect(a.signal()?.aborted).toBe(true);
  await context.clock.advance(3_000);
  expect(b.election.isLeader()).toBe(true);
  expect(holder()).toMatchObject({ holderIdentity: 'b', leaseTransitions: 1 });
  expect(b.seen).toEqual(['new:a', 'started', 'new:b']);
});

test('a leader that cannot renew stops before others may start', async () => {
  context = createTestContext({ definitions: [Lease] });
  const a = candidate('a');
  await eventually(() => a.election.isLeader(), 'a leads');
  const b = candidate('b');
  await context.clock.advance(2_500);
  const cutOff = context.clock.now();
  context.api.intercept = (request) => {
    const body = request.body as { spec?: { holderIdentity?: string } } | undefined;
    if (body?.spec?.holderIdentity === 'a') throw refusal(503, 'ServiceUnavailable', 'partitioned');
  };
  let both = 0;
  let stoppedMs = 0;
  let startedMs = 0;
  while (startedMs === 0 && context.clock.now() < cutOff + 60_000) {
    await context.clock.advance(100);
    if (a.election.isLeader() && b.election.isLeader()) both++;
    if (stoppedMs === 0 && !a.election.isLeader()) stoppedMs = context.clock.now() - cutOff;
    if (b.election.isLeader()) startedMs = context.clock.now() - cutOff;
  }
  expect(both).toBe(0);
  expect(a.seen).toContain('stopped');
  expect(stoppedMs).toBeLessThanOrEqual(10_000);
  expect(startedMs).toBeGreaterThan(stoppedMs);
  expect(startedMs).toBeLessThan(20_000);
});

test('the Lease of a dead leader is taken over after its duration, whatever its clock said', async () => {
  context = createTestContext({
    definitions: [Lease],
    objects: [
      {
        apiVersion: 'coordination.k8s.io/v1',
        kind: 'Lease',
        metadata: { namespace: 'virtplane', name: 'controllers' },
        spec: {
          holderIdentity: 'dead',
          leaseDurationSeconds: 15,
          renewTime: '1999-01-01T00:00:00.000000Z',
          leaseTransitions: 4,
        },
      } as Lease,
    ],
  });
  const a = candidate('a');
  await context.clock.advance(14_000);
  expect(a.election.isLeader()).toBe(false);
  await context.clock.advance(4_000);
  expect(a.election.isLeader()).toBe(true);
  expect(holder()).toMatchObject({ holderIdentity: 'a', leaseTransitions: 5 });
});
