import type { ResourceDefinition } from '@virtplane/resources';
import { customResourceDefinitionStrategy } from '../crd/strategy.ts';
import { daemonSetStrategy, deploymentStrategy, replicaSetStrategy } from './apps.ts';
import { DEFAULT_COLUMNS } from './columns.ts';
import { configMapStrategy, secretStrategy, serviceAccountStrategy } from './configuration.ts';
import { eventStrategy, eventsEventStrategy } from './event.ts';
import { namespaceStrategy } from './namespace.ts';
import { nodeStrategy } from './node.ts';
import { podStrategy } from './pod.ts';
import {
  apiServiceStrategy,
  leaseStrategy,
  podDisruptionBudgetStrategy,
  priorityClassStrategy,
  webhookConfigurationStrategy,
} from './policy.ts';
import { limitRangeStrategy, resourceQuotaStrategy } from './quota.ts';
import { clusterRoleBindingStrategy, clusterRoleStrategy, roleBindingStrategy, roleStrategy } from './rbac.ts';
import { endpointsStrategy, serviceStrategy } from './service.ts';
import { persistentVolumeClaimStrategy, persistentVolumeStrategy, storageClassStrategy } from './storage.ts';
import type { Strategy } from './strategy.ts';

const PLAIN: Strategy = { columns: DEFAULT_COLUMNS, generation: 'none', allowUnconditionalUpdate: true };

const CUSTOM: Strategy = { generation: 'spec', allowUnconditionalUpdate: false };

const STRATEGIES: Readonly<Record<string, Strategy>> = {
  '/Namespace': namespaceStrategy,
  '/Node': nodeStrategy,
  '/Pod': podStrategy,
  '/ConfigMap': configMapStrategy,
  '/Secret': secretStrategy,
  '/ServiceAccount': serviceAccountStrategy,
  '/Event': eventStrategy,
  'events.k8s.io/Event': eventsEventStrategy,
  '/PersistentVolume': persistentVolumeStrategy,
  '/PersistentVolumeClaim': persistentVolumeClaimStrategy,
  'storage.k8s.io/StorageClass': storageClassStrategy,
  '/ResourceQuota': resourceQuotaStrategy,
  '/LimitRange': limitRangeStrategy,
  '/Service': serviceStrategy,
  '/Endpoints': endpointsStrategy,
  'apps/Deployment': deploymentStrategy,
  'apps/ReplicaSet': replicaSetStrategy,
  'apps/DaemonSet': daemonSetStrategy,
  'coordination.k8s.io/Lease': leaseStrategy,
  'policy/PodDisruptionBudget': podDisruptionBudgetStrategy,
  'rbac.authorization.k8s.io/Role': roleStrategy,
  'rbac.authorization.k8s.io/ClusterRole': clusterRoleStrategy,
  'rbac.authorization.k8s.io/RoleBinding': roleBindingStrategy,
  'rbac.authorization.k8s.io/ClusterRoleBinding': clusterRoleBindingStrategy,
  'scheduling.k8s.io/PriorityClass': priorityClassStrategy,
  'admissionregistration.k8s.io/MutatingWebhookConfiguration': webhookConfigurationStrategy,
  'admissionregistration.k8s.io/ValidatingWebhookConfiguration': webhookConfigurationStrategy,
  'apiregistration.k8s.io/APIService': apiServiceStrategy,
  'apiextensions.k8s.io/CustomResourceDefinition': customResourceDefinitionStrategy,
};

/** What is particular to a kind; custom resources share one strategy. */
export function strategyOf(definition: ResourceDefinition): Strategy {
  if (!definition.builtIn) return CUSTOM;
  return STRATEGIES[`${definition.group}/${definition.kind}`] ?? PLAIN;
}
