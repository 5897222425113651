import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Harness } from './core-fixture.ts';

const PODS = '/api/v1/namespaces/default/pods';
const WIDGETS = '/apis/demo.io/v1/namespaces/default/widgets';
const MERGE = 'application/merge-patch+json';

/** Values where the server looks for its own fields: right names, arbitrary content. */
const odd = fc.oneof(
  fc.constant(null),
  fc.integer(),
  fc.string(),
  fc.boolean(),
  fc.constant([]),
  fc.constant({}),
  fc.constant(['a']),
  fc.constant({ name: 'x', kind: 'Node' }),
  fc.constant({ a: 1 }),
  fc.constant({ uid: 1, resourceVersion: [] }),
);
const meta = fc.dictionary(
  fc.constantFrom(
    'name',
    'namespace',
    'labels',
    'annotations',
    'finalizers',
    'ownerReferences',
    'uid',
    'resourceVersion',
    'generateName',
    'deletionTimestamp',
    'managedFields',
    '__proto__',
    'x',
  ),
  odd,
);
const body = fc.record(
  {
    apiVersion: fc.oneof(odd, fc.constant('demo.io/v1')),
    kind: fc.oneof(odd, fc.constant('Widget')),
    metadata: fc.oneof(odd, meta),
    spec: fc.oneof(odd, fc.record({ replicas: odd, finalizers: odd })),
    status: odd,
    target: odd,
    deleteOptions: fc.oneof(odd, fc.record({ preconditions: odd, dryRun: odd, gracePeriodSeconds: odd })),
    preconditions: odd,
    propagationPolicy: odd,
    gracePeriodSeconds: odd,
    dryRun: odd,
  },
  { requiredKeys: [] },
);

const targets = [
  ['POST', PODS],
  ['POST', WIDGETS],
  ['PUT', `${WIDGETS}/w`],
  ['PUT', `${PODS}/p`],
  ['PUT', `${PODS}/p/status`],
  ['POST', `${PODS}/p/binding`],
  ['POST', `${PODS}/p/eviction`],
  ['PUT', `${WIDGETS}/w/scale`],
  ['PATCH', `${WIDGETS}/w`],
  ['PATCH', `${WIDGETS}/w/scale`],
  ['PATCH', `${PODS}/p`],
  ['DELETE', `${WIDGETS}/w`],
  ['DELETE', PODS],
  ['POST', '/api/v1/namespaces'],
  ['PUT', '/api/v1/namespaces/default/finalize'],
] as const;

test('no body makes the server stumble, and what is stored is an object of its kind', async () => {
  const h = new Harness();
  await h.namespace('default');
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...targets), fc.oneof(body, odd), async ([method, url], value) => {
      await h.call('POST', PODS, { metadata: { name: 'p' }, spec: {} });
      await h.call('POST', WIDGETS, {
        apiVersion: 'demo.io/v1',
        kind: 'Widget',
        metadata: { name: 'w' },
        spec: { replicas: 1 },
      });
      const reply = await h.call(method, url, value, method === 'PATCH' ? MERGE : undefined);
      expect(reply.code).toBeLessThan(500);
      for (const [group, plural] of [
        ['', 'pods'],
        ['demo.io', 'widgets'],
        ['', 'namespaces'],
      ] as const)
        for (const object of h.core.source(group, plural).list()) {
          expect(typeof object.metadata?.name).toBe('string');
          for (const v of [
            ...Object.values(object.metadata?.labels ?? {}),
            ...Object.values(object.metadata?.annotations ?? {}),
          ])
            expect(typeof v).toBe('string');
        }
    }),
    { numRuns: 1500 },
  );
});
