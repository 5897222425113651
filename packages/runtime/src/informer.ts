import type { KubeObject } from '@virtplane/resources';
import type { ObjectKey } from './client.ts';
import type { IndexFunction, Informer, InformerHandler } from './controller.ts';
import { IndexedStore } from './indexed-store.ts';
import type { Logger } from './log.ts';
import { keyTextOf } from './object-key.ts';
import type { ReflectorSink } from './reflector.ts';

/**
 * The store behind a reflector, with handlers. A handler that throws is logged and disturbs nobody else. The store is
 * already up to date when a handler is called.
 */
export class SharedInformer<T extends KubeObject> implements Informer<T> {
  readonly #resource: string;
  readonly #log: Logger;
  readonly #store = new IndexedStore<T>();
  readonly #handlers = new Set<InformerHandler<T>>();
  readonly #synced: Promise<void>;
  #markSynced: () => void = () => {};

  constructor(resource: string, log: Logger) {
    this.#resource = resource;
    this.#log = log;
    this.#synced = new Promise((resolve) => {
      this.#markSynced = resolve;
    });
  }

  get(key: ObjectKey): T | undefined {
    return this.#store.get(key);
  }

  list(namespace?: string): readonly T[] {
    return this.#store.list(namespace);
  }

  by(index: string, value: string): readonly T[] {
    return this.#store.by(index, value);
  }

  addIndex(name: string, index: IndexFunction<T>): void {
    this.#store.addIndex(name, index);
  }

  addHandler(handler: InformerHandler<T>): () => void {
    this.#handlers.add(handler);
    for (const object of this.#store.list()) this.#call(() => handler.onAdd?.(object), object);
    return () => this.#handlers.delete(handler);
  }

  synced(): Promise<void> {
    return this.#synced;
  }

  readonly sink: ReflectorSink<T> = {
    replace: (objects) => {
      const present = new Set<string>();
      for (const object of objects) present.add(keyTextOf(object));
      for (const key of [...this.#store.keys()]) if (!present.has(key)) this.#remove(key);
      for (const object of objects) this.sink.upsert(object);
      this.#markSynced();
    },
    upsert: (object) => {
      const key = keyTextOf(object);
      const old = this.#store.getByText(key);
      if (old && old.metadata?.uid !== object.metadata?.uid) {
        // Deleted and created again under the same name while nobody watched: two different objects.
        this.#remove(key);
        this.sink.upsert(object);
        return;
      }
      if (old && old.metadata?.resourceVersion === object.metadata?.resourceVersion) return;
      this.#store.set(object);
      for (const handler of this.#handlers)
        this.#call(() => (old ? handler.onUpdate?.(object, old) : handler.onAdd?.(object)), object);
    },
    remove: (object) => this.#remove(keyTextOf(object), object),
  };

  #remove(key: string, last?: T): void {
    const old = this.#store.remove(key);
    if (!old) return;
    const gone = last ?? old;
    for (const handler of this.#handlers) this.#call(() => handler.onDelete?.(gone), gone);
  }

  #call(handle: () => void, object: T): void {
    try {
      handle();
    } catch (error) {
      this.#log.error('an informer handler failed', { resource: this.#resource, key: keyTextOf(object), error });
    }
  }
}
