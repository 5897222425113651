/**
 * The structural schema (apiextensions/v1 JSONSchemaProps, the subset that is used) as plain JSON. Named types carry their
 * OpenAPI definition name in `$id` (`io.k8s.api.core.v1.Container`); nested types are shared by reference, never copied, so a
 * walker may cache per object identity. Recursion is cut by `x-kubernetes-preserve-unknown-fields`.
 */
export interface JsonSchema {
  readonly $id?: string;
  readonly type?: 'object' | 'array' | 'string' | 'integer' | 'number' | 'boolean';
  readonly description?: string;
  readonly format?: string;
  readonly nullable?: boolean;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: boolean;
  readonly exclusiveMaximum?: boolean;
  readonly multipleOf?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly uniqueItems?: boolean;
  readonly minProperties?: number;
  readonly maxProperties?: number;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: JsonSchema | boolean;
  readonly items?: JsonSchema;
  readonly allOf?: readonly JsonSchema[];
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly not?: JsonSchema;
  readonly 'x-kubernetes-preserve-unknown-fields'?: boolean;
  readonly 'x-kubernetes-embedded-resource'?: boolean;
  readonly 'x-kubernetes-int-or-string'?: boolean;
  readonly 'x-kubernetes-list-type'?: 'atomic' | 'set' | 'map';
  readonly 'x-kubernetes-list-map-keys'?: readonly string[];
  readonly 'x-kubernetes-map-type'?: 'atomic' | 'granular';
  readonly 'x-kubernetes-patch-strategy'?: string;
  readonly 'x-kubernetes-patch-merge-key'?: string;
  readonly 'x-kubernetes-validations'?: readonly { readonly rule: string; readonly message?: string }[];
  /** Protobuf: field name → number, on schemas of built-in messages. Not published. */
  readonly 'x-protobuf'?: Readonly<Record<string, number>>;
  /**
   * Built-ins: how a scalar travels and prints beyond its JSON type: `quantity`, `time`, `microtime`, `bytes`, `int32`, `int64`,
   * `int-or-string`, `duration`, `raw`. Not published (publishing uses `format`).
   */
  readonly 'x-scalar'?: string;
  /** Name of a Go-inlined member (`volumeSource`): its fields stand in this object's JSON, in protobuf it is a nested message. */
  readonly 'x-inline'?: Readonly<Record<string, readonly [number, JsonSchema]>>;
}
