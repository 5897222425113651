import { type FieldRequirement, parseFieldSelector as parse, type ResourceDefinition } from '@virtplane/resources';
import { badRequest } from '../errors.ts';
import type { Item } from './item.ts';
import { refusing } from './label-selector.ts';

/** Source: apimachinery fields.ParseSelector. Throws StatusError 400. */
export const parseFieldSelector = (text: string): readonly FieldRequirement[] => refusing(() => parse(text));

/** Cluster-scoped kinds whose field labels are converted by their own function, which knows no namespace. */
const knowsNamespace = (d: ResourceDefinition): boolean =>
  d.namespaced || (d.builtIn && d.plural !== 'nodes' && d.plural !== 'namespaces');

/** Throws StatusError 400 when the kind can't be selected by one of the fields. */
export function checkFields(terms: readonly FieldRequirement[], definition: ResourceDefinition): void {
  for (const { field } of terms) {
    if (field === 'metadata.name') continue;
    if (field === 'metadata.namespace' && knowsNamespace(definition)) continue;
    if (definition.selectableFields.includes(field)) continue;
    const ownConversion = !definition.builtIn || definition.selectableFields.length > 0;
    throw badRequest(
      ownConversion
        ? `field label not supported: ${field}`
        : `${JSON.stringify(field)} is not a known field selector: only "metadata.name", "metadata.namespace"`,
    );
  }
}

const fieldValue = (item: Item, field: string): string =>
  field === 'metadata.name'
    ? item.name
    : field === 'metadata.namespace'
      ? item.namespace
      : (item.fields?.[field] ?? '');

export function matchesFields(terms: readonly FieldRequirement[], item: Item): boolean {
  for (const { field, operator, value } of terms) {
    if ((fieldValue(item, field) === value) !== (operator === '=')) return false;
  }
  return true;
}

/** The value that a field must have, where the selector says so. */
export const requiredValue = (terms: readonly FieldRequirement[], field: string): string | undefined =>
  terms.find((t) => t.operator === '=' && t.field === field)?.value;
