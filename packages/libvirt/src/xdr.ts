/**
 * XDR (RFC 4506) as libvirt's RPC uses it: big-endian, everything padded to four bytes, an optional value is preceded by
 * a 0/1 word. One growing buffer a message; nothing is concatenated item by item.
 */

const utf8 = new TextDecoder('utf-8', { fatal: false });

/** The longest string libvirt itself accepts (REMOTE_STRING_MAX). */
const maxStringBytes = 4 * 1024 * 1024;

export class XdrError extends Error {
  override name = 'XdrError';
}

export class XdrWriter {
  #buffer: Buffer;
  #length: number;

  /** @param reserve bytes left free at the beginning, for a header that is filled in later. */
  constructor(reserve = 0) {
    this.#buffer = Buffer.allocUnsafe(Math.max(256, reserve));
    this.#length = reserve;
  }

  #room(bytes: number): number {
    const at = this.#length;
    const needed = at + bytes;
    if (needed > this.#buffer.length) {
      const grown = Buffer.allocUnsafe(Math.max(needed, this.#buffer.length * 2));
      this.#buffer.copy(grown, 0, 0, at);
      this.#buffer = grown;
    }
    this.#length = needed;
    return at;
  }

  u32(value: number): this {
    const at = this.#room(4);
    this.#buffer.writeUInt32BE(value >>> 0, at);
    return this;
  }

  i32(value: number): this {
    const at = this.#room(4);
    this.#buffer.writeInt32BE(value, at);
    return this;
  }

  u64(value: bigint | number): this {
    const at = this.#room(8);
    this.#buffer.writeBigUInt64BE(BigInt(value), at);
    return this;
  }

  i64(value: bigint | number): this {
    const at = this.#room(8);
    this.#buffer.writeBigInt64BE(BigInt(value), at);
    return this;
  }

  f64(value: number): this {
    const at = this.#room(8);
    this.#buffer.writeDoubleBE(value, at);
    return this;
  }

  bool(value: boolean): this {
    return this.u32(value ? 1 : 0);
  }

  /** Bytes of a length both sides know, such as a UUID. */
  fixed(bytes: Uint8Array): this {
    const padded = (bytes.length + 3) & ~3;
    const at = this.#room(padded);
    this.#buffer.set(bytes, at);
    this.#buffer.fill(0, at + bytes.length, at + padded);
    return this;
  }

  bytes(bytes: Uint8Array): this {
    return this.u32(bytes.length).fixed(bytes);
  }

  /** @throws XdrError when the string is longer than libvirt accepts or contains NUL, which C would cut it at. */
  string(value: string): this {
    if (value.includes('\0')) throw new XdrError('A string for libvirt must not contain the NUL character');
    const length = Buffer.byteLength(value);
    if (length > maxStringBytes) throw new XdrError(`A string of ${length} bytes exceeds libvirt's limit of 4 MiB`);
    this.u32(length);
    const padded = (length + 3) & ~3;
    const at = this.#room(padded);
    this.#buffer.write(value, at, 'utf8');
    this.#buffer.fill(0, at + length, at + padded);
    return this;
  }

  optionalString(value: string | undefined): this {
    return value === undefined ? this.u32(0) : this.u32(1).string(value);
  }

  /** What was written, including the reserved beginning. The writer must not be used afterwards. */
  finish(): Buffer {
    return this.#buffer.subarray(0, this.#length);
  }
}

/** Reads one message; every length is checked against what is really there before anything is allocated. */
export class XdrReader {
  readonly #buffer: Buffer;
  #at: number;

  constructor(buffer: Buffer, offset = 0) {
    this.#buffer = buffer;
    this.#at = offset;
  }

  get remaining(): number {
    return this.#buffer.length - this.#at;
  }

  #take(bytes: number): number {
    if (bytes > this.remaining) {
      throw new XdrError(`The message ends early: ${bytes} bytes expected, ${this.remaining} left`);
    }
    const at = this.#at;
    this.#at += bytes;
    return at;
  }

  u32(): number {
    return this.#buffer.readUInt32BE(this.#take(4));
  }

  i32(): number {
    return this.#buffer.readInt32BE(this.#take(4));
  }

  u64(): bigint {
    return this.#buffer.readBigUInt64BE(this.#take(8));
  }

  i64(): bigint {
    return this.#buffer.readBigInt64BE(this.#take(8));
  }

  f64(): number {
    return this.#buffer.readDoubleBE(this.#take(8));
  }

  bool(): boolean {
    return this.u32() !== 0;
  }

  fixed(length: number): Buffer {
    const at = this.#take((length + 3) & ~3);
    return this.#buffer.subarray(at, at + length);
  }

  bytes(): Buffer {
    return this.fixed(this.#count(1));
  }

  string(): string {
    return utf8.decode(this.bytes());
  }

  optionalString(): string | undefined {
    return this.bool() ? this.string() : undefined;
  }

  array<T>(item: (reader: XdrReader) => T): T[] {
    // Every XDR item takes at least four bytes, so a count beyond that is a lie.
    const count = this.#count(4);
    const items: T[] = [];
    for (let i = 0; i < count; i++) items.push(item(this));
    return items;
  }

  /** The rest of the message, not copied. */
  rest(): Buffer {
    return this.#buffer.subarray(this.#take(this.remaining));
  }

  #count(bytesEach: number): number {
    const count = this.u32();
    if (count * bytesEach > this.remaining) {
      throw new XdrError(`The message announces ${count} items but has only ${this.remaining} bytes left`);
    }
    return count;
  }
}
