import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Database, open, type RootDatabase, type RootDatabaseOptionsWithPath } from 'lmdb';
import { lockDirectory } from './directory-lock.ts';
import { freeBytes, refuseNetworkFileSystem } from './file-system.ts';
import { type Store, type StoredEntry, StoreError, type StoreWrite } from './store.ts';

const FORMAT = '1';
const META_FORMAT = 'format';
const META_REVISION = 'revision';
/** Entries handed out between two turns of the event loop while loading. */
const LOAD_SLICE = 2048;

interface Waiting {
  readonly batch: readonly StoreWrite[];
  readonly meta?: { readonly name: string; readonly value: Buffer };
  resolve(): void;
  reject(error: StoreError): void;
}

/** Pages of the tree that one write can touch, and what the meta pages and others on this disk may need meanwhile. */
const BYTES_PER_WRITE = 64 * 1024;
const RESERVE_BYTES = 16 << 20;

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

export interface LmdbOptions {
  /** Bytes left on the disk; tests have their own. */
  readonly freeBytes?: () => number;
}

/**
 * LMDB in one directory, one writer. Writes go to disk off the main thread; all that arrive while one transaction is on its
 * way become the next one. Resolves after fdatasync (`overlappingSync` is off: a commit is durable when it is reported).
 *
 * A full disk is noticed before it is reached: a commit that fails inside LMDB leaves page cache and native memory in a state
 * that nobody knows, so that is of kind `sync` and only a restart helps.
 */
export class LmdbStore implements Store {
  readonly #root: RootDatabase<Buffer, string>;
  readonly #objects: Database<Buffer, string>;
  readonly #meta: Database<Buffer, string>;
  readonly #unlock: () => void;
  readonly #freeBytes: () => number;
  readonly #metaValues = new Map<string, Buffer>();
  #revision: number;
  #waiting: Waiting[] = [];
  #running: Promise<void> | undefined;
  #failed: StoreError | undefined;
  #closed = false;

  /** Throws StoreError `in-use`, `format`, `io`. */
  static open(directory: string, options: LmdbOptions = {}): LmdbStore {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    refuseNetworkFileSystem(directory);
    const unlock = lockDirectory(directory);
    try {
      return new LmdbStore(directory, unlock, options.freeBytes ?? (() => freeBytes(directory)));
    } catch (error) {
      unlock();
      if (error instanceof StoreError) throw error;
      throw new StoreError('io', `the database in ${directory} could not be opened: ${messageOf(error)}`, {
        cause: error,
      });
    }
  }

  private constructor(directory: string, unlock: () => void, free: () => number) {
    this.#unlock = unlock;
    this.#freeBytes = free;
    const options: RootDatabaseOptionsWithPath & { txnStartThreshold: number } = {
      path: join(directory, 'data.mdb'),
      noSubdir: true,
      encoding: 'binary',
      overlappingSync: false,
      // Groups are made here; lmdb's own grouping leaves a rejected promise behind when a commit fails.
      eventTurnBatching: false,
      txnStartThreshold: 0,
      maxDbs: 4,
      // Readers live in this process only.
      maxReaders: 16,
    };
    this.#root = open<Buffer, string>(options);
    this.#objects = this.#root.openDB<Buffer, string>('objects', { encoding: 'binary', useVersions: true });
    this.#meta = this.#root.openDB<Buffer, string>('meta', { encoding: 'binary' });
    for (const { key, value } of this.#meta.getRange()) this.#metaValues.set(key, Buffer.from(value));
    const format = this.#metaValues.get(META_FORMAT)?.toString('latin1');
    if (format !== undefined && format !== FORMAT) {
      const error = new StoreError(
        'format',
        `the database in ${directory} has format ${format}, this program reads format ${FORMAT}; use the version that wrote it`,
      );
      void this.#root.close();
      throw error;
    }
    if (format === undefined) this.#meta.putSync(META_FORMAT, Buffer.from(FORMAT));
    this.#revision = Number(this.#metaValues.get(META_REVISION)?.toString('latin1') ?? '1');
  }

  get revision(): number {
    return this.#revision;
  }

  async *load(): AsyncIterable<StoredEntry> {
    let count = 0;
    for (const { key, value, version } of this.#objects.getRange({ versions: true })) {
      // The value lies in the map and is overwritten by the next read.
      const bytes = Buffer.allocUnsafeSlow(value.length);
      bytes.set(value);
      yield { key, revision: version ?? 0, bytes };
      if (++count % LOAD_SLICE === 0) await new Promise((resolve) => setImmediate(resolve));
    }
  }

  meta(name: string): Buffer | undefined {
    return this.#metaValues.get(name);
  }

  async setMeta(name: string, value: Buffer): Promise<void> {
    const copy = Buffer.from(value);
    await this.#enqueue([], { name, value: copy });
    this.#metaValues.set(name, copy);
  }

  commit(batch: readonly StoreWrite[]): Promise<void> {
    return this.#enqueue(batch);
  }

  #enqueue(batch: readonly StoreWrite[], meta?: Waiting['meta']): Promise<void> {
    if (this.#closed) return Promise.reject(new StoreError('io', 'the store is closed'));
    if (this.#failed) return Promise.reject(this.#failed);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ batch, ...(meta && { meta }), resolve, reject });
      this.#running ??= this.#run();
    });
  }

  async #run(): Promise<void> {
    while (this.#waiting.length > 0) {
      const group = this.#waiting;
      this.#waiting = [];
      try {
        await this.#transaction(group);
        for (const waiting of group) waiting.resolve();
      } catch (error) {
        const failure =
          error instanceof StoreError
            ? error
            : new StoreError('sync', `the disk did not confirm a write: ${messageOf(error)}`, { cause: error });
        if (failure.kind === 'sync') this.#failed = failure;
        // What came later was decided upon what just failed: it must not become durable without it.
        const later = this.#waiting;
        this.#waiting = [];
        for (const waiting of [...group, ...later]) waiting.reject(failure);
      }
    }
    this.#running = undefined;
  }

  async #transaction(group: readonly Waiting[]): Promise<void> {
    this.#checkSpace(group);
    let revision = this.#revision;
    const written = this.#root.batch(() => {
      for (const { batch, meta } of group) {
        for (const { key, revision: of, bytes } of batch) {
          if (bytes === null) void this.#objects.remove(key);
          else void this.#objects.put(key, bytes, of);
          if (of > revision) revision = of;
        }
        if (meta) void this.#meta.put(meta.name, meta.value);
      }
      if (revision > this.#revision) void this.#meta.put(META_REVISION, Buffer.from(String(revision)));
    });
    try {
      await written;
    } catch (error) {
      throw await causeOf(error);
    }
    this.#revision = revision;
  }

  #checkSpace(group: readonly Waiting[]): void {
    let needed = RESERVE_BYTES;
    for (const { batch } of group)
      for (const { bytes } of batch) needed += bytes === null ? 0 : bytes.length + BYTES_PER_WRITE;
    // Deletions pass: they are how space comes back, and the reserve is theirs.
    if (needed > RESERVE_BYTES && this.#freeBytes() < needed)
      throw new StoreError('full', 'the data directory has no space left');
  }

  async backup(path: string): Promise<void> {
    await this.#root.backup(path, false);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#running;
    await this.#root.close();
    this.#unlock();
  }
}

/** LMDB rejects writes with "Commit failed"; the reason comes a little later in `commitError`. */
async function causeOf(error: unknown): Promise<unknown> {
  if (!(error instanceof Error) || !('commitError' in error)) return error;
  try {
    await error.commitError;
    return error;
  } catch (reason) {
    return reason;
  }
}
