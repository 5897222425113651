/** RFC 6902 as evanphx/json-patch v4 applies it. Never changes `target` (copies along the path). Throws StatusError 422. */
export function applyJsonPatch(_target: unknown, _operations: unknown): unknown {
  throw new Error('not written yet');
}
