import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MessageReader } from './message-reader.ts';

function message(length: number, fill: number): Buffer {
  const buffer = Buffer.alloc(length, fill);
  buffer.writeUInt32BE(length, 0);
  return buffer;
}

test('messages come out whole and in order however the stream is cut', () => {
  const lengths = fc.array(fc.integer({ min: 28, max: 400 }), { minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(lengths, fc.infiniteStream(fc.integer({ min: 1, max: 97 })), (sizes, cuts) => {
      const messages = sizes.map((size, i) => message(size, i));
      const stream = Buffer.concat(messages);
      const reader = new MessageReader(1000);
      const out: Buffer[] = [];
      for (let at = 0; at < stream.length; ) {
        const step = cuts.next().value ?? 1;
        for (const whole of reader.push(stream.subarray(at, at + step))) out.push(Buffer.from(whole));
        at += step;
      }
      expect(out).toEqual(messages);
    }),
  );
});

test.each([27, 0, 1001, 0xffffffff])('a length of %d bytes ends the conversation', (length) => {
  const prefix = Buffer.alloc(4);
  prefix.writeUInt32BE(length, 0);
  expect(() => [...new MessageReader(1000).push(prefix)]).toThrow(RangeError);
  expect(() => {
    const reader = new MessageReader(1000);
    for (const byte of prefix) [...reader.push(Buffer.from([byte]))];
  }).toThrow(RangeError);
});

test('a large message in small chunks costs linear time', () => {
  const size = 8 * 1024 * 1024;
  const big = message(size, 7);
  const reader = new MessageReader(size);
  const started = performance.now();
  let out: Buffer | undefined;
  for (let at = 0; at < size; at += 1024) for (const whole of reader.push(big.subarray(at, at + 1024))) out = whole;
  expect(out?.length).toBe(size);
  // Quadratic copying would move 32 GiB here.
  expect(performance.now() - started).toBeLessThan(15_000);
});
