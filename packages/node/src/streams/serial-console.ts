import { connect, type Socket } from 'node:net';
import type { Clock, Logger } from '@virtplane/runtime';
import { Backlog } from './backlog.ts';

/** Somebody who reads a guest's serial console. */
export interface SerialReader {
  /** Must not block: a reader that cannot keep up ends itself. */
  output(bytes: Buffer): void;
  /** The guest is gone. */
  end(): void;
}

export const backlogBytes = 64 * 1024;
const reconnectMs = 200;

/**
 * One guest's serial port: permanently connected, so that guest output never blocks and the last 64 KiB are kept. QEMU's
 * socket takes one client; this is it, and every console session is fanned out from here.
 */
export class SerialConsole {
  readonly #path: string;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #backlog = new Backlog(backlogBytes);
  readonly #readers = new Set<SerialReader>();
  #socket: Socket | undefined;
  #cancelRetry: (() => void) | undefined;
  #closed = false;

  constructor(path: string, clock: Clock, log: Logger) {
    this.#path = path;
    this.#clock = clock;
    this.#log = log;
    this.#connect();
  }

  #connect(): void {
    if (this.#closed) return;
    const socket = connect(this.#path);
    this.#socket = socket;
    socket.on('data', (bytes) => this.#output(bytes));
    socket.on('error', (error) => this.#log.debug('serial console is not reachable', { path: this.#path, error }));
    socket.on('close', () => {
      if (this.#socket === socket) this.#socket = undefined;
      // The guest may still be starting; when it is gone, `close` is called and ends this.
      if (!this.#closed) this.#cancelRetry = this.#clock.after(reconnectMs, () => this.#connect());
    });
  }

  #output(bytes: Buffer): void {
    this.#backlog.push(bytes, this.#readers.size > 0);
    for (const reader of this.#readers) reader.output(bytes);
  }

  /**
   * Adds a reader, which first gets what was kept: `unseen` (since the last reader left), `all` or `none`. Returns: remove it.
   */
  attach(reader: SerialReader, kept: 'unseen' | 'all' | 'none'): () => void {
    const bytes = kept === 'none' ? Buffer.alloc(0) : this.#backlog.read(kept);
    this.#backlog.markSeen();
    this.#readers.add(reader);
    if (bytes.length > 0) reader.output(bytes);
    return () => this.#readers.delete(reader);
  }

  /** The last 64 KiB. */
  recent(): Buffer {
    return this.#backlog.read('all');
  }

  /** Types into the console. Returns `false` when the guest does not read: wait for `drained` before the next. */
  write(bytes: Buffer): boolean {
    return this.#socket?.write(bytes) ?? true;
  }

  drained(callback: () => void): void {
    if (this.#socket?.writableNeedDrain) this.#socket.once('drain', callback);
    else callback();
  }

  close(): void {
    this.#closed = true;
    this.#cancelRetry?.();
    this.#socket?.destroy();
    for (const reader of [...this.#readers]) reader.end();
    this.#readers.clear();
  }
}
