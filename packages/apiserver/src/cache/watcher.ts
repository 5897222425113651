import type { Clock } from '@virtplane/runtime';
import type { Collection } from './collection.ts';
import type { Item } from './item.ts';
import type { CacheEvent } from './ring.ts';
import { keyRange, type Selection, selects } from './selection.ts';

/** Takes what a watcher finds. */
export interface WatchTarget {
  /** Bytes handed over and not yet taken by the peer; 0 for consumers in this process. */
  readonly backlogBytes: number;
  /** Bytes that the peer has taken so far. */
  readonly takenBytes: number;
  /**
   * `event` is set where the form can be shared with other watchers. `revision` is the resourceVersion that the object shows.
   */
  send(type: 'ADDED' | 'MODIFIED' | 'DELETED', item: Item, revision: number, event: CacheEvent | undefined): void;
  bookmark(revision: number, initialEventsEnd: boolean): void;
  /** The ERROR event of a past that is forgotten. */
  expired(revision: number, oldest: number): void;
  end(): void;
}

export interface WatchOptions {
  readonly selection: Selection;
  /** Events after this revision; `undefined`: the current state first, as ADDED. */
  readonly after: number | undefined;
  /** Revision that the whole server has published: the state's own in a bookmark after the initial events. */
  readonly published: () => number;
  readonly bookmarks: boolean;
  readonly initialEventsEnd: boolean;
  readonly deadlineMs: number;
}

/** Above this a watcher is not fed further: it reads on from the ring when the peer has taken something. */
const HIGH_WATER_BYTES = 1 << 20;
const STALLED_MS = 5_000;
const RETRY_MS = 5;
/** Items or events handed over before other work gets its turn. */
const SLICE = 500;
const BOOKMARK_MS = 60_000;
const BEFORE_DEADLINE_MS = 2_000;

/**
 * One watch: first (where asked) the state, then the ring up to now, then each event as it is committed. A peer that does not
 * keep up falls back to reading from the ring, so it costs no memory of its own; it is ended when it has taken nothing for
 * five seconds or when the ring has forgotten what it needs next. Nothing is ever skipped.
 */
export class Watcher {
  readonly #collection: Collection;
  readonly #target: WatchTarget;
  readonly #options: WatchOptions;
  readonly #clock: Clock;
  readonly #onEnd: () => void;
  #next: (() => Item | undefined) | undefined;
  #initialRevision = 0;
  /** Position in the ring of the next event, while not live. */
  #position = 0;
  #live = false;
  #ended = false;
  #unlisten: (() => void) | undefined;
  #bookmarkAtMs: number;
  #takenBytes = 0;
  #progressAtMs = 0;

  constructor(collection: Collection, target: WatchTarget, options: WatchOptions, clock: Clock, onEnd: () => void) {
    this.#collection = collection;
    this.#target = target;
    this.#options = options;
    this.#clock = clock;
    this.#onEnd = onEnd;
    const now = clock.now();
    this.#bookmarkAtMs =
      options.bookmarks && options.deadlineMs - now >= BEFORE_DEADLINE_MS
        ? Math.min(now + BOOKMARK_MS, options.deadlineMs - BEFORE_DEADLINE_MS)
        : Number.POSITIVE_INFINITY;
  }

  start(): void {
    const { after, selection } = this.#options;
    const { ring } = this.#collection;
    if (after !== undefined && after < ring.floor) {
      this.#target.expired(after, ring.floor);
      this.end();
      return;
    }
    if (after === undefined) {
      const { from, until } = keyRange(selection.namespace);
      this.#next = this.#collection.snapshot().cursor(from, until);
      this.#initialRevision = this.#options.published();
      this.#position = ring.end;
    } else {
      this.#position = ring.after(after);
    }
    // A revision of the future: its own and older events, when they come, are behind what the client has seen.
    this.#unlisten = this.#collection.listen(this);
    this.#pump();
  }

  onEvent(event: CacheEvent): void {
    if (!this.#live) return;
    if (this.#target.backlogBytes > HIGH_WATER_BYTES) {
      this.#live = false;
      this.#position = this.#collection.ring.end - 1;
      this.#markProgress();
      this.#later(RETRY_MS);
      return;
    }
    this.#dispatch(event, event);
  }

  onClose(): void {
    this.end();
  }

  /** Called about once a second. */
  tick(nowMs: number): void {
    if (this.#ended) return;
    if (nowMs >= this.#options.deadlineMs || this.#isStalled(nowMs)) {
      this.end();
      return;
    }
    if (nowMs < this.#bookmarkAtMs || !this.#live) return;
    if (this.#collection.hasSeenEvent) this.#target.bookmark(this.#collection.lastRevision, false);
    const last = this.#options.deadlineMs - BEFORE_DEADLINE_MS;
    this.#bookmarkAtMs = nowMs >= last ? Number.POSITIVE_INFINITY : Math.min(nowMs + BOOKMARK_MS, last);
  }

  end(): void {
    if (this.#ended) return;
    this.#stop();
    this.#target.end();
  }

  /** The peer is gone: nothing is told to it any more. */
  cancel(): void {
    if (!this.#ended) this.#stop();
  }

  #stop(): void {
    this.#ended = true;
    this.#live = false;
    this.#next = undefined;
    this.#unlisten?.();
    this.#onEnd();
  }

  /** `shared` is given while the event goes to everybody: then its forms are made once. */
  #dispatch(event: CacheEvent, shared: CacheEvent | undefined): void {
    const { after, selection } = this.#options;
    if (after !== undefined && event.revision <= after) return;
    const is = event.type !== 'DELETED' && selects(selection, event.item);
    const was = event.previous !== undefined && selects(selection, event.previous);
    if (is) this.#target.send(was ? 'MODIFIED' : 'ADDED', event.item, event.revision, shared);
    else if (was) this.#target.send('DELETED', event.previous!, event.revision, shared);
  }

  #pump = (): void => {
    if (this.#ended) return;
    for (let i = 0; i < SLICE; i++) {
      if (this.#target.backlogBytes > HIGH_WATER_BYTES) {
        if (this.#isStalled(this.#clock.now())) this.end();
        else this.#later(RETRY_MS);
        return;
      }
      if (!this.#step()) return;
    }
    setImmediate(this.#pump);
  };

  /** One item or event. `false`: nothing left to do now. */
  #step(): boolean {
    if (this.#next !== undefined) {
      const item = this.#next();
      if (item !== undefined) {
        if (selects(this.#options.selection, item)) this.#target.send('ADDED', item, item.revision, undefined);
        return true;
      }
      this.#next = undefined;
      if (this.#options.initialEventsEnd) this.#target.bookmark(this.#initialRevision, true);
      return true;
    }
    const { ring } = this.#collection;
    if (this.#position < ring.first) {
      this.end();
      return false;
    }
    const event = ring.at(this.#position);
    if (event === undefined) {
      this.#live = true;
      return false;
    }
    this.#position++;
    this.#dispatch(event, undefined);
    return true;
  }

  #later(delayMs: number): void {
    this.#clock.after(delayMs, this.#pump);
  }

  #markProgress(): void {
    this.#takenBytes = this.#target.takenBytes;
    this.#progressAtMs = this.#clock.now();
  }

  /** Something waits and the peer has taken nothing for a while. */
  #isStalled(nowMs: number): boolean {
    if (this.#target.backlogBytes === 0 || this.#target.takenBytes > this.#takenBytes || this.#progressAtMs === 0) {
      this.#takenBytes = this.#target.takenBytes;
      this.#progressAtMs = nowMs;
      return false;
    }
    return nowMs - this.#progressAtMs > STALLED_MS;
  }
}
