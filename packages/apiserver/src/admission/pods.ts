import type { KubeObject } from '@virtplane/resources';
import type { AdmissionPlugin, AdmissionRequest } from '@virtplane/runtime';
import { forbidden } from '../errors.ts';
import type { AdmissionSources } from './sources.ts';

interface Toleration {
  key?: string;
  operator?: string;
  effect?: string;
  tolerationSeconds?: number;
}

interface Pod extends KubeObject {
  spec?: {
    tolerations?: Toleration[];
    priorityClassName?: string;
    priority?: number;
    preemptionPolicy?: string;
    serviceAccountName?: string;
    serviceAccount?: string;
    imagePullSecrets?: unknown[];
  };
}

const creates = (r: AdmissionRequest): boolean =>
  r.operation === 'CREATE' && r.resource === 'pods' && r.group === '' && r.subresource === undefined;

const TOLERATION_SECONDS = 300;

/** Pods stay five minutes on a node that is lost. Source: kube-apiserver DefaultTolerationSeconds. */
export const defaultTolerationSeconds: AdmissionPlugin = {
  name: 'DefaultTolerationSeconds',
  phase: 'mutating',
  handles: creates,
  admit({ object }) {
    const pod = object as Pod;
    const tolerations = pod.spec?.tolerations ?? [];
    const added = ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable']
      .filter((key) => !tolerations.some((t) => (!t.key || t.key === key) && (!t.effect || t.effect === 'NoExecute')))
      .map((key) => ({ key, operator: 'Exists', effect: 'NoExecute', tolerationSeconds: TOLERATION_SECONDS }));
    if (added.length === 0) return {};
    const changed: Pod = { ...pod, spec: { ...pod.spec, tolerations: [...tolerations, ...added] } };
    return { object: changed };
  },
};

interface PriorityClass extends KubeObject {
  value?: number;
  globalDefault?: boolean;
  preemptionPolicy?: string;
}

/** Resolves priorityClassName to a number. Source: kube-apiserver Priority. */
export const priority = (sources: AdmissionSources): AdmissionPlugin => ({
  name: 'Priority',
  phase: 'mutating',
  handles: creates,
  admit(request) {
    const pod = request.object as Pod;
    const named = pod.spec?.priorityClassName;
    let found: PriorityClass | undefined;
    if (named) {
      found = sources.get('scheduling.k8s.io', 'priorityclasses', '', named);
      if (found === undefined)
        return { denied: forbidden(request, request.name, `no PriorityClass with name ${named} was found`) };
    } else {
      const classes: readonly PriorityClass[] = sources.list('scheduling.k8s.io', 'priorityclasses');
      // Of several defaults the lowest counts.
      for (const candidate of classes)
        if (candidate.globalDefault && (found === undefined || (candidate.value ?? 0) < (found.value ?? 0)))
          found = candidate;
    }
    const value = found?.value ?? 0;
    const preemptionPolicy = found?.preemptionPolicy ?? 'PreemptLowerPriority';
    const given = pod.spec ?? {};
    if (given.priority !== undefined && given.priority !== value)
      return {
        denied: forbidden(
          request,
          request.name,
          `the integer value of priority (${given.priority}) must not be provided in pod spec; priority admission controller computed ${value} from the given PriorityClass name`,
        ),
      };
    if (given.preemptionPolicy !== undefined && given.preemptionPolicy !== preemptionPolicy)
      return {
        denied: forbidden(
          request,
          request.name,
          `the string value of PreemptionPolicy (${given.preemptionPolicy}) must not be provided in pod spec; priority admission controller computed ${preemptionPolicy} from the given PriorityClass name`,
        ),
      };
    const name = found?.metadata?.name;
    const changed: Pod = {
      ...pod,
      spec: { ...given, priority: value, preemptionPolicy, ...(name !== undefined && { priorityClassName: name }) },
    };
    return { object: changed };
  },
});

const MIRROR_POD = 'kubernetes.io/config.mirror';

interface ServiceAccount extends KubeObject {
  imagePullSecrets?: unknown[];
}

/**
 * Every pod runs as a service account that exists. Source: kube-apiserver ServiceAccount; its token volume is not injected
 * here: guests of this server get their credentials from volumes that name a service account.
 */
export const serviceAccount = (sources: AdmissionSources): AdmissionPlugin => ({
  name: 'ServiceAccount',
  phase: 'mutating',
  handles: creates,
  admit(request) {
    const pod = request.object as Pod;
    if (!sources.isServed('', 'serviceaccounts') || pod.metadata?.annotations?.[MIRROR_POD] !== undefined) return {};
    const name = pod.spec?.serviceAccountName || 'default';
    const account: ServiceAccount | undefined = sources.get('', 'serviceaccounts', request.namespace, name);
    if (account === undefined)
      return {
        denied: forbidden(
          request,
          request.name,
          `error looking up service account ${request.namespace}/${name}: serviceaccount ${JSON.stringify(name)} not found`,
        ),
      };
    const changed: Pod = { ...pod, spec: { ...pod.spec, serviceAccountName: name, serviceAccount: name } };
    if (changed.spec && !changed.spec.imagePullSecrets?.length && account.imagePullSecrets?.length)
      changed.spec.imagePullSecrets = [...account.imagePullSecrets];
    return { object: changed };
  },
});
