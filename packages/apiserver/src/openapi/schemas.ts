import { definitionOf, type JsonSchema, ObjectMetaSchema, type ResourceDefinition } from '@virtplane/resources';
import type { ServedResource, ServedVersion } from '../registry/served-resource.ts';

/** An OpenAPI schema object of either version. */
export type OpenApiSchema = Record<string, unknown>;

export type Dialect = 'v2' | 'v3';

const PREFIX: Readonly<Record<Dialect, string>> = { v2: '#/definitions/', v3: '#/components/schemas/' };

const GVK = 'x-kubernetes-group-version-kind';
const INT_OR_STRING = 'io.k8s.apimachinery.pkg.util.intstr.IntOrString';
const QUANTITY = 'io.k8s.apimachinery.pkg.api.resource.Quantity';

/** `io.kubevirt.v1.VirtualMachine`. */
export function definitionName(definition: ResourceDefinition, version: string): string {
  if (definition.builtIn && definition.schema.$id) return definition.schema.$id;
  return `${definition.group.split('.').reverse().join('.')}.${version}.${definition.kind}`;
}

export const gvkOf = (definition: ResourceDefinition, version: string) => ({
  group: definition.group,
  kind: definition.kind,
  version,
});

/** Gathers definitions: what is asked for, and all that it refers to. */
export class Definitions {
  readonly #dialect: Dialect;
  readonly #named = new Map<string, OpenApiSchema>();

  constructor(dialect: Dialect) {
    this.#dialect = dialect;
  }

  /** By name, sorted. */
  all(): [string, OpenApiSchema][] {
    return [...this.#named].sort(([a], [b]) => (a < b ? -1 : 1));
  }

  addResource(served: ServedResource, version: ServedVersion): void {
    const { definition } = served;
    const name = definitionName(definition, version.name);
    const schema = version.jsonSchema ?? definition.schema;
    const published = this.#convert(schema);
    if (!definition.builtIn) {
      published.properties = {
        apiVersion: { type: 'string', description: 'Group and version of the object: group/version.' },
        kind: { type: 'string', description: 'Kind of the object.' },
        ...(published.properties as OpenApiSchema | undefined),
        metadata: this.#reference(ObjectMetaSchema, { description: "Standard object's metadata." }),
      };
    }
    published[GVK] = [gvkOf(definition, version.name)];
    this.#named.set(name, published);
  }

  /** The schema where it is used: a reference if it has a name. */
  #use(schema: JsonSchema): OpenApiSchema {
    if (schema.$id === undefined) return this.#convert(schema);
    const original = definitionOf(schema.$id) ?? schema;
    const own: OpenApiSchema = {};
    if (schema.description !== undefined && schema.description !== original.description)
      own.description = schema.description;
    if (schema.default !== undefined) own.default = schema.default;
    for (const key of Object.keys(schema)) {
      if (key.startsWith('x-kubernetes-patch-') || (key === 'x-kubernetes-map-type' && schema[key] !== original[key])) {
        own[key] = schema[key as keyof JsonSchema];
      }
    }
    if (schema.nullable) {
      // v2 knows no null: a member that may be null may be anything there.
      if (this.#dialect === 'v2') return own;
      own.nullable = true;
    }
    return this.#reference(original, own);
  }

  #reference(schema: JsonSchema, own: OpenApiSchema): OpenApiSchema {
    const id = schema.$id ?? '';
    if (!this.#named.has(id)) {
      // Before its members, which may refer to it again.
      this.#named.set(id, {});
      this.#named.set(id, this.#convert(schema));
    }
    const $ref = PREFIX[this.#dialect] + id;
    if (Object.keys(own).length === 0) return { $ref };
    return this.#dialect === 'v2' ? { ...own, $ref } : { ...own, allOf: [{ $ref }] };
  }

  #convert(schema: JsonSchema): OpenApiSchema {
    const out: OpenApiSchema = {};
    for (const key in schema) {
      switch (key) {
        case '$id':
        case '$type':
        case 'x-protobuf':
        case 'x-scalar':
        case 'x-inline':
        case 'properties':
        case 'items':
        case 'additionalProperties':
        case 'allOf':
        case 'anyOf':
        case 'oneOf':
        case 'not':
          break;
        default:
          out[key] = schema[key as keyof JsonSchema];
      }
    }
    if (schema.$id === QUANTITY) return this.#scalar(out, [{ type: 'string' }, { type: 'number' }], undefined);
    if (schema.$id === INT_OR_STRING) {
      return this.#scalar(out, [{ type: 'integer' }, { type: 'string' }], 'int-or-string');
    }
    if (schema.properties) {
      const properties: OpenApiSchema = {};
      for (const [name, member] of Object.entries(schema.properties)) properties[name] = this.#use(member);
      out.properties = properties;
    }
    if (schema.items) out.items = this.#use(schema.items);
    const values = schema.additionalProperties;
    if (values !== undefined) out.additionalProperties = typeof values === 'object' ? this.#use(values) : values;
    if (this.#dialect === 'v3') {
      for (const key of ['allOf', 'anyOf', 'oneOf'] as const) {
        const list = schema[key];
        if (list) out[key] = list.map((alternative) => this.#convert(alternative));
      }
      if (schema.not) out.not = this.#convert(schema.not);
      return out;
    }
    return reduceForV2(out, schema);
  }

  #scalar(out: OpenApiSchema, oneOf: readonly OpenApiSchema[], format: string | undefined): OpenApiSchema {
    const { 'x-kubernetes-int-or-string': _flag, pattern: _pattern, ...rest } = out;
    const shape = this.#dialect === 'v2' ? { type: 'string' } : { oneOf };
    return { ...rest, ...shape, ...(format === undefined ? {} : { format }) };
  }
}

/** What v2 cannot say is left out, so that old clients do not refuse what the server accepts. Source: apiextensions openapi/v2. */
function reduceForV2(out: OpenApiSchema, schema: JsonSchema): OpenApiSchema {
  const isNullable = (member: JsonSchema | undefined): boolean => member?.nullable === true;
  if (schema.required) {
    const required = schema.required.filter((name) => !isNullable(schema.properties?.[name]));
    if (required.length > 0) out.required = required;
    else delete out.required;
  }
  if (schema.nullable) {
    delete out.nullable;
    delete out.type;
    delete out.items;
    delete out.properties;
    delete out.additionalProperties;
  }
  if (schema['x-kubernetes-preserve-unknown-fields']) {
    delete out.items;
    delete out.properties;
    if (out.type === 'object') delete out.type;
  }
  if (schema.type === 'array' && !schema.items) delete out.type;
  if (schema['x-kubernetes-int-or-string']) delete out.type;
  return out;
}
