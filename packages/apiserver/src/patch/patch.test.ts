import { readFileSync } from 'node:fs';
import { Deployment, PodSchema, StatusError } from '@virtplane/resources';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { applyJsonPatch } from './json-patch.ts';
import { applyMergePatch, createMergePatch } from './merge-patch.ts';
import { goMapText, strategicMerge } from './strategic-merge.ts';

const refusal = (act: () => unknown): string => {
  try {
    act();
  } catch (error) {
    if (error instanceof StatusError) return `${error.code} ${error.status.message}`;
    throw error;
  }
  return 'accepted';
};
const GENERIC = '422 the server rejected our request due to an error in our request';

describe('JSON patch (RFC 6902 appendix A, and what evanphx does differently)', () => {
  test.each<[string, unknown, unknown[], unknown]>([
    ['A.1 add a member', { foo: 'bar' }, [{ op: 'add', path: '/baz', value: 'qux' }], { foo: 'bar', baz: 'qux' }],
    [
      'A.2 add an item',
      { foo: ['bar', 'baz'] },
      [{ op: 'add', path: '/foo/1', value: 'qux' }],
      { foo: ['bar', 'qux', 'baz'] },
    ],
    ['A.3 remove a member', { baz: 'qux', foo: 'bar' }, [{ op: 'remove', path: '/baz' }], { foo: 'bar' }],
    ['A.4 remove an item', { foo: ['bar', 'qux', 'baz'] }, [{ op: 'remove', path: '/foo/1' }], { foo: ['bar', 'baz'] }],
    [
      'A.5 replace',
      { baz: 'qux', foo: 'bar' },
      [{ op: 'replace', path: '/baz', value: 'boo' }],
      { baz: 'boo', foo: 'bar' },
    ],
    [
      'A.6 move',
      { foo: { bar: 'baz', waldo: 'fred' }, qux: { corge: 'grault' } },
      [{ op: 'move', from: '/foo/waldo', path: '/qux/thud' }],
      { foo: { bar: 'baz' }, qux: { corge: 'grault', thud: 'fred' } },
    ],
    [
      'A.7 move an item',
      { foo: ['all', 'grass', 'cows', 'eat'] },
      [{ op: 'move', from: '/foo/1', path: '/foo/3' }],
      { foo: ['all', 'cows', 'eat', 'grass'] },
    ],
    [
      'A.8 test',
      { baz: 'qux', foo: ['a', 2, 'c'] },
      [
        { op: 'test', path: '/baz', value: 'qux' },
        { op: 'test', path: '/foo/1', value: 2 },
      ],
      { baz: 'qux', foo: ['a', 2, 'c'] },
    ],
    [
      'A.10 nested',
      { foo: 'bar' },
      [{ op: 'add', path: '/child', value: { grandchild: {} } }],
      { foo: 'bar', child: { grandchild: {} } },
    ],
    ['A.14 escapes', { '/': 9, '~1': 10 }, [{ op: 'test', path: '/~01', value: 10 }], { '/': 9, '~1': 10 }],
    [
      'A.16 append',
      { foo: ['bar'] },
      [{ op: 'add', path: '/foo/-', value: ['abc', 'def'] }],
      { foo: ['bar', ['abc', 'def']] },
    ],
    [
      'copy',
      { a: [1] },
      [
        { op: 'copy', from: '/a', path: '/b' },
        { op: 'add', path: '/b/-', value: 2 },
      ],
      { a: [1], b: [1, 2] },
    ],
    [
      'replace adds a missing member',
      { data: { a: '1' } },
      [{ op: 'replace', path: '/data/zz', value: '1' }],
      { data: { a: '1', zz: '1' } },
    ],
    ['negative index', { l: [1, 2, 3] }, [{ op: 'remove', path: '/l/-1' }], { l: [1, 2] }],
    ['test of a missing member with null', { a: 1 }, [{ op: 'test', path: '/b', value: null }], { a: 1 }],
  ])('%s', (_, target, operations, expected) => {
    const before = JSON.stringify(target);
    expect(applyJsonPatch(target, operations)).toEqual(expected);
    expect(JSON.stringify(target)).toBe(before);
  });

  test.each<[string, unknown, unknown]>([
    ['test fails', { a: 1 }, [{ op: 'test', path: '/a', value: 2 }]],
    ['remove of nothing', { a: 1 }, [{ op: 'remove', path: '/q' }]],
    ['parent missing', { a: 1 }, [{ op: 'add', path: '/b/c', value: 1 }]],
    ['index out of range', { l: [1] }, [{ op: 'replace', path: '/l/5', value: 1 }]],
    ['prototype', {}, [{ op: 'add', path: '/__proto__/x', value: 1 }]],
    ['into itself', { a: { b: 1 } }, [{ op: 'move', from: '/a', path: '/a/b' }]],
    ['unknown operation', {}, [{ op: 'destroy', path: '/a' }]],
  ])('refuses: %s', (_, target, operations) => {
    expect(refusal(() => applyJsonPatch(target, operations))).toBe(GENERIC);
  });
});

const json = fc.jsonValue({ maxDepth: 4 }).filter((value) => !JSON.stringify(value).includes('__proto__'));
const withoutNulls = (value: unknown): unknown => {
  if (Array.isArray(value)) return value;
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, item]) => item !== null)
      .map(([key, item]) => [key, withoutNulls(item)]),
  );
};
const deepWithoutNulls = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(deepWithoutNulls);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, item]) => item !== null)
      .map(([key, item]) => [key, deepWithoutNulls(item)]),
  );
};

describe('merge patch (RFC 7396 appendix A)', () => {
  test.each<[unknown, unknown, unknown]>([
    [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
    [{ a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }],
    [{ a: 'b' }, { a: null }, {}],
    [{ a: 'b', b: 'c' }, { a: null }, { b: 'c' }],
    [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
    [{ a: 'c' }, { a: ['b'] }, { a: ['b'] }],
    [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
    [{ a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }],
    [
      ['a', 'b'],
      ['c', 'd'],
      ['c', 'd'],
    ],
    [{ e: null }, { a: 1 }, { e: null, a: 1 }],
    [[1, 2], { a: 'b', c: null }, { a: 'b' }],
    [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
    [{}, { a: [{ b: null }, null] }, { a: [{}, null] }],
  ])('%j + %j', (target, patch, expected) => {
    expect(applyMergePatch(target, patch)).toEqual(expected);
  });

  test('patch∘diff = identity, and the diff of equals is empty', () => {
    fc.assert(
      fc.property(json.map(deepWithoutNulls), json.map(deepWithoutNulls), (from, to) => {
        const before = JSON.stringify(from);
        expect(applyMergePatch(from, createMergePatch(from, to))).toEqual(to);
        expect(JSON.stringify(from)).toBe(before);
        if (from !== null && typeof from === 'object' && !Array.isArray(from)) {
          expect(createMergePatch(from, from)).toEqual({});
        }
      }),
    );
  });

  test('a patch applied twice is a patch applied once', () => {
    fc.assert(
      fc.property(json.map(withoutNulls), json, (target, patch) => {
        const once = applyMergePatch(target, patch);
        expect(applyMergePatch(once, patch)).toEqual(once);
      }),
    );
  });
});

describe('strategic merge', () => {
  const merge = (original: Record<string, unknown>, patch: unknown) => strategicMerge(original, patch, PodSchema);
  const containers = (...names: string[]) => ({ spec: { containers: names.map((name) => ({ name, image: 'i' })) } });
  const namesOf = (pod: Record<string, unknown>): string[] =>
    (pod as { spec: { containers: { name: string }[] } }).spec.containers.map((c) => c.name);

  test.each<[string, string[], unknown[], string[]]>([
    ['new items come before untouched ones', ['a', 'b', 'c'], [{ name: 'd' }], ['d', 'a', 'b', 'c']],
    ['named items keep their place', ['a', 'b', 'c'], [{ name: 'b' }, { name: 'd' }], ['a', 'b', 'd', 'c']],
    ['delete', ['a', 'b'], [{ $patch: 'delete', name: 'a' }], ['b']],
    ['replace', ['a', 'b'], [{ $patch: 'replace' }, { name: 'z' }], ['z']],
    ['empty patch list changes nothing', ['a'], [], ['a']],
  ])('%s', (_, before, patch, after) => {
    expect(namesOf(merge(containers(...before), { spec: { containers: patch } }))).toEqual(after);
  });

  test('items merge member by member, lists without strategy are replaced', () => {
    const pod = { spec: { containers: [{ name: 'c', image: 'i', args: ['1'] }], tolerations: [{ key: 'k1' }] } };
    const patch = { spec: { containers: [{ name: 'c', image: 'j', args: ['2'] }], tolerations: [{ key: 'k2' }] } };
    expect(merge(pod, patch)).toEqual({
      spec: { containers: [{ name: 'c', image: 'j', args: ['2'] }], tolerations: [{ key: 'k2' }] },
    });
  });

  test('scalars are united and deleted by value', () => {
    const pod = { metadata: { finalizers: ['a', 'b'] } };
    expect(merge(pod, { metadata: { finalizers: ['c', 'a'] } })).toEqual({ metadata: { finalizers: ['c', 'a', 'b'] } });
    expect(merge(pod, { metadata: { '$deleteFromPrimitiveList/finalizers': ['a', 'x'] } })).toEqual({
      metadata: { finalizers: ['b'] },
    });
  });

  test('$setElementOrder orders, and refuses a patch list out of order', () => {
    const patch = {
      spec: { '$setElementOrder/containers': [{ name: 'c' }, { name: 'a' }], containers: [{ name: 'c', image: 'j' }] },
    };
    expect(namesOf(merge(containers('a', 'c', 'x'), patch))).toEqual(['c', 'a', 'x']);
    const wrong = {
      spec: {
        '$setElementOrder/containers': [{ name: 'a' }, { name: 'b' }],
        containers: [{ name: 'b' }, { name: 'a' }],
      },
    };
    expect(refusal(() => merge(containers('a', 'b'), wrong))).toContain("doesn't match $setElementOrder list");
  });

  test('$retainKeys drops what it does not name', () => {
    const deployment = { spec: { strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1 } } } };
    const patch = { spec: { strategy: { $retainKeys: ['type'], type: 'Recreate' } } };
    expect(strategicMerge(deployment, patch, Deployment.schema)).toEqual({ spec: { strategy: { type: 'Recreate' } } });
    expect(refusal(() => merge({ a: 1 }, { $retainKeys: ['a'], b: 1 }))).toBe('400 invalid patch format of retainKeys');
  });

  test.each<[unknown, string]>([
    [{ spec: { containers: [{ image: 'z' }] } }, '500 map: map[image:z] does not contain declared merge key: name'],
    [{ spec: { $patch: 'foo' } }, '500 unknown patch type: foo in map: map[$patch:foo]'],
    [{ spec: { $patch: 'merge' } }, '500 unknown patch type: merge in map: map[$patch:merge]'],
    [
      { spec: { containers: [{ $patch: 'merge', name: 'a' }] } },
      '500 merging lists cannot yet be specified in the patch',
    ],
    [[], '400 invalid JSON document'],
  ])('refuses %j', (patch, text) => {
    expect(refusal(() => merge(containers('a'), patch))).toBe(text);
  });

  test('a patch of unchanged content changes nothing', () => {
    const pod = fc.record({
      metadata: fc.record({
        labels: fc.dictionary(
          fc.string({ minLength: 1 }).filter((k) => !k.startsWith('$') && k !== '__proto__'),
          fc.string(),
        ),
      }),
      spec: fc.record({
        containers: fc
          .uniqueArray(fc.constantFrom('a', 'b', 'c', 'd'), { minLength: 1 })
          .map((names) => names.map((name) => ({ name, image: 'i' }))),
      }),
    });
    fc.assert(
      fc.property(pod, (object) => {
        expect(merge(object, object)).toEqual(object);
      }),
    );
  });

  test('recorded answers', () => {
    const rows = readFileSync(new URL('../../testdata/built-ins.jsonl', import.meta.url), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { id: string; body: unknown; answer?: Record<string, unknown> });
    const answerOf = (id: string) => rows.find((row) => row.id === id);
    // Each answer is the state that the next patch was applied to.
    let state = answerOf('smp.list')?.answer ?? {};
    for (const id of ['smp.order', 'smp.replace']) {
      const row = answerOf(id);
      const merged = strategicMerge(state, row?.body, Deployment.schema) as { spec: { template: { spec: unknown } } };
      const expected = row?.answer as {
        spec: { template: { spec: { containers: { name: string; image: string }[] } } };
      };
      const names = (list: { name: string; image: string }[]) => list.map((c) => `${c.name}=${c.image}`);
      expect(
        names((merged.spec.template.spec as { containers: { name: string; image: string }[] }).containers),
      ).toEqual(names(expected.spec.template.spec.containers));
      state = row?.answer ?? {};
    }
  });

  test('Go prints maps sorted', () => {
    expect(goMapText({ dat: {}, a: [1, 'x', null] })).toBe('map[a:[1 x <nil>] dat:map[]]');
  });
});
