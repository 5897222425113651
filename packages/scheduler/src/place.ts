import type { Pod } from '@virtplane/resources';
import { type FilterPlugin, nodeName, type PodToPlace, type Rejection, type ScorePlugin } from './framework.ts';
import type { NodeInfo } from './node-info.ts';
import { nodeAffinity, nodeAffinityScore } from './plugins/node-affinity.ts';
import { nodeName as nodeNamePlugin } from './plugins/node-name.ts';
import { leastAllocated, nodeResourcesFit } from './plugins/node-resources-fit.ts';
import { nodeUnschedulable } from './plugins/node-unschedulable.ts';
import { taintToleration, taintTolerationScore } from './plugins/taint-toleration.ts';
import { podResources } from './pod-resources.ts';

/** In the order in which kube-scheduler runs them: the first that refuses a node gives that node's reasons. */
export const defaultFilters: readonly FilterPlugin[] = [
  nodeUnschedulable,
  nodeNamePlugin,
  taintToleration,
  nodeAffinity,
  nodeResourcesFit,
];

export const defaultScores: readonly ScorePlugin[] = [taintTolerationScore, nodeAffinityScore, leastAllocated];

export interface NodeRejection extends Rejection {
  readonly node: string;
  readonly plugin: string;
}

export type Placement =
  | { readonly node: string; readonly evaluated: number; readonly feasible: number }
  | { readonly node?: undefined; readonly rejections: readonly NodeRejection[]; readonly message: string };

export interface PlaceOptions {
  readonly filters?: readonly FilterPlugin[];
  readonly scores?: readonly ScorePlugin[];
  /** Where the search begins, so that large clusters are used evenly. */
  readonly startAt?: number;
  /** 0 ≤ x < 1; breaks ties. */
  readonly random?: () => number;
}

/**
 * How many feasible nodes are enough. Source: kube-scheduler numFeasibleNodesToFind: all up to 100 nodes, then a share that
 * sinks from 50 % to 5 %, never fewer than 100.
 */
export function feasibleNodesWanted(nodes: number): number {
  if (nodes <= 100) return nodes;
  const percent = Math.max(5, 50 - Math.trunc(nodes / 125));
  return Math.max(100, Math.trunc((nodes * percent) / 100));
}

/** Decides where a Pod goes, or says why nowhere. Pure. */
export function placePod(pod: Pod, nodes: readonly NodeInfo[], options: PlaceOptions = {}): Placement {
  const { filters = defaultFilters, scores = defaultScores, startAt = 0, random = Math.random } = options;
  if (nodes.length === 0) return { rejections: [], message: 'no nodes available to schedule pods' };
  const target: PodToPlace = { pod, requests: podResources(pod) };
  const wanted = feasibleNodesWanted(nodes.length);
  const feasible: NodeInfo[] = [];
  const rejections: NodeRejection[] = [];
  let evaluated = 0;
  for (; evaluated < nodes.length && feasible.length < wanted; evaluated++) {
    const info = nodes[(startAt + evaluated) % nodes.length] as NodeInfo;
    const rejection = firstRejection(target, info, filters);
    if (rejection) rejections.push(rejection);
    else feasible.push(info);
  }
  if (feasible.length === 0) return { rejections, message: unschedulableMessage(nodes.length, rejections, pod) };
  return { node: best(target, feasible, scores, random), evaluated, feasible: feasible.length };
}

function firstRejection(
  target: PodToPlace,
  info: NodeInfo,
  filters: readonly FilterPlugin[],
): NodeRejection | undefined {
  for (const plugin of filters) {
    const rejection = plugin.filter(target, info);
    if (rejection) return { ...rejection, node: nodeName(info.node), plugin: plugin.name };
  }
  return undefined;
}

function best(
  target: PodToPlace,
  feasible: readonly NodeInfo[],
  scores: readonly ScorePlugin[],
  random: () => number,
): string {
  const totals = new Array<number>(feasible.length).fill(0);
  if (feasible.length > 1) {
    for (const plugin of scores) {
      const raw = feasible.map((info) => plugin.score(target, info));
      plugin.normalize?.(raw);
      for (let i = 0; i < raw.length; i++) totals[i] = (totals[i] ?? 0) + (raw[i] ?? 0) * plugin.weight;
    }
  }
  // Reservoir sampling over the best: every tie has the same chance.
  let chosen = 0;
  let ties = 1;
  for (let i = 1; i < totals.length; i++) {
    const [total, top] = [totals[i] ?? 0, totals[chosen] ?? 0];
    if (total > top) {
      chosen = i;
      ties = 1;
    } else if (total === top && random() * ++ties < 1) chosen = i;
  }
  return nodeName((feasible[chosen] as NodeInfo).node);
}

/** kube-scheduler's FitError and the outcome of its (unsuccessful) preemption attempt, 1.25 wording. */
export function unschedulableMessage(nodes: number, rejections: readonly Rejection[], pod?: Pod): string {
  const counts = new Map<string, number>();
  for (const { reasons } of rejections) {
    for (const reason of reasons) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  }
  const listed = (entries: Iterable<[string, number]>): string =>
    [...entries]
      .map(([reason, count]) => `${count} ${reason}`)
      .sort()
      .join(', ');
  const head = `0/${nodes} nodes are available: ${listed(counts)}.`;
  if (pod?.spec?.preemptionPolicy === 'Never') {
    return `${head} preemption: not eligible due to preemptionPolicy=Never.`;
  }
  const unhelpful = rejections.filter((r) => r.unresolvable).length;
  const without = rejections.length - unhelpful;
  const preemption = new Map<string, number>();
  if (without > 0) preemption.set('No preemption victims found for incoming pod', without);
  if (unhelpful > 0) preemption.set('Preemption is not helpful for scheduling', unhelpful);
  return `${head} preemption: 0/${nodes} nodes are available: ${listed(preemption)}.`;
}
