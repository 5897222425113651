import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { XdrError, XdrReader, XdrWriter } from './xdr.ts';

type Item =
  | ['u32' | 'i32' | 'f64', number]
  | ['u64' | 'i64', bigint]
  | ['string', string]
  | ['optionalString', string | undefined]
  | ['bytes' | 'fixed', Uint8Array]
  | ['bool', boolean];

const text = fc.string({ unit: 'binary' }).filter((value) => !value.includes('\0'));
const items: fc.Arbitrary<Item> = fc.oneof(
  fc.tuple(fc.constant('u32' as const), fc.integer({ min: 0, max: 0xffffffff })),
  fc.tuple(fc.constant('i32' as const), fc.integer({ min: -0x80000000, max: 0x7fffffff })),
  fc.tuple(fc.constant('f64' as const), fc.double({ noNaN: true })),
  fc.tuple(fc.constant('u64' as const), fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })),
  fc.tuple(fc.constant('i64' as const), fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })),
  fc.tuple(fc.constant('string' as const), text),
  fc.tuple(fc.constant('optionalString' as const), fc.option(text, { nil: undefined })),
  fc.tuple(fc.constant('bytes' as const), fc.uint8Array({ maxLength: 600 })),
  fc.tuple(fc.constant('fixed' as const), fc.uint8Array({ minLength: 16, maxLength: 16 })),
  fc.tuple(fc.constant('bool' as const), fc.boolean()),
);

function write(writer: XdrWriter, [kind, value]: Item): void {
  (writer[kind] as (value: unknown) => XdrWriter).call(writer, value);
}

describe('XDR', () => {
  test('whatever is written is read back, aligned to four bytes', () => {
    fc.assert(
      fc.property(fc.array(items), (values) => {
        const writer = new XdrWriter(28);
        for (const item of values) write(writer, item);
        const message = writer.finish();
        expect(message.length % 4).toBe(0);
        const reader = new XdrReader(message, 28);
        for (const [kind, value] of values) {
          const read = kind === 'fixed' ? reader.fixed(16) : reader[kind]();
          expect(read instanceof Buffer ? new Uint8Array(read) : read).toEqual(value);
        }
        expect(reader.remaining).toBe(0);
      }),
    );
  });

  test('padding is zero, so that no memory of ours leaves the process', () => {
    expect(new XdrWriter().string('a').finish().toString('hex')).toBe('0000000161000000');
  });

  test('a length beyond the message is refused before anything is allocated', () => {
    expect(() => new XdrReader(Buffer.from('7fffffff', 'hex')).bytes()).toThrow(XdrError);
    expect(() => new XdrReader(Buffer.from('4000000000000000', 'hex')).array((r) => r.u32())).toThrow(
      /announces 1073741824 items/,
    );
    expect(() => new XdrReader(Buffer.alloc(3)).u32()).toThrow(/ends early/);
  });

  test('strings that C would cut off are refused', () => {
    expect(() => new XdrWriter().string('a\0b')).toThrow(/NUL/);
  });
});
