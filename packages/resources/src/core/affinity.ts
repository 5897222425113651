import { LabelSelectorSchema } from '../meta/types.ts';
import { field, int32, int64, list, message, named, required, string, type TypeOf, time } from '../schema/builder.ts';

const nodeSelectorRequirement = message('io.k8s.api.core.v1.NodeSelectorRequirement', '', {
  key: [1, required(string)],
  operator: [2, required(field(string, '', { enum: ['In', 'NotIn', 'Exists', 'DoesNotExist', 'Gt', 'Lt'] }))],
  values: [3, list(string)],
});
export interface NodeSelectorRequirement extends TypeOf<typeof nodeSelectorRequirement> {}
export const NodeSelectorRequirementSchema = named<NodeSelectorRequirement>(nodeSelectorRequirement);

const nodeSelectorTerm = message(
  'io.k8s.api.core.v1.NodeSelectorTerm',
  '',
  {
    matchExpressions: [1, list(NodeSelectorRequirementSchema)],
    matchFields: [2, list(NodeSelectorRequirementSchema)],
  },
  { atomic: true },
);
export interface NodeSelectorTerm extends TypeOf<typeof nodeSelectorTerm> {}
export const NodeSelectorTermSchema = named<NodeSelectorTerm>(nodeSelectorTerm);

const nodeSelector = message(
  'io.k8s.api.core.v1.NodeSelector',
  '',
  {
    nodeSelectorTerms: [1, required(list(NodeSelectorTermSchema))],
  },
  { atomic: true },
);
export interface NodeSelector extends TypeOf<typeof nodeSelector> {}
export const NodeSelectorSchema = named<NodeSelector>(nodeSelector);

const preferredSchedulingTerm = message('io.k8s.api.core.v1.PreferredSchedulingTerm', '', {
  weight: [1, required(int32)],
  preference: [2, required(NodeSelectorTermSchema)],
});
export interface PreferredSchedulingTerm extends TypeOf<typeof preferredSchedulingTerm> {}
export const PreferredSchedulingTermSchema = named<PreferredSchedulingTerm>(preferredSchedulingTerm);

const nodeAffinity = message('io.k8s.api.core.v1.NodeAffinity', '', {
  requiredDuringSchedulingIgnoredDuringExecution: [1, NodeSelectorSchema],
  preferredDuringSchedulingIgnoredDuringExecution: [2, list(PreferredSchedulingTermSchema)],
});
export interface NodeAffinity extends TypeOf<typeof nodeAffinity> {}
export const NodeAffinitySchema = named<NodeAffinity>(nodeAffinity);

const podAffinityTerm = message('io.k8s.api.core.v1.PodAffinityTerm', '', {
  labelSelector: [1, LabelSelectorSchema],
  namespaces: [2, list(string)],
  topologyKey: [3, required(string)],
  namespaceSelector: [4, LabelSelectorSchema],
});
export interface PodAffinityTerm extends TypeOf<typeof podAffinityTerm> {}
export const PodAffinityTermSchema = named<PodAffinityTerm>(podAffinityTerm);

const weightedPodAffinityTerm = message('io.k8s.api.core.v1.WeightedPodAffinityTerm', '', {
  weight: [1, required(int32)],
  podAffinityTerm: [2, required(PodAffinityTermSchema)],
});
export interface WeightedPodAffinityTerm extends TypeOf<typeof weightedPodAffinityTerm> {}
export const WeightedPodAffinityTermSchema = named<WeightedPodAffinityTerm>(weightedPodAffinityTerm);

const podAffinity = message('io.k8s.api.core.v1.PodAffinity', '', {
  requiredDuringSchedulingIgnoredDuringExecution: [1, list(PodAffinityTermSchema)],
  preferredDuringSchedulingIgnoredDuringExecution: [2, list(WeightedPodAffinityTermSchema)],
});
export interface PodAffinity extends TypeOf<typeof podAffinity> {}
export const PodAffinitySchema = named<PodAffinity>(podAffinity);

const podAntiAffinity = message('io.k8s.api.core.v1.PodAntiAffinity', '', {
  requiredDuringSchedulingIgnoredDuringExecution: [1, list(PodAffinityTermSchema)],
  preferredDuringSchedulingIgnoredDuringExecution: [2, list(WeightedPodAffinityTermSchema)],
});
export interface PodAntiAffinity extends TypeOf<typeof podAntiAffinity> {}
export const PodAntiAffinitySchema = named<PodAntiAffinity>(podAntiAffinity);

const affinity = message('io.k8s.api.core.v1.Affinity', '', {
  nodeAffinity: [1, NodeAffinitySchema],
  podAffinity: [2, PodAffinitySchema],
  podAntiAffinity: [3, PodAntiAffinitySchema],
});
export interface Affinity extends TypeOf<typeof affinity> {}
export const AffinitySchema = named<Affinity>(affinity);

const taint = message('io.k8s.api.core.v1.Taint', '', {
  key: [1, required(string)],
  value: [2, string],
  effect: [3, required(field(string, '', { enum: ['NoSchedule', 'PreferNoSchedule', 'NoExecute'] }))],
  timeAdded: [4, time],
});
export interface Taint extends TypeOf<typeof taint> {}
export const TaintSchema = named<Taint>(taint);

const toleration = message('io.k8s.api.core.v1.Toleration', '', {
  key: [1, string],
  operator: [2, field(string, '', { enum: ['Equal', 'Exists'] })],
  value: [3, string],
  effect: [4, field(string, '', { enum: ['NoSchedule', 'PreferNoSchedule', 'NoExecute'] })],
  tolerationSeconds: [5, int64],
});
export interface Toleration extends TypeOf<typeof toleration> {}
export const TolerationSchema = named<Toleration>(toleration);

const topologySpreadConstraint = message('io.k8s.api.core.v1.TopologySpreadConstraint', '', {
  maxSkew: [1, required(int32)],
  topologyKey: [2, required(string)],
  whenUnsatisfiable: [3, required(field(string, '', { enum: ['DoNotSchedule', 'ScheduleAnyway'] }))],
  labelSelector: [4, LabelSelectorSchema],
  minDomains: [5, int32],
  nodeAffinityPolicy: [6, string],
  nodeTaintsPolicy: [7, string],
  matchLabelKeys: [8, list(string, { type: 'atomic' })],
});
export interface TopologySpreadConstraint extends TypeOf<typeof topologySpreadConstraint> {}
export const TopologySpreadConstraintSchema = named<TopologySpreadConstraint>(topologySpreadConstraint);

const topologySelectorLabelRequirement = message('io.k8s.api.core.v1.TopologySelectorLabelRequirement', '', {
  key: [1, required(string)],
  values: [2, required(list(string))],
});
export interface TopologySelectorLabelRequirement extends TypeOf<typeof topologySelectorLabelRequirement> {}
export const TopologySelectorLabelRequirementSchema = named<TopologySelectorLabelRequirement>(
  topologySelectorLabelRequirement,
);

const topologySelectorTerm = message(
  'io.k8s.api.core.v1.TopologySelectorTerm',
  '',
  {
    matchLabelExpressions: [1, list(TopologySelectorLabelRequirementSchema)],
  },
  { atomic: true },
);
export interface TopologySelectorTerm extends TypeOf<typeof topologySelectorTerm> {}
export const TopologySelectorTermSchema = named<TopologySelectorTerm>(topologySelectorTerm);
