import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ImageError } from './errors.ts';
import { defaultPullPolicy, formatReference, isLocalOnly, parseReference } from './reference.ts';

const digest = `sha256:${'a'.repeat(64)}`;

test.each([
  ['fedora', 'docker.io/library/fedora:latest'],
  ['quay.io/containerdisks/fedora:39', 'quay.io/containerdisks/fedora:39'],
  ['registry:5000/img', 'registry:5000/img:latest'],
  ['registry:5000/a/b:tag', 'registry:5000/a/b:tag'],
  ['localhost/example/guest:1', 'localhost/example/guest:1'],
  ['team/img', 'docker.io/team/img:latest'],
  [`quay.io/x/y@${digest}`, `quay.io/x/y@${digest}`],
  [`quay.io/x/y:1@${digest}`, `quay.io/x/y:1@${digest}`],
  ['docker://quay.io/x/y', 'quay.io/x/y:latest'],
  ['[::1]:5000/x', '[::1]:5000/x:latest'],
])('%s is %s', (text, full) => {
  expect(formatReference(parseReference(text))).toBe(full);
});

test.each([
  '',
  'UPPER',
  'a//b',
  'quay.io/',
  'quay.io/a:',
  'quay.io/a@sha256:12',
  'quay.io/../etc',
  '-a/b',
  'a b',
  `quay.io/${'x'.repeat(600)}`,
])('refuses %j', (text) => {
  expect(() => parseReference(text)).toThrow(ImageError);
});

describe('pull policy by default', () => {
  test.each([
    ['registry:5000/img', 'Always'],
    ['registry:5000/img:latest', 'Always'],
    ['registry:5000/img:1', 'IfNotPresent'],
    [`quay.io/a/b@${digest}`, 'IfNotPresent'],
  ])('%s: %s', (text, policy) => {
    expect(defaultPullPolicy(parseReference(text))).toBe(policy);
  });
});

test('only localhost without a port is local', () => {
  expect(isLocalOnly(parseReference('localhost/a'))).toBe(true);
  expect(isLocalOnly(parseReference('localhost:5000/a'))).toBe(false);
});

test('any text is either refused or survives a round trip', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...'abZ019.:/@-_') }), (text) => {
      let parsed: ReturnType<typeof parseReference>;
      try {
        parsed = parseReference(text);
      } catch (error) {
        expect(error).toBeInstanceOf(ImageError);
        return;
      }
      expect(parseReference(formatReference(parsed))).toEqual(parsed);
    }),
  );
});
