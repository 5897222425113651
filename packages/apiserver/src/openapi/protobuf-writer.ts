/** Writes the protobuf wire format. Messages within messages are written to a writer of their own first. */
export class ProtobufWriter {
  #buffer = Buffer.allocUnsafe(256);
  #length = 0;

  string(field: number, value: string): void {
    const length = Buffer.byteLength(value);
    this.#reserve(length + 20);
    this.#varint(field * 8 + 2);
    this.#varint(length);
    this.#length += this.#buffer.write(value, this.#length);
  }

  strings(field: number, values: readonly string[]): void {
    for (const value of values) this.string(field, value);
  }

  boolean(field: number, value: boolean): void {
    if (!value) return;
    this.#reserve(20);
    this.#varint(field * 8);
    this.#varint(1);
  }

  integer(field: number, value: number): void {
    if (value === 0) return;
    this.#reserve(20);
    this.#varint(field * 8);
    this.#varint(value);
  }

  double(field: number, value: number): void {
    if (value === 0) return;
    this.#reserve(20);
    this.#varint(field * 8 + 1);
    this.#length = this.#buffer.writeDoubleLE(value, this.#length);
  }

  message(field: number, write: (writer: ProtobufWriter) => void): void {
    const inner = new ProtobufWriter();
    write(inner);
    this.bytes(field, inner.finish());
  }

  bytes(field: number, value: Buffer): void {
    this.#reserve(value.length + 20);
    this.#varint(field * 8 + 2);
    this.#varint(value.length);
    this.#length += value.copy(this.#buffer, this.#length);
  }

  finish(): Buffer {
    return this.#buffer.subarray(0, this.#length);
  }

  #reserve(bytes: number): void {
    if (this.#length + bytes <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.#buffer.length * 2, this.#length + bytes));
    this.#buffer.copy(larger, 0, 0, this.#length);
    this.#buffer = larger;
  }

  #varint(value: number): void {
    let rest = value;
    while (rest >= 0x80) {
      this.#buffer[this.#length++] = (rest % 0x80) | 0x80;
      rest = Math.floor(rest / 0x80);
    }
    this.#buffer[this.#length++] = rest;
  }
}
