import type { Clock, Logger } from '@virtplane/runtime';
import type { Item } from '../cache/item.ts';
import type { ResourceState } from './resource-state.ts';
import type { WriteQueue } from './write-queue.ts';

/** How long events are kept after they were last written. Source: kube-apiserver --event-ttl. */
const TTL_MS = 3_600_000;
const TICK_MS = 30_000;
/** Removed at once; the rest waits for the next turn. */
const AT_ONCE = 500;

interface Event {
  lastTimestamp?: string | null;
  eventTime?: string | null;
  metadata?: { creationTimestamp?: string };
}

/** When an event that was there at the start was last written. */
function writtenAtMs(event: Event): number {
  const text = event.lastTimestamp ?? event.eventTime ?? event.metadata?.creationTimestamp;
  const ms = text ? Date.parse(text) : Number.NaN;
  return Number.isNaN(ms) ? 0 : ms;
}

/** Forgets Event objects. The queue is in order of writing, so only its front is ever looked at. */
export class EventExpiry {
  readonly #state: ResourceState;
  readonly #queue: WriteQueue;
  readonly #clock: Clock;
  readonly #log: Logger;
  #entries: { readonly key: string; readonly revision: number; readonly dueMs: number }[] = [];
  #at = 0;
  #cancel: () => void = () => {};
  readonly #unlisten: () => void;

  constructor(state: ResourceState, queue: WriteQueue, clock: Clock, log: Logger) {
    this.#state = state;
    this.#queue = queue;
    this.#clock = clock;
    this.#log = log;
    const next = state.collection.snapshot().cursor();
    for (let item = next(); item !== undefined; item = next()) this.#add(item, writtenAtMs(item.object as Event));
    this.#entries.sort((a, b) => a.dueMs - b.dueMs);
    this.#unlisten = state.collection.listen({
      onEvent: (event) => {
        if (event.type !== 'DELETED') this.#add(event.item, event.atMs);
      },
    });
    this.#schedule();
  }

  close(): void {
    this.#cancel();
    this.#unlisten();
  }

  #add(item: Item, writtenMs: number): void {
    this.#entries.push({ key: item.key, revision: item.revision, dueMs: writtenMs + TTL_MS });
  }

  #schedule(): void {
    this.#cancel = this.#clock.after(TICK_MS, () => {
      void this.#expire().finally(() => this.#schedule());
    });
  }

  async #expire(): Promise<void> {
    const now = this.#clock.now();
    const removals: Promise<number>[] = [];
    while (removals.length < AT_ONCE) {
      const entry = this.#entries[this.#at];
      if (entry === undefined || entry.dueMs > now) break;
      this.#at++;
      const item = this.#state.latest(entry.key);
      // Written again since: it has a later entry.
      if (item !== undefined && item.revision === entry.revision) removals.push(this.#queue.remove(this.#state, item));
    }
    if (this.#at > 4096) {
      this.#entries = this.#entries.slice(this.#at);
      this.#at = 0;
    }
    const failed = (await Promise.allSettled(removals)).find((r) => r.status === 'rejected');
    if (failed !== undefined) this.#log.warn('old events could not be removed', { error: failed.reason });
  }
}
