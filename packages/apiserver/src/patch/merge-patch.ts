import { isEqual } from './json-patch.ts';

type Json = Record<string, unknown>;

const isObject = (value: unknown): value is Json =>
  value !== null && typeof value === 'object' && !Array.isArray(value);

/** RFC 7396. Never changes `target`; unchanged parts are shared. */
export function applyMergePatch(target: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return withoutNulls(patch);
  if (!isObject(target)) return withoutNulls(patch);
  const result: Json = { ...target };
  for (const key of Object.keys(patch)) {
    const change = patch[key];
    if (change === null) delete result[key];
    else result[key] = Object.hasOwn(result, key) ? applyMergePatch(result[key], change) : withoutNulls(change);
  }
  return result;
}

/** New content has no null members, also not in objects inside lists; null list items stay. Source: evanphx/json-patch v4. */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (!isObject(value)) return value;
  const result: Json = {};
  for (const key of Object.keys(value)) if (value[key] !== null) result[key] = withoutNulls(value[key]);
  return result;
}

/** The smallest merge patch that turns `from` into `to` (objects without null members). */
export function createMergePatch(from: unknown, to: unknown): unknown {
  if (!isObject(from) || !isObject(to)) return to;
  const patch: Json = {};
  for (const key of Object.keys(from)) if (!Object.hasOwn(to, key)) patch[key] = null;
  for (const key of Object.keys(to)) {
    const before = Object.hasOwn(from, key) ? from[key] : undefined;
    const after = to[key];
    if (isEqual(before, after)) continue;
    patch[key] = isObject(before) && isObject(after) ? createMergePatch(before, after) : after;
  }
  return patch;
}
