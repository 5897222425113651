import { extraValue } from '../authentication/extra-value.ts';
import { defineBuiltIn } from '../define.ts';
import { ObjectMetaSchema } from '../meta/types.ts';
import { bool, kind, list, map, message, named, present, required, string, type TypeOf } from '../schema/builder.ts';

const nonResourceAttributes = message('io.k8s.api.authorization.v1.NonResourceAttributes', '', {
  path: [1, string],
  verb: [2, string],
});
export interface NonResourceAttributes extends TypeOf<typeof nonResourceAttributes> {}
export const NonResourceAttributesSchema = named<NonResourceAttributes>(nonResourceAttributes);

const resourceAttributes = message('io.k8s.api.authorization.v1.ResourceAttributes', '', {
  namespace: [1, string],
  verb: [2, string],
  group: [3, string],
  version: [4, string],
  resource: [5, string],
  subresource: [6, string],
  name: [7, string],
});
export interface ResourceAttributes extends TypeOf<typeof resourceAttributes> {}
export const ResourceAttributesSchema = named<ResourceAttributes>(resourceAttributes);

const subjectAccessReviewSpec = message('io.k8s.api.authorization.v1.SubjectAccessReviewSpec', '', {
  resourceAttributes: [1, ResourceAttributesSchema],
  nonResourceAttributes: [2, NonResourceAttributesSchema],
  user: [3, string],
  groups: [4, list(string)],
  extra: [5, map(extraValue)],
  uid: [6, string],
});
export interface SubjectAccessReviewSpec extends TypeOf<typeof subjectAccessReviewSpec> {}
export const SubjectAccessReviewSpecSchema = named<SubjectAccessReviewSpec>(subjectAccessReviewSpec);

const subjectAccessReviewStatus = message('io.k8s.api.authorization.v1.SubjectAccessReviewStatus', '', {
  allowed: [1, required(bool)],
  denied: [4, bool],
  reason: [2, string],
  evaluationError: [3, string],
});
export interface SubjectAccessReviewStatus extends TypeOf<typeof subjectAccessReviewStatus> {}
export const SubjectAccessReviewStatusSchema = named<SubjectAccessReviewStatus>(subjectAccessReviewStatus);

const localSubjectAccessReview = kind(
  'io.k8s.api.authorization.v1.LocalSubjectAccessReview',
  'Asks whether somebody may do something in one namespace.',
  {
    metadata: [1, present(ObjectMetaSchema)],
    spec: [2, required(SubjectAccessReviewSpecSchema)],
    status: [3, SubjectAccessReviewStatusSchema],
  },
);
export interface LocalSubjectAccessReview extends TypeOf<typeof localSubjectAccessReview> {}
export const LocalSubjectAccessReviewSchema = named<LocalSubjectAccessReview>(localSubjectAccessReview);
export const LocalSubjectAccessReview = defineBuiltIn<LocalSubjectAccessReview>({
  schema: LocalSubjectAccessReviewSchema,
  group: 'authorization.k8s.io',
  version: 'v1',
  kind: 'LocalSubjectAccessReview',
  plural: 'localsubjectaccessreviews',
  verbs: ['create'],
});

const nonResourceRule = message('io.k8s.api.authorization.v1.NonResourceRule', '', {
  verbs: [1, required(list(string))],
  nonResourceURLs: [2, list(string)],
});
export interface NonResourceRule extends TypeOf<typeof nonResourceRule> {}
export const NonResourceRuleSchema = named<NonResourceRule>(nonResourceRule);

const resourceRule = message('io.k8s.api.authorization.v1.ResourceRule', '', {
  verbs: [1, required(list(string))],
  apiGroups: [2, list(string)],
  resources: [3, list(string)],
  resourceNames: [4, list(string)],
});
export interface ResourceRule extends TypeOf<typeof resourceRule> {}
export const ResourceRuleSchema = named<ResourceRule>(resourceRule);

const selfSubjectAccessReviewSpec = message('io.k8s.api.authorization.v1.SelfSubjectAccessReviewSpec', '', {
  resourceAttributes: [1, ResourceAttributesSchema],
  nonResourceAttributes: [2, NonResourceAttributesSchema],
});
export interface SelfSubjectAccessReviewSpec extends TypeOf<typeof selfSubjectAccessReviewSpec> {}
export const SelfSubjectAccessReviewSpecSchema = named<SelfSubjectAccessReviewSpec>(selfSubjectAccessReviewSpec);

const selfSubjectAccessReview = kind(
  'io.k8s.api.authorization.v1.SelfSubjectAccessReview',
  'Asks whether the caller may do something.',
  {
    metadata: [1, present(ObjectMetaSchema)],
    spec: [2, required(SelfSubjectAccessReviewSpecSchema)],
    status: [3, SubjectAccessReviewStatusSchema],
  },
);
export interface SelfSubjectAccessReview extends TypeOf<typeof selfSubjectAccessReview> {}
export const SelfSubjectAccessReviewSchema = named<SelfSubjectAccessReview>(selfSubjectAccessReview);
export const SelfSubjectAccessReview = defineBuiltIn<SelfSubjectAccessReview>({
  schema: SelfSubjectAccessReviewSchema,
  group: 'authorization.k8s.io',
  version: 'v1',
  kind: 'SelfSubjectAccessReview',
  plural: 'selfsubjectaccessreviews',
  clusterScoped: true,
  verbs: ['create'],
});

const selfSubjectRulesReviewSpec = message('io.k8s.api.authorization.v1.SelfSubjectRulesReviewSpec', '', {
  namespace: [1, string],
});
export interface SelfSubjectRulesReviewSpec extends TypeOf<typeof selfSubjectRulesReviewSpec> {}
export const SelfSubjectRulesReviewSpecSchema = named<SelfSubjectRulesReviewSpec>(selfSubjectRulesReviewSpec);

const subjectRulesReviewStatus = message('io.k8s.api.authorization.v1.SubjectRulesReviewStatus', '', {
  resourceRules: [1, required(list(ResourceRuleSchema))],
  nonResourceRules: [2, required(list(NonResourceRuleSchema))],
  incomplete: [3, required(bool)],
  evaluationError: [4, string],
});
export interface SubjectRulesReviewStatus extends TypeOf<typeof subjectRulesReviewStatus> {}
export const SubjectRulesReviewStatusSchema = named<SubjectRulesReviewStatus>(subjectRulesReviewStatus);

const selfSubjectRulesReview = kind(
  'io.k8s.api.authorization.v1.SelfSubjectRulesReview',
  'Lists what the caller may do in a namespace.',
  {
    metadata: [1, present(ObjectMetaSchema)],
    spec: [2, required(SelfSubjectRulesReviewSpecSchema)],
    status: [3, SubjectRulesReviewStatusSchema],
  },
);
export interface SelfSubjectRulesReview extends TypeOf<typeof selfSubjectRulesReview> {}
export const SelfSubjectRulesReviewSchema = named<SelfSubjectRulesReview>(selfSubjectRulesReview);
export const SelfSubjectRulesReview = defineBuiltIn<SelfSubjectRulesReview>({
  schema: SelfSubjectRulesReviewSchema,
  group: 'authorization.k8s.io',
  version: 'v1',
  kind: 'SelfSubjectRulesReview',
  plural: 'selfsubjectrulesreviews',
  clusterScoped: true,
  verbs: ['create'],
});

const subjectAccessReview = kind(
  'io.k8s.api.authorization.v1.SubjectAccessReview',
  'Asks whether somebody may do something.',
  {
    metadata: [1, present(ObjectMetaSchema)],
    spec: [2, required(SubjectAccessReviewSpecSchema)],
    status: [3, SubjectAccessReviewStatusSchema],
  },
);
export interface SubjectAccessReview extends TypeOf<typeof subjectAccessReview> {}
export const SubjectAccessReviewSchema = named<SubjectAccessReview>(subjectAccessReview);
export const SubjectAccessReview = defineBuiltIn<SubjectAccessReview>({
  schema: SubjectAccessReviewSchema,
  group: 'authorization.k8s.io',
  version: 'v1',
  kind: 'SubjectAccessReview',
  plural: 'subjectaccessreviews',
  clusterScoped: true,
  verbs: ['create'],
});
