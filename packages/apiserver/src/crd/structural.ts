import { type FieldError, forbidden, invalid, type JsonSchema, notSupported, required } from '@virtplane/resources';
import { nodeOf } from '../schema/node.ts';
import { patternTest } from '../schema/patterns.ts';
import { collectFaults } from '../schema/validate.ts';
import { checkShape } from './schema-shape.ts';

const TYPES = ['array', 'boolean', 'integer', 'number', 'object', 'string'];

type Level = 'root' | 'field' | 'item';

const EMPTY_TYPE: Readonly<Record<Level, string>> = {
  root: 'must not be empty at the root',
  field: 'must not be empty for specified object fields',
  item: 'must not be empty for specified array items',
};

const isObject = (value: unknown): value is Record<string, unknown> =>
  value !== null && typeof value === 'object' && !Array.isArray(value);

/**
 * Whether a schema is structural: every value has one type, stated where the value is declared. Source: apiextensions-apiserver
 * pkg/apiserver/schema/validation.go.
 */
export function checkStructural(path: string, schema: unknown): FieldError[] {
  if (!isObject(schema)) return [required(path)];
  const errors = checkShape(path, schema);
  if (errors.length > 0) return errors;
  checkLevel(path, schema as JsonSchema, 'root', errors);
  return errors;
}

function checkLevel(path: string, schema: JsonSchema, level: Level, errors: FieldError[]): void {
  const extra = schema as Readonly<Record<string, unknown>>;
  if (extra.$ref !== undefined) errors.push(forbidden(`${path}.$ref`, '$ref is not supported'));
  // Members first, as a real server lists them.
  checkMembers(path, schema, level, errors);
  checkType(path, schema, level, errors);
  checkLists(path, schema, errors);
  checkPattern(path, schema, errors);
  for (const keyword of ['allOf', 'anyOf', 'oneOf'] as const) {
    schema[keyword]?.forEach((alternative, index) => {
      const isPair = schema['x-kubernetes-int-or-string'] === true && keyword !== 'oneOf';
      checkNested(`${path}.${keyword}[${index}]`, alternative, isPair, errors);
    });
  }
  if (schema.not) checkNested(`${path}.not`, schema.not, false, errors);
  if (schema.default !== undefined && errors.length === 0) {
    if (level === 'root') errors.push(forbidden(`${path}.default`, 'must not be set at the root'));
    else collectFaults(nodeOf(schema), schema.default, `${path}.default`, errors);
  }
}

function checkType(path: string, schema: JsonSchema, level: Level, errors: FieldError[]): void {
  const isFree =
    schema['x-kubernetes-int-or-string'] === true ||
    (level !== 'root' && schema['x-kubernetes-preserve-unknown-fields'] === true);
  if (!schema.type) {
    if (!isFree) errors.push(required(`${path}.type`, EMPTY_TYPE[level]));
  } else if (!TYPES.includes(schema.type)) errors.push(notSupported(`${path}.type`, schema.type, TYPES));
  else if (level === 'root' && schema.type !== 'object') {
    errors.push(invalid(`${path}.type`, schema.type, 'must be object at the root'));
  } else if (schema['x-kubernetes-int-or-string'] === true) {
    errors.push(forbidden(`${path}.type`, 'must be empty if x-kubernetes-int-or-string is true'));
  }
  if (schema['x-kubernetes-embedded-resource'] === true && schema.type !== 'object') {
    errors.push(invalid(`${path}.type`, schema.type ?? '', 'must be object if x-kubernetes-embedded-resource is true'));
  }
}

function checkMembers(path: string, schema: JsonSchema, level: Level, errors: FieldError[]): void {
  const values = schema.additionalProperties;
  const names = Object.entries(schema.properties ?? {});
  if (values !== undefined && values !== false) {
    if (level === 'root') errors.push(forbidden(`${path}.additionalProperties`, 'must not be used at the root'));
    if (names.length > 0) {
      errors.push(
        forbidden(`${path}.additionalProperties`, 'additionalProperties and properties are mutual exclusive'),
      );
    }
    if (typeof values === 'object') checkLevel(`${path}.additionalProperties`, values, 'field', errors);
  } else if (values === false) {
    errors.push(forbidden(`${path}.additionalProperties`, 'additionalProperties cannot be set to false'));
  }
  for (const [name, member] of names) {
    if (level === 'root' && name === 'metadata') checkMetadata(`${path}.properties[metadata]`, member, errors);
    checkLevel(`${path}.properties[${name}]`, member, 'field', errors);
  }
  if (schema.type === 'array' && !schema.items) errors.push(required(`${path}.items`, 'must be specified'));
  if (schema.items) checkLevel(`${path}.items`, schema.items, 'item', errors);
}

function checkMetadata(path: string, schema: JsonSchema, errors: FieldError[]): void {
  const others = Object.keys(schema.properties ?? {}).filter((name) => name !== 'name' && name !== 'generateName');
  if (others.length > 0) {
    errors.push(
      forbidden(
        path,
        'must not specify anything other than name and generateName, but metadata is implicitly specified',
      ),
    );
  }
}

function checkLists(path: string, schema: JsonSchema, errors: FieldError[]): void {
  if (schema.uniqueItems === true) {
    errors.push(
      forbidden(
        `${path}.uniqueItems`,
        'uniqueItems cannot be set to true since the runtime complexity becomes quadratic',
      ),
    );
  }
  const type = schema['x-kubernetes-list-type'];
  const keys = schema['x-kubernetes-list-map-keys'] ?? [];
  if (type === undefined) {
    if (keys.length > 0)
      errors.push(
        forbidden(`${path}.x-kubernetes-list-map-keys`, 'must not be set if x-kubernetes-list-type is not map'),
      );
    return;
  }
  if (!['atomic', 'map', 'set'].includes(type)) {
    errors.push(notSupported(`${path}.x-kubernetes-list-type`, type, ['atomic', 'map', 'set']));
  }
  if (schema.type !== 'array') {
    errors.push(invalid(`${path}.type`, schema.type ?? '', 'must be array if x-kubernetes-list-type is specified'));
  }
  if (type !== 'map') return;
  if (keys.length === 0) {
    errors.push(required(`${path}.x-kubernetes-list-map-keys`, 'must not be empty if x-kubernetes-list-type is map'));
  }
  keys.forEach((key, index) => {
    const member = schema.items?.properties?.[key];
    if (!member) {
      errors.push(invalid(`${path}.x-kubernetes-list-map-keys[${index}]`, key, 'must be a property of the items'));
    } else if (!schema.items?.required?.includes(key) && member.default === undefined) {
      errors.push(
        required(
          `${path}.items.properties[${key}].default`,
          'this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property',
        ),
      );
    }
  });
}

function checkPattern(path: string, schema: JsonSchema, errors: FieldError[]): void {
  if (schema.pattern === undefined) return;
  try {
    patternTest(schema.pattern);
  } catch (fault) {
    const reason = fault instanceof Error ? fault.message : String(fault);
    errors.push(invalid(`${path}.pattern`, schema.pattern, `must be a valid regular expression, but isn't: ${reason}`));
  }
}

/** Inside a composition only values are restricted, nothing is declared. */
const NOT_NESTED = ['description', 'default', 'nullable', 'additionalProperties'] as const;

function checkNested(path: string, schema: JsonSchema, mayType: boolean, errors: FieldError[]): void {
  if (schema.type && !mayType) errors.push(forbidden(`${path}.type`, 'must be empty to be structural'));
  for (const keyword of NOT_NESTED) {
    if (schema[keyword]) errors.push(forbidden(`${path}.${keyword}`, 'must be empty to be structural'));
  }
  checkPattern(path, schema, errors);
  for (const [name, member] of Object.entries(schema.properties ?? {})) {
    checkNested(`${path}.properties[${name}]`, member, false, errors);
  }
  if (schema.items) checkNested(`${path}.items`, schema.items, false, errors);
}
