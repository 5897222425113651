import type { KubeObject } from '@virtplane/resources';

/**
 * Objects that a controller made and that its informer may not have told yet. A cache older than the controller's own writes
 * must not be counted from, or a second one would be made. Keyed by what the object was made for.
 */
export class OwnWrites<T extends KubeObject> {
  readonly #made = new Map<string, T>();

  remember(madeFor: string, object: T): void {
    this.#made.set(madeFor, object);
  }

  forget(madeFor: string): void {
    this.#made.delete(madeFor);
  }

  /** The cache's view, unless it is behind: then what `read` tells of the object now (`undefined`: it is gone again). */
  async settle(
    madeFor: string,
    isCached: (object: T) => boolean,
    read: (object: T) => Promise<T | undefined>,
  ): Promise<{ readonly ahead: boolean; readonly object?: T }> {
    const made = this.#made.get(madeFor);
    if (!made) return { ahead: false };
    if (isCached(made)) {
      this.#made.delete(madeFor);
      return { ahead: false };
    }
    const now = await read(made);
    if (now && now.metadata?.uid === made.metadata?.uid) return { ahead: true, object: now };
    this.#made.delete(madeFor);
    return { ahead: true };
  }
}
