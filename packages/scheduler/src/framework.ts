import type { Node, Pod } from '@virtplane/resources';
import type { NodeInfo } from './node-info.ts';
import type { PodResources } from './pod-resources.ts';

/**
 * Why a node does not take a Pod. `unresolvable`: removing other Pods could not change it (kube-scheduler's
 * UnschedulableAndUnresolvable), which the preemption part of the message reports apart.
 */
export interface Rejection {
  readonly reasons: readonly string[];
  readonly unresolvable: boolean;
}

/** What is known of the Pod being placed; computed once per attempt. */
export interface PodToPlace {
  readonly pod: Pod;
  readonly requests: PodResources;
}

/** One hard rule. Pure. Returns undefined when the node passes. Source: kube-scheduler framework FilterPlugin. */
export interface FilterPlugin {
  readonly name: string;
  filter(target: PodToPlace, node: NodeInfo): Rejection | undefined;
}

/** One soft rule. Pure. Scores are normalised to 0…100 over the candidates, then weighted and summed. */
export interface ScorePlugin {
  readonly name: string;
  readonly weight: number;
  score(target: PodToPlace, node: NodeInfo): number;
  /** Default: scores are already 0…100. Changes the array in place. */
  normalize?(scores: number[]): void;
}

/** The default normalisation: the highest becomes 100, the rest in proportion; `reverse` turns it round. */
export function normalizeToMax(scores: number[], reverse = false): void {
  const max = Math.max(0, ...scores);
  for (let i = 0; i < scores.length; i++) {
    const scaled = max === 0 ? 0 : Math.trunc(((scores[i] ?? 0) * 100) / max);
    scores[i] = reverse ? 100 - scaled : scaled;
  }
}

export const nodeName = (node: Node): string => node.metadata.name ?? '';
