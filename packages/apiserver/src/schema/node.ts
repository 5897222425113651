import { type JsonSchema, ObjectMetaSchema } from '@virtplane/resources';
import { formatTest } from './formats.ts';
import { type PatternTest, patternTest } from './patterns.ts';

export type Shape = 'object' | 'array' | 'string' | 'integer' | 'number' | 'boolean' | 'int-or-string' | 'any';

/** The shapes as small numbers, for the hot walkers: a switch over strings compares one after the other. */
export const CODE = {
  string: 0,
  integer: 1,
  number: 2,
  boolean: 3,
  'int-or-string': 4,
  array: 5,
  object: 6,
  any: 7,
} as const satisfies Record<Shape, number>;

export type Scalar =
  | 'quantity'
  | 'time'
  | 'microtime'
  | 'bytes'
  | 'int32'
  | 'int64'
  | 'int-or-string'
  | 'duration'
  | 'raw';

/**
 * One schema prepared for walking: what a walker asks on every value lies in fields of a stable shape. Made once per schema
 * object and shared wherever that object is used.
 */
export class SchemaNode {
  readonly schema: JsonSchema;
  readonly shape: Shape;
  readonly code: number;
  /** What typeof gives for every valid value and for no other; empty where there is more to check. */
  readonly plainType: '' | 'string' | 'boolean';
  /** ObjectMeta is validated as such, whatever a schema says. */
  readonly isMetadata: boolean;
  readonly scalar: Scalar | undefined;
  readonly nullable: boolean;
  /** Undeclared members stay. */
  readonly open: boolean;
  /** A whole API object inside another: apiVersion, kind and metadata are part of it though not declared. */
  readonly embedded: boolean;
  readonly properties: ReadonlyMap<string, SchemaNode> | undefined;
  /** Schema of the values of a map. */
  readonly values: SchemaNode | undefined;
  readonly items: SchemaNode | undefined;
  readonly required: readonly string[];
  readonly enum: ReadonlySet<unknown> | undefined;
  readonly pattern: PatternTest | undefined;
  readonly format: ((value: string) => boolean) | undefined;
  /** Bounds, list types, compositions: rare, so looked at together. */
  readonly hasChecks: boolean;
  readonly hasCompositions: boolean;
  readonly allOf: readonly SchemaNode[];
  readonly anyOf: readonly SchemaNode[];
  readonly oneOf: readonly SchemaNode[];
  readonly not: SchemaNode | undefined;
  readonly hasDefault: boolean;
  /** Members that have a default or contain one. */
  readonly defaulted: readonly (readonly [string, SchemaNode])[];
  readonly containsDefaults: boolean;
  readonly containsRules: boolean;
  /** `ConfigMap`, for Go's texts; empty for what is no named type. */
  readonly structName: string;

  constructor(schema: JsonSchema, nodeOf: (schema: JsonSchema) => SchemaNode) {
    this.schema = schema;
    this.shape = shapeOf(schema);
    this.code = CODE[this.shape];
    this.scalar = schema['x-scalar'] as Scalar | undefined;
    this.nullable = schema.nullable === true;
    this.embedded = schema['x-kubernetes-embedded-resource'] === true;
    const values = schema.additionalProperties;
    this.values = typeof values === 'object' ? nodeOf(values) : undefined;
    this.properties = schema.properties
      ? new Map(Object.entries(schema.properties).map(([name, member]) => [name, nodeOf(member)]))
      : undefined;
    this.open =
      schema['x-kubernetes-preserve-unknown-fields'] === true ||
      values === true ||
      (this.shape === 'any' && !this.properties && !this.values);
    this.items = schema.items ? nodeOf(schema.items) : undefined;
    this.required = schema.required ?? [];
    this.enum = schema.enum ? new Set(schema.enum) : undefined;
    this.pattern = schema.pattern === undefined ? undefined : patternTest(schema.pattern);
    this.format = schema.format !== undefined && this.shape === 'string' ? formatTest(schema.format) : undefined;
    this.allOf = (schema.allOf ?? []).map(nodeOf);
    this.anyOf = (schema.anyOf ?? []).map(nodeOf);
    this.oneOf = (schema.oneOf ?? []).map(nodeOf);
    this.not = schema.not ? nodeOf(schema.not) : undefined;
    this.hasChecks = hasChecks(schema);
    this.hasCompositions = this.allOf.length + this.anyOf.length + this.oneOf.length > 0 || this.not !== undefined;
    this.plainType =
      (this.shape === 'string' || this.shape === 'boolean') &&
      !this.pattern &&
      !this.format &&
      !this.enum &&
      !this.hasChecks
        ? this.shape
        : '';
    this.hasDefault = schema.default !== undefined;
    const members = this.properties ? [...this.properties] : [];
    this.defaulted = members.filter(([, node]) => node.hasDefault || node.containsDefaults);
    this.containsDefaults =
      this.defaulted.length > 0 || (this.values?.containsDefaults ?? false) || (this.items?.containsDefaults ?? false);
    this.containsRules =
      (schema['x-kubernetes-validations']?.length ?? 0) > 0 ||
      members.some(([, node]) => node.containsRules) ||
      (this.values?.containsRules ?? false) ||
      (this.items?.containsRules ?? false);
    this.structName = schema.$id?.slice(schema.$id.lastIndexOf('.') + 1) ?? '';
    this.isMetadata = this.structName === 'ObjectMeta';
  }
}

function shapeOf(schema: JsonSchema): Shape {
  if (schema['x-kubernetes-int-or-string'] === true) return 'int-or-string';
  if (schema.type) return schema.type;
  return schema.properties || typeof schema.additionalProperties === 'object' ? 'object' : 'any';
}

const CHECKS: readonly (keyof JsonSchema)[] = [
  'minimum',
  'maximum',
  'multipleOf',
  'minLength',
  'maxLength',
  'minItems',
  'maxItems',
  'uniqueItems',
  'minProperties',
  'maxProperties',
  'allOf',
  'anyOf',
  'oneOf',
  'not',
  'pattern',
];

function hasChecks(schema: JsonSchema): boolean {
  const listType = schema['x-kubernetes-list-type'];
  if (listType === 'set' || listType === 'map') return true;
  // KubeVirt states int-or-string twice; the second form adds nothing.
  if (schema['x-kubernetes-int-or-string'] && schema.anyOf && isIntOrStringPair(schema.anyOf)) {
    return CHECKS.some((check) => check !== 'anyOf' && check !== 'pattern' && schema[check] !== undefined);
  }
  return CHECKS.some((check) => check !== 'pattern' && schema[check] !== undefined);
}

const isIntOrStringPair = (anyOf: readonly JsonSchema[]): boolean =>
  anyOf.length === 2 && anyOf[0]?.type === 'integer' && anyOf[1]?.type === 'string';

const nodes = new WeakMap<JsonSchema, SchemaNode>();

export function nodeOf(schema: JsonSchema): SchemaNode {
  let node = nodes.get(schema);
  if (!node) {
    node = new SchemaNode(schema, nodeOf);
    nodes.set(schema, node);
  }
  return node;
}

let metadata: SchemaNode | undefined;

/** meta/v1 ObjectMeta, which every object has whatever its schema says. */
export function metadataNode(): SchemaNode {
  metadata ??= nodeOf(ObjectMetaSchema);
  return metadata;
}
