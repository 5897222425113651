import { type KubeObject, Pod, PodDisruptionBudget } from '@virtplane/resources';
import { type RunningController, runController } from '@virtplane/runtime';
import { createTestContext, eventually, type TestContext } from '@virtplane/runtime/testing';
import fc from 'fast-check';
import { afterEach, expect, test } from 'vitest';
import { disruption } from './disruption.ts';
import { planBudget } from './plan.ts';

const nowMs = Date.UTC(2026, 0, 1);
const pod = (name: string, ready = true, more: Record<string, unknown> = {}) =>
  ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'ns', labels: { app: 'x' }, ...more },
    spec: { containers: [] },
    status: { phase: 'Running', conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] },
  }) as KubeObject as Pod;
const budget = (spec: Record<string, unknown>, status?: Record<string, unknown>) =>
  ({
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name: 'b', namespace: 'ns', generation: 3 },
    spec: { selector: { matchLabels: { app: 'x' } }, ...spec },
    ...(status && { status }),
  }) as KubeObject as PodDisruptionBudget;
const numbers = (b: PodDisruptionBudget, pods: Pod[]) => {
  const { status } = planBudget(b, pods, nowMs);
  return [status.expectedPods, status.currentHealthy, status.desiredHealthy, status.disruptionsAllowed];
};

test.each<[string, Record<string, unknown>, Pod[], number[]]>([
  ['no Pods', { minAvailable: 1 }, [], [0, 0, 1, 0]],
  ['one of one', { minAvailable: 1 }, [pod('a')], [1, 1, 1, 0]],
  ['source and target of a migration', { minAvailable: 1 }, [pod('a'), pod('b')], [2, 2, 1, 1]],
  ['not ready does not count', { minAvailable: 1 }, [pod('a'), pod('b', false)], [2, 1, 1, 0]],
  [
    'terminating does not count',
    { minAvailable: 1 },
    [pod('a'), pod('b', true, { deletionTimestamp: 't' })],
    [2, 1, 1, 0],
  ],
  ['at most one down', { maxUnavailable: 1 }, [pod('a'), pod('b'), pod('c')], [3, 3, 2, 1]],
  ['per cent, rounded up', { minAvailable: '50%' }, [pod('a'), pod('b'), pod('c')], [3, 3, 2, 1]],
  ['all may go', { maxUnavailable: '100%' }, [pod('a'), pod('b')], [2, 2, 0, 2]],
])('%s', (_name, spec, pods, expected) => {
  expect(numbers(budget(spec), pods)).toEqual(expected);
});

test('a granted eviction counts as down until the Pod goes or two minutes have passed', () => {
  const pods = [pod('a'), pod('b')];
  const at = (secondsAgo: number) =>
    budget({ minAvailable: 1 }, { disruptedPods: { a: new Date(nowMs - secondsAgo * 1000).toISOString() } });
  expect(numbers(at(30), pods)).toEqual([2, 1, 1, 0]);
  expect(planBudget(at(30), pods, nowMs).afterMs).toBe(90_000);
  expect(numbers(at(121), pods)).toEqual([2, 2, 1, 1]);
  expect(planBudget(at(121), pods, nowMs)).toMatchObject({ afterMs: undefined });
  expect(planBudget(at(30), [pod('b')], nowMs).status.disruptedPods).toBeUndefined();
});

test('what is allowed to go never takes the healthy below what is wanted', () => {
  const value = fc.oneof(
    fc.nat(6),
    fc.nat(100).map((n) => `${n}%`),
  );
  const spec = fc.oneof(
    value.map((minAvailable) => ({ minAvailable })),
    value.map((maxUnavailable) => ({ maxUnavailable })),
  );
  fc.assert(
    fc.property(spec, fc.array(fc.boolean(), { maxLength: 6 }), (s, ready) => {
      const { status } = planBudget(
        budget(s),
        ready.map((r, i) => pod(`p${i}`, r)),
        nowMs,
      );
      expect(status.disruptionsAllowed).toBeGreaterThanOrEqual(0);
      if (status.disruptionsAllowed > 0)
        expect(status.currentHealthy - status.disruptionsAllowed).toBeGreaterThanOrEqual(status.desiredHealthy);
    }),
  );
});

let context: TestContext;
let running: RunningController;
afterEach(async () => {
  await running?.stop();
  context?.stop();
});

test('the status follows Pods and the generation of the budget, and is not written when nothing changed', async () => {
  context = createTestContext({
    definitions: [Pod, PodDisruptionBudget],
    objects: [pod('a'), budget({ minAvailable: 1 })],
  });
  running = runController(disruption(context), context);
  const status = () => context.objects(PodDisruptionBudget)[0]?.status;
  await eventually(() => status()?.currentHealthy === 1, 'the status');
  expect(status()).toMatchObject({
    observedGeneration: 3,
    disruptionsAllowed: 0,
    conditions: [{ type: 'DisruptionAllowed', status: 'False', reason: 'InsufficientPods' }],
  });
  context.api.put(pod('b'));
  await eventually(() => status()?.disruptionsAllowed === 1, 'a second Pod');
  const writes = context.api.requests.filter((r) => r.startsWith('PUT')).length;
  context.api.put(pod('b', true, { annotations: { touched: 'yes' } }));
  await context.clock.advance(1000);
  expect(context.api.requests.filter((r) => r.startsWith('PUT'))).toHaveLength(writes);
  await context
    .client(PodDisruptionBudget)
    .patch({ namespace: 'ns', name: 'b' }, 'merge', { spec: { minAvailable: 2 } });
  await eventually(() => status()?.desiredHealthy === 2 && status()?.observedGeneration === 4, 'the new generation');
});
