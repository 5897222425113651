import { Pod, PodDisruptionBudget, selectsLabels } from '@virtplane/resources';
import { type Controller, type ControllerContext, keyOf, semanticallyEqual } from '@virtplane/runtime';
import { planBudget } from './plan.ts';

/** Keeps the status of PodDisruptionBudgets, which evictions are granted or refused by. */
export function disruption({ client, informers, clock }: ControllerContext): Controller {
  const budgets = informers(PodDisruptionBudget);
  const pods = informers(Pod);
  const selects = (budget: PodDisruptionBudget, pod: { metadata?: { labels?: Record<string, string> } }): boolean =>
    selectsLabels(budget.spec.selector, pod.metadata?.labels);

  return {
    name: 'disruption',
    for: PodDisruptionBudget,
    watches: [
      {
        resource: Pod,
        map: (pod) =>
          budgets
            .list(pod.metadata?.namespace ?? '')
            .filter((budget) => selects(budget, pod))
            .map(keyOf),
      },
    ],
    async reconcile(key) {
      const budget = budgets.get(key);
      if (!budget || budget.metadata.deletionTimestamp) return undefined;
      const selected = pods.list(key.namespace ?? '').filter((pod) => selects(budget, pod));
      const { status, afterMs } = planBudget(budget, selected, clock.now());
      if (!semanticallyEqual(status, budget.status))
        await client(PodDisruptionBudget).updateStatus({ ...budget, status });
      return afterMs === undefined ? undefined : { afterMs };
    },
  };
}
