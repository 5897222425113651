import { type Pod, quantityBytes, quantityMilli } from '@virtplane/resources';

/** What a Pod asks for: CPU in millicores, everything else in whole units (bytes, devices). */
export interface PodResources {
  readonly cpuMillicores: number;
  readonly memoryBytes: number;
  /** `ephemeral-storage`, `hugepages-2Mi`, `devices.kubevirt.io/kvm` … */
  readonly others: ReadonlyMap<string, number>;
}

type ResourceList = Readonly<Record<string, string>> | undefined;

/** Amount of a resource in the unit of PodResources. */
export const amountOf = (name: string, quantity: string): number =>
  name === 'cpu' ? quantityMilli(quantity) : quantityBytes(quantity);

/**
 * Effective request of a Pod: the larger of the containers' sum and the largest init container, plus Pod overhead. Source:
 * kube-scheduler computePodResourceRequest (1.25).
 */
export function podResources(pod: Pod): PodResources {
  const total = new Map<string, number>();
  const add = (list: ResourceList): void => {
    for (const [name, quantity] of Object.entries(list ?? {})) {
      total.set(name, (total.get(name) ?? 0) + amountOf(name, quantity));
    }
  };
  for (const container of pod.spec?.containers ?? []) add(container.resources?.requests);
  for (const container of pod.spec?.initContainers ?? []) {
    for (const [name, quantity] of Object.entries(container.resources?.requests ?? {})) {
      total.set(name, Math.max(total.get(name) ?? 0, amountOf(name, quantity)));
    }
  }
  add(pod.spec?.overhead);
  const cpuMillicores = total.get('cpu') ?? 0;
  const memoryBytes = total.get('memory') ?? 0;
  total.delete('cpu');
  total.delete('memory');
  return { cpuMillicores, memoryBytes, others: total };
}
