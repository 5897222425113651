import { MutatingWebhookConfiguration, ValidatingWebhookConfiguration } from './admissionregistration/webhooks.ts';
import { CustomResourceDefinition } from './apiextensions/custom-resource-definition.ts';
import { APIService } from './apiregistration/api-service.ts';
import { ControllerRevision, DaemonSet } from './apps/daemon-set.ts';
import { Deployment, ReplicaSet } from './apps/deployment.ts';
import { SelfSubjectReview, TokenReview } from './authentication/reviews.ts';
import {
  LocalSubjectAccessReview,
  SelfSubjectAccessReview,
  SelfSubjectRulesReview,
  SubjectAccessReview,
} from './authorization/reviews.ts';
import { Lease } from './coordination/lease.ts';
import { ConfigMap, Secret, ServiceAccount } from './core/configuration.ts';
import { Event } from './core/event.ts';
import { Namespace } from './core/namespace.ts';
import { Node } from './core/node.ts';
import { PersistentVolume } from './core/persistent-volume.ts';
import { PersistentVolumeClaim } from './core/persistent-volume-claim.ts';
import { Binding, Pod } from './core/pod.ts';
import { LimitRange, ResourceQuota } from './core/quota.ts';
import { Endpoints, Service } from './core/service.ts';
import type { ResourceDefinition } from './definition.ts';
import { EventsEvent } from './events/event.ts';
import { PodDisruptionBudget } from './policy/disruption.ts';
import { ClusterRole, ClusterRoleBinding, Role, RoleBinding } from './rbac/rbac.ts';
import { PriorityClass } from './scheduling/priority-class.ts';
import { StorageClass } from './storage/storage-class.ts';

/** Kinds that Kubernetes compiles in, as far as they are served. */
export const builtInResources: readonly ResourceDefinition[] = [
  Namespace,
  Node,
  Pod,
  Binding,
  ConfigMap,
  Secret,
  Event,
  ServiceAccount,
  PersistentVolume,
  PersistentVolumeClaim,
  ResourceQuota,
  LimitRange,
  Service,
  Endpoints,
  Deployment,
  ReplicaSet,
  DaemonSet,
  ControllerRevision,
  Lease,
  EventsEvent,
  PodDisruptionBudget,
  Role,
  ClusterRole,
  RoleBinding,
  ClusterRoleBinding,
  PriorityClass,
  StorageClass,
  TokenReview,
  SelfSubjectReview,
  SubjectAccessReview,
  SelfSubjectAccessReview,
  SelfSubjectRulesReview,
  LocalSubjectAccessReview,
  MutatingWebhookConfiguration,
  ValidatingWebhookConfiguration,
  APIService,
  CustomResourceDefinition,
];
