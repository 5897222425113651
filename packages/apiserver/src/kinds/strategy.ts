import type { FieldError, KubeObject, PrinterColumn } from '@virtplane/resources';

export type CellValue = string | number | boolean | null;

/** A table column of a built-in kind, with its cell. */
export interface BuiltInColumn extends Pick<PrinterColumn, 'name' | 'type' | 'priority' | 'format'> {
  cell(object: KubeObject, nowMs: number): CellValue;
}

/**
 * What is particular to a kind, as kube-apiserver's RESTStrategy. Every member is optional: the generic registry does the
 * rest. Objects handed to prepare… may be changed in place.
 */
export interface Strategy {
  /** Defaults that depend on other fields (unconditional ones stand in the schema). */
  applyDefaults?(object: KubeObject): void;
  /** Before admission and validation of a create: initial status, resets. Default: drop `status` where it is a subresource. */
  prepareForCreate?(object: KubeObject): void;
  /** Main resource update. Default: keep old `status` where it is a subresource. */
  prepareForUpdate?(object: KubeObject, old: KubeObject): void;
  /** `/status` update. Default for built-ins: keep `spec`; for custom resources: keep everything but status. */
  prepareForStatusUpdate?(object: KubeObject, old: KubeObject): void;
  validate?(object: KubeObject): FieldError[];
  /** What a change may not do; `validate` runs as well. */
  validateUpdate?(object: KubeObject, old: KubeObject): FieldError[];
  /** What a valid object asks for and this server does not do: `Warning:` headers on create and main-resource update. */
  warnings?(object: KubeObject): string[];
  validateStatusUpdate?(object: KubeObject, old: KubeObject): FieldError[];
  /** Faults of a name, `prefix` when it is a generateName. Default: DNS-1123 subdomain. */
  validateName?(name: string, prefix: boolean): string[];
  /** Extra selectable fields: `spec.nodeName` → value. */
  selectableFields?(object: KubeObject): Record<string, string>;
  readonly columns?: readonly BuiltInColumn[];
  /** false for kinds that never carry metadata.generation. `spec` bumps when anything but metadata and status changed. */
  readonly generation?: 'none' | 'spec';
  /** DELETE answers the object instead of a Status. */
  readonly returnsDeletedObject?: boolean;
  readonly allowCreateOnUpdate?: boolean;
  /** PUT without resourceVersion: false = refused with 422 (custom resources, Lease, PDB …). */
  readonly allowUnconditionalUpdate?: boolean;
  /** Graceful deletion in seconds, or undefined for immediate. `requested` is DeleteOptions.gracePeriodSeconds. */
  gracePeriodSeconds?(object: KubeObject, requested: number | undefined): number | undefined;
}
