import type { KubeObject } from './meta/object.ts';
import type { JsonSchema } from './schema/json-schema.ts';

export type Verb = 'create' | 'delete' | 'deletecollection' | 'get' | 'list' | 'patch' | 'update' | 'watch';

export interface GroupResource {
  readonly group: string;
  readonly resource: string;
}

export interface GroupVersionKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

/** A column of `kubectl get`. `priority` > 0 shows only with `-o wide`. Source: apiextensions/v1 additionalPrinterColumns. */
export interface PrinterColumn {
  readonly name: string;
  readonly type: 'string' | 'integer' | 'boolean' | 'date' | 'number';
  readonly jsonPath: string;
  readonly format?: string;
  readonly description?: string;
  readonly priority?: number;
}

export interface SubresourceDefinition {
  /** `status`, `scale`, `binding`, `eviction`, `token`, `finalize` … */
  readonly name: string;
  readonly verbs: readonly string[];
  /** Only where the subresource's kind differs from its parent's (`scale` → autoscaling/v1 Scale). */
  readonly kind?: GroupVersionKind;
}

/**
 * One API resource, declared once. Its schema is the TypeScript type, the CRD, the OpenAPI, the validation, the defaulting
 * and the text of `kubectl explain`. The phantom `T` is the object's type.
 */
export interface ResourceDefinition<T extends KubeObject = KubeObject> {
  /** Empty for the core group. */
  readonly group: string;
  /** Preferred and stored version. */
  readonly version: string;
  /** All served versions, preferred first; they share one schema (conversion: none). */
  readonly servedVersions: readonly string[];
  readonly kind: string;
  readonly listKind: string;
  readonly plural: string;
  readonly singular: string;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly namespaced: boolean;
  /** `true`: a built-in Go kind (strategic merge, protobuf bodies, Go's decode errors); `false`: served as a custom resource. */
  readonly builtIn: boolean;
  readonly verbs: readonly Verb[];
  readonly subresources: readonly SubresourceDefinition[];
  /** Columns after NAME; built-in kinds compute theirs in the API server and leave this empty. */
  readonly columns: readonly PrinterColumn[];
  /** Field selectors beyond metadata.name and metadata.namespace. */
  readonly selectableFields: readonly string[];
  readonly schema: JsonSchema;
  /** Message name in the protobuf field table (`core.v1.Pod`), built-in kinds only. */
  readonly message?: string;
  /** Never set: carries the type. */
  readonly $type?: T;
}

export type ObjectOf<D> = D extends ResourceDefinition<infer T> ? T : never;

export const apiVersionOf = (d: { group: string; version: string }): string =>
  d.group === '' ? d.version : `${d.group}/${d.version}`;

/** `pods` or `virtualmachines.kubevirt.io`: how messages name a resource. */
export const qualifiedName = (d: { group: string; plural: string }): string =>
  d.group === '' ? d.plural : `${d.plural}.${d.group}`;
