import type { Clock } from '@virtplane/runtime';
import type { Watcher } from '../cache/watcher.ts';

const TICK_MS = 1_000;

/** All open watches: deadlines, bookmarks and stalled peers are looked after by one timer. */
export class WatchHub {
  readonly #clock: Clock;
  readonly #watchers = new Set<Watcher>();
  #cancel: (() => void) | undefined;
  #closed = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get size(): number {
    return this.#watchers.size;
  }

  /** Makes, registers and starts a watcher. */
  add(make: (onEnd: () => void) => Watcher): Watcher {
    const watcher: Watcher = make(() => this.#watchers.delete(watcher));
    this.#watchers.add(watcher);
    watcher.start();
    if (this.#closed) watcher.end();
    else this.#cancel ??= this.#clock.after(TICK_MS, this.#tick);
    return watcher;
  }

  close(): void {
    this.#closed = true;
    this.#cancel?.();
    for (const watcher of [...this.#watchers]) watcher.end();
  }

  #tick = (): void => {
    const now = this.#clock.now();
    for (const watcher of [...this.#watchers]) watcher.tick(now);
    this.#cancel = this.#watchers.size > 0 && !this.#closed ? this.#clock.after(TICK_MS, this.#tick) : undefined;
  };
}
