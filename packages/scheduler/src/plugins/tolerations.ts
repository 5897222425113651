import { type Taint, type Toleration, tolerates } from '@virtplane/resources';

/** The first taint of one of the effects that no toleration covers. */
export const firstUntolerated = (
  taints: readonly Taint[] | undefined,
  tolerations: readonly Toleration[] | undefined,
  effects: readonly string[],
): Taint | undefined =>
  taints?.find((taint) => effects.includes(taint.effect ?? '') && !tolerations?.some((t) => tolerates(t, taint)));
