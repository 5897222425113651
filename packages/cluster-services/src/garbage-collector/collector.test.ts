import { ConfigMap, CustomResourceDefinition, type KubeObject, Node, Pod, Secret } from '@virtplane/resources';
import type { RunningController } from '@virtplane/runtime';
import { createTestContext, eventually, type TestContext } from '@virtplane/runtime/testing';
import { afterEach, expect, test } from 'vitest';
import { startGarbageCollector } from './collector.ts';

let context: TestContext;
let running: RunningController;
afterEach(async () => {
  await running?.stop();
  context?.stop();
});

const definitions = [ConfigMap, CustomResourceDefinition, Node, Pod, Secret];
const start = async (objects: KubeObject[] = []) => {
  context = createTestContext({ definitions, objects });
  running = startGarbageCollector(context);
  await context.clock.advance(1000);
};
const object = (
  kind: string,
  name: string,
  uid: string,
  owners: [string, string, string, boolean?][] = [],
  namespace = 'ns',
): KubeObject => ({
  apiVersion: 'v1',
  kind,
  metadata: {
    name,
    uid,
    ...(namespace && { namespace }),
    ...(owners.length > 0 && {
      ownerReferences: owners.map(([k, n, u, block]) => ({
        apiVersion: 'v1',
        kind: k,
        name: n,
        uid: u,
        ...(block && { blockOwnerDeletion: true }),
      })),
    }),
  },
});
const names = () =>
  [...context.objects(ConfigMap), ...context.objects(Secret), ...context.objects(Pod)]
    .map((o) => o.metadata?.name)
    .sort();
const key = (name: string) => ({ namespace: 'ns', name });

test('background: dependents follow their owner, and theirs follow them', async () => {
  await start([
    object('ConfigMap', 'a', 'ua'),
    object('Secret', 'b', 'ub', [['ConfigMap', 'a', 'ua']]),
    object('Pod', 'c', 'uc', [['Secret', 'b', 'ub']]),
    object('Pod', 'free', 'uf'),
  ]);
  expect(names()).toEqual(['a', 'b', 'c', 'free']);
  await context.client(ConfigMap).delete(key('a'));
  await eventually(() => names().join() === 'free', 'only the free one is left');
});

test('an owner that never existed, or exists anew under its name, is verified and its dependents go', async () => {
  await start([
    object('ConfigMap', 'a', 'new'),
    object('Secret', 'stale', 'us', [['ConfigMap', 'a', 'old']]),
    object('Secret', 'held', 'uh', [
      ['ConfigMap', 'a', 'new'],
      ['ConfigMap', 'x', 'gone'],
    ]),
  ]);
  await eventually(() => names().join() === 'a,held', 'the stale one is gone');
  await eventually(
    () => context.objects(Secret)[0]?.metadata?.ownerReferences?.length === 1,
    'the dangling reference is taken off',
  );
});

test('foreground: the owner goes last', async () => {
  await start([object('ConfigMap', 'a', 'ua'), object('Secret', 'b', 'ub', [['ConfigMap', 'a', 'ua', true]])]);
  context.api.put({
    ...object('Secret', 'b', 'ub', [['ConfigMap', 'a', 'ua', true]]),
    metadata: {
      ...object('Secret', 'b', 'ub', [['ConfigMap', 'a', 'ua', true]]).metadata,
      finalizers: ['example.com/slow'],
    },
  });
  await context.client(ConfigMap).delete(key('a'), { propagationPolicy: 'Foreground' });
  await eventually(
    () => context.objects(Secret)[0]?.metadata?.deletionTimestamp !== undefined,
    'the dependent is being deleted',
  );
  expect(names()).toEqual(['a', 'b']);
  await context.client(Secret).patch(key('b'), 'merge', { metadata: { finalizers: [] } });
  await eventually(() => names().length === 0, 'both are gone');
});

test('orphan: dependents stay and know their owner no more', async () => {
  await start([object('ConfigMap', 'a', 'ua'), object('Secret', 'b', 'ub', [['ConfigMap', 'a', 'ua']])]);
  await context.client(ConfigMap).delete(key('a'), { propagationPolicy: 'Orphan' });
  await eventually(() => names().join() === 'b', 'the owner is gone');
  await context.clock.advance(60_000);
  expect(context.objects(Secret)[0]?.metadata?.ownerReferences ?? []).toEqual([]);
});

test('an owner in another namespace: an event, no deletion', async () => {
  await start([
    object('ConfigMap', 'a', 'ua', [], 'elsewhere'),
    object('Secret', 'b', 'ub', [['ConfigMap', 'a', 'ua']]),
  ]);
  await eventually(() => context.recorded.length > 0, 'the event');
  expect(context.recorded).toMatchObject([
    {
      component: 'garbage-collector-controller',
      type: 'Warning',
      reason: 'OwnerRefInvalidNamespace',
      message: 'ownerRef [v1/ConfigMap, name: a, uid: ua] does not exist in namespace "ns"',
      about: { kind: 'Secret' },
    },
  ]);
  expect(names()).toEqual(['a', 'b']);
});

test('resources of a new CustomResourceDefinition are collected too', async () => {
  await start([object('ConfigMap', 'a', 'ua')]);
  context.api.put({
    apiVersion: 'example.com/v1',
    kind: 'Gadget',
    metadata: {
      name: 'g',
      namespace: 'ns',
      ownerReferences: [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'a', uid: 'ua' }],
    },
  });
  context.api.put({
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'gadgets.example.com' },
  });
  await context.clock.advance(1000);
  await context.client(ConfigMap).delete(key('a'));
  const gadgets = async () =>
    ((await context.client.raw('GET', '/apis/example.com/v1/gadgets')) as { items: unknown[] }).items.length;
  for (let i = 0; i < 50 && (await gadgets()) > 0; i++) await context.clock.advance(100);
  expect(await gadgets()).toBe(0);
});

test('errors are retried', async () => {
  await start([object('ConfigMap', 'a', 'ua'), object('Secret', 'b', 'ub', [['ConfigMap', 'a', 'ua']])]);
  let failures = 3;
  context.api.intercept = (request) => {
    if (request.method === 'DELETE' && request.path.includes('secrets') && failures-- > 0)
      throw new Error('connection reset');
  };
  await context.client(ConfigMap).delete(key('a'));
  await eventually(() => failures < 3, 'the first attempt');
  await context.clock.advance(1000);
  await eventually(() => names().length === 0, 'gone in the end');
});
