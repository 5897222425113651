import type { Node, NodeCondition, Taint } from '@virtplane/resources';
import { semanticallyEqual, timestamp } from '@virtplane/runtime';

const notReadyTaint = 'node.kubernetes.io/not-ready';
const unreachableTaint = 'node.kubernetes.io/unreachable';

/** How long a node may be silent. Source: kube-controller-manager --node-monitor-grace-period. */
export const graceMs = 40_000;

/** Conditions that a node agent reports and that become unknown with it. */
const reported = ['Ready', 'MemoryPressure', 'DiskPressure', 'PIDPressure'] as const;

/** Pressure and network: condition → taint (NoSchedule) while it is True. */
const pressureTaints: Readonly<Record<string, string>> = {
  MemoryPressure: 'node.kubernetes.io/memory-pressure',
  DiskPressure: 'node.kubernetes.io/disk-pressure',
  PIDPressure: 'node.kubernetes.io/pid-pressure',
  NetworkUnavailable: 'node.kubernetes.io/network-unavailable',
};
const unschedulableTaint = 'node.kubernetes.io/unschedulable';

const ours = new Set<string>([notReadyTaint, unreachableTaint, unschedulableTaint, ...Object.values(pressureTaints)]);

/** Nodes of which signs of life keep coming, and all nodes. */
export interface ClusterHealth {
  readonly alive: number;
  readonly total: number;
}

/**
 * Whether Pods of a lost node are to be moved. Not when nobody is alive, or most of more than a few are lost: then the network
 * or the server is the likelier culprit, the Pods have nowhere to go, and their guests may well be running. Source:
 * kube-controller-manager node lifecycle controller, FullDisruption and PartialDisruption (of clusters up to 50 nodes).
 */
export const mayEvict = ({ alive, total }: ClusterHealth): boolean => {
  const lost = total - alive;
  return alive > 0 && !(lost > 2 && lost / total >= 0.55);
};

export interface NodePlan {
  /** Absent: as they are. */
  readonly conditions?: readonly NodeCondition[];
  /** Absent: as they are. */
  readonly taints?: readonly Taint[];
  /** The node has just been given up. */
  readonly becameUnknown: boolean;
}

/**
 * What a node's conditions and taints must be, given how long nothing was heard of it and whether its Pods are to leave then.
 * Taints that are not ours stay.
 * Source: kube-controller-manager node lifecycle controller.
 */
export function planNode(node: Node, silentMs: number, nowMs: number, evict: boolean): NodePlan {
  const silent = silentMs >= graceMs;
  const before = node.status?.conditions ?? [];
  const conditions = silent ? withUnknown(before, nowMs) : before;
  const ready = conditions.find((c) => c.type === 'Ready')?.status;
  const taints = wantedTaints(node, conditions, ready, nowMs, evict);
  return {
    ...(conditions !== before && { conditions }),
    ...(!semanticallyEqual(taints, node.spec?.taints) && { taints }),
    becameUnknown: silent && before.find((c) => c.type === 'Ready')?.status !== 'Unknown',
  };
}

function withUnknown(before: readonly NodeCondition[], nowMs: number): readonly NodeCondition[] {
  let conditions = before;
  for (const type of reported) {
    const old = before.find((c) => c.type === type);
    if (old?.status === 'Unknown') continue;
    const unknown: NodeCondition = {
      ...old,
      type,
      status: 'Unknown',
      reason: old ? 'NodeStatusUnknown' : 'NodeStatusNeverUpdated',
      message: old ? 'Kubelet stopped posting node status.' : 'Kubelet never posted node status.',
      lastTransitionTime: timestamp(nowMs),
    };
    conditions = old ? conditions.map((c) => (c.type === type ? unknown : c)) : [...conditions, unknown];
  }
  return conditions;
}

function wantedTaints(
  node: Node,
  conditions: readonly NodeCondition[],
  ready: string | undefined,
  nowMs: number,
  evict: boolean,
): Taint[] {
  const before = node.spec?.taints ?? [];
  const wanted: { key: string; effect: string }[] = [];
  if (node.spec?.unschedulable) wanted.push({ key: unschedulableTaint, effect: 'NoSchedule' });
  for (const { type, status } of conditions) {
    const key = pressureTaints[type];
    if (key && status === 'True') wanted.push({ key, effect: 'NoSchedule' });
  }
  // A node that has not yet reported keeps the taint that admission gave it and loses no Pods.
  if (ready === undefined) wanted.push(...before.filter((t) => t.key === notReadyTaint));
  else if (ready !== 'True') {
    const key = ready === 'False' ? notReadyTaint : unreachableTaint;
    wanted.push({ key, effect: 'NoSchedule' });
    if (evict) wanted.push({ key, effect: 'NoExecute' });
  }
  const isWanted = (taint: Taint): boolean => wanted.some((w) => w.key === taint.key && w.effect === taint.effect);
  const kept = before.filter((taint) => !ours.has(taint.key) || isWanted(taint));
  for (const { key, effect } of wanted)
    if (!before.some((t) => t.key === key && t.effect === effect))
      kept.push({ key, effect, timeAdded: timestamp(nowMs) } as Taint);
  return kept;
}
