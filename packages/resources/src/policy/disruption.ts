import { defineBuiltIn } from '../define.ts';
import { ConditionSchema, DeleteOptionsSchema, LabelSelectorSchema, ObjectMetaSchema } from '../meta/types.ts';
import {
  field,
  int32,
  int64,
  intOrString,
  kind,
  list,
  map,
  message,
  named,
  present,
  required,
  type TypeOf,
  time,
} from '../schema/builder.ts';

const podDisruptionBudgetSpec = message('io.k8s.api.policy.v1.PodDisruptionBudgetSpec', '', {
  minAvailable: [1, field(intOrString, 'Number or percentage that must stay up.')],
  selector: [2, field(LabelSelectorSchema, 'Selects the pods.', { 'x-kubernetes-patch-strategy': 'replace' })],
  maxUnavailable: [3, field(intOrString, 'Number or percentage that may be down.')],
});
export interface PodDisruptionBudgetSpec extends TypeOf<typeof podDisruptionBudgetSpec> {}
export const PodDisruptionBudgetSpecSchema = named<PodDisruptionBudgetSpec>(podDisruptionBudgetSpec);

const podDisruptionBudgetStatus = message('io.k8s.api.policy.v1.PodDisruptionBudgetStatus', '', {
  observedGeneration: [1, int64],
  disruptedPods: [2, map(time)],
  disruptionsAllowed: [3, required(int32)],
  currentHealthy: [4, required(int32)],
  desiredHealthy: [5, required(int32)],
  expectedPods: [6, required(int32)],
  conditions: [7, list(ConditionSchema, { type: 'map', keys: ['type'], merge: 'type' })],
});
export interface PodDisruptionBudgetStatus extends TypeOf<typeof podDisruptionBudgetStatus> {}
export const PodDisruptionBudgetStatusSchema = named<PodDisruptionBudgetStatus>(podDisruptionBudgetStatus);

const podDisruptionBudget = kind(
  'io.k8s.api.policy.v1.PodDisruptionBudget',
  'How many pods of an application may be down at once by will.',
  {
    metadata: [1, present(ObjectMetaSchema)],
    spec: [2, present(field(PodDisruptionBudgetSpecSchema, 'The budget and whom it covers.'))],
    status: [3, field(PodDisruptionBudgetStatusSchema, 'How many disruptions are allowed now.')],
  },
);
export interface PodDisruptionBudget extends TypeOf<typeof podDisruptionBudget> {}
export const PodDisruptionBudgetSchema = named<PodDisruptionBudget>(podDisruptionBudget);
export const PodDisruptionBudget = defineBuiltIn<PodDisruptionBudget>({
  schema: PodDisruptionBudgetSchema,
  group: 'policy',
  version: 'v1',
  kind: 'PodDisruptionBudget',
  plural: 'poddisruptionbudgets',
  shortNames: ['pdb'],
  status: true,
});

const eviction = kind('io.k8s.api.policy.v1.Eviction', 'Asks for a pod to go, as far as disruption budgets allow.', {
  metadata: [1, present(ObjectMetaSchema)],
  deleteOptions: [2, DeleteOptionsSchema],
});
export interface Eviction extends TypeOf<typeof eviction> {}
export const EvictionSchema = named<Eviction>(eviction);
export const Eviction = defineBuiltIn<Eviction>({
  schema: EvictionSchema,
  group: 'policy',
  version: 'v1',
  kind: 'Eviction',
  plural: 'evictions',
  verbs: [],
});
