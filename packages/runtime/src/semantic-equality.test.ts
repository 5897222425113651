import fc from 'fast-check';
import { expect, test } from 'vitest';
import { semanticallyEqual } from './semantic-equality.ts';

test.each([
  [{ a: 1, b: [] }, { a: 1 }, true],
  [{ a: { b: {} } }, { a: { b: null } }, true],
  [{ a: { b: {} } }, {}, false],
  [{ a: '' }, {}, false],
  [{ a: 0 }, { a: null }, false],
  [[1, 2], [2, 1], false],
  [[], {}, true],
  [{ a: [1] }, { a: { 0: 1 } }, false],
  [null, undefined, true],
  [{ a: 1 }, { b: 1 }, false],
])('%j and %j: %s', (a, b, equal) => {
  expect(semanticallyEqual(a, b)).toBe(equal);
  expect(semanticallyEqual(b, a)).toBe(equal);
});

test('equal to its own copy in another key order; different once a leaf is', () => {
  const reversed = (value: unknown): unknown =>
    Array.isArray(value)
      ? value.map(reversed)
      : typeof value === 'object' && value !== null
        ? Object.fromEntries(
            Object.entries(value)
              .reverse()
              .map(([k, v]) => [k, reversed(v)]),
          )
        : value;
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
      expect(semanticallyEqual(value, reversed(value))).toBe(true);
      expect(semanticallyEqual({ ...value, extra: 'x' }, value)).toBe(value.extra === 'x');
    }),
  );
});
