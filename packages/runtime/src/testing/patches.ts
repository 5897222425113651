type Json = Record<string, unknown>;

const isRecord = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** RFC 7396. */
export function mergePatch(target: unknown, patch: unknown): unknown {
  if (!isRecord(patch)) return patch;
  const out: Json = isRecord(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete out[key];
    else out[key] = mergePatch(out[key], value);
  }
  return out;
}

interface Operation {
  readonly op: 'add' | 'remove' | 'replace' | 'test' | 'move' | 'copy';
  readonly path: string;
  readonly from?: string;
  readonly value?: unknown;
}

const steps = (pointer: string): string[] =>
  pointer
    .split('/')
    .slice(1)
    .map((s) => s.replaceAll('~1', '/').replaceAll('~0', '~'));

function parentOf(document: unknown, path: string[]): Json | unknown[] {
  let at: unknown = document;
  for (const step of path.slice(0, -1)) {
    at = Array.isArray(at) ? at[Number(step)] : isRecord(at) ? at[step] : undefined;
  }
  if (!isRecord(at) && !Array.isArray(at)) throw new Error(`doc is missing path: /${path.join('/')}`);
  return at;
}

function read(document: unknown, pointer: string): unknown {
  if (pointer === '') return document;
  const path = steps(pointer);
  const parent = parentOf(document, path);
  const last = path.at(-1) ?? '';
  return Array.isArray(parent) ? parent[Number(last)] : parent[last];
}

function add(document: unknown, pointer: string, value: unknown): void {
  const path = steps(pointer);
  const parent = parentOf(document, path);
  const last = path.at(-1) ?? '';
  if (!Array.isArray(parent)) parent[last] = value;
  else if (last === '-') parent.push(value);
  else parent.splice(Number(last), 0, value);
}

function remove(document: unknown, pointer: string): unknown {
  const path = steps(pointer);
  const parent = parentOf(document, path);
  const last = path.at(-1) ?? '';
  const value = read(document, pointer);
  if (value === undefined) throw new Error(`remove operation does not apply: doc is missing path: ${pointer}`);
  if (Array.isArray(parent)) parent.splice(Number(last), 1);
  else delete parent[last];
  return value;
}

/** RFC 6902; throws when an operation does not apply. */
export function jsonPatch(target: unknown, operations: readonly Operation[]): unknown {
  const document = structuredClone(target);
  for (const operation of operations) {
    switch (operation.op) {
      case 'add':
        add(document, operation.path, operation.value);
        break;
      case 'remove':
        remove(document, operation.path);
        break;
      case 'replace':
        remove(document, operation.path);
        add(document, operation.path, operation.value);
        break;
      case 'move':
        add(document, operation.path, remove(document, operation.from ?? ''));
        break;
      case 'copy':
        add(document, operation.path, structuredClone(read(document, operation.from ?? '')));
        break;
      case 'test':
        if (JSON.stringify(read(document, operation.path)) !== JSON.stringify(operation.value))
          throw new Error(`testing path ${operation.path} failed`);
        break;
    }
  }
  return document;
}

export const isOperations = (patch: unknown): patch is readonly Operation[] => Array.isArray(patch);
