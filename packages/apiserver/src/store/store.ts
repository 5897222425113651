/** One stored value. `key`: `<group>/<plural>/[<namespace>/]<name>`, group `core` for the core group. */
export interface StoredEntry {
  readonly key: string;
  readonly revision: number;
  /** JSON of the object in its storage version, resourceVersion included. */
  readonly bytes: Buffer;
}

export interface StoreWrite {
  readonly key: string;
  /** Revision of this write; given by the caller, strictly ascending over all writes. */
  readonly revision: number;
  /** `null`: delete. */
  readonly bytes: Buffer | null;
}

/**
 * Durability and nothing else (the shape of kine's backend, for one writer): the caller decides order and revisions, all
 * reads after `load` are served from memory. One contract suite runs against every implementation.
 */
export interface Store {
  /** Everything, in key order. */
  load(): AsyncIterable<StoredEntry>;
  /** Highest revision ever committed (also of deletes); never goes back over restarts. */
  readonly revision: number;
  /** Survives restarts: cluster uid, format version, keys. */
  meta(name: string): Buffer | undefined;
  setMeta(name: string, value: Buffer): Promise<void>;
  /**
   * Atomic. Resolves once the batch is on disk. Concurrent calls are grouped and become durable in call order.
   * Rejects with StoreError: nothing of the batch is visible after a restart… unless the error is of kind `sync`, where it
   * is unknown and the process must end.
   */
  commit(batch: readonly StoreWrite[]): Promise<void>;
  backup(path: string): Promise<void>;
  close(): Promise<void>;
}

export class StoreError extends Error {
  readonly kind: 'full' | 'sync' | 'io' | 'in-use' | 'format';

  constructor(kind: StoreError['kind'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'StoreError';
    this.kind = kind;
  }
}
