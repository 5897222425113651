import type { ResourceDefinition } from '@virtplane/resources';
import { badRequest } from '../errors.ts';
import type { Item } from './item.ts';

export interface FieldTerm {
  readonly field: string;
  readonly equal: boolean;
  readonly value: string;
}

/** Splits at unescaped commas. */
function split(text: string): string[] {
  const parts: string[] = [];
  let part = '';
  for (let i = 0; i < text.length; i++) {
    const c = text[i]!;
    if (c === '\\' && i + 1 < text.length) part += c + text[++i];
    else if (c === ',') {
      parts.push(part);
      part = '';
    } else part += c;
  }
  parts.push(part);
  return parts;
}

function unescaped(value: string): string {
  let out = '';
  for (let i = 0; i < value.length; i++) {
    const c = value[i]!;
    if (c === '\\') {
      const next = value[++i];
      if (next !== '\\' && next !== ',' && next !== '=')
        throw badRequest(`invalid field selector: invalid escape sequence: ${JSON.stringify(`\\${next ?? ''}`)}`);
      out += next;
    } else if (c === ',' || c === '=') {
      throw badRequest(`invalid field selector: unescaped character in value: ${c}`);
    } else out += c;
  }
  return out;
}

/** Source: apimachinery fields.ParseSelector. Throws StatusError 400. */
export function parseFieldSelector(text: string): FieldTerm[] {
  const terms: FieldTerm[] = [];
  for (const part of split(text)) {
    if (part === '') continue;
    const at = part.search(/!=|==|=/);
    if (at < 0) throw badRequest(`invalid selector: '${text}'; can't understand '${part}'`);
    const operator = part.startsWith('!=', at) ? '!=' : part.startsWith('==', at) ? '==' : '=';
    terms.push({
      field: part.slice(0, at),
      equal: operator !== '!=',
      value: unescaped(part.slice(at + operator.length)),
    });
  }
  return terms;
}

/** Cluster-scoped kinds whose field labels are converted by their own function, which knows no namespace. */
const knowsNamespace = (d: ResourceDefinition): boolean =>
  d.namespaced || (d.builtIn && d.plural !== 'nodes' && d.plural !== 'namespaces');

/** Throws StatusError 400 when the kind can't be selected by one of the fields. */
export function checkFields(terms: readonly FieldTerm[], definition: ResourceDefinition): void {
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

export function matchesFields(terms: readonly FieldTerm[], item: Item): boolean {
  for (const term of terms) if ((fieldValue(item, term.field) === term.value) !== term.equal) return false;
  return true;
}

/** The value that a field must have, where the selector says so. */
export const requiredValue = (terms: readonly FieldTerm[], field: string): string | undefined =>
  terms.find((t) => t.equal && t.field === field)?.value;
