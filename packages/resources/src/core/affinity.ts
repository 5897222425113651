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
  'Requirements on a node; all of them must match. An empty term matches nothing.',
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
  'Terms on nodes; one of them must match.',
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
  requiredDuringSchedulingIgnoredDuringExecution: [
    1,
    field(NodeSelectorSchema, "Rules that must hold when the pod is placed. Later changes of the node don't move it."),
  ],
  preferredDuringSchedulingIgnoredDuringExecution: [
    2,
    field(list(PreferredSchedulingTermSchema), 'Rules that make a node more attractive, by weight.'),
  ],
});
export interface NodeAffinity extends TypeOf<typeof nodeAffinity> {}
export const NodeAffinitySchema = named<NodeAffinity>(nodeAffinity);

const podAffinityTerm = message('io.k8s.api.core.v1.PodAffinityTerm', '', {
  labelSelector: [1, field(LabelSelectorSchema, 'Selects the other pods.')],
  namespaces: [2, field(list(string), "Namespaces of the other pods; none means the pod's own.")],
  topologyKey: [3, required(field(string, 'Label of nodes; nodes with the same value are one place.'))],
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
  requiredDuringSchedulingIgnoredDuringExecution: [
    1,
    field(list(PodAffinityTermSchema), 'Rules that must hold when the pod is placed.'),
  ],
  preferredDuringSchedulingIgnoredDuringExecution: [
    2,
    field(list(WeightedPodAffinityTermSchema), 'Rules that make a node more attractive, by weight.'),
  ],
});
export interface PodAffinity extends TypeOf<typeof podAffinity> {}
export const PodAffinitySchema = named<PodAffinity>(podAffinity);

const podAntiAffinity = message('io.k8s.api.core.v1.PodAntiAffinity', '', {
  requiredDuringSchedulingIgnoredDuringExecution: [
    1,
    field(list(PodAffinityTermSchema), 'Rules that must hold when the pod is placed.'),
  ],
  preferredDuringSchedulingIgnoredDuringExecution: [
    2,
    field(list(WeightedPodAffinityTermSchema), 'Rules that make a node less attractive, by weight.'),
  ],
});
export interface PodAntiAffinity extends TypeOf<typeof podAntiAffinity> {}
export const PodAntiAffinitySchema = named<PodAntiAffinity>(podAntiAffinity);

const affinity = message(
  'io.k8s.api.core.v1.Affinity',
  'Rules that attract a pod to nodes or to the neighbourhood of other pods, or keep it away.',
  {
    nodeAffinity: [1, field(NodeAffinitySchema, 'Rules on labels of nodes.')],
    podAffinity: [2, field(PodAffinitySchema, 'Run near pods that match.')],
    podAntiAffinity: [3, field(PodAntiAffinitySchema, 'Keep away from pods that match.')],
  },
);
export interface Affinity extends TypeOf<typeof affinity> {}
export const AffinitySchema = named<Affinity>(affinity);

const taint = message(
  'io.k8s.api.core.v1.Taint',
  'Keeps pods off a node, or drives them away, unless they tolerate it.',
  {
    key: [1, required(string)],
    value: [2, string],
    effect: [
      3,
      required(
        field(string, 'NoSchedule, PreferNoSchedule or NoExecute.', {
          enum: ['NoSchedule', 'PreferNoSchedule', 'NoExecute'],
        }),
      ),
    ],
    timeAdded: [4, time],
  },
);
export interface Taint extends TypeOf<typeof taint> {}
export const TaintSchema = named<Taint>(taint);

const toleration = message(
  'io.k8s.api.core.v1.Toleration',
  'Lets a pod onto nodes with a matching taint. It does not attract it.',
  {
    key: [1, field(string, 'Key of the taint; empty with operator Exists matches every key.')],
    operator: [
      2,
      field(string, 'Exists, or Equal (the default) to compare the value too.', { enum: ['Equal', 'Exists'] }),
    ],
    value: [3, string],
    effect: [
      4,
      field(string, 'Effect of the taint; empty matches all effects.', {
        enum: ['NoSchedule', 'PreferNoSchedule', 'NoExecute'],
      }),
    ],
    tolerationSeconds: [
      5,
      field(int64, 'How long the pod may stay after a NoExecute taint appears; unset is forever.'),
    ],
  },
);
export interface Toleration extends TypeOf<typeof toleration> {}
export const TolerationSchema = named<Toleration>(toleration);

const topologySpreadConstraint = message(
  'io.k8s.api.core.v1.TopologySpreadConstraint',
  'How evenly matching pods are spread over places.',
  {
    maxSkew: [1, required(int32)],
    topologyKey: [2, required(string)],
    whenUnsatisfiable: [3, required(field(string, '', { enum: ['DoNotSchedule', 'ScheduleAnyway'] }))],
    labelSelector: [4, LabelSelectorSchema],
    minDomains: [5, int32],
    nodeAffinityPolicy: [6, string],
    nodeTaintsPolicy: [7, string],
    matchLabelKeys: [8, list(string, { type: 'atomic' })],
  },
);
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
