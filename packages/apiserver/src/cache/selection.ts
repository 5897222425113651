import type { FieldRequirement } from '@virtplane/resources';
import { matchesFields, requiredValue } from './field-selector.ts';
import type { Item } from './item.ts';
import type { LabelSelector } from './label-selector.ts';

/** What a list or watch is about. */
export interface Selection {
  /** Empty: all namespaces, or cluster scope. */
  readonly namespace: string;
  /** From the path or from `fieldSelector=metadata.name=…`. */
  readonly name?: string;
  readonly labels?: LabelSelector;
  readonly fields?: readonly FieldRequirement[];
}

/** Everything of the namespace. */
export const isWhole = (s: Selection): boolean =>
  s.name === undefined && s.labels === undefined && (s.fields === undefined || s.fields.length === 0);

/** Namespace, name, labels and fields: all must agree. */
export function selects(s: Selection, item: Item): boolean {
  if (s.namespace !== '' && item.namespace !== s.namespace) return false;
  if (s.name !== undefined && item.name !== s.name) return false;
  if (s.labels !== undefined && !s.labels(item.labels)) return false;
  return s.fields === undefined || matchesFields(s.fields, item);
}

/** Range of keys of a namespace: `until` is the first key behind it. */
export function keyRange(namespace: string): { from: string; until: string | undefined } {
  // '0' follows '/' in ASCII.
  return namespace === '' ? { from: '', until: undefined } : { from: `${namespace}/`, until: `${namespace}0` };
}

export { requiredValue };
