import type { KubeObject } from '@virtplane/resources';
import type { ObjectCodec } from './codec.ts';
import type { Item } from './item.ts';
import type { ObjectSource } from './object-source.ts';
import { CacheEvent, DEFAULT_RING, EventRing, type RingLimits } from './ring.ts';
import { requiredValue, type Selection } from './selection.ts';
import { type Snapshot, SortedIndex } from './sorted-index.ts';

/** Every so many events the state after it is kept, so that the state at any kept revision is a short way back. */
const CHECKPOINT_EVERY = 1024;
/** Snapshots that somebody pages through. */
const MAX_PINNED = 32;

/** Is told of every committed event, in revision order. */
export interface EventListener {
  onEvent(event: CacheEvent): void;
  /** The resource is served no more. */
  onClose?(): void;
}

/** Committed objects of one resource: current state, ordered, with its recent past. */
export class Collection {
  readonly codec: ObjectCodec;
  readonly ring: EventRing;
  readonly #byKey = new Map<string, Item>();
  #index = new SortedIndex();
  readonly #listeners = new Set<EventListener>();
  /** Field path → value → keys. */
  readonly #secondary = new Map<string, Map<string, Set<string>>>();
  readonly #pinned = new Map<number, { snapshot: Snapshot; untilMs: number }>();
  readonly #keepMs: number;
  /** Revision of the last event; that of the initial load before the first. */
  #lastRevision: number;
  #sinceCheckpoint = 0;

  constructor(
    codec: ObjectCodec,
    loadRevision: number,
    indexedFields: readonly string[],
    limits: RingLimits = DEFAULT_RING,
  ) {
    this.codec = codec;
    this.ring = new EventRing(loadRevision, limits);
    this.#keepMs = limits.keepMs;
    this.#lastRevision = loadRevision;
    for (const field of indexedFields) this.#secondary.set(field, new Map());
  }

  get size(): number {
    return this.#byKey.size;
  }

  get lastRevision(): number {
    return this.#lastRevision;
  }

  get hasSeenEvent(): boolean {
    return this.ring.end > 0;
  }

  get(key: string): Item | undefined {
    return this.#byKey.get(key);
  }

  /** Initial contents, in any order. */
  fill(items: Item[]): void {
    items.sort((a, b) => (a.key < b.key ? -1 : 1));
    for (const item of items) {
      this.#byKey.set(item.key, item);
      this.#addSecondary(item);
    }
    this.#index = SortedIndex.from(items);
  }

  /** A change that is durable now. `item` of a deletion is the last content. */
  apply(type: CacheEvent['type'], revision: number, item: Item, previous: Item | undefined, nowMs: number): void {
    if (previous !== undefined) this.#removeSecondary(previous);
    if (type === 'DELETED') {
      this.#byKey.delete(item.key);
      this.#index.delete(item.key);
    } else {
      this.#byKey.set(item.key, item);
      this.#index.set(item);
      this.#addSecondary(item);
    }
    const event = new CacheEvent(type, revision, item, previous, nowMs);
    this.#lastRevision = revision;
    if (++this.#sinceCheckpoint >= CHECKPOINT_EVERY) {
      event.checkpoint = this.#index.snapshot();
      this.#sinceCheckpoint = 0;
    }
    this.ring.push(event);
    for (const listener of this.#listeners) listener.onEvent(event);
    event.forms = undefined;
  }

  snapshot(): Snapshot {
    return this.#index.snapshot();
  }

  /** State at a revision; `undefined` when that past is forgotten. The caller knows that it is not in the future. */
  snapshotAt(revision: number, nowMs: number): Snapshot | undefined {
    if (revision >= this.#lastRevision) return this.pin(revision, this.snapshot(), nowMs);
    const pinned = this.#pinned.get(revision);
    if (pinned !== undefined) {
      pinned.untilMs = Math.max(pinned.untilMs, nowMs + this.#keepMs);
      return pinned.snapshot;
    }
    if (revision < this.ring.floor) return undefined;
    // From the nearest known later state backwards.
    const first = this.ring.after(revision);
    let end = first;
    while (end < this.ring.end && this.ring.at(end)?.checkpoint === undefined) end++;
    const checkpoint = this.ring.at(end)?.checkpoint;
    const state = (checkpoint ?? this.snapshot()).thaw();
    for (let position = checkpoint === undefined ? end - 1 : end; position >= first; position--) {
      const event = this.ring.at(position)!;
      if (event.previous === undefined) state.delete(event.item.key);
      else state.set(event.previous);
    }
    return this.pin(revision, state.snapshot(), nowMs);
  }

  /** Keeps a state for those who will ask for its next page. */
  pin(revision: number, snapshot: Snapshot, nowMs: number): Snapshot {
    this.#pinned.delete(revision);
    this.#pinned.set(revision, { snapshot, untilMs: nowMs + this.#keepMs });
    if (this.#pinned.size > MAX_PINNED) {
      const [oldest] = this.#pinned.keys();
      if (oldest !== undefined) this.#pinned.delete(oldest);
    }
    return snapshot;
  }

  /** Forgets what is older than the ring's time. */
  sweep(nowMs: number): void {
    this.ring.sweep(nowMs);
    for (const [revision, { untilMs }] of this.#pinned) if (untilMs < nowMs) this.#pinned.delete(revision);
  }

  listen(listener: EventListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Ends all watches. */
  close(): void {
    for (const listener of [...this.#listeners]) listener.onClose?.();
  }

  /** Items of a secondary index in key order, where the selection asks for exactly one of its values. */
  indexed(selection: Selection): Item[] | undefined {
    if (selection.fields === undefined) return undefined;
    for (const [field, values] of this.#secondary) {
      const value = requiredValue(selection.fields, field);
      // The empty value is not indexed: it would hold nearly everything.
      if (value === undefined || value === '') continue;
      const items: Item[] = [];
      for (const key of [...(values.get(value) ?? [])].sort()) items.push(this.#byKey.get(key)!);
      return items;
    }
    return undefined;
  }

  source<T extends KubeObject>(): ObjectSource<T> {
    return {
      get: (namespace, name) =>
        this.#byKey.get(namespace === '' ? name : `${namespace}/${name}`)?.object as T | undefined,
      list: (namespace) => {
        const out: T[] = [];
        const next = this.snapshot().cursor();
        for (let item = next(); item !== undefined; item = next())
          if (namespace === undefined || item.namespace === namespace) out.push(item.object as T);
        return out;
      },
      subscribe: (listener) => this.listen({ onEvent: (event) => listener(event.type, this.objectOf(event) as T) }),
    };
  }

  /** The event's object; of a deletion the last content under the deletion's resourceVersion. */
  objectOf(event: CacheEvent): KubeObject {
    return event.type === 'DELETED'
      ? this.codec.inVersion(event.item.object, this.codec.version, event.revision)
      : event.item.object;
  }

  #addSecondary(item: Item): void {
    for (const [field, values] of this.#secondary) {
      const value = item.fields?.[field];
      if (value === undefined || value === '') continue;
      let keys = values.get(value);
      if (keys === undefined) {
        keys = new Set();
        values.set(value, keys);
      }
      keys.add(item.key);
    }
  }

  #removeSecondary(item: Item): void {
    for (const [field, values] of this.#secondary) {
      const value = item.fields?.[field];
      if (value === undefined || value === '') continue;
      const keys = values.get(value);
      keys?.delete(item.key);
      if (keys?.size === 0) values.delete(value);
    }
  }
}
