import { defineBuiltIn } from '../define.ts';
import { LabelSelectorSchema, ObjectMetaSchema } from '../meta/types.ts';
import { field, kind, list, message, named, present, required, string, type TypeOf } from '../schema/builder.ts';

const policyRule = message(
  'io.k8s.api.rbac.v1.PolicyRule',
  'Allows verbs on resources, or on URLs that are no resources.',
  {
    verbs: [1, required(field(list(string), 'Allowed verbs; * for all.'))],
    apiGroups: [2, field(list(string), 'Groups of the resources; the empty string is the core group.')],
    resources: [3, field(list(string), 'Resources; pods/log names a subresource, * is all.')],
    resourceNames: [4, field(list(string), 'Names that the rule is limited to; none means all.')],
    nonResourceURLs: [5, list(string)],
  },
);
export interface PolicyRule extends TypeOf<typeof policyRule> {}
export const PolicyRuleSchema = named<PolicyRule>(policyRule);

const roleRef = message(
  'io.k8s.api.rbac.v1.RoleRef',
  '',
  {
    apiGroup: [1, required(field(string, '', { default: 'rbac.authorization.k8s.io' }))],
    kind: [2, required(string)],
    name: [3, required(string)],
  },
  { atomic: true },
);
export interface RoleRef extends TypeOf<typeof roleRef> {}
export const RoleRefSchema = named<RoleRef>(roleRef);

const subject = message(
  'io.k8s.api.rbac.v1.Subject',
  '',
  {
    kind: [1, required(string)],
    apiGroup: [2, string],
    name: [3, required(string)],
    namespace: [4, string],
  },
  { atomic: true },
);
export interface Subject extends TypeOf<typeof subject> {}
export const SubjectSchema = named<Subject>(subject);

const aggregationRule = message('io.k8s.api.rbac.v1.AggregationRule', '', {
  clusterRoleSelectors: [1, list(LabelSelectorSchema)],
});
export interface AggregationRule extends TypeOf<typeof aggregationRule> {}
export const AggregationRuleSchema = named<AggregationRule>(aggregationRule);

const role = kind('io.k8s.api.rbac.v1.Role', 'Rights within a namespace.', {
  metadata: [1, present(ObjectMetaSchema)],
  rules: [2, field(list(PolicyRuleSchema), 'The rights.')],
});
export interface Role extends TypeOf<typeof role> {}
export const RoleSchema = named<Role>(role);
export const Role = defineBuiltIn<Role>({
  schema: RoleSchema,
  group: 'rbac.authorization.k8s.io',
  version: 'v1',
  kind: 'Role',
  plural: 'roles',
});

const clusterRole = kind(
  'io.k8s.api.rbac.v1.ClusterRole',
  'Rights in the whole cluster, or a set of rights to be granted in namespaces.',
  {
    metadata: [1, present(ObjectMetaSchema)],
    rules: [2, field(list(PolicyRuleSchema), 'The rights.')],
    aggregationRule: [3, field(AggregationRuleSchema, 'Selects roles whose rules are added to this one.')],
  },
);
export interface ClusterRole extends TypeOf<typeof clusterRole> {}
export const ClusterRoleSchema = named<ClusterRole>(clusterRole);
export const ClusterRole = defineBuiltIn<ClusterRole>({
  schema: ClusterRoleSchema,
  group: 'rbac.authorization.k8s.io',
  version: 'v1',
  kind: 'ClusterRole',
  plural: 'clusterroles',
  clusterScoped: true,
});

const roleBinding = kind(
  'io.k8s.api.rbac.v1.RoleBinding',
  'Grants a role to users, groups or service accounts within a namespace.',
  {
    metadata: [1, present(ObjectMetaSchema)],
    subjects: [2, field(list(SubjectSchema), 'Who gets the role.')],
    roleRef: [3, required(field(RoleRefSchema, "The role. It can't be changed."))],
  },
);
export interface RoleBinding extends TypeOf<typeof roleBinding> {}
export const RoleBindingSchema = named<RoleBinding>(roleBinding);
export const RoleBinding = defineBuiltIn<RoleBinding>({
  schema: RoleBindingSchema,
  group: 'rbac.authorization.k8s.io',
  version: 'v1',
  kind: 'RoleBinding',
  plural: 'rolebindings',
});

const clusterRoleBinding = kind(
  'io.k8s.api.rbac.v1.ClusterRoleBinding',
  'Grants a cluster role in the whole cluster.',
  {
    metadata: [1, present(ObjectMetaSchema)],
    subjects: [2, field(list(SubjectSchema), 'Who gets the role.')],
    roleRef: [3, required(field(RoleRefSchema, "The role. It can't be changed."))],
  },
);
export interface ClusterRoleBinding extends TypeOf<typeof clusterRoleBinding> {}
export const ClusterRoleBindingSchema = named<ClusterRoleBinding>(clusterRoleBinding);
export const ClusterRoleBinding = defineBuiltIn<ClusterRoleBinding>({
  schema: ClusterRoleBindingSchema,
  group: 'rbac.authorization.k8s.io',
  version: 'v1',
  kind: 'ClusterRoleBinding',
  plural: 'clusterrolebindings',
  clusterScoped: true,
});
