import type { Pod, PodDisruptionBudget, PodDisruptionBudgetStatus } from '@virtplane/resources';
import { setCondition, timestamp } from '@virtplane/runtime';

/** How long an evicted Pod may take to get its deletion timestamp before the eviction counts as failed. */
const disruptedForMs = 120_000;

export interface BudgetPlan {
  readonly status: PodDisruptionBudgetStatus;
  /** When an eviction that was granted lapses; look again then. */
  readonly afterMs: number | undefined;
}

/**
 * What a budget allows, given the Pods that it selects. Pods that were granted an eviction and do not go yet are counted as
 * down already. Source: kube-controller-manager disruption controller; the number of Pods expected is that of the Pods there
 * are, since launcher Pods have no controller with a scale.
 */
export function planBudget(budget: PodDisruptionBudget, pods: readonly Pod[], nowMs: number): BudgetPlan {
  const { minAvailable, maxUnavailable } = budget.spec;
  const expected = pods.length;
  const desired =
    maxUnavailable !== undefined
      ? Math.max(0, expected - count(maxUnavailable, expected))
      : minAvailable !== undefined
        ? count(minAvailable, expected)
        : expected;
  const disrupted = stillDisrupted(budget.status?.disruptedPods ?? {}, pods, nowMs);
  const healthy = pods.filter((pod) => isUp(pod) && disrupted[pod.metadata.name ?? ''] === undefined).length;
  const allowed = expected === 0 ? 0 : Math.max(0, healthy - desired);
  const generation = budget.metadata.generation;
  const conditions = setCondition(
    budget.status?.conditions as Parameters<typeof setCondition>[0],
    {
      type: 'DisruptionAllowed',
      status: allowed > 0 ? 'True' : 'False',
      reason: allowed > 0 ? 'SufficientPods' : 'InsufficientPods',
      message: '',
      ...(generation !== undefined && { observedGeneration: generation }),
    },
    timestamp(nowMs),
  );
  const lapses = Object.values(disrupted).map((since) => Date.parse(since) + disruptedForMs - nowMs);
  const status = {
    ...(generation !== undefined && { observedGeneration: generation }),
    ...(lapses.length > 0 && { disruptedPods: disrupted }),
    disruptionsAllowed: allowed,
    currentHealthy: healthy,
    desiredHealthy: desired,
    expectedPods: expected,
    conditions,
  };
  return {
    status: status as PodDisruptionBudgetStatus,
    afterMs: lapses.length === 0 ? undefined : Math.max(1, Math.min(...lapses)),
  };
}

/** A number or, rounded up, a percentage of `total`. */
function count(value: number | string, total: number): number {
  if (typeof value === 'number') return value;
  const percent = /^(\d+)%$/.exec(value);
  return percent ? Math.ceil((Number(percent[1]) * total) / 100) : Number.parseInt(value, 10) || 0;
}

const isUp = (pod: Pod): boolean =>
  pod.metadata.deletionTimestamp === undefined &&
  pod.status?.conditions?.some((c) => c.type === 'Ready' && c.status === 'True') === true;

function stillDisrupted(
  disrupted: Readonly<Record<string, string>>,
  pods: readonly Pod[],
  nowMs: number,
): Record<string, string> {
  const still: Record<string, string> = {};
  for (const pod of pods) {
    const name = pod.metadata.name ?? '';
    const since = disrupted[name];
    if (since === undefined || pod.metadata.deletionTimestamp !== undefined) continue;
    if (Date.parse(since) + disruptedForMs > nowMs) still[name] = since;
  }
  return still;
}
