import { isStatusError, Node, Pod } from '@virtplane/resources';
import { type Controller, type ControllerContext, keyOf, keyText } from '@virtplane/runtime';
import { evictionTimeMs } from './eviction-plan.ts';

/** Deletes Pods that do not (or no longer) tolerate the NoExecute taints of their node. */
export function taintEviction({ client, informers, clock, events }: ControllerContext): Controller {
  const pods = informers(Pod);
  const nodes = informers(Node);
  /** When a Pod was first seen under taints that do not say since when. */
  const since = new Map<string, number>();

  return {
    name: 'taint-eviction',
    for: Pod,
    watches: [{ resource: Node, map: (node) => pods.by('nodeName', node.metadata?.name ?? '').map(keyOf) }],
    async reconcile(key) {
      const pod = pods.get(key);
      const taints = pod?.spec?.nodeName ? (nodes.get({ name: pod.spec.nodeName })?.spec?.taints ?? []) : [];
      const id = keyText(key);
      if (!pod || pod.metadata?.deletionTimestamp || !taints.some((taint) => taint.effect === 'NoExecute')) {
        since.delete(id);
        return undefined;
      }
      const nowMs = clock.now();
      if (!since.has(id)) since.set(id, nowMs);
      const leaveMs = evictionTimeMs(pod, taints, since.get(id) ?? nowMs);
      if (leaveMs === undefined) return undefined;
      if (leaveMs > nowMs) return { afterMs: leaveMs - nowMs };
      events('taint-eviction-controller').normal(pod, 'TaintManagerEviction', `Marking for deletion Pod ${id}`);
      try {
        await client(Pod).delete(key, pod.metadata?.uid ? { uid: pod.metadata.uid } : {});
      } catch (error) {
        if (!isStatusError(error, 'NotFound')) throw error;
      }
      return undefined;
    },
  };
}
