import type { KubeObject, ResourceDefinition } from '@virtplane/resources';
import fc from 'fast-check';
import { afterEach, expect, test } from 'vitest';
import { refusal } from './refusals.ts';
import { createTestContext, eventually, type TestContext } from './testing/index.ts';
import { type Widget, widget, widgets } from './testing/widget.ts';

let context: TestContext;
afterEach(() => context?.stop());

const view = (objects: readonly KubeObject[]): Record<string, string | undefined> =>
  Object.fromEntries(
    objects.map((o) => [`${o.metadata?.namespace}/${o.metadata?.name}`, o.metadata?.resourceVersion] as const).sort(),
  );
const equal = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

test('lists in pages, then follows the watch', async () => {
  const objects = Array.from({ length: 1203 }, (_, i) => widget(`w${i}`));
  context = createTestContext({ objects, definitions: [widgets] });
  const informer = context.informers(widgets);
  await informer.synced();
  expect(informer.list()).toHaveLength(1203);
  expect(context.api.requests.filter((r) => r.startsWith('GET'))).toHaveLength(3);

  const seen: string[] = [];
  informer.addHandler({
    onAdd: (o) => seen.push(`+${o.metadata?.name}`),
    onUpdate: (o, old) => seen.push(`${o.metadata?.name}:${old.spec?.size}->${o.spec?.size}`),
    onDelete: (o) => seen.push(`-${o.metadata?.name}`),
  });
  expect(seen).toHaveLength(1203);
  seen.length = 0;
  const client = context.client(widgets);
  await client.create(widget('new', { size: 1 }));
  await client.patch({ namespace: 'default', name: 'new' }, 'merge', { spec: { size: 2 } });
  await client.delete({ namespace: 'default', name: 'new' });
  await eventually(() => seen.length === 3, 'three events');
  expect(seen).toEqual(['+new', 'new:1->2', '-new']);
  expect(context.api.requests.filter((r) => r.startsWith('WATCH'))).toHaveLength(1);
});

test('one informer per resource and narrowing, shared by all who ask', async () => {
  context = createTestContext({ definitions: [widgets], objects: [widget('a'), widget('b', { size: 2 })] });
  const narrowed = context.informers(widgets, { fieldSelector: 'spec.size=2' });
  expect(context.informers(widgets)).toBe(context.informers(widgets));
  expect(narrowed).not.toBe(context.informers(widgets));
  await narrowed.synced();
  expect(narrowed.list().map((o) => o.metadata?.name)).toEqual(['b']);
  await context.client(widgets).patch({ namespace: 'default', name: 'b' }, 'merge', { spec: { size: 3 } });
  await eventually(() => narrowed.list().length === 0, 'an object that leaves the selector leaves the view');
});

test('a DELETE missed between a lost watch and the new list reaches the handlers', async () => {
  context = createTestContext({
    definitions: [widgets],
    objects: [widget('stays'), widget('goes'), widget('comesBack')],
  });
  const informer = context.informers(widgets);
  const seen: string[] = [];
  informer.addHandler({
    onAdd: (o) => seen.push(`+${o.metadata?.name}`),
    onDelete: (o) => seen.push(`-${o.metadata?.name}`),
    onUpdate: (o) => seen.push(`~${o.metadata?.name}`),
  });
  await informer.synced();
  seen.length = 0;
  const client = context.client(widgets);
  context.api.intercept = (request) => {
    if (request.query?.watch) throw refusal(503, 'ServiceUnavailable', 'not now');
  };
  context.api.endWatches();
  await client.delete({ namespace: 'default', name: 'goes' });
  await client.delete({ namespace: 'default', name: 'comesBack' });
  await client.create(widget('comesBack'));
  context.api.compact();
  await client.create(widget('new'));
  delete context.api.intercept;
  await context.clock.advance(60_000);
  await eventually(() => seen.includes('+new'), 'the new list');
  expect(seen.sort()).toEqual(['+comesBack', '+new', '-comesBack', '-goes']);
});

test('indexes: built-in owner and namespace, and own ones', async () => {
  const owned = widget('child');
  owned.metadata = {
    ...owned.metadata,
    ownerReferences: [{ apiVersion: 'v1', kind: 'X', name: 'x', uid: 'u1', controller: true }],
  };
  context = createTestContext({ definitions: [widgets], objects: [owned, widget('other', { size: 7 }, 'elsewhere')] });
  const informer = context.informers(widgets);
  informer.addIndex('size', (o) => (o.spec?.size === undefined ? [] : [String(o.spec.size)]));
  await informer.synced();
  const names = (objects: readonly KubeObject[]) => objects.map((o) => o.metadata?.name);
  expect(names(informer.by('owner', 'u1'))).toEqual(['child']);
  expect(names(informer.by('size', '7'))).toEqual(['other']);
  expect(names(informer.list('elsewhere'))).toEqual(['other']);
  await context.client(widgets).patch({ namespace: 'elsewhere', name: 'other' }, 'merge', { spec: { size: 8 } });
  await eventually(() => informer.by('size', '8').length === 1, 'the index follows');
  expect(informer.by('size', '7')).toEqual([]);
  expect(() => informer.by('colour', 'red')).toThrow('no index named "colour"');
});

test('a handler that throws is logged and disturbs nobody', async () => {
  context = createTestContext({ definitions: [widgets], objects: [widget('a')] });
  const informer = context.informers(widgets);
  const seen: string[] = [];
  informer.addHandler({
    onAdd: () => {
      throw new Error('broken');
    },
  });
  informer.addHandler({ onAdd: (o) => seen.push(o.metadata?.name ?? '') });
  await informer.synced();
  expect(seen).toEqual(['a']);
  expect(context.logged).toMatchObject([
    { level: 'error', fields: { resource: 'widgets.example.com', key: 'default/a' } },
  ]);
});

type Move = { do: 'put' | 'delete'; name: number } | { do: 'end' | 'compact' | 'turn' | 'refuse' };
const moves = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: fc.record({ do: fc.constantFrom('put' as const, 'delete' as const), name: fc.nat(4) }) },
    {
      weight: 3,
      arbitrary: fc.record({
        do: fc.constantFrom('end' as const, 'compact' as const, 'turn' as const, 'refuse' as const),
      }),
    },
  ),
  { maxLength: 40 },
);

test('the view, and what the handlers were told, equal the server after any writes, stream ends, refusals and 410s', async () => {
  await fc.assert(
    fc.asyncProperty(moves, async (plan: Move[]) => {
      const world = createTestContext({ definitions: [widgets] });
      try {
        const informer = world.informers(widgets);
        const told = new Map<string, Widget>();
        const faults: string[] = [];
        informer.addHandler({
          onAdd: (o) => {
            if (told.has(o.metadata?.name ?? '')) faults.push('added twice');
            told.set(o.metadata?.name ?? '', o);
          },
          onUpdate: (o, old) => {
            if (told.get(o.metadata?.name ?? '') !== old) faults.push('updated from an object that was never told');
            told.set(o.metadata?.name ?? '', o);
          },
          onDelete: (o) => {
            if (!told.delete(o.metadata?.name ?? '')) faults.push('deleted twice');
          },
        });
        let size = 0;
        for (const move of plan) {
          if (move.do === 'put') {
            const old = world.objects(widgets).find((o) => o.metadata?.name === `w${move.name}`);
            if (old) await world.client(widgets).update({ ...old, spec: { size: ++size } });
            else await world.client(widgets).create(widget(`w${move.name}`, { size: ++size }));
          } else if (move.do === 'delete') {
            if (world.objects(widgets).some((o) => o.metadata?.name === `w${move.name}`))
              await world.client(widgets).delete({ namespace: 'default', name: `w${move.name}` });
          } else if (move.do === 'end') world.api.endWatches();
          else if (move.do === 'compact') world.api.compact();
          else if (move.do === 'refuse') {
            world.api.endWatches();
            world.api.intercept = (request) => {
              if (request.query?.watch || request.query?.limit) {
                delete world.api.intercept;
                throw refusal(500, 'InternalError', 'etcd leader changed');
              }
            };
          } else await new Promise((resolve) => setImmediate(resolve));
        }
        delete world.api.intercept;
        for (let i = 0; i < 10; i++) await world.clock.advance(60_000);
        expect(view(informer.list())).toEqual(view(world.objects(widgets)));
        expect(equal(view([...told.values()]), view(informer.list()))).toBe(true);
        expect(faults).toEqual([]);
      } finally {
        world.stop();
      }
    }),
    { numRuns: 150 },
  );
});

test('cluster-scoped objects have keys without a namespace', async () => {
  const things: ResourceDefinition = { ...widgets, plural: 'things', kind: 'Thing', namespaced: false };
  context = createTestContext({
    definitions: [things],
    objects: [{ apiVersion: 'example.com/v1', kind: 'Thing', metadata: { name: 'one' } }],
  });
  const informer = context.informers(things);
  await informer.synced();
  expect(informer.get({ name: 'one' })?.kind).toBe('Thing');
});

test('a continue token that expires half-way: one list without pages', async () => {
  const objects = Array.from({ length: 700 }, (_, i) => widget(`w${i}`));
  context = createTestContext({ objects, definitions: [widgets] });
  let pages = 0;
  context.api.intercept = (request) => {
    if (request.query?.continue && pages++ === 0) throw refusal(410, 'Expired', 'the continue token is too old');
  };
  const informer = context.informers(widgets);
  await informer.synced();
  expect(informer.list()).toHaveLength(700);
  expect(context.api.requests.filter((r) => r.startsWith('GET'))).toHaveLength(3);
});
