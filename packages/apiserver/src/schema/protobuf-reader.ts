import { JsonFault } from './strict-json.ts';

const TRUNCATED = 'unexpected EOF';

/** Reads the protobuf wire format between two positions of a buffer. Throws JsonFault on anything malformed. */
export class ProtobufReader {
  readonly #buffer: Buffer;
  #at: number;
  readonly #end: number;
  readonly #depth: number;

  constructor(buffer: Buffer, start: number, end: number, depth = 0) {
    if (depth > 200) throw new JsonFault('the protobuf message is nested too deeply');
    this.#buffer = buffer;
    this.#at = start;
    this.#end = end;
    this.#depth = depth;
  }

  more(): boolean {
    return this.#at < this.#end;
  }

  tag(): { field: number; wire: number } {
    const tag = this.varint();
    const field = Math.floor(tag / 8);
    if (field <= 0) throw new JsonFault(`proto: illegal tag ${field}`);
    return { field, wire: tag % 8 };
  }

  /** A varint as a signed 64-bit integer. */
  varint(): number {
    let low = 0;
    for (let shift = 0; shift < 28; shift += 7) {
      const byte = this.#byte();
      low |= (byte & 0x7f) << shift;
      if (byte < 0x80) return low;
    }
    let value = BigInt(low);
    for (let shift = 28n; shift < 70n; shift += 7n) {
      const byte = this.#byte();
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) {
        const signed = Number(BigInt.asIntN(64, value));
        if (!Number.isSafeInteger(signed))
          throw new JsonFault(`the integer ${BigInt.asIntN(64, value)} cannot be stored exactly`);
        return signed;
      }
    }
    throw new JsonFault('proto: integer overflow');
  }

  double(): number {
    this.#need(8);
    const value = this.#buffer.readDoubleLE(this.#at);
    this.#at += 8;
    return value;
  }

  bytes(): Buffer {
    const length = this.varint();
    if (length < 0) throw new JsonFault('proto: negative length found during unmarshaling');
    this.#need(length);
    const start = this.#at;
    this.#at += length;
    return this.#buffer.subarray(start, this.#at);
  }

  string(): string {
    return this.bytes().toString('utf8');
  }

  message(): ProtobufReader {
    const length = this.varint();
    if (length < 0) throw new JsonFault('proto: negative length found during unmarshaling');
    this.#need(length);
    const start = this.#at;
    this.#at += length;
    return new ProtobufReader(this.#buffer, start, this.#at, this.#depth + 1);
  }

  skip(wire: number): void {
    if (wire === 0) this.varint();
    else if (wire === 1) this.#advance(8);
    else if (wire === 2) this.bytes();
    else if (wire === 5) this.#advance(4);
    else throw new JsonFault(`proto: illegal wireType ${wire}`);
  }

  #byte(): number {
    if (this.#at >= this.#end) throw new JsonFault(TRUNCATED);
    return this.#buffer[this.#at++] ?? 0;
  }

  #need(length: number): void {
    if (this.#at + length > this.#end) throw new JsonFault(TRUNCATED);
  }

  #advance(length: number): void {
    this.#need(length);
    this.#at += length;
  }
}
