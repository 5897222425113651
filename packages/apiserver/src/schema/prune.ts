import { metadataNode, type SchemaNode } from './node.ts';

type Json = Record<string, unknown>;

const isObject = (value: unknown): value is Json =>
  value !== null && typeof value === 'object' && !Array.isArray(value);

/** Members that a whole API object has though its schema need not declare them. */
function implied(node: SchemaNode, root: boolean, key: string): SchemaNode | true | undefined {
  if (!root && !node.embedded) return undefined;
  if (key === 'apiVersion' || key === 'kind') return true;
  return key === 'metadata' ? metadataNode() : undefined;
}

/** Whether pruning would change anything; builds no paths, so that the usual case costs nothing. */
export function hasUnknown(node: SchemaNode, value: unknown, root = false): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (Array.isArray(value)) {
    const { items } = node;
    if (!items || (items.properties === undefined && items.values === undefined && items.items === undefined))
      return false;
    for (let i = 0; i < value.length; i++) if (hasUnknown(items, value[i])) return true;
    return false;
  }
  const { properties, values } = node;
  const whole = root || node.embedded;
  if (properties === undefined && values === undefined && !whole) {
    if (node.open || node.shape !== 'object') return false;
    for (const _ in value) return true;
    return false;
  }
  const record = value as Json;
  for (const key in record) {
    const member = (whole ? implied(node, root, key) : undefined) ?? properties?.get(key) ?? values;
    if (member === undefined) {
      if (!node.open) return true;
    } else if (member !== true) {
      const item = record[key];
      if (typeof item === 'object' && item !== null && hasUnknown(member, item)) return true;
    }
  }
  return false;
}

/** Removes undeclared members and appends their paths in document order. */
export function prune(node: SchemaNode, value: unknown, path: string, unknown: string[], root = false): void {
  if (Array.isArray(value)) {
    const { items } = node;
    if (items) {
      value.forEach((item, index) => {
        prune(items, item, `${path}[${index}]`, unknown);
      });
    }
    return;
  }
  if (!isObject(value)) return;
  if (node.open && !node.properties && !node.values && !root && !node.embedded) return;
  if (node.shape !== 'object' && !node.properties && !node.values && !root && !node.embedded) return;
  for (const key of Object.keys(value)) {
    const here = path === '' ? key : `${path}.${key}`;
    const member = implied(node, root, key) ?? node.properties?.get(key) ?? node.values;
    if (member === undefined) {
      if (!node.open) {
        delete value[key];
        unknown.push(here);
      }
    } else if (member !== true) prune(member, value[key], here, unknown);
  }
}
