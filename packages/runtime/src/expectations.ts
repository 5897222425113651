import type { Clock } from './clock.ts';

interface Expected {
  creations: number;
  /** Keys whose deletion has not been seen yet. */
  readonly deletions: Set<string>;
  readonly sinceMs: number;
}

/**
 * What a controller has asked the API for and not yet seen in its informer. While it is not satisfied, the cache is older than
 * the controller's own writes and must not be counted from. Expectations lapse after `timeoutMs`, in case an event never
 * comes. Source: client-go ControllerExpectations, UIDTrackingControllerExpectations.
 */
export class Expectations {
  readonly #clock: Clock;
  readonly #timeoutMs: number;
  readonly #expected = new Map<string, Expected>();

  constructor(clock: Clock, timeoutMs = 300_000) {
    this.#clock = clock;
    this.#timeoutMs = timeoutMs;
  }

  /** Call before creating. */
  expectCreations(controller: string, count: number): void {
    this.#of(controller).creations += count;
  }

  /** Call before deleting; `dependent` identifies what is deleted (uid or key). */
  expectDeletion(controller: string, dependent: string): void {
    this.#of(controller).deletions.add(dependent);
  }

  /** An add was seen, or a create failed. */
  creationObserved(controller: string): void {
    const expected = this.#expected.get(controller);
    if (expected && expected.creations > 0) expected.creations--;
    this.#settle(controller);
  }

  /** A delete (or a deletion timestamp) was seen, or a delete failed. */
  deletionObserved(controller: string, dependent: string): void {
    this.#expected.get(controller)?.deletions.delete(dependent);
    this.#settle(controller);
  }

  satisfied(controller: string): boolean {
    const expected = this.#expected.get(controller);
    if (!expected) return true;
    if (this.#clock.now() - expected.sinceMs < this.#timeoutMs) return false;
    this.#expected.delete(controller);
    return true;
  }

  /** The controller's object is gone. */
  forget(controller: string): void {
    this.#expected.delete(controller);
  }

  #of(controller: string): Expected {
    let expected = this.#expected.get(controller);
    if (!expected) {
      expected = { creations: 0, deletions: new Set(), sinceMs: this.#clock.now() };
      this.#expected.set(controller, expected);
    }
    return expected;
  }

  #settle(controller: string): void {
    const expected = this.#expected.get(controller);
    if (expected && expected.creations === 0 && expected.deletions.size === 0) this.#expected.delete(controller);
  }
}
