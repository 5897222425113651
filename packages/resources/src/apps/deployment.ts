import { PodTemplateSpecSchema } from '../core/pod.ts';
import { defineBuiltIn, SCALE } from '../define.ts';
import { LabelSelectorSchema, ObjectMetaSchema } from '../meta/types.ts';
import {
  bool,
  field,
  int32,
  int64,
  intOrString,
  kind,
  list,
  message,
  named,
  present,
  required,
  string,
  type TypeOf,
  time,
} from '../schema/builder.ts';

const rollingUpdateDeployment = message('io.k8s.api.apps.v1.RollingUpdateDeployment', '', {
  maxUnavailable: [1, intOrString],
  maxSurge: [2, intOrString],
});
export interface RollingUpdateDeployment extends TypeOf<typeof rollingUpdateDeployment> {}
export const RollingUpdateDeploymentSchema = named<RollingUpdateDeployment>(rollingUpdateDeployment);

const deploymentStrategy = message('io.k8s.api.apps.v1.DeploymentStrategy', '', {
  type: [1, field(string, '', { default: 'RollingUpdate', enum: ['Recreate', 'RollingUpdate'] })],
  rollingUpdate: [2, RollingUpdateDeploymentSchema],
});
export interface DeploymentStrategy extends TypeOf<typeof deploymentStrategy> {}
export const DeploymentStrategySchema = named<DeploymentStrategy>(deploymentStrategy);

const deploymentSpec = message('io.k8s.api.apps.v1.DeploymentSpec', '', {
  replicas: [1, field(int32, '', { default: 1 })],
  selector: [2, required(LabelSelectorSchema)],
  template: [3, required(PodTemplateSpecSchema)],
  strategy: [4, field(DeploymentStrategySchema, '', { default: {}, 'x-kubernetes-patch-strategy': 'retainKeys' })],
  minReadySeconds: [5, int32],
  revisionHistoryLimit: [6, field(int32, '', { default: 10 })],
  paused: [7, bool],
  progressDeadlineSeconds: [9, field(int32, '', { default: 600 })],
});
export interface DeploymentSpec extends TypeOf<typeof deploymentSpec> {}
export const DeploymentSpecSchema = named<DeploymentSpec>(deploymentSpec);

const deploymentCondition = message('io.k8s.api.apps.v1.DeploymentCondition', '', {
  type: [1, required(string)],
  status: [2, required(string)],
  lastUpdateTime: [6, time],
  lastTransitionTime: [7, time],
  reason: [4, string],
  message: [5, string],
});
export interface DeploymentCondition extends TypeOf<typeof deploymentCondition> {}
export const DeploymentConditionSchema = named<DeploymentCondition>(deploymentCondition);

const deploymentStatus = message('io.k8s.api.apps.v1.DeploymentStatus', '', {
  observedGeneration: [1, int64],
  replicas: [2, int32],
  updatedReplicas: [3, int32],
  readyReplicas: [7, int32],
  availableReplicas: [4, int32],
  unavailableReplicas: [5, int32],
  conditions: [6, list(DeploymentConditionSchema, { merge: 'type' })],
  collisionCount: [8, int32],
});
export interface DeploymentStatus extends TypeOf<typeof deploymentStatus> {}
export const DeploymentStatusSchema = named<DeploymentStatus>(deploymentStatus);

const deployment = kind(
  'io.k8s.api.apps.v1.Deployment',
  'Keeps a number of equal pods running and replaces them step by step when the template changes.',
  {
    metadata: [1, present(ObjectMetaSchema)],
    spec: [2, present(field(DeploymentSpecSchema, 'Template, number and way of replacement.'))],
    status: [3, field(DeploymentStatusSchema, 'How many pods are up, ready and of the new template.')],
  },
);
export interface Deployment extends TypeOf<typeof deployment> {}
export const DeploymentSchema = named<Deployment>(deployment);
export const Deployment = defineBuiltIn<Deployment>({
  schema: DeploymentSchema,
  group: 'apps',
  version: 'v1',
  kind: 'Deployment',
  plural: 'deployments',
  shortNames: ['deploy'],
  categories: ['all'],
  status: true,
  subresources: [SCALE],
});

const replicaSetSpec = message('io.k8s.api.apps.v1.ReplicaSetSpec', '', {
  replicas: [1, field(int32, '', { default: 1 })],
  minReadySeconds: [4, int32],
  selector: [2, required(LabelSelectorSchema)],
  template: [3, PodTemplateSpecSchema],
});
export interface ReplicaSetSpec extends TypeOf<typeof replicaSetSpec> {}
export const ReplicaSetSpecSchema = named<ReplicaSetSpec>(replicaSetSpec);

const replicaSetCondition = message('io.k8s.api.apps.v1.ReplicaSetCondition', '', {
  type: [1, required(string)],
  status: [2, required(string)],
  lastTransitionTime: [3, time],
  reason: [4, string],
  message: [5, string],
});
export interface ReplicaSetCondition extends TypeOf<typeof replicaSetCondition> {}
export const ReplicaSetConditionSchema = named<ReplicaSetCondition>(replicaSetCondition);

const replicaSetStatus = message('io.k8s.api.apps.v1.ReplicaSetStatus', '', {
  replicas: [1, required(int32)],
  fullyLabeledReplicas: [2, int32],
  readyReplicas: [4, int32],
  availableReplicas: [5, int32],
  observedGeneration: [3, int64],
  conditions: [6, list(ReplicaSetConditionSchema, { merge: 'type' })],
});
export interface ReplicaSetStatus extends TypeOf<typeof replicaSetStatus> {}
export const ReplicaSetStatusSchema = named<ReplicaSetStatus>(replicaSetStatus);

const replicaSet = kind('io.k8s.api.apps.v1.ReplicaSet', 'Keeps a number of equal pods running.', {
  metadata: [1, present(ObjectMetaSchema)],
  spec: [2, present(field(ReplicaSetSpecSchema, 'Template and number.'))],
  status: [3, field(ReplicaSetStatusSchema, 'How many pods are up and ready.')],
});
export interface ReplicaSet extends TypeOf<typeof replicaSet> {}
export const ReplicaSetSchema = named<ReplicaSet>(replicaSet);
export const ReplicaSet = defineBuiltIn<ReplicaSet>({
  schema: ReplicaSetSchema,
  group: 'apps',
  version: 'v1',
  kind: 'ReplicaSet',
  plural: 'replicasets',
  shortNames: ['rs'],
  categories: ['all'],
  status: true,
  subresources: [SCALE],
  selectableFields: ['status.replicas'],
});
