import type { FieldError, JsonSchema, KubeObject } from '@virtplane/resources';
import type { CompiledSchema } from './compiled-schema.ts';
import { decodeFault } from './decode.ts';
import { applyDefaults } from './defaults.ts';
import { metadataNode, nodeOf, type SchemaNode } from './node.ts';
import { hasUnknown, prune } from './prune.ts';
import { validateBuiltIn, validateCustom } from './validate.ts';

export interface CompileOptions {
  readonly builtIn: boolean;
  readonly kind: string;
  readonly version: string;
}

/** Prepares a schema for walking; nodes are made on first use and shared by all schemas that contain them. */
export function compileSchema(schema: JsonSchema, options: CompileOptions): CompiledSchema {
  return options.builtIn ? new BuiltInSchema(schema, options.kind) : new CustomSchema(schema, options.kind);
}

/** `compileSchema` for a schema that is not at hand yet (custom resources load theirs when first used). */
export function compileLazily(load: () => JsonSchema, options: CompileOptions): CompiledSchema {
  let compiled: CompiledSchema | undefined;
  const get = (): CompiledSchema => {
    compiled ??= compileSchema(load(), options);
    return compiled;
  };
  return {
    decodeFault: (value) => get().decodeFault(value),
    prune: (value, unknownPaths) => get().prune(value, unknownPaths),
    applyDefaults: (value) => get().applyDefaults(value),
    validate: (value, old) => get().validate(value, old),
  };
}

class BuiltInSchema implements CompiledSchema {
  readonly #schema: JsonSchema;
  readonly #kind: string;
  #node: SchemaNode | undefined;

  constructor(schema: JsonSchema, kind: string) {
    this.#schema = schema;
    this.#kind = kind;
  }

  get #root(): SchemaNode {
    this.#node ??= nodeOf(this.#schema);
    return this.#node;
  }

  decodeFault(value: unknown): string | undefined {
    return decodeFault(this.#root, value, this.#kind);
  }

  prune(value: KubeObject, unknownPaths: string[]): void {
    if (hasUnknown(this.#root, value, true)) prune(this.#root, value, '', unknownPaths, true);
  }

  applyDefaults(value: KubeObject): void {
    const object = value as KubeObject & { spec?: unknown };
    // In Go a spec is a struct and therefore always there.
    if (object.spec === undefined && this.#root.properties?.get('spec')?.properties) object.spec = {};
    applyDefaults(this.#root, value);
  }

  validate(value: KubeObject): FieldError[] {
    const errors: FieldError[] = [];
    validateBuiltIn(this.#root, value, '', errors);
    return errors;
  }
}

class CustomSchema implements CompiledSchema {
  readonly #schema: JsonSchema;
  readonly #kind: string;
  #node: SchemaNode | undefined;

  constructor(schema: JsonSchema, kind: string) {
    this.#schema = schema;
    this.#kind = kind;
  }

  get #root(): SchemaNode {
    this.#node ??= nodeOf(this.#schema);
    return this.#node;
  }

  /** Of a custom resource only the metadata has Go types. */
  decodeFault(value: unknown): string | undefined {
    const { metadata } = value as KubeObject;
    if (metadata === undefined || metadata === null) return undefined;
    if (typeof metadata !== 'object' || Array.isArray(metadata)) {
      const got = Array.isArray(metadata) ? 'array' : typeof metadata === 'boolean' ? 'bool' : typeof metadata;
      return `json: cannot unmarshal ${got} into Go struct field ${this.#kind}.metadata of type v1.ObjectMeta`;
    }
    return decodeFault(metadataNode(), metadata, 'ObjectMeta');
  }

  prune(value: KubeObject, unknownPaths: string[]): void {
    if (!hasUnknown(this.#root, value, true)) return;
    const found: string[] = [];
    prune(this.#root, value, '', found, true);
    // The real decoder looks at the metadata first and sorts the rest.
    const inMetadata = found.filter((path) => path.startsWith('metadata.'));
    const elsewhere = found.filter((path) => !path.startsWith('metadata.')).sort();
    unknownPaths.push(...inMetadata, ...elsewhere);
  }

  applyDefaults(value: KubeObject): void {
    applyDefaults(this.#root, value);
  }

  validate(value: KubeObject): FieldError[] {
    return validateCustom(this.#root, value);
  }
}
