import type { Item } from '../cache/item.ts';
import type { Store, StoredEntry } from '../store/store.ts';
import { ResourceState } from './resource-state.ts';
import type { ResourceTable, ServedResource } from './served-resource.ts';

const SLICE = 2000;

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Resources that are served now, each with its objects. Also holds stored entries of resources that are not served yet. */
export class RegistryTable implements ResourceTable {
  readonly #states = new Map<string, ResourceState>();
  readonly #listeners = new Set<(group: string) => void>();
  /** Storage prefix → entries whose resource is not installed (yet). */
  readonly #waiting = new Map<string, StoredEntry[]>();
  readonly #revision: () => number;

  constructor(revision: () => number) {
    this.#revision = revision;
  }

  state(group: string, plural: string): ResourceState | undefined {
    return this.#states.get(`${group}/${plural}`);
  }

  states(): Iterable<ResourceState> {
    return this.#states.values();
  }

  get(group: string, plural: string): ServedResource | undefined {
    return this.state(group, plural)?.served;
  }

  all(): readonly ServedResource[] {
    return [...this.#states.values()].map((s) => s.served);
  }

  install(served: ServedResource): void {
    const { group, plural } = served.definition;
    const known = this.state(group, plural);
    if (known !== undefined) known.replace(served);
    else {
      const state = new ResourceState(served, this.#revision());
      const entries = this.#waiting.get(state.prefix);
      if (entries !== undefined) {
        this.#waiting.delete(state.prefix);
        state.collection.fill(entries.map((e) => state.restore(e)));
      }
      this.#states.set(`${group}/${plural}`, state);
    }
    this.#changed(group);
  }

  uninstall(group: string, plural: string): void {
    const state = this.state(group, plural);
    if (state === undefined) return;
    if (state.collection.size > 0 || state.pending.size > 0)
      throw new Error(`${state.qualified} still has objects: they must be deleted before the resource is`);
    state.collection.close();
    this.#states.delete(`${group}/${plural}`);
    this.#changed(group);
  }

  onChange(listener: (group: string) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Reads the whole store. */
  async load(store: Store): Promise<void> {
    const items = new Map<ResourceState, Item[]>();
    const byPrefix = new Map([...this.#states.values()].map((s) => [s.prefix, s] as const));
    let count = 0;
    for await (const entry of store.load()) {
      const prefix = entry.key.slice(0, entry.key.indexOf('/', entry.key.indexOf('/') + 1) + 1);
      const state = byPrefix.get(prefix);
      if (state === undefined) {
        const waiting = this.#waiting.get(prefix);
        if (waiting === undefined) this.#waiting.set(prefix, [entry]);
        else waiting.push(entry);
        continue;
      }
      const list = items.get(state);
      const item = state.restore(entry);
      if (list === undefined) items.set(state, [item]);
      else list.push(item);
      if (++count % SLICE === 0) await turn();
    }
    for (const [state, list] of items) state.collection.fill(list);
  }

  #changed(group: string): void {
    for (const listener of this.#listeners) listener(group);
  }
}
