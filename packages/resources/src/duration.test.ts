import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DurationError, durationMs, formatDuration, formatDurationMs, parseDuration } from './duration.ts';

test.each([
  ['48h0m0s', 172_800_000_000_000n, '48h0m0s'],
  ['1h30m', 5_400_000_000_000n, '1h30m0s'],
  ['1.5s', 1_500_000_000n, '1.5s'],
  ['-1m', -60_000_000_000n, '-1m0s'],
  ['.5s', 500_000_000n, '500ms'],
  ['1µs', 1_000n, '1µs'],
  ['1us2ns', 1_002n, '1.002µs'],
  ['0', 0n, '0s'],
  ['+5m', 300_000_000_000n, '5m0s'],
  ['1.s', 1_000_000_000n, '1s'],
  ['9223372036854775807ns', 9223372036854775807n, '2562047h47m16.854775807s'],
  ['-9223372036854775808ns', -9223372036854775808n, '-2562047h47m16.854775808s'],
])('%s', (text, nanos, printed) => {
  expect(parseDuration(text)).toBe(nanos);
  expect(formatDuration(nanos)).toBe(printed);
});

test.each([
  ['', 'time: invalid duration ""'],
  ['abc', 'time: invalid duration "abc"'],
  ['.', 'time: invalid duration "."'],
  ['+', 'time: invalid duration "+"'],
  ['10', 'time: missing unit in duration "10"'],
  ['1h1', 'time: missing unit in duration "1h1"'],
  ['2d', 'time: unknown unit "d" in duration "2d"'],
  ['1e3', 'time: unknown unit "e" in duration "1e3"'],
  ['1 s', 'time: unknown unit " s" in duration "1 s"'],
  ['1é', 'time: unknown unit "\\xc3\\xa9" in duration "1\\xc3\\xa9"'],
  ['9223372036854775808ns', 'time: invalid duration "9223372036854775808ns"'],
  [`${'9'.repeat(100)}s`, `time: invalid duration "${'9'.repeat(100)}s"`],
])('%j is refused in the words of Go', (text, message) => {
  expect(() => parseDuration(text)).toThrow(new DurationError(message));
});

test('milliseconds', () => {
  expect(durationMs('1h')).toBe(3_600_000);
  expect(formatDurationMs(90_000)).toBe('1m30s');
});

test('every int64 survives printing and parsing', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -(1n << 63n), max: (1n << 63n) - 1n }), (nanos) => {
      expect(parseDuration(formatDuration(nanos))).toBe(nanos);
    }),
  );
});
