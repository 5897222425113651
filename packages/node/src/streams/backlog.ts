/** The last bytes of a stream, and how many of them nobody has read yet. */
export class Backlog {
  readonly #ring: Buffer;
  /** Bytes ever written. */
  #written = 0;
  /** Position up to which somebody was listening. */
  #seen = 0;

  constructor(capacityBytes: number) {
    this.#ring = Buffer.alloc(capacityBytes);
  }

  push(bytes: Buffer, seen: boolean): void {
    const capacity = this.#ring.length;
    const kept = bytes.length > capacity ? bytes.subarray(bytes.length - capacity) : bytes;
    const start = (this.#written + bytes.length - kept.length) % capacity;
    const first = Math.min(kept.length, capacity - start);
    kept.copy(this.#ring, start, 0, first);
    kept.copy(this.#ring, 0, first);
    this.#written += bytes.length;
    if (seen) this.#seen = this.#written;
  }

  /** `all`: everything that is kept; `unseen`: what came while nobody listened. */
  read(which: 'all' | 'unseen'): Buffer {
    const capacity = this.#ring.length;
    const oldest = Math.max(0, this.#written - capacity);
    const from = which === 'all' ? oldest : Math.max(oldest, this.#seen);
    const length = this.#written - from;
    const start = from % capacity;
    const first = Math.min(length, capacity - start);
    return Buffer.concat([this.#ring.subarray(start, start + first), this.#ring.subarray(0, length - first)]);
  }

  markSeen(): void {
    this.#seen = this.#written;
  }
}
