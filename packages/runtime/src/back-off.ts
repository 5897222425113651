import type { Clock } from './clock.ts';

/** Exponential back-off with jitter, so that many who lost one server do not come back at one instant. */
export class BackOff {
  readonly #initialMs: number;
  readonly #maximumMs: number;
  #failures = 0;

  constructor(initialMs: number, maximumMs: number) {
    this.#initialMs = initialMs;
    this.#maximumMs = maximumMs;
  }

  /** The next delay: between half of and the whole step. */
  nextMs(): number {
    const step = Math.min(this.#maximumMs, this.#initialMs * 2 ** Math.min(this.#failures, 30));
    this.#failures++;
    return step * (0.5 + Math.random() / 2);
  }

  reset(): void {
    this.#failures = 0;
  }
}

/** Resolves after `ms`, or at once when `signal` aborts. */
export function pause(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const done = (): void => {
      cancel();
      signal.removeEventListener('abort', done);
      resolve();
    };
    const cancel = clock.after(ms, done);
    signal.addEventListener('abort', done);
  });
}
