import { headerBytes } from './protocol.ts';

/**
 * Cuts a byte stream into length-prefixed messages. A message that lies whole in one chunk is not copied; a longer one
 * is gathered in a buffer of exactly its size, so that the cost stays linear however small the chunks are.
 */
export class MessageReader {
  readonly #maxBytes: number;
  readonly #prefix = Buffer.alloc(4);
  #prefixBytes = 0;
  #message: Buffer | undefined;
  #messageBytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /**
   * @returns the messages that this chunk completes, each with its length word.
   * @throws RangeError on a length below a header or above the limit; nothing after that can be read.
   */
  *push(chunk: Buffer): Generator<Buffer> {
    let at = 0;
    while (at < chunk.length) {
      if (this.#message) {
        const taken = chunk.copy(this.#message, this.#messageBytes, at);
        this.#messageBytes += taken;
        at += taken;
        if (this.#messageBytes < this.#message.length) return;
        const whole = this.#message;
        this.#message = undefined;
        yield whole;
        continue;
      }
      if (this.#prefixBytes === 0 && chunk.length - at >= 4) {
        const length = this.#checked(chunk.readUInt32BE(at));
        if (chunk.length - at >= length) {
          yield chunk.subarray(at, at + length);
          at += length;
        } else {
          this.#begin(length);
        }
        continue;
      }
      const taken = chunk.copy(this.#prefix, this.#prefixBytes, at, at + 4 - this.#prefixBytes);
      this.#prefixBytes += taken;
      at += taken;
      if (this.#prefixBytes < 4) return;
      this.#prefixBytes = 0;
      const length = this.#checked(this.#prefix.readUInt32BE(0));
      this.#begin(length);
      this.#messageBytes = 4;
    }
  }

  #begin(length: number): void {
    this.#message = Buffer.allocUnsafe(length);
    this.#message.writeUInt32BE(length, 0);
    this.#messageBytes = 0;
  }

  #checked(length: number): number {
    if (length < headerBytes || length > this.#maxBytes) {
      throw new RangeError(`a message of ${length} bytes (allowed: ${headerBytes} to ${this.#maxBytes})`);
    }
    return length;
  }
}
