import { Node, Pod } from '@virtplane/resources';
import { createTestContext } from '@virtplane/runtime/testing';
import { afterEach, expect, test, vi } from 'vitest';
import { startScheduler } from './scheduler.ts';

const node = (name: string, more: Partial<Node> = {}): Node => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name },
  status: { allocatable: { cpu: '2', memory: '4Gi', pods: '10' } },
  ...more,
});
const pod = (name: string, spec: Partial<NonNullable<Pod['spec']>> = {}): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'default' },
  spec: { containers: [{ name: 'c', resources: { requests: { cpu: '1' } } }], ...spec },
});

const running: { stop(): Promise<void> | void }[] = [];
afterEach(async () => {
  for (const part of running.splice(0).reverse()) await part.stop();
});

function start(objects: (Node | Pod)[]) {
  const context = createTestContext({ objects, definitions: [Node, Pod] });
  running.push(context, startScheduler(context));
  const boundTo = async (name: string) =>
    (await context.client(Pod).get({ namespace: 'default', name })).spec?.nodeName;
  return { context, boundTo };
}

test('binds what fits, reports what does not, and tries again when a node comes', async () => {
  const { context, boundTo } = start([node('n1')]);
  for (const name of ['a', 'b', 'c']) await context.client(Pod).create(pod(name));
  await vi.waitFor(async () => {
    const nodes = await Promise.all(['a', 'b', 'c'].map(boundTo));
    expect(nodes.filter((n) => n === 'n1')).toHaveLength(2);
  });
  const waiting = await vi.waitFor(async () => {
    const { items } = await context.client(Pod).list({ namespace: 'default' });
    const left = items.find((p) => !p.spec?.nodeName)!;
    expect(left.status?.conditions?.[0]).toMatchObject({
      type: 'PodScheduled',
      status: 'False',
      reason: 'Unschedulable',
      message:
        '0/1 nodes are available: 1 Insufficient cpu. preemption: 0/1 nodes are available: 1 No preemption victims found for incoming pod.',
    });
    return left.metadata.name!;
  });
  expect(context.recorded.map((e) => e.reason)).toContain('FailedScheduling');
  await context.client(Node).create(node('n2'));
  // The back-off after one failed attempt is one second.
  context.clock.advance(1_000);
  await vi.waitFor(async () => expect(await boundTo(waiting)).toBe('n2'));
});

test('other schedulers, bound and finished Pods are left alone', async () => {
  const { context, boundTo } = start([node('n1')]);
  await context.client(Pod).create(pod('other', { schedulerName: 'somebody-else' }));
  await context.client(Pod).create(pod('ours'));
  await vi.waitFor(async () => expect(await boundTo('ours')).toBe('n1'));
  expect(await boundTo('other')).toBeUndefined();
});

test('a Pod that ends gives its place to one that waits', async () => {
  const { context, boundTo } = start([node('n1')]);
  for (const name of ['a', 'b']) await context.client(Pod).create(pod(name));
  await vi.waitFor(async () => expect([await boundTo('a'), await boundTo('b')]).toEqual(['n1', 'n1']));
  await context.client(Pod).create(pod('late'));
  await vi.waitFor(() => expect(context.recorded.map((e) => e.reason)).toContain('FailedScheduling'));
  await context.client(Pod).delete({ namespace: 'default', name: 'a' }, { gracePeriodSeconds: 0 });
  await vi.waitFor(async () => {
    context.clock.advance(1_000);
    expect(await boundTo('late')).toBe('n1');
  });
});
