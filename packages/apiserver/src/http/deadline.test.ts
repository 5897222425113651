import { expect, test } from 'vitest';
import { deadlineMs, parseGoDurationMs } from './deadline.ts';
import { requestInfo } from './router.ts';
import { warningHeaders } from './warnings.ts';

test.each([
  ['5s', 5000],
  ['1m30s', 90_000],
  ['1.5h', 5_400_000],
  ['250ms', 250],
  ['0', 0],
  ['-2s', -2000],
  ['5', undefined],
  ['', undefined],
  ['s', undefined],
  ['5 s', undefined],
])('duration %s', (text, expected) => {
  expect(parseGoDurationMs(text)).toBe(expected);
});

test('writes get 34 s, reads 60 s, a timeout parameter only lowers it', () => {
  const of = (method: string, query = '') => {
    const parameters = new URLSearchParams(query);
    return deadlineMs(requestInfo(method, '/api/v1/namespaces/a/pods', parameters), parameters);
  };
  expect(of('GET')).toBe(60_000);
  expect(of('POST')).toBe(34_000);
  expect(of('GET', 'timeout=5s')).toBe(5000);
  expect(of('GET', 'timeout=5m')).toBe(60_000);
  expect(of('GET', 'timeout=0s')).toBe(60_000);
  expect(() => of('GET', 'timeout=abc')).toThrow('invalid timeout specified in the request URL');
});

test('warnings are quoted, and cut when they are too many', () => {
  expect(warningHeaders(['a "b" \\ \n'])).toEqual(['299 - "a \\"b\\" \\\\ "']);
  const many = Array.from({ length: 20 }, (_, i) => String(i).padEnd(1000, 'x'));
  const cut = warningHeaders(many);
  expect(cut.length).toBe(16);
  expect(cut[0]).toHaveLength('299 - ""'.length + 256);
});
