import type { Container, Pod, PodSpec } from '@virtplane/resources';
import { Quantity } from '@virtplane/resources';

/** Source: kubernetes pkg/apis/core/v1/defaults.go. Defaults that stand for themselves are in the schema. */
export function applyPodSpecDefaults(spec: PodSpec): void {
  const containers: Container[] = [...(spec.initContainers ?? []), ...(spec.containers ?? [])];
  for (const container of containers) {
    container.imagePullPolicy ??= pullPolicyOf(container.image ?? '');
    const { resources } = container;
    if (resources?.limits) {
      const requests = { ...resources.requests };
      for (const [name, limit] of Object.entries(resources.limits)) requests[name] ??= limit;
      resources.requests = requests;
    }
    if (spec.hostNetwork) for (const port of container.ports ?? []) port.hostPort ??= port.containerPort;
  }
  // `serviceAccount` is the name that v1 gave up; both are always shown.
  if (spec.serviceAccountName) spec.serviceAccount = spec.serviceAccountName;
  else if (spec.serviceAccount) spec.serviceAccountName = spec.serviceAccount;
  for (const volume of spec.volumes ?? []) {
    if (Object.keys(volume).length === 1) volume.emptyDir = {};
  }
}

/** `latest` may change at any time, so it is always pulled. */
function pullPolicyOf(image: string): string {
  const name = image.slice(image.lastIndexOf('/') + 1);
  if (name.includes('@')) return 'IfNotPresent';
  const colon = name.lastIndexOf(':');
  return colon < 0 || name.slice(colon + 1) === 'latest' ? 'Always' : 'IfNotPresent';
}

const COUNTED = ['cpu', 'memory'] as const;

/** Source: kubernetes pkg/apis/core/v1/helper/qos. */
export function qosClassOf(spec: PodSpec | undefined): 'Guaranteed' | 'Burstable' | 'BestEffort' {
  const containers: Container[] = [...(spec?.initContainers ?? []), ...(spec?.containers ?? [])];
  let isGuaranteed = true;
  let isBestEffort = true;
  for (const { resources } of containers) {
    for (const name of COUNTED) {
      const request = positive(resources?.requests?.[name]);
      const limit = positive(resources?.limits?.[name]);
      if (request || limit) isBestEffort = false;
      if (!limit || (request && !request.equals(limit))) isGuaranteed = false;
    }
  }
  if (isBestEffort) return 'BestEffort';
  return isGuaranteed ? 'Guaranteed' : 'Burstable';
}

function positive(amount: string | undefined): Quantity | undefined {
  const quantity = amount === undefined ? undefined : Quantity.tryParse(amount);
  return quantity && quantity.sign() > 0 ? quantity : undefined;
}

/** Whether the pod has ended for good. */
export const isTerminal = (pod: Pod): boolean => pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed';
