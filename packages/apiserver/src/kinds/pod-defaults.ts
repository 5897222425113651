import type { Container, Pod, PodSpec } from '@virtplane/resources';
import { Quantity } from '@virtplane/resources';

/** Source: kubernetes SetDefaults_PodSpec. Defaults that stand for themselves are in the schema. */
export function applyPodSpecDefaults(spec: PodSpec): void {
  for (const container of containersOf(spec)) {
    container.imagePullPolicy ??= pullPolicyOf(container.image ?? '');
    if (spec.hostNetwork) for (const port of container.ports ?? []) port.hostPort ??= port.containerPort;
  }
  // `serviceAccount` is the name that v1 gave up; both are always shown.
  if (spec.serviceAccountName) spec.serviceAccount = spec.serviceAccountName;
  else if (spec.serviceAccount) spec.serviceAccountName = spec.serviceAccount;
  for (const volume of spec.volumes ?? []) {
    if (Object.keys(volume).length === 1) volume.emptyDir = {};
  }
}

/** What pods get and templates of pods do not. Source: kubernetes SetDefaults_Pod. */
export function applyPodDefaults(spec: PodSpec): void {
  applyPodSpecDefaults(spec);
  spec.enableServiceLinks ??= true;
  for (const { resources } of containersOf(spec)) {
    if (!resources?.limits) continue;
    const requests = { ...resources.requests };
    for (const [name, limit] of Object.entries(resources.limits)) requests[name] ??= limit;
    resources.requests = requests;
  }
}

const containersOf = (spec: PodSpec): Container[] => [...(spec.initContainers ?? []), ...(spec.containers ?? [])];

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
  const containers = spec ? containersOf(spec) : [];
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
