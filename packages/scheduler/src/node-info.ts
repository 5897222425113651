import type { Node, Pod } from '@virtplane/resources';
import { amountOf, type PodResources, podResources } from './pod-resources.ts';

interface PlacedPod {
  readonly pod: Pod;
  readonly requests: PodResources;
}

/** A node and what stands on it, kept up to date incrementally: adding a Pod costs the same at ten and at ten thousand. */
export class NodeInfo {
  node: Node;
  readonly pods = new Map<string, PlacedPod>();
  requestedCpuMillicores = 0;
  requestedMemoryBytes = 0;
  readonly requestedOthers = new Map<string, number>();
  private allocatable = new Map<string, number>();

  constructor(node: Node) {
    this.node = node;
    this.setNode(node);
  }

  setNode(node: Node): void {
    this.node = node;
    this.allocatable = new Map(
      Object.entries(node.status?.allocatable ?? {}).map(([name, quantity]) => [name, amountOf(name, quantity)]),
    );
  }

  /** In the unit of PodResources; 0 when the node does not offer it. */
  allocatableOf(resource: string): number {
    return this.allocatable.get(resource) ?? 0;
  }

  addPod(uid: string, pod: Pod): void {
    this.removePod(uid);
    const requests = podResources(pod);
    this.pods.set(uid, { pod, requests });
    this.charge(requests, 1);
  }

  removePod(uid: string): boolean {
    const placed = this.pods.get(uid);
    if (!placed) return false;
    this.pods.delete(uid);
    this.charge(placed.requests, -1);
    return true;
  }

  private charge(requests: PodResources, sign: 1 | -1): void {
    this.requestedCpuMillicores += sign * requests.cpuMillicores;
    this.requestedMemoryBytes += sign * requests.memoryBytes;
    for (const [name, amount] of requests.others) {
      this.requestedOthers.set(name, (this.requestedOthers.get(name) ?? 0) + sign * amount);
    }
  }
}
