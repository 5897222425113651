import { defineBuiltIn } from '../define.ts';
import { ObjectMetaSchema } from '../meta/types.ts';
import {
  field,
  kind,
  list,
  map,
  message,
  named,
  present,
  quantity,
  required,
  string,
  type TypeOf,
} from '../schema/builder.ts';

const scopedResourceSelectorRequirement = message('io.k8s.api.core.v1.ScopedResourceSelectorRequirement', '', {
  scopeName: [1, required(string)],
  operator: [2, required(string)],
  values: [3, list(string)],
});
export interface ScopedResourceSelectorRequirement extends TypeOf<typeof scopedResourceSelectorRequirement> {}
export const ScopedResourceSelectorRequirementSchema = named<ScopedResourceSelectorRequirement>(
  scopedResourceSelectorRequirement,
);

const scopeSelector = message(
  'io.k8s.api.core.v1.ScopeSelector',
  '',
  {
    matchExpressions: [1, list(ScopedResourceSelectorRequirementSchema)],
  },
  { atomic: true },
);
export interface ScopeSelector extends TypeOf<typeof scopeSelector> {}
export const ScopeSelectorSchema = named<ScopeSelector>(scopeSelector);

const resourceQuotaSpec = message('io.k8s.api.core.v1.ResourceQuotaSpec', '', {
  hard: [1, field(map(quantity), 'Limit for each resource, such as requests.memory or pods.')],
  scopes: [2, field(list(string), 'Objects that are counted; none means all.')],
  scopeSelector: [3, ScopeSelectorSchema],
});
export interface ResourceQuotaSpec extends TypeOf<typeof resourceQuotaSpec> {}
export const ResourceQuotaSpecSchema = named<ResourceQuotaSpec>(resourceQuotaSpec);

const resourceQuotaStatus = message('io.k8s.api.core.v1.ResourceQuotaStatus', '', {
  hard: [1, map(quantity)],
  used: [2, field(map(quantity), 'What is used now.')],
});
export interface ResourceQuotaStatus extends TypeOf<typeof resourceQuotaStatus> {}
export const ResourceQuotaStatusSchema = named<ResourceQuotaStatus>(resourceQuotaStatus);

const resourceQuota = kind(
  'io.k8s.api.core.v1.ResourceQuota',
  'Limits what all objects of a namespace may use together.',
  {
    metadata: [1, present(ObjectMetaSchema)],
    spec: [2, present(field(ResourceQuotaSpecSchema, 'The limits.'))],
    status: [3, field(ResourceQuotaStatusSchema, 'The limits in force and what is used.')],
  },
);
export interface ResourceQuota extends TypeOf<typeof resourceQuota> {}
export const ResourceQuotaSchema = named<ResourceQuota>(resourceQuota);
export const ResourceQuota = defineBuiltIn<ResourceQuota>({
  schema: ResourceQuotaSchema,
  group: '',
  version: 'v1',
  kind: 'ResourceQuota',
  plural: 'resourcequotas',
  shortNames: ['quota'],
  status: true,
});

const limitRangeItem = message(
  'io.k8s.api.core.v1.LimitRangeItem',
  'Bounds for one type of object: Container, Pod or PersistentVolumeClaim.',
  {
    type: [1, required(string)],
    max: [2, map(quantity)],
    min: [3, map(quantity)],
    default: [4, map(quantity)],
    defaultRequest: [5, map(quantity)],
    maxLimitRequestRatio: [6, map(quantity)],
  },
);
export interface LimitRangeItem extends TypeOf<typeof limitRangeItem> {}
export const LimitRangeItemSchema = named<LimitRangeItem>(limitRangeItem);

const limitRangeSpec = message('io.k8s.api.core.v1.LimitRangeSpec', '', {
  limits: [1, required(list(LimitRangeItemSchema))],
});
export interface LimitRangeSpec extends TypeOf<typeof limitRangeSpec> {}
export const LimitRangeSpecSchema = named<LimitRangeSpec>(limitRangeSpec);

const limitRange = kind(
  'io.k8s.api.core.v1.LimitRange',
  'Defaults and bounds for single containers, pods and claims of a namespace.',
  {
    metadata: [1, present(ObjectMetaSchema)],
    spec: [2, present(field(LimitRangeSpecSchema, 'The bounds.'))],
  },
);
export interface LimitRange extends TypeOf<typeof limitRange> {}
export const LimitRangeSchema = named<LimitRange>(limitRange);
export const LimitRange = defineBuiltIn<LimitRange>({
  schema: LimitRangeSchema,
  group: '',
  version: 'v1',
  kind: 'LimitRange',
  plural: 'limitranges',
  shortNames: ['limits'],
});
