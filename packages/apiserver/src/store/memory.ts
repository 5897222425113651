import { writeFile } from 'node:fs/promises';
import type { Store, StoredEntry, StoreWrite } from './store.ts';

const byKey = (a: StoredEntry, b: StoredEntry): number => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0);

/** What a MemoryStore holds; handing the same contents to another one is its way of "reopening". */
export interface MemoryContents {
  readonly entries: Map<string, StoredEntry>;
  readonly meta: Map<string, Buffer>;
  revision: number;
}

export const emptyContents = (): MemoryContents => ({ entries: new Map(), meta: new Map(), revision: 1 });

/** Keeps nothing over restarts: tests, and servers that are thrown away. */
export class MemoryStore implements Store {
  readonly #contents: MemoryContents;

  constructor(contents: MemoryContents = emptyContents()) {
    this.#contents = contents;
  }

  get revision(): number {
    return this.#contents.revision;
  }

  async *load(): AsyncIterable<StoredEntry> {
    yield* [...this.#contents.entries.values()].sort(byKey);
  }

  meta(name: string): Buffer | undefined {
    return this.#contents.meta.get(name);
  }

  async setMeta(name: string, value: Buffer): Promise<void> {
    this.#contents.meta.set(name, Buffer.from(value));
  }

  async commit(batch: readonly StoreWrite[]): Promise<void> {
    for (const { key, revision, bytes } of batch) {
      if (bytes === null) this.#contents.entries.delete(key);
      else this.#contents.entries.set(key, { key, revision, bytes });
      this.#contents.revision = Math.max(this.#contents.revision, revision);
    }
  }

  /** One JSON line an entry. */
  async backup(path: string): Promise<void> {
    const lines = [...this.#contents.entries.values()]
      .sort(byKey)
      .map((e) => JSON.stringify({ key: e.key, revision: e.revision, value: e.bytes.toString('base64') }));
    await writeFile(path, `${lines.join('\n')}\n`, { mode: 0o600 });
  }

  async close(): Promise<void> {}
}
