import type { KubeObject } from '@virtplane/resources';
import type { ObjectKey } from './client.ts';
import type { IndexFunction, Lister } from './controller.ts';
import { keyText, keyTextOf } from './object-key.ts';

interface Index<T extends KubeObject> {
  readonly values: IndexFunction<T>;
  readonly entries: Map<string, Map<string, T>>;
}

const builtIn: Readonly<Record<string, IndexFunction<KubeObject>>> = {
  namespace: (object) => [object.metadata?.namespace ?? ''],
  owner: (object) => {
    for (const owner of object.metadata?.ownerReferences ?? []) if (owner.controller) return [owner.uid];
    return [];
  },
  nodeName: (object) => {
    const { nodeName } = (object as { spec?: { nodeName?: string } }).spec ?? {};
    return nodeName ? [nodeName] : [];
  },
};

const none: readonly never[] = [];

/** Objects by key, with indexes that are kept from the moment they are first asked for. */
export class IndexedStore<T extends KubeObject> implements Lister<T> {
  readonly #objects = new Map<string, T>();
  readonly #indexes = new Map<string, Index<T>>();
  #all: readonly T[] | undefined;

  get size(): number {
    return this.#objects.size;
  }

  keys(): Iterable<string> {
    return this.#objects.keys();
  }

  get(key: ObjectKey): T | undefined {
    return this.#objects.get(keyText(key));
  }

  getByText(key: string): T | undefined {
    return this.#objects.get(key);
  }

  list(namespace?: string): readonly T[] {
    if (namespace !== undefined && namespace !== '') return this.by('namespace', namespace);
    this.#all ??= [...this.#objects.values()];
    return this.#all;
  }

  by(name: string, value: string): readonly T[] {
    let index = this.#indexes.get(name);
    if (!index) {
      const values = builtIn[name];
      if (!values) throw new Error(`the informer has no index named ${JSON.stringify(name)}`);
      this.addIndex(name, values);
      index = this.#indexes.get(name);
    }
    const found = index?.entries.get(value);
    return found ? [...found.values()] : none;
  }

  addIndex(name: string, values: IndexFunction<T>): void {
    const existing = this.#indexes.get(name);
    if (existing) {
      if (existing.values === values) return;
      throw new Error(`the informer already has another index named ${JSON.stringify(name)}`);
    }
    const index: Index<T> = { values, entries: new Map() };
    this.#indexes.set(name, index);
    for (const [key, object] of this.#objects) enter(index, key, object, values(object));
  }

  /** Returns what was there before. */
  set(object: T): T | undefined {
    const key = keyTextOf(object);
    const old = this.#objects.get(key);
    this.#objects.set(key, object);
    this.#all = undefined;
    for (const index of this.#indexes.values()) {
      const values = index.values(object);
      if (old) leave(index, key, old, values);
      enter(index, key, object, values);
    }
    return old;
  }

  remove(key: string): T | undefined {
    const old = this.#objects.get(key);
    if (!old) return undefined;
    this.#objects.delete(key);
    this.#all = undefined;
    for (const index of this.#indexes.values()) leave(index, key, old, none);
    return old;
  }
}

function enter<T extends KubeObject>(index: Index<T>, key: string, object: T, values: readonly string[]): void {
  for (const value of values) {
    const entry = index.entries.get(value);
    if (entry) entry.set(key, object);
    else index.entries.set(value, new Map([[key, object]]));
  }
}

/** Values that stay are left where they are, which costs less and keeps the order. */
function leave<T extends KubeObject>(index: Index<T>, key: string, object: T, staying: readonly string[]): void {
  for (const value of index.values(object)) {
    if (staying.includes(value)) continue;
    const entry = index.entries.get(value);
    if (!entry) continue;
    entry.delete(key);
    if (entry.size === 0) index.entries.delete(value);
  }
}
