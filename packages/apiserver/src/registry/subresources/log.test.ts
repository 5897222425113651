import { expect, test } from 'vitest';
import { cutOf } from './log.ts';

const cut = (query: string, text: string): string => cutOf(new URLSearchParams(query), 'p', 'c')(text);

test.each([
  ['', 'a\nb\nc\n', 'a\nb\nc\n'],
  ['tailLines=1', 'a\nb\nc\n', 'c\n'],
  ['tailLines=2', 'a\nb\nc', 'b\nc'],
  ['tailLines=9', 'a\nb\n', 'a\nb\n'],
  ['tailLines=0', 'a\n', ''],
  ['tailLines=1', '', ''],
  ['tailLines=1', '\n', '\n'],
  ['tailLines=2', '\na\n', '\na\n'],
  ['limitBytes=3', 'a\nb\nc\n', 'a\nb'],
  ['tailLines=1&limitBytes=1', 'a\nbc\n', 'b'],
  ['follow=false&previous=false&timestamps=0', 'a\n', 'a\n'],
])('%s of %j', (query, text, expected) => {
  expect(cut(query, text)).toBe(expected);
});

test.each([
  ['follow=true', 'follow is not supported'],
  ['previous=true', 'previous terminated container "c" in pod "p" not found'],
  ['sinceSeconds=5', 'sinceSeconds is not supported'],
  ['timestamps=true', 'timestamps is not supported'],
  ['tailLines=-1', 'tailLines: Invalid value: "-1"'],
  ['tailLines=x', 'tailLines: Invalid value: "x"'],
  ['limitBytes=0', 'limitBytes: Invalid value: "0"'],
])('%s is refused', (query, message) => {
  expect(() => cut(query, '')).toThrow(message);
});
