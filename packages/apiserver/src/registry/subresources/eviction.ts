import { type KubeObject, type LabelSelector, selectsLabels } from '@virtplane/resources';
import { keyOf } from '../../cache/item.ts';
import { badRequest, failure, notFound } from '../../errors.ts';
import type { Operation } from '../context.ts';
import { removeOne } from '../delete.ts';
import { deleteOptions } from '../options.ts';
import type { Outcome } from '../outcome.ts';
import { CREATED } from './binding.ts';
import { subresourceBody } from './body.ts';

interface Pod extends KubeObject {
  status?: { phase?: string; conditions?: { type?: string; status?: string }[] };
}

interface Budget extends KubeObject {
  spec?: { selector?: LabelSelector };
  status?: {
    observedGeneration?: number;
    disruptionsAllowed?: number;
    currentHealthy?: number;
    desiredHealthy?: number;
    disruptedPods?: Record<string, string>;
  };
}

const isReady = (pod: Pod): boolean =>
  pod.status?.conditions?.some((c) => c.type === 'Ready' && c.status === 'True') ?? false;

const refused = (message: string, retryAfterSeconds?: number): Error =>
  failure(429, 'TooManyRequests', "Cannot evict pod as it would violate the pod's disruption budget.", {
    causes: [{ reason: 'DisruptionBudget', message }],
    ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
  });

/** POST …/pods/<name>/eviction: a deletion that disruption budgets may refuse. Source: core/pod/storage EvictionREST. */
export async function evict(operation: Operation): Promise<Outcome> {
  const { request, state } = operation;
  const body = subresourceBody(operation, 'Eviction');
  const { name, namespace } = request.info;
  if (body.metadata?.name && body.metadata.name !== name)
    throw badRequest('name in URL does not match name in Eviction object');
  const options = deleteOptions((body as { deleteOptions?: unknown }).deleteOptions ?? {}, request.query);
  const key = keyOf(namespace, name);
  const item = state.latest(key);
  if (item === undefined) throw notFound(state.name, name);
  const pod: Pod = item.object;
  const phase = pod.status?.phase;
  const unguarded =
    phase === 'Pending' || phase === 'Succeeded' || phase === 'Failed' || pod.metadata?.deletionTimestamp !== undefined;
  if (!unguarded) await charge(operation, pod, options.dryRun);
  await removeOne(operation, key, name, options);
  return { kind: 'other', code: 201, object: CREATED };
}

/** Takes one disruption from the pod's budget, so that two evictions at once can't take the same one. */
async function charge(operation: Operation, pod: Pod, dryRun: boolean): Promise<void> {
  const { registry, request } = operation;
  const budgets = registry.table.state('policy', 'poddisruptionbudgets');
  if (budgets === undefined) return;
  const { namespace, name } = request.info;
  const matching = budgets.collection
    .source<Budget>()
    .list(namespace)
    .filter((b) => selectsLabels(b.spec?.selector, pod.metadata?.labels));
  if (matching.length > 1)
    throw failure(
      500,
      'InternalError',
      'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.',
    );
  const [found] = matching;
  if (found === undefined) return;
  const budgetName = found.metadata?.name ?? '';
  const base = budgets.latest(keyOf(namespace, budgetName));
  if (base === undefined) return;
  const budget: Budget = base.object;
  const status = budget.status ?? {};
  if ((status.observedGeneration ?? 0) < (budget.metadata?.generation ?? 0))
    throw refused(`The disruption budget ${budgetName} is still being processed by the server.`, 10);
  if (!isReady(pod) && (status.currentHealthy ?? 0) >= (status.desiredHealthy ?? 0) && (status.desiredHealthy ?? 0) > 0)
    return;
  if ((status.disruptionsAllowed ?? 0) <= 0)
    throw refused(
      `The disruption budget ${budgetName} needs ${status.desiredHealthy ?? 0} healthy pods and has ${status.currentHealthy ?? 0} currently`,
    );
  if (dryRun) return;
  const next = budgets.codec.ordered({
    ...budget,
    status: {
      ...status,
      disruptionsAllowed: (status.disruptionsAllowed ?? 0) - 1,
      disruptedPods: { ...status.disruptedPods, [name]: new Date(registry.clock.now()).toISOString() },
    },
  } as Budget);
  await registry.queue.put(budgets, next, base, false);
}
