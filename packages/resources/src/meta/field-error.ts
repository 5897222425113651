import type { StatusCause } from './status.ts';

/** The reasons of Go's field.Error (apimachinery validation/field). */
export type FieldErrorType =
  | 'FieldValueRequired'
  | 'FieldValueInvalid'
  | 'FieldValueTypeInvalid'
  | 'FieldValueNotSupported'
  | 'FieldValueDuplicate'
  | 'FieldValueForbidden'
  | 'FieldValueTooLong'
  | 'FieldValueTooMany'
  | 'FieldValueNotFound'
  | 'InternalError';

/**
 * One fault of an object. Validators return lists of these and never throw half-way, so a user sees all faults at once.
 * `message` is the whole text after the field path ("Required value", `Invalid value: "x": must be …`); KubeVirt's own
 * validators put their sentence there without a prefix.
 */
export interface FieldError {
  readonly type: FieldErrorType;
  /** Path as Kubernetes prints it: `spec.containers[0].name`; empty for the whole object. */
  readonly field: string;
  readonly message: string;
}

/** Go's `%#v`-like print of a value in "Invalid value: …". Strings quoted, absent as null, maps in Go syntax. */
export function goValue(value: unknown): string {
  if (value === undefined || value === null) return 'null';
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'object' && !Array.isArray(value)) {
    const entries = Object.entries(value).map(([k, v]) => `${JSON.stringify(k)}:${goValue(v)}`);
    return `map[string]interface {}{${entries.join(', ')}}`;
  }
  if (Array.isArray(value)) return `[]interface {}{${value.map(goValue).join(', ')}}`;
  return String(value);
}

const withDetail = (head: string, detail?: string): string => (detail ? `${head}: ${detail}` : head);

export const required = (field: string, detail?: string): FieldError => ({
  type: 'FieldValueRequired',
  field,
  message: withDetail('Required value', detail),
});
export const invalid = (field: string, value: unknown, detail: string): FieldError => ({
  type: 'FieldValueInvalid',
  field,
  message: `Invalid value: ${goValue(value)}: ${detail}`,
});
export const notSupported = (field: string, value: unknown, supported: readonly string[]): FieldError => ({
  type: 'FieldValueNotSupported',
  field,
  message: `Unsupported value: ${goValue(value)}: supported values: ${supported.map((s) => JSON.stringify(s)).join(', ')}`,
});
export const duplicate = (field: string, value: unknown): FieldError => ({
  type: 'FieldValueDuplicate',
  field,
  message: `Duplicate value: ${goValue(value)}`,
});
export const forbidden = (field: string, detail: string): FieldError => ({
  type: 'FieldValueForbidden',
  field,
  message: `Forbidden: ${detail}`,
});
export const tooLong = (field: string, detail: string): FieldError => ({
  type: 'FieldValueTooLong',
  field,
  message: `Too long: ${detail}`,
});
export const tooMany = (field: string, count: number, max: number): FieldError => ({
  type: 'FieldValueTooMany',
  field,
  message: `Too many: ${count}: must have at most ${max} items`,
});
export const notFound = (field: string, value: unknown): FieldError => ({
  type: 'FieldValueNotFound',
  field,
  message: `Not found: ${goValue(value)}`,
});
export const typeInvalid = (field: string, value: unknown, detail: string): FieldError => ({
  type: 'FieldValueTypeInvalid',
  field,
  message: `Invalid value: ${goValue(value)}: ${detail}`,
});

export const toCause = (error: FieldError): StatusCause => ({
  reason: error.type,
  message: error.message,
  field: error.field,
});
