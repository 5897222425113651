import type { Taint, Toleration } from '@virtplane/resources';

/** Source: core/v1 Toleration.ToleratesTaint. An empty effect tolerates all effects, an empty key with Exists everything. */
export function tolerates(toleration: Toleration, taint: Taint): boolean {
  if (toleration.effect && toleration.effect !== taint.effect) return false;
  if (toleration.key && toleration.key !== taint.key) return false;
  const operator = toleration.operator || 'Equal';
  if (operator === 'Exists') return true;
  return Boolean(toleration.key) && (toleration.value ?? '') === (taint.value ?? '');
}

export const firstUntolerated = (
  taints: readonly Taint[] | undefined,
  tolerations: readonly Toleration[] | undefined,
  effects: readonly string[],
): Taint | undefined =>
  taints?.find((taint) => effects.includes(taint.effect ?? '') && !tolerations?.some((t) => tolerates(t, taint)));
