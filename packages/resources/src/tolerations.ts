import type { Taint, Toleration } from './core/affinity.ts';

/**
 * Source: core/v1 Toleration.ToleratesTaint. An empty effect tolerates all effects, an empty key with Exists everything; an empty
 * operator is Equal.
 */
export function tolerates(toleration: Toleration, taint: Taint): boolean {
  if (toleration.effect && toleration.effect !== taint.effect) return false;
  if (toleration.key && toleration.key !== taint.key) return false;
  if (toleration.operator === 'Exists') return true;
  return Boolean(toleration.key) && (toleration.value ?? '') === (taint.value ?? '');
}
