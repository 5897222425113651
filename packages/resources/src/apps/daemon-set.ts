import { PodTemplateSpecSchema } from '../core/pod.ts';
import { defineBuiltIn } from '../define.ts';
import { LabelSelectorSchema, ObjectMetaSchema } from '../meta/types.ts';
import {
  field,
  int32,
  int64,
  intOrString,
  kind,
  list,
  message,
  named,
  present,
  raw,
  required,
  string,
  type TypeOf,
  time,
} from '../schema/builder.ts';

const rollingUpdateDaemonSet = message('io.k8s.api.apps.v1.RollingUpdateDaemonSet', '', {
  maxUnavailable: [1, intOrString],
  maxSurge: [2, intOrString],
});
export interface RollingUpdateDaemonSet extends TypeOf<typeof rollingUpdateDaemonSet> {}
export const RollingUpdateDaemonSetSchema = named<RollingUpdateDaemonSet>(rollingUpdateDaemonSet);

const daemonSetUpdateStrategy = message('io.k8s.api.apps.v1.DaemonSetUpdateStrategy', '', {
  type: [1, field(string, '', { default: 'RollingUpdate', enum: ['OnDelete', 'RollingUpdate'] })],
  rollingUpdate: [2, RollingUpdateDaemonSetSchema],
});
export interface DaemonSetUpdateStrategy extends TypeOf<typeof daemonSetUpdateStrategy> {}
export const DaemonSetUpdateStrategySchema = named<DaemonSetUpdateStrategy>(daemonSetUpdateStrategy);

const daemonSetSpec = message('io.k8s.api.apps.v1.DaemonSetSpec', '', {
  selector: [1, required(LabelSelectorSchema)],
  template: [2, required(PodTemplateSpecSchema)],
  updateStrategy: [3, field(DaemonSetUpdateStrategySchema, '', { default: {} })],
  minReadySeconds: [4, int32],
  revisionHistoryLimit: [6, field(int32, '', { default: 10 })],
});
export interface DaemonSetSpec extends TypeOf<typeof daemonSetSpec> {}
export const DaemonSetSpecSchema = named<DaemonSetSpec>(daemonSetSpec);

const daemonSetCondition = message('io.k8s.api.apps.v1.DaemonSetCondition', '', {
  type: [1, required(string)],
  status: [2, required(string)],
  lastTransitionTime: [3, time],
  reason: [4, string],
  message: [5, string],
});
export interface DaemonSetCondition extends TypeOf<typeof daemonSetCondition> {}
export const DaemonSetConditionSchema = named<DaemonSetCondition>(daemonSetCondition);

const daemonSetStatus = message('io.k8s.api.apps.v1.DaemonSetStatus', '', {
  currentNumberScheduled: [1, required(int32)],
  numberMisscheduled: [2, required(int32)],
  desiredNumberScheduled: [3, required(int32)],
  numberReady: [4, required(int32)],
  observedGeneration: [5, int64],
  updatedNumberScheduled: [6, int32],
  numberAvailable: [7, int32],
  numberUnavailable: [8, int32],
  collisionCount: [9, int32],
  conditions: [10, list(DaemonSetConditionSchema, { merge: 'type' })],
});
export interface DaemonSetStatus extends TypeOf<typeof daemonSetStatus> {}
export const DaemonSetStatusSchema = named<DaemonSetStatus>(daemonSetStatus);

const daemonSet = kind('io.k8s.api.apps.v1.DaemonSet', 'Runs one pod on every matching node.', {
  metadata: [1, present(ObjectMetaSchema)],
  spec: [2, present(field(DaemonSetSpecSchema, 'Template and way of replacement.'))],
  status: [3, field(DaemonSetStatusSchema, 'On how many nodes the pod is wanted, up and ready.')],
});
export interface DaemonSet extends TypeOf<typeof daemonSet> {}
export const DaemonSetSchema = named<DaemonSet>(daemonSet);
export const DaemonSet = defineBuiltIn<DaemonSet>({
  schema: DaemonSetSchema,
  group: 'apps',
  version: 'v1',
  kind: 'DaemonSet',
  plural: 'daemonsets',
  shortNames: ['ds'],
  categories: ['all'],
  status: true,
});

const controllerRevision = kind(
  'io.k8s.api.apps.v1.ControllerRevision',
  'An immutable copy of an earlier state, kept so that a controller can compare or return to it.',
  {
    metadata: [1, present(ObjectMetaSchema)],
    data: [2, field(raw, 'The state.')],
    revision: [3, required(field(int64, 'Number of the state; grows.'))],
  },
);
export interface ControllerRevision extends TypeOf<typeof controllerRevision> {}
export const ControllerRevisionSchema = named<ControllerRevision>(controllerRevision);
export const ControllerRevision = defineBuiltIn<ControllerRevision>({
  schema: ControllerRevisionSchema,
  group: 'apps',
  version: 'v1',
  kind: 'ControllerRevision',
  plural: 'controllerrevisions',
});
