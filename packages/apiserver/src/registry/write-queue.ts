import type { Clock, Logger } from '@virtplane/runtime';
import type { StoredObject } from '../cache/codec.ts';
import type { Item } from '../cache/item.ts';
import { internal, storageFull } from '../errors.ts';
import { type Store, StoreError } from '../store/store.ts';
import type { PendingWrite, ResourceState } from './resource-state.ts';

/** A decided change on its way to the disk. */
interface Write extends PendingWrite {
  readonly state: ResourceState;
  readonly revision: number;
  readonly previous: Item | undefined;
  /** Keeps the parsed object alive until it is published. */
  readonly object: StoredObject | undefined;
  readonly resolve: (() => void) | undefined;
  readonly reject: ((error: Error) => void) | undefined;
}

/**
 * Gives every change its place in the one order of the server. `put` and `remove` decide and enqueue within one turn, so what
 * the caller compared still holds; all that is queued while a commit is on its way becomes the next one. A change is seen by
 * readers and watchers, and answered, once it is durable.
 */
export class WriteQueue {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #onFatal: (error: Error) => void;
  #assigned: number;
  #published: number;
  #queue: Write[] = [];
  #running = false;
  #idle: (() => void)[] = [];
  #waiters: { revision: number; wake: () => void }[] = [];

  constructor(store: Store, clock: Clock, log: Logger, onFatal: (error: Error) => void) {
    this.#store = store;
    this.#clock = clock;
    this.#log = log;
    this.#onFatal = onFatal;
    this.#assigned = store.revision;
    this.#published = store.revision;
  }

  /** Highest revision whose change, and all before it, can be read. */
  get published(): number {
    return this.#published;
  }

  /**
   * Stores `object` (from `codec.ordered`; its resourceVersion is filled in here). With `relaxed` it is answered before the
   * disk has confirmed it: for what is cheap to lose (events, lease renewals).
   */
  put(state: ResourceState, object: StoredObject, previous: Item | undefined, relaxed: boolean): Promise<Item> | Item {
    const revision = ++this.#assigned;
    object.metadata.resourceVersion = String(revision);
    const item = state.item(revision, state.codec.encode(object), object);
    item.share(object);
    const type = previous === undefined ? 'ADDED' : 'MODIFIED';
    if (relaxed) {
      this.#enqueue({ type, state, revision, item, previous, object, resolve: undefined, reject: undefined });
      return item;
    }
    return new Promise((resolve, reject) => {
      this.#enqueue({ type, state, revision, item, previous, object, resolve: () => resolve(item), reject });
    });
  }

  /** Removes; resolves with the deletion's revision. */
  remove(state: ResourceState, previous: Item): Promise<number> {
    const revision = ++this.#assigned;
    return new Promise((resolve, reject) => {
      const write = { type: 'DELETED', state, revision, item: previous, previous, object: undefined } as const;
      this.#enqueue({ ...write, resolve: () => resolve(revision), reject });
    });
  }

  /** Waits until `revision` can be read; `false` after `timeoutMs`. */
  async reached(revision: number, timeoutMs: number): Promise<boolean> {
    if (this.#published >= revision) return true;
    return new Promise((resolve) => {
      const waiter = { revision, wake: () => finish(true) };
      const finish = (reached: boolean): void => {
        cancel();
        this.#waiters = this.#waiters.filter((w) => w !== waiter);
        resolve(reached);
      };
      const cancel = this.#clock.after(timeoutMs, () => finish(false));
      this.#waiters.push(waiter);
    });
  }

  /** Resolves when everything queued is settled. */
  async settled(): Promise<void> {
    if (!this.#running) return;
    await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  #enqueue(write: Write): void {
    write.state.pending.set(write.item.key, write);
    this.#queue.push(write);
    if (this.#running) return;
    this.#running = true;
    // Requests that arrived together are decided in this turn and share the commit.
    setImmediate(() => void this.#run());
  }

  async #run(): Promise<void> {
    while (this.#queue.length > 0) {
      const batch = this.#queue;
      this.#queue = [];
      try {
        await this.#store.commit(
          batch.map(({ type, state, item, revision }) => ({
            key: state.prefix + item.key,
            revision,
            bytes: type === 'DELETED' ? null : item.bytes,
          })),
        );
      } catch (error) {
        this.#refuse(batch, error);
        continue;
      }
      this.#publish(batch);
    }
    this.#running = false;
    for (const wake of this.#idle.splice(0)) wake();
  }

  #publish(batch: readonly Write[]): void {
    const now = this.#clock.now();
    for (const write of batch) {
      const { state, item } = write;
      if (state.pending.get(item.key) === write) state.pending.delete(item.key);
      this.#published = write.revision;
      state.collection.apply(write.type, write.revision, item, write.previous, now);
      write.resolve?.();
    }
    if (this.#waiters.length === 0) return;
    for (const waiter of this.#waiters.filter((w) => w.revision <= this.#published)) waiter.wake();
  }

  /** Whatever was decided meanwhile stands on what was lost: it goes with it. */
  #refuse(batch: readonly Write[], error: unknown): void {
    const lost = [...batch, ...this.#queue];
    this.#queue = [];
    const full = error instanceof StoreError && error.kind === 'full';
    const message = error instanceof Error ? error.message : String(error);
    this.#log.error('a commit failed', { writes: lost.length, error });
    for (const write of lost) {
      write.state.pending.delete(write.item.key);
      write.reject?.(full ? storageFull() : internal(message));
    }
    if (error instanceof StoreError && error.kind === 'sync') this.#onFatal(error);
  }
}
