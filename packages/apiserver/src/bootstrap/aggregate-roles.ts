import type { ClusterRole } from '@virtplane/resources';
import { isStatusError } from '@virtplane/resources';
import type { Transport } from '@virtplane/runtime';
import { aggregatedRules, rbacGroup } from '../auth/rbac/roles.ts';
import type { ObjectSource } from '../cache/object-source.ts';

/** Changes within this time are taken together: a manifest brings many roles at once. */
const settleMs = 20;

/**
 * Writes the rules of ClusterRoles with an aggregationRule. The authorizer computes them itself; this is for people and
 * tools that read the object. Source: kube-controller-manager's clusterrole-aggregation. Returns: stop.
 */
export function aggregateRoles(
  roles: ObjectSource<ClusterRole>,
  transport: Transport,
  onError: (error: unknown) => void,
): () => void {
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;

  async function write(): Promise<void> {
    const all = roles.list();
    for (const role of all) {
      if (!role.aggregationRule || stopped) continue;
      const rules = [...aggregatedRules(role, all)];
      if (JSON.stringify(rules) === JSON.stringify(role.rules ?? [])) continue;
      const name = role.metadata?.name ?? '';
      try {
        await transport.request({
          method: 'PUT',
          path: `/apis/${rbacGroup}/v1/clusterroles/${name}`,
          body: { ...role, rules },
        });
      } catch (error) {
        // Somebody else wrote or deleted it: that change brings us here again.
        if (!isStatusError(error, 'Conflict') && !isStatusError(error, 'NotFound')) onError(error);
      }
    }
  }

  const schedule = (): void => {
    if (timer !== undefined || stopped) return;
    timer = setTimeout(() => {
      timer = undefined;
      write().catch(onError);
    }, settleMs);
    timer.unref();
  };

  const unsubscribe = roles.subscribe(schedule);
  return () => {
    stopped = true;
    unsubscribe();
    clearTimeout(timer);
  };
}
