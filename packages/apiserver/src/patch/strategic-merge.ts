import type { JsonSchema, StatusError } from '@virtplane/resources';
import { badRequest, failure } from '../errors.ts';
import { patchRefused } from './faults.ts';
import { isEqual } from './json-patch.ts';
import { applyDirectiveFreeOrder, mergeOrder } from './list-order.ts';

type Json = Record<string, unknown>;

const DIRECTIVE = '$patch';
const RETAIN_KEYS = '$retainKeys';
const DELETE_FROM = '$deleteFromPrimitiveList/';
const SET_ORDER = '$setElementOrder/';

/** A Go error without a reason of its own. */
const raw = (message: string): StatusError => failure(500, undefined, message);

const isObject = (value: unknown): value is Json =>
  value !== null && typeof value === 'object' && !Array.isArray(value);

const isDirective = (key: string): boolean => key.startsWith(DELETE_FROM) || key.startsWith(SET_ORDER);

/**
 * Strategic merge patch of a built-in kind: lists merge as the schema's patch strategy and merge key say. Never changes
 * `original`; unchanged parts are shared. Throws StatusError. Source: apimachinery strategicpatch.
 */
export function strategicMerge(original: Readonly<Json>, patch: unknown, schema: JsonSchema): Json {
  if (!isObject(patch)) throw badRequest('invalid JSON document');
  return mergeMap(original, patch, schema);
}

function mergeMap(original: Readonly<Json>, patch: Json, schema: JsonSchema | undefined): Json {
  if (Object.hasOwn(patch, DIRECTIVE)) {
    const { [DIRECTIVE]: directive, ...rest } = patch;
    if (directive === 'replace') return rest;
    if (directive === 'delete') return {};
    throw raw(`unknown patch type: ${goMapText(directive)} in map: ${goMapText(patch)}`);
  }
  const result: Json = { ...original };
  if (Object.hasOwn(patch, RETAIN_KEYS)) retainKeys(result, patch);
  for (const key of Object.keys(patch)) {
    if (key.startsWith(SET_ORDER)) setElementOrder(result, patch, key.slice(SET_ORDER.length), key, schema);
  }
  for (const key of Object.keys(patch)) {
    if (key === RETAIN_KEYS || key.startsWith(SET_ORDER)) continue;
    if (key.startsWith(DELETE_FROM)) {
      deleteFromList(result, patch[key], key.slice(DELETE_FROM.length));
      continue;
    }
    if (Object.hasOwn(patch, SET_ORDER + key) && Array.isArray(patch[key])) continue;
    const change = patch[key];
    if (change === null) {
      delete result[key];
      continue;
    }
    if (!Object.hasOwn(result, key)) {
      result[key] = withoutNullMembers(change);
      continue;
    }
    const member = memberSchema(schema, key);
    const before = result[key];
    if (isObject(before) && isObject(change)) {
      result[key] = hasStrategy(member, 'replace') ? change : mergeMap(before, change, member);
    } else if (Array.isArray(before) && Array.isArray(change)) {
      result[key] = mergeList(before, change, member, undefined);
    } else result[key] = change;
  }
  return result;
}

const memberSchema = (schema: JsonSchema | undefined, key: string): JsonSchema | undefined =>
  schema?.properties?.[key] ??
  (typeof schema?.additionalProperties === 'object' ? schema.additionalProperties : undefined);

const hasStrategy = (schema: JsonSchema | undefined, strategy: string): boolean =>
  schema?.['x-kubernetes-patch-strategy']?.split(',').includes(strategy) ?? false;

/** Null members of content that did not exist before vanish at every depth; directives in it are not interpreted. */
function withoutNullMembers(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNullMembers);
  if (!isObject(value)) return value;
  const result: Json = {};
  for (const key of Object.keys(value)) if (value[key] !== null) result[key] = withoutNullMembers(value[key]);
  return result;
}

function retainKeys(result: Json, patch: Json): void {
  const names = patch[RETAIN_KEYS];
  if (!Array.isArray(names)) throw badRequest('invalid patch format of retainKeys');
  const retained = new Set<unknown>(names);
  for (const key of Object.keys(patch)) {
    if (key === RETAIN_KEYS || isDirective(key) || patch[key] === null) continue;
    if (!retained.has(key)) throw badRequest('invalid patch format of retainKeys');
  }
  for (const key of Object.keys(result)) if (!retained.has(key)) delete result[key];
}

function deleteFromList(result: Json, unwanted: unknown, field: string): void {
  if (!Array.isArray(unwanted)) throw badRequest('invalid patch format of primitive list');
  const list = result[field];
  if (Array.isArray(list)) result[field] = list.filter((item) => !unwanted.some((other) => isEqual(other, item)));
}

function setElementOrder(
  result: Json,
  patch: Json,
  field: string,
  directive: string,
  schema: JsonSchema | undefined,
): void {
  const order = patch[directive];
  if (!Array.isArray(order)) throw badRequest('invalid patch format of setElementOrder list');
  const member = memberSchema(schema, field);
  const change = patch[field] ?? [];
  const deletions = patch[DELETE_FROM + field];
  let before = result[field] ?? [];
  if (!Array.isArray(before) || !Array.isArray(change))
    throw badRequest('invalid patch format of setElementOrder list');
  if (Array.isArray(deletions))
    before = (before as unknown[]).filter((item) => !deletions.some((d) => isEqual(d, item)));
  const list = before as unknown[];
  if (list.length === 0 && change.length === 0) return;
  const mergeKey = member?.['x-kubernetes-patch-merge-key'];
  const kept = change.filter((item: unknown) => !(isObject(item) && item[DIRECTIVE] === 'delete'));
  if (!isSubsequence(kept, order, mergeKey)) {
    throw raw(
      `The order in patch list:\n${goMapText(change)}\n doesn't match ${directive.slice(0, -field.length - 1)} list:\n${goMapText(order)}\n`,
    );
  }
  result[field] = mergeList(list, change, member, order);
}

const identityOf = (item: unknown, mergeKey: string | undefined): unknown =>
  mergeKey !== undefined && isObject(item) ? item[mergeKey] : item;

function isSubsequence(items: readonly unknown[], order: readonly unknown[], mergeKey: string | undefined): boolean {
  let at = 0;
  for (const item of items) {
    while (at < order.length && !isEqual(identityOf(order[at], mergeKey), identityOf(item, mergeKey))) at++;
    if (at >= order.length) return false;
    at++;
  }
  return true;
}

function mergeList(
  original: readonly unknown[],
  patch: readonly unknown[],
  schema: JsonSchema | undefined,
  order: readonly unknown[] | undefined,
): readonly unknown[] {
  if (!hasStrategy(schema, 'merge')) return order ? applyDirectiveFreeOrder(patch, order) : patch;
  if (original.length === 0 && patch.length === 0) return original;
  if (patch.length === 0 && !order) return original;
  const kinds = new Set([...original, ...patch].map(elementKind));
  if (kinds.size > 1) throw raw(`list element types are not identical: ${[...kinds].map((k) => k).join(', ')}`);
  const kind = [...kinds][0];
  if (kind === 'slice') throw patchRefused();
  if (kind !== 'map') {
    const merged: unknown[] = [];
    for (const item of [...original, ...patch]) if (!merged.some((other) => isEqual(other, item))) merged.push(item);
    return mergeOrder(merged, order ?? patch, original, (item) => item);
  }
  const mergeKey = schema?.['x-kubernetes-patch-merge-key'];
  if (mergeKey === undefined) {
    throw raw(`cannot merge lists without merge key for ${schema?.items?.$id?.split('.').at(-1) ?? 'this list'}`);
  }
  return mergeObjects(original as readonly Json[], patch as readonly Json[], schema?.items, mergeKey, order);
}

const elementKind = (item: unknown): string =>
  Array.isArray(item) ? 'slice' : isObject(item) ? 'map' : item === null ? 'null' : typeof item;

function keyOf(item: Json, mergeKey: string): unknown {
  const key = item[mergeKey];
  if (key === undefined) throw raw(`map: ${goMapText(item)} does not contain declared merge key: ${mergeKey}`);
  return key;
}

function mergeObjects(
  original: readonly Json[],
  patch: readonly Json[],
  itemSchema: JsonSchema | undefined,
  mergeKey: string,
  order: readonly unknown[] | undefined,
): readonly unknown[] {
  let merged: Json[] = [...original];
  const changes: Json[] = [];
  let replace = false;
  for (const item of patch) {
    const directive = item[DIRECTIVE];
    if (directive === undefined) changes.push(item);
    else if (directive === 'delete') {
      const key = keyOf(item, mergeKey);
      merged = merged.filter((other) => !isEqual(other[mergeKey], key));
    } else if (directive === 'replace') replace = true;
    else if (directive === 'merge') throw raw('merging lists cannot yet be specified in the patch');
    else throw raw(`unknown patch type: ${goMapText(directive)} in map: ${goMapText(item)}`);
  }
  if (replace) return changes;
  for (const change of changes) {
    const key = keyOf(change, mergeKey);
    const index = merged.findIndex((item) => isEqual(item[mergeKey], key));
    const existing = merged[index];
    if (existing) merged[index] = mergeMap(existing, change, itemSchema);
    else merged.push(change);
  }
  return mergeOrder(merged, order ?? changes, original, (item) => (isObject(item) ? item[mergeKey] : item));
}

/** Go's `%v` of a JSON value (`map[dat:map[]]`, `[a b]`), for sentences that print a patch. */
export function goMapText(value: unknown): string {
  if (value === null || value === undefined) return '<nil>';
  if (Array.isArray(value)) return `[${value.map(goMapText).join(' ')}]`;
  if (!isObject(value)) return String(value);
  const entries = Object.keys(value)
    .sort()
    .map((key) => `${key}:${goMapText(value[key])}`);
  return `map[${entries.join(' ')}]`;
}
