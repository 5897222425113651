import type { Pod } from '@virtplane/resources';
import { subdomainName } from './checks.ts';
import { podColumns } from './pod-columns.ts';
import { applyPodDefaults, isTerminal, qosClassOf } from './pod-defaults.ts';
import { checkPodSpec, checkPodSpecUpdate } from './pod-validation.ts';
import type { Strategy } from './strategy.ts';

/** Source: kubernetes pkg/registry/core/pod/strategy.go. */
export const podStrategy: Strategy = {
  validateName: subdomainName,
  applyDefaults(pod: Pod) {
    if (pod.spec) applyPodDefaults(pod.spec);
  },
  prepareForCreate(pod: Pod) {
    pod.status = { phase: 'Pending', qosClass: qosClassOf(pod.spec) };
  },
  prepareForUpdate(pod: Pod, old: Pod) {
    if (old.status) pod.status = old.status;
    else delete pod.status;
  },
  prepareForStatusUpdate(pod: Pod, old: Pod) {
    pod.spec = old.spec;
    if (old.metadata.ownerReferences) pod.metadata.ownerReferences = old.metadata.ownerReferences;
    else delete pod.metadata.ownerReferences;
    if (pod.status && old.status?.qosClass) pod.status.qosClass ??= old.status.qosClass;
  },
  validate: (pod: Pod) => checkPodSpec('spec', pod.spec),
  validateUpdate: (pod: Pod, old: Pod) => checkPodSpecUpdate(pod.spec, old.spec),
  selectableFields: (pod: Pod) => ({
    'spec.nodeName': pod.spec.nodeName ?? '',
    'spec.host': pod.spec.nodeName ?? '',
    'spec.restartPolicy': pod.spec.restartPolicy ?? '',
    'spec.schedulerName': pod.spec.schedulerName ?? '',
    'spec.serviceAccountName': pod.spec.serviceAccountName ?? '',
    'status.phase': pod.status?.phase ?? '',
    'status.podIP': pod.status?.podIP ?? '',
    'status.podIPs': (pod.status?.podIPs ?? []).map(({ ip }) => ip ?? '').join(','),
    'status.nominatedNodeName': pod.status?.nominatedNodeName ?? '',
  }),
  columns: podColumns,
  generation: 'none',
  returnsDeletedObject: true,
  allowUnconditionalUpdate: true,
  gracePeriodSeconds(pod: Pod, requested) {
    const seconds = requested ?? pod.spec.terminationGracePeriodSeconds ?? 30;
    // A pod that runs nowhere, or no longer, has nobody to wait for.
    if (!pod.spec.nodeName || isTerminal(pod) || seconds === 0) return undefined;
    return seconds < 0 ? 1 : seconds;
  },
};
