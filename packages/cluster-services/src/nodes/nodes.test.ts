import { type KubeObject, Lease, Node, Pod } from '@virtplane/resources';
import { type RunningController, runController } from '@virtplane/runtime';
import { createTestContext, eventually, type TestContext } from '@virtplane/runtime/testing';
import { afterEach, expect, test } from 'vitest';
import { podGarbageCollector } from '../pods/pod-garbage-collector.ts';
import { nodeLifecycle } from './node-lifecycle.ts';
import { taintEviction } from './taint-eviction.ts';

let context: TestContext;
const running: RunningController[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((r) => r.stop()));
  context.stop();
});

const node = (name: string): KubeObject & Record<string, unknown> => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name },
  spec: { taints: [{ key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' }] },
  status: { conditions: [{ type: 'Ready', status: 'True' }] },
});
const pod = (name: string, nodeName: string, tolerations: unknown[] = []): KubeObject & Record<string, unknown> => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'ns' },
  spec: { nodeName, tolerations, containers: [] },
  status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] },
});
const lease = (name: string, renewTime: string): KubeObject & Record<string, unknown> => ({
  apiVersion: 'coordination.k8s.io/v1',
  kind: 'Lease',
  metadata: { name, namespace: 'kube-node-lease' },
  spec: { renewTime },
});
const start = (objects: KubeObject[]) => {
  context = createTestContext({ definitions: [Lease, Node, Pod], objects });
  for (const make of [nodeLifecycle, taintEviction, podGarbageCollector])
    running.push(runController(make(context), context));
};
const taints = (name: string) =>
  (context.objects(Node).find((n) => n.metadata.name === name)?.spec?.taints ?? []).map((t) => `${t.key}:${t.effect}`);
const podOf = (name: string) => context.objects(Pod).find((p) => p.metadata.name === name);

test('a node that renews its Lease stays; one that falls silent is tainted, its Pods are not ready, then leave; it may return', async () => {
  const patience = [
    { key: 'node.kubernetes.io/unreachable', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 30 },
  ];
  start([
    node('alive'),
    node('dead'),
    lease('alive', 't0'),
    lease('dead', 't0'),
    pod('on-alive', 'alive'),
    pod('hasty', 'dead'),
    pod('patient', 'dead', patience),
  ]);
  await eventually(() => taints('alive').length === 0 && taints('dead').length === 0, 'not-ready is taken off');
  for (let i = 1; i <= 9; i++) {
    await context.clock.advance(5000);
    context.api.put(lease('alive', `t${i}`));
  }
  await eventually(() => podOf('hasty')?.metadata.deletionTimestamp !== undefined, 'the eviction');
  expect(taints('alive')).toEqual([]);
  expect(taints('dead')).toEqual([
    'node.kubernetes.io/unreachable:NoSchedule',
    'node.kubernetes.io/unreachable:NoExecute',
  ]);
  expect(context.objects(Node).find((n) => n.metadata.name === 'dead')?.status?.conditions?.[0]).toMatchObject({
    type: 'Ready',
    status: 'Unknown',
    reason: 'NodeStatusUnknown',
    message: 'Kubelet stopped posting node status.',
  });
  expect(podOf('patient')?.status?.conditions?.[0]?.status).toBe('False');
  expect(podOf('patient')?.metadata.deletionTimestamp).toBeUndefined();
  expect(podOf('on-alive')?.metadata.deletionTimestamp).toBeUndefined();
  expect(context.recorded.map((e) => e.reason)).toEqual(['NodeNotReady', 'TaintManagerEviction']);
  await context.clock.advance(31_000);
  await eventually(() => podOf('patient')?.metadata.deletionTimestamp !== undefined, 'patience ends');

  await context
    .client(Node)
    .patch(
      { name: 'dead' },
      'merge',
      { status: { conditions: [{ type: 'Ready', status: 'True', lastHeartbeatTime: 'later' }] } },
      { subresource: 'status' },
    );
  await eventually(() => taints('dead').length === 0, 'the node is back');
});

test('the only node falls silent: no Pod leaves, and all is as before when it returns', async () => {
  start([node('only'), lease('only', 't0'), pod('guest', 'only')]);
  await eventually(() => taints('only').length === 0, 'not-ready is taken off');
  await context.clock.advance(600_000);
  await eventually(() => taints('only').length > 0, 'the taint');
  expect(taints('only')).toEqual(['node.kubernetes.io/unreachable:NoSchedule']);
  expect(podOf('guest')?.metadata.deletionTimestamp).toBeUndefined();
  await context
    .client(Node)
    .patch(
      { name: 'only' },
      'merge',
      { status: { conditions: [{ type: 'Ready', status: 'True' }] } },
      { subresource: 'status' },
    );
  await eventually(() => taints('only').length === 0, 'the node is back');
});

test('all nodes fall silent at once: none is evicted from', async () => {
  start(['a', 'b', 'c'].flatMap((name) => [node(name), lease(name, 't0'), pod(`on-${name}`, name)]));
  await eventually(() => taints('a').length === 0, 'not-ready is taken off');
  for (let i = 0; i < 30; i++) await context.clock.advance(5000);
  await eventually(() => taints('a').length === 1 && taints('c').length === 1, 'taints');
  expect(context.objects(Pod).filter((p) => p.metadata.deletionTimestamp !== undefined)).toEqual([]);
});

test('Pods of a node that is gone are removed, after a while; those never bound at once', async () => {
  start([node('n'), pod('bound', 'n'), pod('lost', 'gone'), pod('unbound', '')]);
  context.api.put({
    ...pod('unbound', ''),
    metadata: {
      name: 'unbound',
      namespace: 'ns',
      deletionTimestamp: '2026-01-01T00:00:00Z',
      deletionGracePeriodSeconds: 30,
    },
  });
  await eventually(() => podOf('unbound') === undefined, 'the unbound one goes');
  await context.clock.advance(39_000);
  expect(podOf('lost')).toBeDefined();
  await context.clock.advance(2000);
  await eventually(() => podOf('lost') === undefined, 'the lost one goes');
  await context.client(Node).delete({ name: 'n' });
  await eventually(() => context.objects(Node).length === 0, 'the node is gone');
  await context.clock.advance(41_000);
  await eventually(() => podOf('bound') === undefined, 'the bound one goes');
});
