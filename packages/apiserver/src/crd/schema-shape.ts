import { type FieldError, typeInvalid } from '@virtplane/resources';

type Kind =
  | 'string'
  | 'boolean'
  | 'number'
  | 'integer'
  | 'strings'
  | 'list'
  | 'object'
  | 'schema'
  | 'schemas'
  | 'schema map'
  | 'schema or boolean'
  | 'any';

/** Type of each keyword of apiextensions/v1 JSONSchemaProps. */
const KEYWORDS: Readonly<Record<string, Kind>> = {
  $id: 'string',
  $schema: 'string',
  $ref: 'string',
  type: 'string',
  description: 'string',
  title: 'string',
  format: 'string',
  pattern: 'string',
  nullable: 'boolean',
  uniqueItems: 'boolean',
  exclusiveMinimum: 'boolean',
  exclusiveMaximum: 'boolean',
  minimum: 'number',
  maximum: 'number',
  multipleOf: 'number',
  minLength: 'integer',
  maxLength: 'integer',
  minItems: 'integer',
  maxItems: 'integer',
  minProperties: 'integer',
  maxProperties: 'integer',
  required: 'strings',
  enum: 'list',
  default: 'any',
  example: 'any',
  externalDocs: 'object',
  properties: 'schema map',
  patternProperties: 'schema map',
  definitions: 'schema map',
  dependencies: 'object',
  items: 'schema',
  not: 'schema',
  additionalProperties: 'schema or boolean',
  additionalItems: 'schema or boolean',
  allOf: 'schemas',
  anyOf: 'schemas',
  oneOf: 'schemas',
  'x-kubernetes-preserve-unknown-fields': 'boolean',
  'x-kubernetes-embedded-resource': 'boolean',
  'x-kubernetes-int-or-string': 'boolean',
  'x-kubernetes-list-type': 'string',
  'x-kubernetes-list-map-keys': 'strings',
  'x-kubernetes-map-type': 'string',
  'x-kubernetes-validations': 'list',
};

type Json = Record<string, unknown>;

const isObject = (value: unknown): value is Json =>
  value !== null && typeof value === 'object' && !Array.isArray(value);

const jsonType = (value: unknown): string => (value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value);

/**
 * Whether a schema document has the types that the code behind relies on; Go's decoder would refuse it otherwise. Keywords
 * that do not exist have no effect and are let be.
 */
export function checkShape(path: string, value: unknown): FieldError[] {
  const errors: FieldError[] = [];
  visit(path, value, errors);
  return errors;
}

function visit(path: string, value: unknown, errors: FieldError[]): void {
  const refuse = (here: string, wanted: string, got: unknown): void => {
    errors.push(typeInvalid(here, jsonType(got), `must be of type ${wanted}`));
  };
  if (!isObject(value)) {
    refuse(path, 'object', value);
    return;
  }
  for (const [key, item] of Object.entries(value)) {
    const kind = Object.hasOwn(KEYWORDS, key) ? KEYWORDS[key] : 'any';
    const here = `${path}.${key}`;
    switch (kind) {
      case 'string':
      case 'boolean':
      case 'number':
        if (jsonType(item) !== kind) refuse(here, kind, item);
        break;
      case 'integer':
        if (!Number.isInteger(item)) refuse(here, kind, item);
        break;
      case 'list':
        if (!Array.isArray(item)) refuse(here, 'array', item);
        break;
      case 'strings':
        if (!Array.isArray(item) || !item.every((part) => typeof part === 'string'))
          refuse(here, 'array of strings', item);
        break;
      case 'object':
        if (!isObject(item)) refuse(here, 'object', item);
        break;
      case 'schema':
        visit(here, item, errors);
        break;
      case 'schema or boolean':
        if (typeof item !== 'boolean') visit(here, item, errors);
        break;
      case 'schemas':
        if (!Array.isArray(item)) refuse(here, 'array', item);
        else {
          item.forEach((part, index) => {
            visit(`${here}[${index}]`, part, errors);
          });
        }
        break;
      case 'schema map':
        if (!isObject(item)) refuse(here, 'object', item);
        else for (const [name, member] of Object.entries(item)) visit(`${here}[${name}]`, member, errors);
    }
  }
}
