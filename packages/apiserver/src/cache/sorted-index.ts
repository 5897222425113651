import type { Item } from './item.ts';

/** Chunks are split above this and merged away when empty. */
const CHUNK = 256;

interface Chunk {
  /** Whoever made this chunk may change it in place; everybody else copies. */
  owner: object;
  readonly items: Item[];
}

/** Index of the first item whose key is >= `key`. */
function lowerBound(items: readonly Item[], key: string): number {
  let low = 0;
  let high = items.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (items[middle]!.key < key) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Index of the chunk that holds `key` or would hold it. */
function chunkFor(chunks: readonly Chunk[], key: string): number {
  let low = 0;
  let high = chunks.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if (chunks[middle]!.items[0]!.key <= key) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** Items of one moment in key order. Never changes. */
export class Snapshot {
  readonly size: number;
  protected readonly chunks: readonly Chunk[];

  constructor(chunks: readonly Chunk[], size: number) {
    this.chunks = chunks;
    this.size = size;
  }

  /** Items with keys >= `from`, in order, as an index of its own: apply changes to it without changing the snapshot. */
  thaw(): SortedIndex {
    return new SortedIndex(this.chunks, this.size);
  }

  get(key: string): Item | undefined {
    const chunk = this.chunks[chunkFor(this.chunks, key)];
    if (chunk === undefined) return undefined;
    const item = chunk.items[lowerBound(chunk.items, key)];
    return item?.key === key ? item : undefined;
  }

  /** How many keys are < `key`. */
  rank(key: string): number {
    if (this.chunks.length === 0) return 0;
    const at = chunkFor(this.chunks, key);
    let count = 0;
    for (let i = 0; i < at; i++) count += this.chunks[i]!.items.length;
    return count + lowerBound(this.chunks[at]!.items, key);
  }

  /** A cursor over the keys from `from` on, up to but without `until`. */
  cursor(from = '', until?: string): () => Item | undefined {
    const { chunks } = this;
    if (chunks.length === 0) return () => undefined;
    let c = chunkFor(chunks, from);
    let i = lowerBound(chunks[c]!.items, from);
    return () => {
      while (c < chunks.length) {
        const item = chunks[c]!.items[i];
        if (item === undefined) {
          c++;
          i = 0;
          continue;
        }
        i++;
        return until !== undefined && item.key >= until ? undefined : item;
      }
      return undefined;
    };
  }
}

/**
 * Ordered map key → Item in chunks, copied on write only after a snapshot was taken: a snapshot costs one array of chunk
 * references, an update between two snapshots touches one chunk in place.
 */
export class SortedIndex {
  #chunks: Chunk[];
  #ownsDirectory: boolean;
  #owner: object = {};
  #size: number;

  constructor(chunks: readonly Chunk[] = [], size = 0) {
    this.#chunks = chunks as Chunk[];
    this.#ownsDirectory = chunks.length === 0;
    if (this.#ownsDirectory) this.#chunks = [];
    this.#size = size;
  }

  /** From items already in key order. */
  static from(sorted: readonly Item[]): SortedIndex {
    const index = new SortedIndex();
    for (let i = 0; i < sorted.length; i += CHUNK / 2)
      index.#chunks.push({ owner: index.#owner, items: sorted.slice(i, i + CHUNK / 2) });
    index.#size = sorted.length;
    return index;
  }

  get size(): number {
    return this.#size;
  }

  snapshot(): Snapshot {
    this.#owner = {};
    this.#ownsDirectory = false;
    return new Snapshot(this.#chunks, this.#size);
  }

  set(item: Item): void {
    if (this.#chunks.length === 0) {
      this.#directory().push({ owner: this.#owner, items: [item] });
      this.#size++;
      return;
    }
    const at = chunkFor(this.#chunks, item.key);
    const { items } = this.#writable(at);
    const i = lowerBound(items, item.key);
    if (items[i]?.key === item.key) {
      items[i] = item;
      return;
    }
    items.splice(i, 0, item);
    this.#size++;
    if (items.length > CHUNK) {
      // Keys often ascend (vm-0001, vm-0002): then a full left part and an empty right one fill memory best.
      const cut = i === items.length - 1 ? items.length - 1 : items.length >>> 1;
      this.#directory().splice(at + 1, 0, { owner: this.#owner, items: items.splice(cut) });
    }
  }

  delete(key: string): void {
    if (this.#chunks.length === 0) return;
    const at = chunkFor(this.#chunks, key);
    const found = this.#chunks[at]!.items;
    const i = lowerBound(found, key);
    if (found[i]?.key !== key) return;
    this.#size--;
    if (found.length === 1) this.#directory().splice(at, 1);
    else this.#writable(at).items.splice(i, 1);
  }

  #directory(): Chunk[] {
    if (!this.#ownsDirectory) {
      this.#chunks = this.#chunks.slice();
      this.#ownsDirectory = true;
    }
    return this.#chunks;
  }

  #writable(at: number): Chunk {
    const chunk = this.#chunks[at]!;
    if (chunk.owner === this.#owner) return chunk;
    const copy: Chunk = { owner: this.#owner, items: chunk.items.slice() };
    this.#directory()[at] = copy;
    return copy;
  }
}
