import type { Clock } from './clock.ts';

/** What a queue reports about itself; all optional. */
export interface WorkQueueMetrics {
  depth?(items: number): void;
  added?(): void;
  /** Time from being added to being taken. */
  waited?(seconds: number): void;
  worked?(seconds: number): void;
  retried?(): void;
}

export interface WorkQueueOptions {
  readonly clock: Clock;
  /** First delay after a failure; default 5 ms. */
  readonly baseDelayMs?: number;
  /** Longest delay after failures; default 1,000 s. */
  readonly maximumDelayMs?: number;
  /** Bounds the rate of all retries together; default: unbounded. */
  readonly bucket?: { readonly perSecond: number; readonly burst: number };
  readonly metrics?: WorkQueueMetrics;
}

/**
 * Keys that wait to be looked at. A key is held once however often it is added; a key that is being worked on is not handed
 * out again until `done`, and is then if it was added meanwhile. Source: client-go workqueue.
 */
export class WorkQueue {
  readonly #clock: Clock;
  readonly #metrics: WorkQueueMetrics;
  readonly #baseMs: number;
  readonly #maximumMs: number;
  readonly #bucket: Bucket | undefined;
  /** When each waiting key was added. */
  readonly #waiting = new Map<string, number>();
  /** Waiting keys in order, from `#head` on; what is before it has been taken. */
  #order: string[] = [];
  #head = 0;
  /** Keys in work; `true`: added again meanwhile. */
  readonly #working = new Map<string, { again: boolean; sinceMs: number }>();
  readonly #delayed = new Map<string, { readonly atMs: number; cancel: () => void }>();
  readonly #failures = new Map<string, number>();
  readonly #takers: ((key: string | undefined) => void)[] = [];
  readonly #drained: (() => void)[] = [];
  #stopped = false;

  constructor(options: WorkQueueOptions) {
    this.#clock = options.clock;
    this.#metrics = options.metrics ?? {};
    this.#baseMs = options.baseDelayMs ?? 5;
    this.#maximumMs = options.maximumDelayMs ?? 1_000_000;
    this.#bucket = options.bucket && new Bucket(options.bucket.perSecond, options.bucket.burst, options.clock);
  }

  /** Keys that wait to be taken. */
  get length(): number {
    return this.#waiting.size;
  }

  add(key: string): void {
    if (this.#stopped) return;
    const working = this.#working.get(key);
    if (working) {
      if (!working.again) this.#metrics.added?.();
      working.again = true;
      return;
    }
    if (this.#waiting.has(key)) return;
    this.#metrics.added?.();
    this.#enqueue(key);
  }

  /** Adds after a delay. Of several delays for one key the shortest counts. */
  addAfter(key: string, delayMs: number): void {
    if (this.#stopped) return;
    if (delayMs <= 0) {
      this.add(key);
      return;
    }
    const atMs = this.#clock.now() + delayMs;
    const earlier = this.#delayed.get(key);
    if (earlier) {
      if (earlier.atMs <= atMs) return;
      earlier.cancel();
    }
    const cancel = this.#clock.after(delayMs, () => {
      this.#delayed.delete(key);
      this.add(key);
    });
    this.#delayed.set(key, { atMs, cancel });
  }

  /** Adds after the back-off of this key, which doubles each time until `forget`. */
  addRateLimited(key: string): void {
    const failures = this.#failures.get(key) ?? 0;
    this.#failures.set(key, failures + 1);
    this.#metrics.retried?.();
    const ownMs = Math.min(this.#maximumMs, this.#baseMs * 2 ** Math.min(failures, 60));
    this.addAfter(key, Math.max(ownMs, this.#bucket?.reserveMs() ?? 0));
  }

  /** The key succeeded: its next failure starts from the first delay. */
  forget(key: string): void {
    this.#failures.delete(key);
  }

  failures(key: string): number {
    return this.#failures.get(key) ?? 0;
  }

  /** The next key, which must be given back with `done`; `undefined` once the queue is stopped. */
  take(): Promise<string | undefined> {
    if (this.#stopped) return Promise.resolve(undefined);
    const key = this.#order[this.#head];
    if (key !== undefined) {
      this.#head++;
      if (this.#head > 1024 && this.#head * 2 > this.#order.length) {
        this.#order = this.#order.slice(this.#head);
        this.#head = 0;
      }
      const addedMs = this.#waiting.get(key) ?? this.#clock.now();
      this.#waiting.delete(key);
      this.#start(key, addedMs);
      return Promise.resolve(key);
    }
    return new Promise((resolve) => this.#takers.push(resolve));
  }

  done(key: string): void {
    const working = this.#working.get(key);
    if (!working) return;
    this.#working.delete(key);
    this.#metrics.worked?.((this.#clock.now() - working.sinceMs) / 1000);
    if (working.again && !this.#stopped) this.#enqueue(key);
    if (this.#working.size === 0) for (const resolve of this.#drained.splice(0)) resolve();
  }

  /** Hands out nothing more and resolves when all work in hand is done. What still waits is dropped. */
  stop(): Promise<void> {
    this.#stopped = true;
    for (const { cancel } of this.#delayed.values()) cancel();
    this.#delayed.clear();
    this.#waiting.clear();
    this.#order = [];
    this.#head = 0;
    this.#failures.clear();
    for (const resolve of this.#takers.splice(0)) resolve(undefined);
    if (this.#working.size === 0) return Promise.resolve();
    return new Promise((resolve) => this.#drained.push(resolve));
  }

  #enqueue(key: string): void {
    const taker = this.#takers.shift();
    if (taker) {
      this.#start(key, this.#clock.now());
      taker(key);
    } else {
      this.#waiting.set(key, this.#clock.now());
      this.#order.push(key);
      this.#metrics.depth?.(this.#waiting.size);
    }
  }

  #start(key: string, addedMs: number): void {
    const now = this.#clock.now();
    this.#working.set(key, { again: false, sinceMs: now });
    this.#metrics.waited?.((now - addedMs) / 1000);
    this.#metrics.depth?.(this.#waiting.size);
  }
}

/** A token bucket that may run into debt: `reserveMs` tells how long to wait for the token that it gives. */
export class Bucket {
  readonly #perMs: number;
  readonly #burst: number;
  readonly #clock: Clock;
  #tokens: number;
  #atMs: number;

  constructor(perSecond: number, burst: number, clock: Clock) {
    this.#perMs = perSecond / 1000;
    this.#burst = burst;
    this.#clock = clock;
    this.#tokens = burst;
    this.#atMs = clock.now();
  }

  reserveMs(): number {
    this.#refill();
    this.#tokens--;
    return this.#tokens >= 0 ? 0 : -this.#tokens / this.#perMs;
  }

  /** Takes a token if there is one. */
  take(): boolean {
    this.#refill();
    if (this.#tokens < 1) return false;
    this.#tokens--;
    return true;
  }

  #refill(): void {
    const now = this.#clock.now();
    this.#tokens = Math.min(this.#burst, this.#tokens + Math.max(0, now - this.#atMs) * this.#perMs);
    this.#atMs = now;
  }
}
