import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Database, open, type RootDatabase } from 'lmdb';
import { lockDirectory } from './directory-lock.ts';
import { refuseNetworkFileSystem } from './file-system.ts';
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

const errorCode = (error: unknown): unknown => (error instanceof Error && 'code' in error ? error.code : undefined);

/** errno as LMDB gives it: positive numbers of the system, negative ones of its own (MDB_MAP_FULL). */
function toStoreError(error: unknown): StoreError {
  if (error instanceof StoreError) return error;
  const message = error instanceof Error ? error.message : String(error);
  const code = errorCode(error);
  const full =
    code === 28 || code === 'ENOSPC' || code === -30792 || /no space left|MAP_FULL|disk quota/i.test(message);
  if (full) return new StoreError('full', 'the data directory has no space left', { cause: error });
  // After a failed write or fsync the state of the page cache is unknown: only a restart tells what is on disk.
  if (code === 5 || /input\/output error|EIO|sync/i.test(message))
    return new StoreError('sync', `the disk did not confirm a write: ${message}`, { cause: error });
  return new StoreError('io', `the database could not be written: ${message}`, { cause: error });
}

/**
 * LMDB in one directory, one writer. Writes go to disk off the main thread; all that arrive while one transaction is on its
 * way become the next one. Resolves after fdatasync (`overlappingSync` is off: a commit is durable when it is reported).
 */
export class LmdbStore implements Store {
  readonly #root: RootDatabase<Buffer, string>;
  readonly #objects: Database<Buffer, string>;
  readonly #meta: Database<Buffer, string>;
  readonly #unlock: () => void;
  readonly #metaValues = new Map<string, Buffer>();
  #revision: number;
  #waiting: Waiting[] = [];
  #running: Promise<void> | undefined;
  #failed: StoreError | undefined;
  #closed = false;

  /** Throws StoreError `in-use`, `format`, `io`. */
  static open(directory: string): LmdbStore {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    refuseNetworkFileSystem(directory);
    const unlock = lockDirectory(directory);
    try {
      return new LmdbStore(directory, unlock);
    } catch (error) {
      unlock();
      throw error instanceof StoreError ? error : toStoreError(error);
    }
  }

  private constructor(directory: string, unlock: () => void) {
    this.#unlock = unlock;
    this.#root = open<Buffer, string>({
      path: join(directory, 'data.mdb'),
      noSubdir: true,
      encoding: 'binary',
      overlappingSync: false,
      maxDbs: 4,
      // Readers live in this process only.
      maxReaders: 16,
    });
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
        const failure = toStoreError(error);
        if (failure.kind === 'sync') this.#failed = failure;
        // What came later was decided upon what just failed: it must not become durable without it.
        const later = this.#waiting;
        this.#waiting = [];
        for (const waiting of [...group, ...later]) waiting.reject(failure);
      }
    }
    this.#running = undefined;
  }

  /** All puts of one turn are one LMDB transaction (eventTurnBatching); the promise of the last one settles with it. */
  async #transaction(group: readonly Waiting[]): Promise<void> {
    let revision = this.#revision;
    let last: Promise<boolean> | undefined;
    for (const { batch, meta } of group) {
      for (const { key, revision: of, bytes } of batch) {
        last = bytes === null ? this.#objects.remove(key) : this.#objects.put(key, bytes, of);
        // Only the last promise is awaited; all of one transaction fail together.
        last.catch(ignoreSibling);
        if (of > revision) revision = of;
      }
      if (meta) {
        last = this.#meta.put(meta.name, meta.value);
        last.catch(ignoreSibling);
      }
    }
    if (revision > this.#revision) last = this.#meta.put(META_REVISION, Buffer.from(String(revision)));
    try {
      await last;
    } catch (error) {
      throw await causeOf(error);
    }
    this.#revision = revision;
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

const ignoreSibling = (): void => {};

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
