import { type ConnectOptions, LibvirtConnection } from './connection.ts';
import { LibvirtConnectionError } from './errors.ts';

/**
 * Connects to a daemon that may be starting just now: tries every `intervalMs` (default 10) until `waitMs` are over.
 * @throws the last LibvirtConnectionError when the time is over; at once whatever libvirtd itself refuses.
 */
export async function connectWhenReady(
  options: ConnectOptions & { waitMs: number; intervalMs?: number },
): Promise<LibvirtConnection> {
  const { waitMs, intervalMs = 10, ...connect } = options;
  const deadline = performance.now() + waitMs;
  for (;;) {
    try {
      return await LibvirtConnection.connect(connect);
    } catch (error) {
      if (!(error instanceof LibvirtConnectionError) || performance.now() >= deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, intervalMs));
    }
  }
}

/**
 * Always an open connection: `get()` gives the present one or makes a new one. Callers that come at the same time share
 * one attempt; a failed attempt is not remembered.
 */
export class LibvirtLink {
  readonly #open: () => Promise<LibvirtConnection>;
  #current: LibvirtConnection | undefined;
  #opening: Promise<LibvirtConnection> | undefined;
  #closed = false;

  /** @param open how a connection is made, e.g. `() => connectWhenReady({ socketPath, waitMs: 5000 })`. */
  constructor(open: () => Promise<LibvirtConnection>) {
    this.#open = open;
  }

  async get(): Promise<LibvirtConnection> {
    if (this.#closed) throw new LibvirtConnectionError('This link to libvirtd was closed');
    if (this.#current?.isOpen) return this.#current;
    this.#opening ??= this.#open().finally(() => {
      this.#opening = undefined;
    });
    const connection = await this.#opening;
    if (this.#closed) {
      await connection.close();
      throw new LibvirtConnectionError('This link to libvirtd was closed');
    }
    this.#current = connection;
    return connection;
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#current?.close();
  }
}
