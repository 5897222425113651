import type { SchemaNode } from './node.ts';

type Json = Record<string, unknown>;

/**
 * Fills in defaults, in place. A null where the schema allows none and names a default counts as absent. Source:
 * apiextensions structural defaulting.
 */
export function applyDefaults(node: SchemaNode, value: unknown): void {
  if (!node.containsDefaults || value === null || typeof value !== 'object') return;
  if (Array.isArray(value)) {
    if (node.items?.containsDefaults) for (const item of value) applyDefaults(node.items, item);
    return;
  }
  const record = value as Json;
  for (const [name, member] of node.defaulted) {
    const current = record[name];
    if (member.hasDefault && (current === undefined || (current === null && !member.nullable))) {
      record[name] = copyOf(member.schema.default);
    }
    if (member.containsDefaults) {
      const child = record[name];
      if (child !== undefined) applyDefaults(member, child);
    }
  }
  if (node.values?.containsDefaults) {
    for (const key in record) if (!node.properties?.has(key)) applyDefaults(node.values, record[key]);
  }
}

function copyOf(value: unknown): unknown {
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map(copyOf);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, copyOf(item)]));
}
