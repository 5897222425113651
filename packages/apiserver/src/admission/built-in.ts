import type { AdmissionPlugin } from '@virtplane/runtime';
import { namespaceLifecycle } from './namespace-lifecycle.ts';
import { nodeRestriction } from './node-restriction.ts';
import { nodeTaints } from './node-taints.ts';
import { defaultTolerationSeconds, priority, serviceAccount } from './pods.ts';
import type { AdmissionSources } from './sources.ts';
import { defaultStorageClass, storageObjectInUseProtection } from './storage.ts';

/** The links that every cluster has, in kube-apiserver's order. */
export const builtInAdmission = (sources: AdmissionSources): AdmissionPlugin[] => [
  namespaceLifecycle(sources),
  serviceAccount(sources),
  nodeRestriction,
  nodeTaints,
  priority(sources),
  defaultTolerationSeconds,
  defaultStorageClass(sources),
  storageObjectInUseProtection,
];
