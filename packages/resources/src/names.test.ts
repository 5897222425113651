import fc from 'fast-check';
import { expect, test } from 'vitest';
import { humanAge, humanDuration } from './human.ts';
import {
  generateName,
  isConfigMapKey,
  isDns1035Label,
  isDns1123Label,
  isDns1123Subdomain,
  isEnvVarName,
  isLabelValue,
  isPathSegmentName,
  isQualifiedName,
  nameSuffix,
} from './names.ts';

test('DNS names', () => {
  expect(isDns1123Label('my-vm-1')).toEqual([]);
  expect(isDns1123Label('My')).toEqual([
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')",
  ]);
  expect(isDns1123Label('a'.repeat(64))).toEqual(['must be no more than 63 characters']);
  expect(isDns1123Subdomain('a.b-c.d')).toEqual([]);
  expect(isDns1123Subdomain('a..b')).toEqual([
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
  ]);
  expect(isDns1035Label('1a')).toHaveLength(1);
  expect(isDns1035Label('a1')).toEqual([]);
});

test('labels', () => {
  expect(isLabelValue('')).toEqual([]);
  expect(isLabelValue('a_b.c-d')).toEqual([]);
  expect(isLabelValue('-a')).toHaveLength(1);
  expect(isQualifiedName('kubevirt.io/schedulable')).toEqual([]);
  expect(isQualifiedName('a/b/c')[0]).toMatch(
    /^a qualified name must consist .* with an optional DNS subdomain prefix/,
  );
  expect(isQualifiedName('a/')).toEqual([
    'name part must be non-empty',
    expect.stringMatching(/^name part must consist of/),
  ]);
  expect(isQualifiedName('/a')).toEqual(['prefix part must be non-empty']);
  expect(isQualifiedName('A_B/c')[0]).toMatch(/^prefix part a lowercase RFC 1123 subdomain/);
});

test('keys and path segments', () => {
  expect(isConfigMapKey('a.b_c-D')).toEqual([]);
  expect(isConfigMapKey('..')).toEqual(["must not be '..'"]);
  expect(isConfigMapKey('a/b')).toHaveLength(1);
  expect(isEnvVarName('1a')).toHaveLength(1);
  expect(isPathSegmentName('system:node')).toEqual([]);
  expect(isPathSegmentName('a/b%')).toEqual(["may not contain '/'", "may not contain '%'"]);
});

test('generated names stay labels', () => {
  expect(nameSuffix()).toMatch(/^[bcdfghjklmnpqrstvwxz2456789]{5}$/);
  fc.assert(
    fc.property(fc.stringMatching(/^[a-z][a-z0-9-]{0,80}$/), (base) => {
      expect(isDns1123Label(generateName(base))).toEqual([]);
    }),
  );
});

test('label checks take linear time', () => {
  const started = performance.now();
  isDns1123Subdomain(`${'a-'.repeat(100_000)}!`);
  isQualifiedName(`${'a'.repeat(200_000)}!`);
  expect(performance.now() - started).toBeLessThan(10_000);
});

test.each([
  [-2000, '<invalid>'],
  [-1999, '0s'],
  [0, '0s'],
  [119_999, '119s'],
  [120_000, '2m'],
  [330_000, '5m30s'],
  [600_000, '10m'],
  [10_799_000, '179m'],
  [10_800_000, '3h'],
  [11_100_000, '3h5m'],
  [28_800_000, '8h'],
  [172_799_000, '47h'],
  [172_800_000, '2d'],
  [183_600_000, '2d3h'],
  [691_200_000, '8d'],
  [730 * 86_400_000, '2y'],
  [760 * 86_400_000, '2y30d'],
  [3285 * 86_400_000, '9y'],
])('an age of %d ms prints as %s', (ms, text) => {
  expect(humanDuration(ms)).toBe(text);
});

test('ages of moments', () => {
  expect(humanAge(undefined, 0)).toBe('<unknown>');
  expect(humanAge('yesterday', 0)).toBe('<invalid>');
  expect(humanAge('2024-01-01T00:00:00Z', Date.UTC(2024, 0, 1, 0, 5, 30))).toBe('5m30s');
});
