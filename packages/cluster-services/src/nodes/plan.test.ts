import { type Node, type Pod, type Taint, type Toleration, tolerates } from '@virtplane/resources';
import { expect, test } from 'vitest';
import { evictionTimeMs } from './eviction-plan.ts';
import { mayEvict, planNode } from './plan.ts';

const nowMs = Date.UTC(2026, 0, 1);
const node = (
  ready: string | undefined,
  taints: { key: string; effect: string }[] = [],
  more: Partial<Node> = {},
): Node =>
  ({
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: 'n' },
    spec: { taints },
    status: ready === undefined ? {} : { conditions: [{ type: 'Ready', status: ready, reason: 'KubeletReady' }] },
    ...more,
  }) as Node;
const short = (taints: readonly Taint[] | undefined) =>
  taints?.map((t) => `${t.key.replace('node.kubernetes.io/', '')}:${t.effect}`);
const notReady = { key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' };
const foreign = { key: 'example.com/gpu', effect: 'NoSchedule' };

test.each<{ name: string; node: Node; silentMs?: number; taints: string[] | undefined; ready?: string }>([
  { name: 'a new node keeps the taint of admission', node: node(undefined, [notReady]), taints: undefined },
  {
    name: 'ready: the taint goes, others stay',
    node: node('True', [notReady, foreign]),
    taints: ['example.com/gpu:NoSchedule'],
  },
  { name: 'ready and untainted: nothing to do', node: node('True', [foreign]), taints: undefined },
  {
    name: 'not ready',
    node: node('False', [foreign]),
    taints: ['example.com/gpu:NoSchedule', 'not-ready:NoSchedule', 'not-ready:NoExecute'],
  },
  {
    name: 'silent: unreachable',
    node: node('True', [notReady]),
    silentMs: 40_000,
    taints: ['unreachable:NoSchedule', 'unreachable:NoExecute'],
    ready: 'Unknown',
  },
  { name: 'silent, but not long', node: node('True'), silentMs: 39_999, taints: undefined },
  {
    name: 'never reported, and silent',
    node: node(undefined, [notReady]),
    silentMs: 50_000,
    taints: ['unreachable:NoSchedule', 'unreachable:NoExecute'],
    ready: 'Unknown',
  },
  { name: 'cordoned', node: node('True', [], { spec: { unschedulable: true } }), taints: ['unschedulable:NoSchedule'] },
])('$name', ({ node: observed, silentMs = 0, taints, ready }) => {
  const plan = planNode(observed, silentMs, nowMs, true);
  expect(short(plan.taints)).toEqual(taints);
  expect(plan.conditions?.find((c) => c.type === 'Ready')?.status).toBe(ready);
  expect(plan.becameUnknown).toBe(ready === 'Unknown');
});

test('where nobody is to leave, Pods are only kept from coming', () => {
  expect(short(planNode(node('True'), 40_000, nowMs, false).taints)).toEqual(['unreachable:NoSchedule']);
  const evicted = { key: 'node.kubernetes.io/unreachable', effect: 'NoExecute' };
  const both = node('Unknown', [{ ...evicted, effect: 'NoSchedule' }, evicted]);
  expect(short(planNode(both, 90_000, nowMs, false).taints)).toEqual(['unreachable:NoSchedule']);
});

test.each([
  [0, 1, false],
  [0, 3, false],
  [1, 2, true],
  [1, 3, true],
  [1, 4, false],
  [2, 5, false],
  [3, 6, true],
  [9, 10, true],
])('%i of %i alive: evict %s', (alive, total, evict) => {
  expect(mayEvict({ alive, total })).toBe(evict);
});

test('carried out, the plan has nothing more to say', () => {
  for (const ready of ['True', 'False', undefined])
    for (const silentMs of [0, 100_000]) {
      const before = node(ready, [notReady, foreign]);
      const { conditions, taints } = planNode(before, silentMs, nowMs, true);
      const after = {
        ...before,
        spec: { taints: taints ?? before.spec?.taints },
        status: { conditions: conditions ?? before.status?.conditions },
      } as Node;
      expect(planNode(after, silentMs, nowMs + 1000, true)).toEqual({ becameUnknown: false });
    }
});

test.each<[Toleration, boolean]>([
  [{ operator: 'Exists' }, true],
  [{ key: 'k', operator: 'Exists' }, true],
  [{ key: 'k', operator: 'Equal', value: 'v' }, true],
  [{ key: 'k', value: 'v', effect: 'NoExecute' }, true],
  [{ key: 'k', value: 'w' }, false],
  [{ key: 'k', operator: 'Exists', effect: 'NoSchedule' }, false],
  [{ key: 'other', operator: 'Exists' }, false],
  [{}, false],
])('%j tolerates k=v:NoExecute: %s', (toleration, expected) => {
  expect(tolerates(toleration, { key: 'k', value: 'v', effect: 'NoExecute' })).toBe(expected);
});

test('when a Pod must leave', () => {
  const taint = (key: string, timeAdded?: string) =>
    ({ key, effect: 'NoExecute', ...(timeAdded && { timeAdded }) }) as Taint;
  const pod = (...tolerations: Toleration[]) => ({ metadata: {}, spec: { containers: [], tolerations } }) as Pod;
  const exists = (key: string, tolerationSeconds?: number): Toleration => ({
    key,
    operator: 'Exists',
    ...(tolerationSeconds !== undefined && { tolerationSeconds }),
  });
  expect(evictionTimeMs(pod(), [], 5)).toBeUndefined();
  expect(evictionTimeMs(pod(), [{ key: 'a', effect: 'NoSchedule' }], 5)).toBeUndefined();
  expect(evictionTimeMs(pod(), [taint('a')], 5)).toBe(5);
  expect(evictionTimeMs(pod(exists('a')), [taint('a')], 5)).toBeUndefined();
  expect(evictionTimeMs(pod(exists('a', 300)), [taint('a')], 5)).toBe(300_005);
  expect(evictionTimeMs(pod(exists('a', 300)), [taint('a', '2026-01-01T00:00:00Z')], 5)).toBe(nowMs + 300_000);
  expect(evictionTimeMs(pod(exists('a', 300), exists('b', 10)), [taint('a'), taint('b')], 0)).toBe(10_000);
  expect(evictionTimeMs(pod(exists('a', 300)), [taint('a'), taint('b')], 7)).toBe(7);
});
