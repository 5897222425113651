import type { JsonSchema } from './json-schema.ts';

/** A schema that carries the TypeScript type of what it describes. The phantom is never set. */
export interface Schema<T> extends JsonSchema {
  readonly $type?: T;
}

/** A member that is always there: `required` is published, `present` only tells TypeScript that valid objects have it. */
export interface PresentMember<T> {
  readonly presence: 'required' | 'present';
  readonly schema: Schema<T>;
}

type Member = Schema<unknown> | PresentMember<unknown>;
type Members = Readonly<Record<string, Member>>;
type NumberedMembers = Readonly<Record<string, readonly [number, Member]>>;

type MemberType<M> = M extends PresentMember<infer T> ? T : M extends Schema<infer T> ? T : never;
type PresentKeys<F> = { [K in keyof F]: F[K] extends PresentMember<unknown> ? K : never }[keyof F];

/** The object type of a member table: optional unless wrapped by `required` or `present`. */
export type ObjectType<F> = { -readonly [K in Exclude<keyof F, PresentKeys<F>>]?: MemberType<F[K]> } & {
  -readonly [K in PresentKeys<F>]: MemberType<F[K]>;
};
type Unnumbered<F> = { [K in keyof F]: F[K] extends readonly [number, infer M] ? M : never };

/** The TypeScript type of a schema, for `interface X extends TypeOf<typeof x> {}`. */
export type TypeOf<S> = S extends Schema<infer T> ? T : never;

export type { JsonSchema } from './json-schema.ts';

const definitions = new Map<string, JsonSchema>();

/**
 * The definition behind a `$id`. A member with a description or default of its own is a shallow copy that keeps the `$id`
 * (and shares `properties`), so whoever publishes definitions takes them from here and not from the copies.
 */
export const definitionOf = (id: string): JsonSchema | undefined => definitions.get(id);

export const definitionIds = (): Iterable<string> => definitions.keys();

function register<T>(schema: Schema<T>): Schema<T> {
  const id = schema.$id ?? '';
  if (definitions.has(id)) throw new Error(`schema ${id} is declared twice`);
  definitions.set(id, schema);
  return schema;
}

const META = 'io.k8s.apimachinery.pkg';

export const string: Schema<string> = { type: 'string' };
export const bool: Schema<boolean> = { type: 'boolean' };
export const int32: Schema<number> = { type: 'integer', format: 'int32', 'x-scalar': 'int32' };
export const int64: Schema<number> = { type: 'integer', format: 'int64', 'x-scalar': 'int64' };
export const double: Schema<number> = { type: 'number', format: 'double' };
export const bytes: Schema<string> = { type: 'string', format: 'byte', 'x-scalar': 'bytes' };
/** A Go duration such as `1h30m`. */
export const duration: Schema<string> = { type: 'string', 'x-scalar': 'duration' };
export const time: Schema<string> = register({
  $id: `${META}.apis.meta.v1.Time`,
  type: 'string',
  format: 'date-time',
  description: 'A moment as an RFC 3339 string with second precision.',
  'x-scalar': 'time',
});
export const microTime: Schema<string> = register({
  $id: `${META}.apis.meta.v1.MicroTime`,
  type: 'string',
  format: 'date-time',
  description: 'A moment as an RFC 3339 string with microsecond precision.',
  'x-scalar': 'microtime',
});
/** Numbers are accepted in bodies and stored in canonical string form, hence the TypeScript type. */
export const quantity: Schema<string> = register({
  $id: `${META}.api.resource.Quantity`,
  description: 'An exact amount with an optional suffix: 500m, 2, 1.5Gi, 10k, 1e3.',
  pattern:
    '^(\\+|-)?(([0-9]+(\\.[0-9]*)?)|(\\.[0-9]+))(([KMGTPE]i)|[numkMGTPE]|([eE](\\+|-)?(([0-9]+(\\.[0-9]*)?)|(\\.[0-9]+))))?$',
  'x-kubernetes-int-or-string': true,
  'x-scalar': 'quantity',
});
export const intOrString: Schema<number | string> = register({
  $id: `${META}.util.intstr.IntOrString`,
  description: 'A whole number or a string, such as 80, "http" or "25%".',
  'x-kubernetes-int-or-string': true,
  'x-scalar': 'int-or-string',
});
/** Any JSON object, kept as it is (Go's RawExtension). */
export const raw: Schema<Record<string, unknown>> = {
  type: 'object',
  'x-kubernetes-preserve-unknown-fields': true,
  'x-scalar': 'raw',
};

export interface ListOptions {
  readonly type?: 'atomic' | 'set' | 'map';
  /** Keys that identify an item of a `map` list. */
  readonly keys?: readonly string[];
  /** Key by which strategic merge patch merges items; `true`: items are scalars. */
  readonly merge?: string | true;
  readonly strategy?: string;
}

export function list<T>(items: Schema<T>, options: ListOptions = {}): Schema<T[]> {
  return {
    type: 'array',
    items,
    ...(options.type && { 'x-kubernetes-list-type': options.type }),
    ...(options.keys && { 'x-kubernetes-list-map-keys': options.keys }),
    ...(options.merge && { 'x-kubernetes-patch-strategy': options.strategy ?? 'merge' }),
    ...(typeof options.merge === 'string' && { 'x-kubernetes-patch-merge-key': options.merge }),
  };
}

export function map<T>(values: Schema<T>): Schema<Record<string, T>> {
  return { type: 'object', additionalProperties: values };
}

type Refinement = Pick<
  JsonSchema,
  | 'default'
  | 'enum'
  | 'pattern'
  | 'minimum'
  | 'maximum'
  | 'minLength'
  | 'maxItems'
  | 'x-kubernetes-map-type'
  | 'x-kubernetes-patch-strategy'
  | 'x-kubernetes-patch-merge-key'
>;

/**
 * The same schema with a description, a default or a constraint of its own. A default is shared data: whoever fills it into
 * an object puts in a copy.
 */
export function field<T>(schema: Schema<T>, description: string, refinement: Refinement = {}): Schema<T> {
  return description === '' ? { ...schema, ...refinement } : { ...schema, description, ...refinement };
}

export function nullable<T>(schema: Schema<T>): Schema<T | null> {
  return { ...schema, nullable: true };
}

/** Null is accepted in bodies but never written, so TypeScript doesn't see it. */
export const tolerateNull = <T>(schema: Schema<T>): Schema<T> => ({ ...schema, nullable: true });

export const required = <T>(schema: Schema<T>): PresentMember<T> => ({ presence: 'required', schema });
export const present = <T>(schema: Schema<T>): PresentMember<T> => ({ presence: 'present', schema });

const asIs = (schema: JsonSchema): JsonSchema => schema;

function properties(
  members: Iterable<[string, Member]>,
  place: (schema: JsonSchema) => JsonSchema = asIs,
): Pick<JsonSchema, 'properties' | 'required'> {
  const table: Record<string, JsonSchema> = {};
  const requiredNames: string[] = [];
  for (const [name, member] of members) {
    if ('presence' in member) {
      table[name] = place(member.schema);
      if (member.presence === 'required') requiredNames.push(name);
    } else {
      table[name] = place(member);
    }
  }
  return requiredNames.length > 0 ? { properties: table, required: requiredNames } : { properties: table };
}

const customCopies = new WeakMap<JsonSchema, JsonSchema>();

/**
 * A built-in type inside a custom resource: same members, but without defaults, enumerations and merge keys. A definition of a
 * custom resource spells such types out without them, and admission answers wrong values with KubeVirt's own texts.
 */
function copyForCustom(schema: JsonSchema): JsonSchema {
  const known = customCopies.get(schema);
  if (known) return known;
  const {
    default: _default,
    enum: _enum,
    'x-protobuf': numbers,
    'x-inline': _inline,
    'x-kubernetes-map-type': _mapType,
    'x-kubernetes-patch-strategy': _strategy,
    'x-kubernetes-patch-merge-key': _mergeKey,
    $id,
    ...rest
  } = schema;
  const copy: JsonSchema = {
    ...rest,
    ...(numbers === undefined && $id !== undefined && { $id }),
    ...(rest.items && { items: copyForCustom(rest.items) }),
    ...(typeof rest.additionalProperties === 'object' && {
      additionalProperties: copyForCustom(rest.additionalProperties),
    }),
    ...(rest.properties && {
      properties: Object.fromEntries(Object.entries(rest.properties).map(([k, v]) => [k, copyForCustom(v)])),
    }),
  };
  customCopies.set(schema, copy);
  return copy;
}

/** Leaves schemas of custom types as they are. */
function forCustom(schema: JsonSchema): JsonSchema {
  if (schema['x-protobuf'] !== undefined) return copyForCustom(schema);
  if (schema.items) {
    const items = forCustom(schema.items);
    return items === schema.items ? schema : { ...schema, items };
  }
  if (typeof schema.additionalProperties === 'object') {
    const values = forCustom(schema.additionalProperties);
    return values === schema.additionalProperties ? schema : { ...schema, additionalProperties: values };
  }
  return schema;
}

/** An object type of a custom resource. */
export function object<const F extends Members>(id: string, description: string, members: F): Schema<ObjectType<F>> {
  return register({
    $id: id,
    type: 'object',
    ...(description !== '' && { description }),
    ...properties(Object.entries(members), forCustom),
  });
}

export type EmptyObject = Record<string, never>;

/** An object without members: its presence is the information (`masquerade: {}`). */
export function emptyObject(id: string, description = ''): Schema<EmptyObject> {
  return register({ $id: id, type: 'object', ...(description !== '' && { description }), properties: {} });
}

/** A named object whose members are not declared. */
export function opaque<T>(id: string, description: string): Schema<T> {
  return register({ $id: id, type: 'object', description, 'x-kubernetes-preserve-unknown-fields': true });
}

export interface MessageOptions {
  /** Go-inlined members: their fields stand in this object's JSON, in protobuf they are a nested message. */
  readonly inline?: Readonly<Record<string, readonly [number, JsonSchema]>>;
  /** Server-side apply replaces the whole object. */
  readonly atomic?: boolean;
}

/** An object type of a built-in kind: every member has its protobuf number. */
export function message<const F extends NumberedMembers>(
  id: string,
  description: string,
  members: F,
  options: MessageOptions = {},
): Schema<ObjectType<Unnumbered<F>>> {
  const numbers: Record<string, number> = {};
  const own: [string, Member][] = [];
  for (const [name, [number, member]] of Object.entries(members)) {
    numbers[name] = number;
    own.push([name, member]);
  }
  const shape = properties(own);
  const inlined = Object.values(options.inline ?? {}).map(([, schema]) => schema);
  const requiredNames = [...inlined.flatMap((schema) => schema.required ?? []), ...(shape.required ?? [])];
  return register({
    $id: id,
    type: 'object',
    ...(description !== '' && { description }),
    properties:
      inlined.length > 0
        ? Object.assign({}, ...inlined.map((schema) => schema.properties), shape.properties)
        : shape.properties,
    ...(requiredNames.length > 0 && { required: requiredNames }),
    ...(options.atomic && { 'x-kubernetes-map-type': 'atomic' }),
    'x-protobuf': numbers,
    ...(options.inline && { 'x-inline': options.inline }),
  });
}

/** Gives a schema the name of its interface, so that declarations that use it do not repeat its members. */
export const named = <T>(schema: Schema<unknown>): Schema<T> => schema as Schema<T>;

const TYPE_META = {
  apiVersion: field(string, 'Group and version of this object, such as v1 or kubevirt.io/v1.'),
  kind: field(string, 'Kind of this object.'),
};
type TypeMeta = { apiVersion?: string; kind?: string };

function withTypeMeta<T>(schema: Schema<T>): Schema<TypeMeta & T> {
  Object.assign(schema, { properties: { ...TYPE_META, ...schema.properties } });
  return schema as Schema<TypeMeta & T>;
}

/** A built-in kind: `message` plus apiVersion and kind, which are no protobuf fields (they stand in the envelope). */
export const kind = <const F extends NumberedMembers>(
  id: string,
  description: string,
  members: F,
  options: MessageOptions = {},
): Schema<TypeMeta & ObjectType<Unnumbered<F>>> => withTypeMeta(message(id, description, members, options));

/** A kind of a custom resource: `object` plus apiVersion and kind. */
export const customKind = <const F extends Members>(
  id: string,
  description: string,
  members: F,
): Schema<TypeMeta & ObjectType<F>> => withTypeMeta(object(id, description, members));
