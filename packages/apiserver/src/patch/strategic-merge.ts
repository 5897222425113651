import type { JsonSchema } from '@virtplane/resources';

/** Strategic merge patch of a built-in kind. Never changes `original`; unchanged parts are shared. Throws StatusError. */
export function strategicMerge(
  _original: Readonly<Record<string, unknown>>,
  _patch: unknown,
  _schema: JsonSchema,
): Record<string, unknown> {
  throw new Error('not written yet');
}

/** Go's `%v` of the patch (`map[dat:map[]]`), for the 422 of a strategic patch that does not decode. */
export function goMapText(_value: unknown): string {
  throw new Error('not written yet');
}
