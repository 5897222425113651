import { patchRefused } from './faults.ts';

type Json = Record<string, unknown>;

/** What `copy` operations may add to a document altogether. */
const MAX_COPIED_BYTES = 3 * 1024 * 1024;

/**
 * RFC 6902 as evanphx/json-patch v4 applies it: negative indices count from the end, `replace` of a missing member adds it.
 * Never changes `target`: containers are copied once along the paths that change. Throws StatusError 422.
 */
export function applyJsonPatch(target: unknown, operations: unknown): unknown {
  if (!Array.isArray(operations)) throw patchRefused();
  const document = new Document(target);
  let copiedBytes = 0;
  for (const operation of operations) {
    if (operation === null || typeof operation !== 'object') throw patchRefused();
    const { op, path, from, value } = operation as Json;
    const pointer = parsePointer(path);
    switch (op) {
      case 'add':
        if (!('value' in operation)) throw patchRefused();
        document.add(pointer, value);
        break;
      case 'replace':
        if (!('value' in operation)) throw patchRefused();
        document.replace(pointer, value);
        break;
      case 'remove':
        document.remove(pointer);
        break;
      case 'move': {
        const source = parsePointer(from);
        if (isPrefix(source, pointer)) throw patchRefused();
        const moved = document.get(source);
        document.remove(source);
        document.add(pointer, moved);
        break;
      }
      case 'copy': {
        const copied = document.get(parsePointer(from));
        copiedBytes += JSON.stringify(copied)?.length ?? 0;
        if (copiedBytes > MAX_COPIED_BYTES) throw patchRefused();
        document.add(pointer, copied);
        break;
      }
      case 'test':
        if (!isEqual(document.find(pointer) ?? null, value ?? null)) throw patchRefused();
        break;
      default:
        throw patchRefused();
    }
  }
  return document.root;
}

function parsePointer(path: unknown): string[] {
  if (typeof path !== 'string') throw patchRefused();
  if (path === '') return [];
  if (!path.startsWith('/')) throw patchRefused();
  const parts = path
    .slice(1)
    .split('/')
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
  if (parts.includes('__proto__')) throw patchRefused();
  return parts;
}

const isPrefix = (prefix: readonly string[], path: readonly string[]): boolean =>
  prefix.length < path.length && prefix.every((part, i) => part === path[i]);

function indexOf(list: readonly unknown[], part: string, end: number): number {
  if (!/^-?(0|[1-9]\d*)$/.test(part)) throw patchRefused();
  const index = Number(part) < 0 ? Number(part) + end : Number(part);
  if (index < 0 || index > list.length) throw patchRefused();
  return index;
}

/** A document whose containers are copied the first time something in them changes. */
class Document {
  root: unknown;
  readonly #owned = new Set<object>();

  constructor(root: unknown) {
    this.root = root;
  }

  /** The value, `undefined` where only the last member is missing. Throws if the way to it is missing. */
  find(pointer: readonly string[]): unknown {
    let value = this.root;
    pointer.forEach((part, i) => {
      const isLast = i === pointer.length - 1;
      if (Array.isArray(value)) {
        const index = indexOf(value, part, value.length);
        if (index >= value.length) throw patchRefused();
        value = value[index];
      } else if (value !== null && typeof value === 'object') {
        value = Object.hasOwn(value, part) ? (value as Json)[part] : undefined;
        if (value === undefined && !isLast) throw patchRefused();
      } else throw patchRefused();
    });
    return value;
  }

  get(pointer: readonly string[]): unknown {
    const value = this.find(pointer);
    if (value === undefined) throw patchRefused();
    return value;
  }

  add(pointer: readonly string[], value: unknown): void {
    if (pointer.length === 0) {
      this.root = value;
      return;
    }
    const [container, part] = this.#container(pointer);
    if (!Array.isArray(container)) container[part] = value;
    else if (part === '-') container.push(value);
    else container.splice(indexOf(container, part, container.length + 1), 0, value);
  }

  replace(pointer: readonly string[], value: unknown): void {
    if (pointer.length === 0) {
      this.root = value;
      return;
    }
    const [container, part] = this.#container(pointer);
    if (!Array.isArray(container)) container[part] = value;
    else {
      const index = indexOf(container, part, container.length);
      if (index >= container.length) throw patchRefused();
      container[index] = value;
    }
  }

  remove(pointer: readonly string[]): void {
    if (pointer.length === 0) throw patchRefused();
    const [container, part] = this.#container(pointer);
    if (!Array.isArray(container)) {
      if (!Object.hasOwn(container, part)) throw patchRefused();
      delete container[part];
      return;
    }
    const index = indexOf(container, part, container.length);
    if (index >= container.length) throw patchRefused();
    container.splice(index, 1);
  }

  /** The container of the last part, made our own. */
  #container(pointer: readonly string[]): [Json | unknown[], string] {
    this.root = this.#own(this.root);
    let container = this.root as Json | unknown[];
    for (const part of pointer.slice(0, -1)) {
      if (Array.isArray(container)) {
        const index = indexOf(container, part, container.length);
        const next = this.#own(container[index]);
        container[index] = next;
        container = next;
      } else {
        if (!Object.hasOwn(container, part)) throw patchRefused();
        const next = this.#own(container[part]);
        container[part] = next;
        container = next;
      }
    }
    return [container, pointer.at(-1) ?? ''];
  }

  #own(value: unknown): Json | unknown[] {
    if (value === null || typeof value !== 'object') throw patchRefused();
    if (this.#owned.has(value)) return value as Json | unknown[];
    const copy = Array.isArray(value) ? [...value] : { ...value };
    this.#owned.add(copy);
    return copy;
  }
}

export function isEqual(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (a === null || b === null || typeof a !== 'object' || typeof b !== 'object') return false;
  if (Array.isArray(a) || Array.isArray(b)) {
    if (!Array.isArray(a) || !Array.isArray(b) || a.length !== b.length) return false;
    return a.every((item, i) => isEqual(item, b[i]));
  }
  const keys = Object.keys(a);
  if (keys.length !== Object.keys(b).length) return false;
  return keys.every((key) => Object.hasOwn(b, key) && isEqual((a as Json)[key], (b as Json)[key]));
}
