import { inflateSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { pngFromPpm } from './png.ts';

test('a PPM picture becomes the same PNG picture', () => {
  const png = pngFromPpm(Buffer.concat([Buffer.from('P6\n2 2\n255\n'), Buffer.from('abcdefghijkl')]));
  expect(png.subarray(1, 4).toString()).toBe('PNG');
  expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([2, 2]);
  const length = png.readUInt32BE(33);
  expect(inflateSync(png.subarray(41, 41 + length)).toString('latin1')).toBe('\0abcdef\0ghijkl');
});

test.each(['P5\n2 2\n255\nxxxx', 'P6\n2 2\n255\nabc', 'P6\n0 2\n255\n'])('refuses %j', (text) => {
  expect(() => pngFromPpm(Buffer.from(text))).toThrow(RangeError);
});
