import {
  duplicate,
  type FieldError,
  goValue,
  invalid,
  notSupported,
  required,
  tooLong,
  tooMany,
  typeInvalid,
} from '@virtplane/resources';
import { CODE, type SchemaNode } from './node.ts';

type Json = Record<string, unknown>;

/** Whether a custom resource has no structural fault. Builds nothing: the usual case costs a walk and no more. */
function isValid(node: SchemaNode, value: unknown): boolean {
  if (value === null) return node.nullable || node.code === CODE.any;
  switch (node.code) {
    case CODE.string:
      if (typeof value !== 'string') return false;
      if (node.pattern !== undefined && !node.pattern(value)) return false;
      if (node.format !== undefined && !node.format(value)) return false;
      break;
    case CODE.integer:
      if (typeof value !== 'number' || !Number.isInteger(value)) return false;
      break;
    case CODE.number:
      if (typeof value !== 'number') return false;
      break;
    case CODE.boolean:
      if (typeof value !== 'boolean') return false;
      break;
    case CODE['int-or-string']:
      if (typeof value === 'string') {
        if (node.pattern !== undefined && !node.pattern(value)) return false;
      } else if (typeof value !== 'number' || !Number.isInteger(value)) return false;
      break;
    case CODE.array: {
      if (!Array.isArray(value)) return false;
      const { items } = node;
      if (items !== undefined) for (let i = 0; i < value.length; i++) if (!isValid(items, value[i])) return false;
      break;
    }
    case CODE.object:
      if (typeof value !== 'object' || Array.isArray(value) || !areMembersValid(node, value as Json)) return false;
      break;
    case CODE.any:
      if (node.properties !== undefined && typeof value === 'object' && !Array.isArray(value)) {
        if (!areMembersValid(node, value as Json)) return false;
      }
      break;
  }
  if (node.enum !== undefined && !isInEnum(node, value)) return false;
  return !node.hasChecks || passesChecks(node, value);
}

/** Numbers and strings have the usual checks; the rest is rare enough to be done as if faults were wanted. */
function passesChecks(node: SchemaNode, value: unknown): boolean {
  if (!node.hasCompositions) {
    if (typeof value === 'number') return isInRange(node, value);
    if (typeof value === 'string') return lengthFault(node, value, '') === undefined;
  }
  if (typeof value === 'string' && lengthFault(node, value, '')) return false;
  const errors: FieldError[] = [];
  check(node, value, '', errors);
  return errors.length === 0;
}

function isInRange(node: SchemaNode, value: number): boolean {
  const { minimum, maximum, multipleOf, exclusiveMinimum, exclusiveMaximum } = node.schema;
  if (minimum !== undefined && (exclusiveMinimum ? value <= minimum : value < minimum)) return false;
  if (maximum !== undefined && (exclusiveMaximum ? value >= maximum : value > maximum)) return false;
  return multipleOf === undefined || Number.isInteger(value / multipleOf);
}

function areMembersValid(node: SchemaNode, value: Json): boolean {
  const { required: names, properties, values } = node;
  for (let i = 0; i < names.length; i++) if (value[names[i]!] === undefined) return false;
  if (node.embedded && !hasIdentity(value)) return false;
  if (properties === undefined && values === undefined) return true;
  for (const key in value) {
    const member = properties?.get(key) ?? values;
    if (member === undefined || member.isMetadata) continue;
    const item = value[key];
    if (typeof item !== member.plainType && !isValid(member, item)) return false;
  }
  return true;
}

const hasIdentity = (value: Json): boolean =>
  typeof value.apiVersion === 'string' &&
  value.apiVersion !== '' &&
  typeof value.kind === 'string' &&
  value.kind !== '';

function isInEnum(node: SchemaNode, value: unknown): boolean {
  if (value === null || typeof value !== 'object') return node.enum?.has(value) ?? true;
  const text = JSON.stringify(value);
  for (const allowed of node.enum ?? []) if (JSON.stringify(allowed) === text) return true;
  return false;
}

const jsonType = (value: unknown): string => {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  return typeof value;
};

const wantedType = (node: SchemaNode): string => (node.shape === 'int-or-string' ? 'integer,string' : node.shape);

function hasType(node: SchemaNode, value: unknown): boolean {
  switch (node.shape) {
    case 'any':
      return true;
    case 'int-or-string':
      return typeof value === 'string' || (typeof value === 'number' && Number.isInteger(value));
    case 'integer':
      return typeof value === 'number' && Number.isInteger(value);
    case 'array':
      return Array.isArray(value);
    case 'object':
      return value !== null && typeof value === 'object' && !Array.isArray(value);
    default:
      return typeof value === node.shape;
  }
}

/** Every structural fault with the texts of apiextensions' validator. */
export function collectFaults(node: SchemaNode, value: unknown, path: string, errors: FieldError[]): void {
  const mustBe = (type: string, got: string): string => `${path} in body must be of type ${type}: "${got}"`;
  if (value === null && (node.nullable || node.shape === 'any')) return;
  if (!hasType(node, value)) {
    const got = jsonType(value);
    errors.push(typeInvalid(path, got, mustBe(wantedType(node), got)));
  } else if (typeof value === 'string') {
    // The first of length and pattern is reported, as there.
    const fault = lengthFault(node, value, path) ?? patternFault(node, value, path);
    if (fault) errors.push(fault);
    if (node.format && !node.format(value)) {
      errors.push(typeInvalid(path, value, mustBe(node.schema.format ?? '', value)));
    }
  } else if (Array.isArray(value)) {
    const { items } = node;
    if (items) {
      value.forEach((item, index) => {
        collectFaults(items, item, `${path}[${index}]`, errors);
      });
    }
  } else if (value !== null && typeof value === 'object') {
    const record = value as Json;
    const child = (name: string): string => (path === '' ? name : `${path}.${name}`);
    for (const name of node.required) if (record[name] === undefined) errors.push(required(child(name)));
    if (node.embedded) {
      if (typeof record.apiVersion !== 'string' || record.apiVersion === '') {
        errors.push(required(child('apiVersion'), 'must not be empty'));
      }
      if (typeof record.kind !== 'string' || record.kind === '') {
        errors.push(required(child('kind'), 'must not be empty'));
      }
    }
    for (const [key, item] of Object.entries(record)) {
      const member = node.properties?.get(key) ?? node.values;
      if (member && !member.isMetadata) collectFaults(member, item, child(key), errors);
    }
  }
  if (node.enum && value !== null && !isInEnum(node, value)) {
    const names = [...node.enum].map((allowed) => (typeof allowed === 'string' ? allowed : JSON.stringify(allowed)));
    errors.push(notSupported(path, value, names));
  }
  if (node.hasChecks) check(node, value, path, errors);
}

const runeCount = (text: string): number => {
  let count = 0;
  for (const _ of text) count++;
  return count;
};

function lengthFault(node: SchemaNode, value: string, path: string): FieldError | undefined {
  const { minLength, maxLength } = node.schema;
  if (maxLength !== undefined && value.length > maxLength && runeCount(value) > maxLength) {
    return tooLong(path, `may not be longer than ${maxLength}`);
  }
  if (minLength !== undefined && runeCount(value) < minLength) {
    return invalid(path, value, `${path} in body should be at least ${minLength} chars long`);
  }
  return undefined;
}

const patternFault = (node: SchemaNode, value: string, path: string): FieldError | undefined =>
  node.pattern && !node.pattern(value)
    ? invalid(path, value, `${path} in body should match '${node.schema.pattern}'`)
    : undefined;

function check(node: SchemaNode, value: unknown, path: string, errors: FieldError[]): void {
  if (value === null) return;
  const { schema } = node;
  const body = `${path} in body`;
  if (typeof value === 'number') checkNumber(node, value, path, errors);
  else if (Array.isArray(value)) {
    const { minItems, maxItems } = schema;
    if (maxItems !== undefined && value.length > maxItems) errors.push(tooMany(path, value.length, maxItems));
    if (minItems !== undefined && value.length < minItems) {
      errors.push(invalid(path, value.length, `${body} should have at least ${minItems} items`));
    }
    if (schema.uniqueItems && new Set(value.map(identityOf)).size < value.length) {
      errors.push(invalid(path, '', `${body} shouldn't contain duplicates`));
    }
    checkListType(node, value, path, errors);
  } else if (typeof value === 'object') {
    const { minProperties, maxProperties } = schema;
    const count = Object.keys(value as object).length;
    if (maxProperties !== undefined && count > maxProperties) errors.push(tooMany(path, count, maxProperties));
    if (minProperties !== undefined && count < minProperties) {
      errors.push(invalid(path, count, `${body} should have at least ${minProperties} properties`));
    }
  }
  checkCompositions(node, value, path, errors);
}

function checkNumber(node: SchemaNode, value: number, path: string, errors: FieldError[]): void {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf } = node.schema;
  const refuse = (rule: string): void => {
    errors.push(invalid(path, value, `${path} in body should be ${rule}`));
  };
  if (maximum !== undefined && (exclusiveMaximum ? value >= maximum : value > maximum)) {
    refuse(`less than ${exclusiveMaximum ? '' : 'or equal to '}${maximum}`);
  }
  if (minimum !== undefined && (exclusiveMinimum ? value <= minimum : value < minimum)) {
    refuse(`greater than ${exclusiveMinimum ? '' : 'or equal to '}${minimum}`);
  }
  if (multipleOf !== undefined && !Number.isInteger(value / multipleOf)) refuse(`a multiple of ${multipleOf}`);
}

const identityOf = (value: unknown): string => {
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(identityOf).join()}]`;
  return `{${Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, item]) => `${JSON.stringify(key)}:${identityOf(item)}`)
    .join()}}`;
};

function checkListType(node: SchemaNode, value: readonly unknown[], path: string, errors: FieldError[]): void {
  const type = node.schema['x-kubernetes-list-type'];
  if (type !== 'set' && type !== 'map') return;
  const keys = node.schema['x-kubernetes-list-map-keys'] ?? [];
  const seen = new Set<string>();
  value.forEach((item, index) => {
    const part = type === 'set' ? item : keysOf(node, item, keys);
    if (part === undefined) return;
    const identity = identityOf(part);
    if (seen.has(identity)) errors.push(duplicate(`${path}[${index}]`, part));
    seen.add(identity);
  });
}

function keysOf(node: SchemaNode, item: unknown, keys: readonly string[]): Json | undefined {
  if (item === null || typeof item !== 'object') return undefined;
  const part: Json = {};
  for (const key of keys) {
    const value = (item as Json)[key] ?? node.items?.properties?.get(key)?.schema.default;
    if (value !== undefined) part[key] = value;
  }
  return part;
}

/** Faults without a place of their own stand at the root. Source: apiextensions ValidateCustomResource. */
const NOWHERE = '<nil>';

function checkCompositions(node: SchemaNode, value: unknown, path: string, errors: FieldError[]): void {
  const refuse = (sentence: string): void => {
    errors.push(invalid(NOWHERE, '', `"${path}" must ${sentence}`));
  };
  const faultsOf = (alternative: SchemaNode): FieldError[] => {
    const faults: FieldError[] = [];
    collectFaults(alternative, value, path, faults);
    return faults;
  };
  const { allOf, anyOf, oneOf, not } = node;
  if (allOf.length > 0) {
    const failed = allOf.map(faultsOf).filter((faults) => faults.length > 0);
    if (failed.length > 0) {
      refuse(`validate all the schemas (allOf)${failed.length === allOf.length ? '. None validated' : ''}`);
      errors.push(...failed.flat());
    }
  }
  if (anyOf.length > 0) {
    const outcomes = anyOf.map(faultsOf);
    if (outcomes.every((faults) => faults.length > 0)) {
      refuse('validate at least one schema (anyOf)');
      errors.push(...fewest(outcomes));
    }
  }
  if (oneOf.length > 0) {
    const outcomes = oneOf.map(faultsOf);
    const valid = outcomes.filter((faults) => faults.length === 0).length;
    if (valid === 0) {
      refuse('validate one and only one schema (oneOf). Found none valid');
      errors.push(...fewest(outcomes));
    } else if (valid > 1) refuse(`validate one and only one schema (oneOf). Found ${valid} valid alternatives`);
  }
  if (not && faultsOf(not).length === 0) refuse('not validate the schema (not)');
}

const fewest = (outcomes: readonly FieldError[][]): FieldError[] =>
  outcomes.reduce((best, faults) => (faults.length < best.length ? faults : best));

const UNCHECKED_RULES: FieldError = {
  type: 'FieldValueInvalid',
  field: NOWHERE,
  message: `Invalid value: ${goValue('null')}: some validation rules were not checked because the object was invalid; correct the existing errors to complete validation`,
};

const STOPS_RULES: ReadonlySet<string> = new Set([
  'FieldValueRequired',
  'FieldValueTooLong',
  'FieldValueTooMany',
  'FieldValueTypeInvalid',
]);

/** Structural faults of a custom resource, by path. */
export function validateCustom(node: SchemaNode, value: unknown): FieldError[] {
  if (isValid(node, value)) return [];
  const errors: FieldError[] = [];
  collectFaults(node, value, '', errors);
  errors.sort((a, b) => (a.field < b.field ? -1 : a.field > b.field ? 1 : 0));
  if (node.containsRules && errors.some((error) => STOPS_RULES.has(error.type))) errors.push(UNCHECKED_RULES);
  return errors;
}

/**
 * Built-in kinds: the decoder has settled types; what remains is required members and enums. Go cannot tell an absent string
 * from an empty one, so neither is accepted. Required numbers and booleans are zero when absent, and `status` is written by
 * controllers: neither is checked here.
 */
export function validateBuiltIn(node: SchemaNode, value: unknown, path: string, errors: FieldError[]): void {
  if (value === null || typeof value !== 'object') {
    if (node.enum !== undefined && value !== '' && !node.enum.has(value)) {
      errors.push(notSupported(path, value, [...node.enum] as string[]));
    }
    if (node.hasChecks && typeof value === 'number') checkNumber(node, value, path, errors);
    return;
  }
  if (Array.isArray(value)) {
    const { items } = node;
    if (items === undefined || (items.shape !== 'object' && items.enum === undefined)) return;
    for (let i = 0; i < value.length; i++) validateBuiltIn(items, value[i], `${path}[${i}]`, errors);
    return;
  }
  const record = value as Json;
  for (const name of node.required) {
    const item = record[name];
    if (item === undefined || item === '' || item === null || (Array.isArray(item) && item.length === 0)) {
      const shape = node.properties?.get(name)?.shape;
      if (shape !== 'integer' && shape !== 'boolean' && shape !== 'number') {
        errors.push(required(path === '' ? name : `${path}.${name}`));
      }
    }
  }
  const { properties, values } = node;
  for (const key in record) {
    const member = properties?.get(key) ?? values;
    if (member === undefined || member.open || member.isMetadata) continue;
    if (path === '' && key === 'status') continue;
    const item = record[key];
    if (typeof item === 'object' || member.enum !== undefined || member.hasChecks) {
      validateBuiltIn(member, item, path === '' ? key : `${path}.${key}`, errors);
    }
  }
}
