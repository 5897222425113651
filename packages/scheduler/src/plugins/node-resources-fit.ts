import type { FilterPlugin, ScorePlugin } from '../framework.ts';

/** Every requested resource must be free; all that are short are named. */
export const nodeResourcesFit: FilterPlugin = {
  name: 'NodeResourcesFit',
  filter({ requests }, node) {
    const reasons: string[] = [];
    const check = (name: string, wanted: number, requested: number): void => {
      if (wanted === 0) return;
      if (wanted <= node.allocatableOf(name) - requested) return;
      reasons.push(`Insufficient ${name}`);
    };
    if (node.pods.size + 1 > node.allocatableOf('pods')) reasons.push('Too many pods');
    check('cpu', requests.cpuMillicores, node.requestedCpuMillicores);
    check('memory', requests.memoryBytes, node.requestedMemoryBytes);
    for (const [name, wanted] of requests.others) check(name, wanted, node.requestedOthers.get(name) ?? 0);
    return reasons.length > 0 ? { reasons, unresolvable: false } : undefined;
  },
};

/** LeastAllocated over CPU and memory: the emptier after placing, the better. */
export const leastAllocated: ScorePlugin = {
  name: 'NodeResourcesFit',
  weight: 1,
  score({ requests }, node) {
    const free = (allocatable: number, requested: number): number =>
      allocatable === 0 || requested > allocatable ? 0 : Math.trunc(((allocatable - requested) * 100) / allocatable);
    const cpu = free(node.allocatableOf('cpu'), node.requestedCpuMillicores + requests.cpuMillicores);
    const memory = free(node.allocatableOf('memory'), node.requestedMemoryBytes + requests.memoryBytes);
    return Math.trunc((cpu + memory) / 2);
  },
};
