import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ObjectCodec } from './codec.ts';
import { Collection } from './collection.ts';
import { Item, keyOf } from './item.ts';
import type { RingLimits } from './ring.ts';
import { type Snapshot, SortedIndex } from './sorted-index.ts';

const codec = new ObjectCodec('demo.io', 'v1', 'Widget');

function item(name: string, revision: number, namespace = ''): Item {
  const object = codec.ordered({ metadata: { name, ...(namespace !== '' && { namespace }) } });
  object.metadata.resourceVersion = String(revision);
  return new Item(keyOf(namespace, name), revision, codec.encode(object), object, undefined);
}

function all(snapshot: Snapshot, from?: string, until?: string): string[] {
  const next = snapshot.cursor(from, until);
  const out: string[] = [];
  for (let i = next(); i !== undefined; i = next()) out.push(`${i.key}@${i.revision}`);
  return out;
}

const names = fc.integer({ min: 0, max: 600 }).map((n) => `w${String(n).padStart(3, '0')}`);
const operations = fc.array(fc.record({ remove: fc.boolean(), name: names, snapshot: fc.boolean() }), {
  maxLength: 1500,
});

test('the sorted index is a sorted map, and snapshots never change', () => {
  fc.assert(
    fc.property(operations, (list) => {
      const index = new SortedIndex();
      const model = new Map<string, number>();
      const kept: { snapshot: Snapshot; expected: string[] }[] = [];
      const expected = () => [...model].sort(([a], [b]) => (a < b ? -1 : 1)).map(([k, r]) => `${k}@${r}`);
      list.forEach(({ remove, name, snapshot }, revision) => {
        if (remove) {
          index.delete(name);
          model.delete(name);
        } else {
          index.set(item(name, revision));
          model.set(name, revision);
        }
        if (snapshot && kept.length < 20) kept.push({ snapshot: index.snapshot(), expected: expected() });
      });
      expect(index.size).toBe(model.size);
      expect(all(index.snapshot())).toEqual(expected());
      for (const k of kept) {
        expect(all(k.snapshot)).toEqual(k.expected);
        expect(k.snapshot.size).toBe(k.expected.length);
        const whole = k.expected.map((e) => e.slice(0, 4));
        expect(all(k.snapshot, 'w100', 'w200').map((e) => e.slice(0, 4))).toEqual(
          whole.filter((n) => n >= 'w100' && n < 'w200'),
        );
        expect(k.snapshot.rank('w300')).toBe(whole.filter((n) => n < 'w300').length);
        for (const n of whole.slice(0, 5)) expect(k.snapshot.get(n)?.key).toBe(n);
        expect(k.snapshot.get('nope')).toBeUndefined();
      }
    }),
    { numRuns: 60 },
  );
});

test('order is that of the joined key', () => {
  const index = new SortedIndex();
  for (const [ns, name] of [
    ['a', 'x'],
    ['a-b', 'x'],
    ['a', 'b'],
  ] as const)
    index.set(item(name, 1, ns));
  expect(all(index.snapshot()).map((k) => k.split('@')[0])).toEqual(['a-b/x', 'a/b', 'a/x']);
});

test('the state at every remembered revision can be had again, and no other', () => {
  const limits: RingLimits = { minEvents: 100, maxEvents: 3000, keepMs: 75_000, maxBytes: 1 << 30 };
  const random = (n: number) => Math.floor(Math.random() * n);
  const c = new Collection(codec, 10, [], limits);
  const states = new Map<number, string[]>([[10, []]]);
  for (let revision = 11; revision < 5000; revision++) {
    const name = `w${String(random(300)).padStart(3, '0')}`;
    const previous = c.get(name);
    if (previous !== undefined && random(3) === 0) c.apply('DELETED', revision, previous, previous, 1000);
    else c.apply(previous ? 'MODIFIED' : 'ADDED', revision, item(name, revision), previous, 1000);
    if (revision % 50 === 0) states.set(revision, all(c.snapshot()));
  }
  expect(c.ring.floor).toBeGreaterThan(10);
  for (const [revision, expected] of states) {
    const snapshot = c.snapshotAt(revision, 1000);
    if (revision < c.ring.floor) expect(snapshot).toBeUndefined();
    else expect(all(snapshot!)).toEqual(expected);
  }
  // Once paged through, a state outlives its events for the ring's time.
  const old = [...states.keys()].find((r) => r >= c.ring.floor)!;
  expect(c.snapshotAt(old, 2000)).toBeDefined();
  for (let revision = 5000; revision < 9000; revision++)
    c.apply('ADDED', revision, item(`n${revision}`, revision), undefined, 2000);
  expect(old).toBeLessThan(c.ring.floor);
  expect(all(c.snapshotAt(old, 2000)!)).toEqual(states.get(old));
  c.sweep(2000 + 75_001);
  expect(c.snapshotAt(old, 2000 + 75_001)).toBeUndefined();
});

test('the ring keeps a hundred events however old, and forgets by age, count and bytes', () => {
  const limits: RingLimits = { minEvents: 100, maxEvents: 1000, keepMs: 75_000, maxBytes: 1 << 30 };
  const c = new Collection(codec, 1, [], limits);
  for (let r = 2; r < 502; r++) c.apply('ADDED', r, item(`w${r}`, r), undefined, 0);
  c.sweep(80_000);
  expect(c.ring.length).toBe(100);
  expect(c.ring.floor).toBe(401);
  expect(c.ring.after(401)).toBe(c.ring.first);
  for (let r = 502; r < 3000; r++) c.apply('ADDED', r, item(`w${r}`, r), undefined, 80_000);
  expect(c.ring.length).toBe(1000);
  const tight = new Collection(codec, 1, [], { ...limits, maxBytes: 10_000 });
  let last = item('same', 2);
  tight.apply('ADDED', 2, last, undefined, 0);
  for (let r = 3; r < 900; r++) {
    const next = item('same', r);
    tight.apply('MODIFIED', r, next, last, 0);
    last = next;
  }
  expect(tight.ring.length).toBeLessThan(200);
});

test('bytes serve any version and revision by splicing', () => {
  const object = codec.ordered({ metadata: { name: 'ä"', labels: { a: 'b' } }, ...{ spec: { x: '😀' } } });
  object.metadata.resourceVersion = '123';
  const bytes = codec.encode(object);
  expect(JSON.parse(bytes.toString())).toEqual(object);
  expect(JSON.parse(Buffer.concat(codec.pieces(bytes, 'v2')).toString())).toEqual({
    ...object,
    apiVersion: 'demo.io/v2',
  });
  const spliced = Buffer.concat([codec.head('v1'), Buffer.from('4567'), codec.afterRevision(bytes)]);
  expect(JSON.parse(spliced.toString())).toEqual(codec.inVersion(object, 'v1', 4567));
  expect(codec.fits(bytes)).toBe(true);
  expect(new ObjectCodec('demo.io', 'v2', 'Widget').fits(bytes)).toBe(false);
});
