import { Lease, Node, Pod } from '@virtplane/resources';
import { type Controller, type ControllerContext, isConflict, timestamp } from '@virtplane/runtime';
import { type ClusterHealth, graceMs, mayEvict, planNode } from './plan.ts';

const leaseNamespace = 'kube-node-lease';
/** Leases are renewed every 10 s: whoever missed two of them is not counted on. */
const aliveMs = 25_000;

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

  /** When the last sign of life came; the first look at a node counts as one. */
  const lastSignMs = (name: string): number => {
    const lease = leases.get({ namespace: leaseNamespace, name })?.spec?.renewTime ?? '';
    // The status too: a node that calls itself Ready again lives, even before its next heartbeat.
    const ready = readyOf(nodes.get({ name }));
    const heartbeat = `${ready?.status} ${ready?.lastHeartbeatTime}`;
    const last = signs.get(name);
    if (last && last.lease === lease && last.heartbeat === heartbeat) return last.atMs;
    const atMs = clock.now();
    signs.set(name, { lease, heartbeat, atMs });
    return atMs;
  };

  const health = (): ClusterHealth => {
    const freshMs = clock.now() - aliveMs;
    const all = nodes.list();
    const alive = all.filter(
      (node) => readyOf(node)?.status === 'True' && lastSignMs(node.metadata.name ?? '') > freshMs,
    );
    return { alive: alive.length, total: all.length };
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
          lastSignMs(name);
          return readyOf(nodes.get({ name }))?.status === 'True' ? [] : [{ name }];
        },
      },
    ],
    async reconcile(key) {
      const node = nodes.get(key);
      if (!node) {
        signs.delete(key.name);
        return undefined;
      }
      const silent = clock.now() - lastSignMs(key.name);
      const lost = silent >= graceMs || readyOf(node)?.status !== 'True';
      const plan = planNode(node, silent, clock.now(), lost && mayEvict(health()));
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

const readyOf = (node: Node | undefined) => node?.status?.conditions?.find((c) => c.type === 'Ready');

const withVersion = (node: Node, patch: Record<string, unknown>): Record<string, unknown> => ({
  metadata: { resourceVersion: node.metadata?.resourceVersion },
  ...patch,
});
