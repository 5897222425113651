import type { OwnerReference, ResourceDefinition } from '@virtplane/resources';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { foregroundFinalizer, isForegroundDeleting, type Owned, OwnerGraph, orphanFinalizer } from './graph.ts';
import { planCollection, type Step } from './plan.ts';

const things: ResourceDefinition = {
  group: 'example.com',
  version: 'v1',
  servedVersions: ['v1'],
  kind: 'Thing',
  listKind: 'ThingList',
  plural: 'things',
  singular: 'thing',
  shortNames: [],
  categories: [],
  namespaced: true,
  builtIn: false,
  verbs: ['list', 'watch', 'delete'],
  subresources: [],
  columns: [],
  selectableFields: [],
  schema: {},
};
const owner = (uid: string, block = false): OwnerReference => ({
  apiVersion: 'example.com/v1',
  kind: 'Thing',
  name: uid,
  uid,
  ...(block && { blockOwnerDeletion: true }),
});
const thing = (uid: string, fields: Partial<Owned> = {}): Owned => ({
  resource: things,
  namespace: 'ns',
  name: uid,
  uid,
  resourceVersion: '1',
  owners: [],
  finalizers: [],
  deleting: false,
  ...fields,
});
const plan = (uid: string, objects: Owned[], absent: string[] = []): Step[] => {
  const graph = new OwnerGraph();
  for (const object of objects) graph.set(object);
  return planCollection(uid, {
    graph,
    isAbsent: (id) => absent.includes(id),
    resourceOf: (o) => (o.kind === 'Thing' ? things : undefined),
  });
};
const foreground = { deleting: true, finalizers: [foregroundFinalizer] };

test.each<{ name: string; of: Owned; others?: Owned[]; absent?: string[]; steps: unknown[] }>([
  { name: 'an object without owners stays', of: thing('x'), steps: [] },
  { name: 'a living owner keeps it', of: thing('x', { owners: [owner('a')] }), others: [thing('a')], steps: [] },
  {
    name: 'an unknown owner is asked for first',
    of: thing('x', { owners: [owner('a')] }),
    steps: [{ do: 'verify', owner: { uid: 'a' } }],
  },
  {
    name: 'all owners gone: it goes',
    of: thing('x', { owners: [owner('a'), owner('b')] }),
    absent: ['a', 'b'],
    steps: [{ do: 'delete', propagation: 'Background' }],
  },
  {
    name: 'one owner lives: only the gone one is taken off',
    of: thing('x', { owners: [owner('a'), owner('b')] }),
    others: [thing('b')],
    absent: ['a'],
    steps: [{ do: 'disown', owners: ['a'] }],
  },
  {
    name: 'a kind that is not served keeps it',
    of: thing('x', { owners: [{ ...owner('a'), kind: 'Other' }] }),
    steps: [],
  },
  {
    name: 'an owner in another namespace is reported, the object stays',
    of: thing('x', { owners: [owner('a')] }),
    others: [thing('a', { namespace: 'elsewhere' })],
    steps: [{ do: 'report' }],
  },
  {
    name: 'a namespaced owner of a cluster-scoped object is reported',
    of: thing('x', { namespace: '', owners: [owner('a')] }),
    absent: ['a'],
    steps: [{ do: 'report' }],
  },
  {
    name: 'what is being deleted already is left alone',
    of: thing('x', { deleting: true, owners: [owner('a')] }),
    absent: ['a'],
    steps: [],
  },
  {
    name: 'foreground: nothing blocks',
    of: thing('x', foreground),
    others: [thing('d', { owners: [owner('x')] })],
    steps: [{ do: 'finalize', finalizer: foregroundFinalizer }],
  },
  {
    name: 'foreground: a blocking dependent is looked at',
    of: thing('x', foreground),
    others: [thing('d', { owners: [owner('x', true)] })],
    steps: [{ do: 'look', uid: 'd' }],
  },
  {
    name: 'a leaf of a foreground deletion goes',
    of: thing('x', { owners: [owner('a', true)] }),
    others: [thing('a', foreground)],
    steps: [{ do: 'delete', propagation: 'Background' }],
  },
  {
    name: 'a dependent with dependents of its own goes in the foreground too',
    of: thing('x', { owners: [owner('a', true)] }),
    others: [thing('a', foreground), thing('d', { owners: [owner('x')] })],
    steps: [{ do: 'delete', propagation: 'Foreground' }],
  },
  {
    name: 'a circle is broken',
    of: thing('x', { owners: [owner('a', true)] }),
    others: [thing('a', { ...foreground, owners: [owner('x', true)] })],
    steps: [{ do: 'unblock' }, { do: 'look', uid: 'x' }],
  },
  {
    name: 'orphan: dependents are let go first',
    of: thing('x', { deleting: true, finalizers: [orphanFinalizer] }),
    others: [thing('d', { owners: [owner('x')] })],
    steps: [
      { do: 'disown', object: { uid: 'd' }, owners: ['x'] },
      { do: 'finalize', finalizer: orphanFinalizer },
    ],
  },
])('$name', ({ of, others = [], absent, steps }) => {
  expect(plan(of.uid, [of, ...others], absent)).toMatchObject(steps);
  expect(plan(of.uid, [of, ...others], absent)).toHaveLength(steps.length);
});

/** A server that knows nothing but deletion: carries steps out and feeds the changes back into the graph. */
class Model {
  readonly objects = new Map<string, Owned>();
  readonly graph = new OwnerGraph();
  readonly queue = new Set<string>();
  readonly absent = new Set<string>();
  /** Deleted by the collector while an owner lived and was not going itself. */
  wrong = 0;

  put(object: Owned): void {
    if (object.deleting && object.finalizers.length === 0) {
      this.objects.delete(object.uid);
      for (const uid of this.graph.remove(object.uid)) this.queue.add(uid);
      return;
    }
    this.objects.set(object.uid, object);
    for (const uid of this.graph.set(object)) this.queue.add(uid);
  }

  delete(uid: string, propagation: string): void {
    const object = this.objects.get(uid);
    if (!object || object.deleting) return;
    const finalizer =
      propagation === 'Foreground' ? [foregroundFinalizer] : propagation === 'Orphan' ? [orphanFinalizer] : [];
    this.put({ ...object, deleting: true, finalizers: [...object.finalizers, ...finalizer] });
  }

  settle(): void {
    for (let rounds = 0; this.queue.size > 0; rounds++) {
      if (rounds > 5000) throw new Error('does not come to rest');
      const [uid = ''] = this.queue;
      this.queue.delete(uid);
      const steps = planCollection(uid, {
        graph: this.graph,
        isAbsent: (id) => this.absent.has(id),
        resourceOf: () => things,
      });
      for (const step of steps) this.act(step);
    }
  }

  act(step: Step): void {
    switch (step.do) {
      case 'look':
        this.queue.add(step.uid);
        break;
      case 'verify':
        if (this.objects.has(step.owner.uid)) throw new Error('the graph did not know a living owner');
        this.absent.add(step.owner.uid);
        this.queue.add(step.object.uid);
        break;
      case 'delete': {
        const living = step.object.owners.some((o) => {
          const found = this.objects.get(o.uid);
          return found && !isForegroundDeleting(found);
        });
        if (living) this.wrong++;
        this.delete(step.object.uid, step.propagation);
        break;
      }
      case 'disown':
        this.change(step.object.uid, (o) => ({ ...o, owners: o.owners.filter((r) => !step.owners.includes(r.uid)) }));
        break;
      case 'unblock':
        this.change(step.object.uid, (o) => ({
          ...o,
          owners: o.owners.map((r) => ({ ...r, blockOwnerDeletion: false })),
        }));
        break;
      case 'finalize':
        this.change(step.object.uid, (o) => ({ ...o, finalizers: o.finalizers.filter((f) => f !== step.finalizer) }));
        break;
      case 'report':
        break;
    }
  }

  change(uid: string, to: (object: Owned) => Owned): void {
    const object = this.objects.get(uid);
    if (object) this.put(to(object));
  }
}

const count = 8;
const edges = fc.array(fc.tuple(fc.nat(count - 1), fc.nat(count - 1), fc.boolean()), { maxLength: 16 });
const deletions = fc.array(fc.tuple(fc.nat(count - 1), fc.constantFrom('Background', 'Foreground', 'Orphan')), {
  minLength: 1,
  maxLength: 5,
});

test('any graph, circles too: comes to rest, deletes nothing that a living owner keeps, leaves nothing behind', () => {
  fc.assert(
    fc.property(edges, deletions, (links, deletes) => {
      const model = new Model();
      for (let i = 0; i < count; i++) {
        const owners = new Map(
          links.filter(([child, parent]) => child === i && parent !== i).map(([, parent, block]) => [parent, block]),
        );
        model.put(thing(`u${i}`, { owners: [...owners].map(([parent, block]) => owner(`u${parent}`, block)) }));
      }
      for (const [i, propagation] of deletes) {
        model.delete(`u${i}`, propagation);
        model.settle();
      }
      expect(model.wrong).toBe(0);
      for (const object of model.objects.values()) {
        // All that a deletion began it ended, and whoever had owners has one that lives.
        expect(object.deleting).toBe(false);
        if (object.owners.length > 0) expect(object.owners.every((o) => model.objects.has(o.uid))).toBe(true);
      }
    }),
    { numRuns: 500 },
  );
});

test('orphaning never takes a dependent along', () => {
  fc.assert(
    fc.property(edges, fc.nat(count - 1), (links, victim) => {
      const model = new Model();
      for (let i = 0; i < count; i++) {
        const parents = new Set(
          links.filter(([child, parent]) => child === i && parent < i).map(([, parent]) => parent),
        );
        model.put(thing(`u${i}`, { owners: [...parents].map((parent) => owner(`u${parent}`)) }));
      }
      model.delete(`u${victim}`, 'Orphan');
      model.settle();
      expect(model.objects.size).toBe(count - 1);
    }),
  );
});
