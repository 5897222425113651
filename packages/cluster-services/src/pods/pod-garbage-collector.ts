import { isStatusError, Node, Pod } from '@virtplane/resources';
import { type Controller, type ControllerContext, keyOf, timestamp } from '@virtplane/runtime';

/** A node that was just registered, or is being re-registered, is given this long to appear. */
const quarantineMs = 40_000;

/**
 * Removes Pods that nobody else can: those bound to a node that no longer exists, and those that were deleted before they were
 * bound to any. Source: kube-controller-manager podgc.
 */
export function podGarbageCollector({ client, informers, clock, log }: ControllerContext): Controller {
  const pods = informers(Pod);
  const nodes = informers(Node);
  const missingSince = new Map<string, number>();

  const remove = async (pod: Pod, because: string): Promise<void> => {
    const key = keyOf(pod);
    log.info('deleting a Pod', { namespace: key.namespace, name: key.name, because });
    try {
      if (pod.status?.phase !== 'Succeeded' && pod.status?.phase !== 'Failed')
        await client(Pod).patch(key, 'merge', failed(pod, because, clock.now()), { subresource: 'status' });
      await client(Pod).delete(key, { gracePeriodSeconds: 0, ...(pod.metadata?.uid && { uid: pod.metadata.uid }) });
    } catch (error) {
      if (!isStatusError(error, 'NotFound')) throw error;
    }
  };

  return {
    name: 'pod-garbage-collector',
    for: Pod,
    watches: [{ resource: Node, map: (node) => pods.by('nodeName', node.metadata?.name ?? '').map(keyOf) }],
    async reconcile(key) {
      const pod = pods.get(key);
      if (!pod) return undefined;
      const name = pod.spec?.nodeName;
      if (!name) {
        if (pod.metadata?.deletionTimestamp) await remove(pod, 'it was deleted before it was bound to a node');
        return undefined;
      }
      if (nodes.get({ name })) {
        missingSince.delete(name);
        return undefined;
      }
      const sinceMs = missingSince.get(name) ?? clock.now();
      missingSince.set(name, sinceMs);
      const waitMs = sinceMs + quarantineMs - clock.now();
      if (waitMs > 0) return { afterMs: waitMs };
      // The cache may lag; the server is asked before a Pod is called orphaned.
      if (await client(Node).find({ name })) return { afterMs: 1000 };
      await remove(pod, `its node ${name} no longer exists`);
      if (pods.by('nodeName', name).length <= 1) missingSince.delete(name);
      return undefined;
    },
  };
}

function failed(pod: Pod, because: string, nowMs: number): unknown {
  const disrupted = {
    type: 'DisruptionTarget',
    status: 'True',
    reason: 'DeletionByPodGC',
    message: `PodGC: ${because}`,
    lastTransitionTime: timestamp(nowMs),
  };
  const others = (pod.status?.conditions ?? []).filter((c) => c.type !== disrupted.type);
  return { status: { phase: 'Failed', conditions: [...others, disrupted] } };
}
