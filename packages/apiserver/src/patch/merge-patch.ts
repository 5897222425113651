/** RFC 7396. Never changes `target`; unchanged parts are shared. */
export function applyMergePatch(_target: unknown, _patch: unknown): unknown {
  throw new Error('not written yet');
}

/** The smallest merge patch that turns `from` into `to` (objects without null values). */
export function createMergePatch(_from: unknown, _to: unknown): unknown {
  throw new Error('not written yet');
}
