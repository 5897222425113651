import type { Item } from './item.ts';
import type { Snapshot } from './sorted-index.ts';

/** Limits of what a resource remembers of its past. kube-apiserver's watch cache keeps 75 s within the same counts. */
export interface RingLimits {
  readonly minEvents: number;
  readonly maxEvents: number;
  readonly keepMs: number;
  /** Bytes of replaced content that may be held; beyond it the oldest events go, however young. */
  readonly maxBytes: number;
}

export const DEFAULT_RING: RingLimits = { minEvents: 100, maxEvents: 102_400, keepMs: 75_000, maxBytes: 96 << 20 };

/** One committed change of one resource. */
export class CacheEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly revision: number;
  /** The new content; of a deletion the last one (its own revision, not the deletion's). */
  readonly item: Item;
  readonly previous: Item | undefined;
  readonly atMs: number;
  /** Serialised forms, made once for all watchers and dropped when the event was handed to them. */
  forms: Map<string, Buffer> | undefined = undefined;
  /** State after this event; kept with every thousandth one. */
  checkpoint: Snapshot | undefined = undefined;

  constructor(type: CacheEvent['type'], revision: number, item: Item, previous: Item | undefined, atMs: number) {
    this.type = type;
    this.revision = revision;
    this.item = item;
    this.previous = previous;
    this.atMs = atMs;
  }
}

/** Bytes that only this event keeps alive. */
const heldBytes = (event: CacheEvent): number => event.previous?.bytes.length ?? 0;

/** The last events of one resource in revision order; positions count from the first event ever and never change. */
export class EventRing {
  readonly #limits: RingLimits;
  #events: CacheEvent[] = [];
  /** Index in #events of the oldest kept one; the front is cut off now and then. */
  #start = 0;
  /** Position of #events[0]. */
  #base = 0;
  #bytes = 0;
  /** Oldest revision from which all later events are known. */
  #floor: number;

  constructor(floor: number, limits: RingLimits = DEFAULT_RING) {
    this.#floor = floor;
    this.#limits = limits;
  }

  get floor(): number {
    return this.#floor;
  }

  get length(): number {
    return this.#events.length - this.#start;
  }

  /** Position of the oldest kept event. */
  get first(): number {
    return this.#base + this.#start;
  }

  /** Position that the next event gets. */
  get end(): number {
    return this.#base + this.#events.length;
  }

  at(position: number): CacheEvent | undefined {
    return position < this.first ? undefined : this.#events[position - this.#base];
  }

  push(event: CacheEvent): void {
    this.#events.push(event);
    this.#bytes += heldBytes(event);
    this.sweep(event.atMs, 2);
  }

  /** Drops what is too old or too much, at most `atMost` events. */
  sweep(nowMs: number, atMost = Number.POSITIVE_INFINITY): void {
    const { minEvents, maxEvents, keepMs, maxBytes } = this.#limits;
    for (let dropped = 0; dropped < atMost && this.length > minEvents; dropped++) {
      const oldest = this.#events[this.#start]!;
      if (nowMs - oldest.atMs <= keepMs && this.length <= maxEvents && this.#bytes <= maxBytes) break;
      this.#bytes -= heldBytes(oldest);
      this.#start++;
      this.#floor = oldest.revision;
    }
    if (this.#start > 1024 && this.#start > this.#events.length >>> 1) {
      this.#events = this.#events.slice(this.#start);
      this.#base += this.#start;
      this.#start = 0;
    }
  }

  /** Position of the first event with a revision > `revision`. */
  after(revision: number): number {
    let low = this.#start;
    let high = this.#events.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#events[middle]!.revision <= revision) low = middle + 1;
      else high = middle;
    }
    return this.#base + low;
  }
}
