import { Lease, Node, Pod } from '@virtplane/resources';
import { type Controller, type ControllerContext, isConflict, timestamp } from '@virtplane/runtime';
import { graceMs, planNode } from './plan.ts';

const leaseNamespace = 'kube-node-lease';

/** The last sign of life as we saw it: clocks of nodes are never compared with ours. */
interface Sign {
  readonly lease: string;
  readonly heartbeat: string;
  readonly atMs: number;
}

/**
 * Watches over nodes: one whose Lease and status have been silent for 40 s becomes Unknown and is tainted; taints follow the
 * node's conditions. After a restart every node is given its 40 s anew.
 */
export function nodeLifecycle({ client, informers, clock, events, log }: ControllerContext): Controller {
  const nodes = informers(Node);
  const pods = informers(Pod);
  const leases = informers(Lease, { namespace: leaseNamespace });
  const signs = new Map<string, Sign>();

  const silentMs = (node: Node, name: string): number => {
    const lease = leases.get({ namespace: leaseNamespace, name })?.spec?.renewTime ?? '';
    const heartbeat = node.status?.conditions?.find((c) => c.type === 'Ready')?.lastHeartbeatTime ?? '';
    const last = signs.get(name);
    if (last && last.lease === lease && last.heartbeat === heartbeat) return clock.now() - last.atMs;
    signs.set(name, { lease, heartbeat, atMs: clock.now() });
    return 0;
  };

  const markPodsNotReady = async (node: string): Promise<void> => {
    for (const pod of pods.by('nodeName', node)) {
      const ready = pod.status?.conditions?.find((c) => c.type === 'Ready');
      if (ready?.status !== 'True') continue;
      const conditions = pod.status?.conditions?.map((c) =>
        c === ready ? { ...c, status: 'False', lastTransitionTime: timestamp(clock.now()) } : c,
      );
      try {
        await client(Pod).updateStatus({ ...pod, status: { ...pod.status, conditions } } as Pod);
      } catch (error) {
        if (!isConflict(error))
          log.warn('cannot mark a Pod on a silent node as not ready', { node, pod: pod.metadata?.name, error });
      }
    }
  };

  return {
    name: 'node-lifecycle',
    for: Node,
    watches: [
      {
        resource: Lease,
        options: { namespace: leaseNamespace },
        // A renewal matters only to who was thought silent; the others are looked at in their own time.
        map: ({ metadata }) => {
          const name = metadata?.name ?? '';
          const ready = nodes.get({ name })?.status?.conditions?.find((c) => c.type === 'Ready');
          return ready?.status === 'True' ? [] : [{ name }];
        },
      },
    ],
    async reconcile(key) {
      const node = nodes.get(key);
      if (!node) {
        signs.delete(key.name);
        return undefined;
      }
      const silent = silentMs(node, key.name);
      const plan = planNode(node, silent, clock.now());
      // Status first: taints are drawn from it.
      if (plan.conditions)
        await client(Node).patch(key, 'merge', withVersion(node, { status: { conditions: plan.conditions } }), {
          subresource: 'status',
        });
      if (plan.becameUnknown) {
        events('node-controller').normal(node, 'NodeNotReady', `Node ${key.name} status is now: NodeNotReady`);
        await markPodsNotReady(key.name);
      }
      if (plan.taints) {
        // The status patch above has moved the version on; taints are ours alone to order, so read again.
        const current = plan.conditions ? await client(Node).get(key) : node;
        await client(Node).patch(key, 'merge', withVersion(current, { spec: { taints: plan.taints } }));
      }
      return { afterMs: Math.max(1000, silent >= graceMs ? graceMs : graceMs - silent) };
    },
  };
}

const withVersion = (node: Node, patch: Record<string, unknown>): Record<string, unknown> => ({
  metadata: { resourceVersion: node.metadata?.resourceVersion },
  ...patch,
});
