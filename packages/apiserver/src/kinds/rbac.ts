import {
  type ClusterRole,
  type ClusterRoleBinding,
  type FieldError,
  invalid,
  isPathSegmentName,
  notSupported,
  type RoleBinding,
  required,
} from '@virtplane/resources';
import { isEqual } from './checks.ts';
import { AGE, column, DEFAULT_COLUMNS, NAME, wide } from './columns.ts';
import type { Strategy } from './strategy.ts';

const GROUP = 'rbac.authorization.k8s.io';
type Rules = ClusterRole['rules'];

/** Source: kubernetes pkg/apis/rbac/validation. */
function checkRules(rules: Rules, isNamespaced: boolean): FieldError[] {
  const errors: FieldError[] = [];
  rules?.forEach((rule, index) => {
    const path = `rules[${index}]`;
    if (rule.nonResourceURLs?.length) {
      if (isNamespaced) {
        errors.push(
          invalid(
            `${path}.nonResourceURLs`,
            rule.nonResourceURLs,
            'namespaced rules cannot apply to non-resource URLs',
          ),
        );
      }
      if (rule.apiGroups?.length || rule.resources?.length || rule.resourceNames?.length) {
        errors.push(
          invalid(
            `${path}.nonResourceURLs`,
            rule.nonResourceURLs,
            'rules cannot apply to both regular resources and non-resource URLs',
          ),
        );
      }
      return;
    }
    if (!rule.apiGroups?.length)
      errors.push(required(`${path}.apiGroups`, 'resource rules must supply at least one api group'));
    if (!rule.resources?.length)
      errors.push(required(`${path}.resources`, 'resource rules must supply at least one resource'));
  });
  return errors;
}

const roleStrategyOf = (isNamespaced: boolean): Strategy => ({
  validateName: isPathSegmentName,
  validate: (role: ClusterRole) => checkRules(role.rules, isNamespaced),
  columns: DEFAULT_COLUMNS,
  generation: 'none',
  allowCreateOnUpdate: true,
  allowUnconditionalUpdate: true,
});

type Binding = RoleBinding | ClusterRoleBinding;

function checkBinding(binding: Binding, kinds: readonly string[]): FieldError[] {
  const errors: FieldError[] = [];
  const { roleRef } = binding;
  if (roleRef?.apiGroup && roleRef.apiGroup !== GROUP)
    errors.push(notSupported('roleRef.apiGroup', roleRef.apiGroup, [GROUP]));
  if (roleRef?.kind && !kinds.includes(roleRef.kind)) errors.push(notSupported('roleRef.kind', roleRef.kind, kinds));
  binding.subjects?.forEach((subject, index) => {
    const path = `subjects[${index}]`;
    switch (subject.kind) {
      case 'ServiceAccount':
        if (subject.apiGroup) errors.push(notSupported(`${path}.apiGroup`, subject.apiGroup, ['']));
        if (!subject.namespace) errors.push(required(`${path}.namespace`));
        break;
      case 'User':
      case 'Group':
        if (subject.apiGroup && subject.apiGroup !== GROUP) {
          errors.push(notSupported(`${path}.apiGroup`, subject.apiGroup, [GROUP]));
        }
        break;
      default:
        errors.push(notSupported(`${path}.kind`, subject.kind, ['ServiceAccount', 'User', 'Group']));
    }
  });
  return errors;
}

const subjectsText = (binding: Binding, kind: string): string =>
  (binding.subjects ?? [])
    .filter((subject) => subject.kind === kind)
    .map((subject) => (kind === 'ServiceAccount' ? `${subject.namespace ?? ''}/${subject.name}` : subject.name))
    .join(', ');

const bindingStrategyOf = (kinds: readonly string[]): Strategy => ({
  validateName: isPathSegmentName,
  applyDefaults(binding: Binding) {
    for (const subject of binding.subjects ?? []) {
      if (subject.kind === 'User' || subject.kind === 'Group') subject.apiGroup ??= GROUP;
    }
  },
  validate: (binding: Binding) => checkBinding(binding, kinds),
  validateUpdate(binding: Binding, old: Binding) {
    const errors: FieldError[] = [];
    if (!isEqual(binding.roleRef, old.roleRef)) {
      errors.push({
        type: 'FieldValueInvalid',
        field: 'roleRef',
        message: `Invalid value: rbac.RoleRef{APIGroup:${JSON.stringify(binding.roleRef?.apiGroup ?? '')}, Kind:${JSON.stringify(binding.roleRef?.kind ?? '')}, Name:${JSON.stringify(binding.roleRef?.name ?? '')}}: cannot change roleRef`,
      });
    }
    return errors;
  },
  columns: [
    NAME,
    column('Role', (binding: Binding) => `${binding.roleRef.kind}/${binding.roleRef.name}`),
    AGE,
    wide('Users', (binding: Binding) => subjectsText(binding, 'User')),
    wide('Groups', (binding: Binding) => subjectsText(binding, 'Group')),
    wide('ServiceAccounts', (binding: Binding) => subjectsText(binding, 'ServiceAccount')),
  ],
  generation: 'none',
  allowCreateOnUpdate: true,
  allowUnconditionalUpdate: true,
});

export const roleStrategy = roleStrategyOf(true);
export const clusterRoleStrategy = roleStrategyOf(false);
export const roleBindingStrategy = bindingStrategyOf(['Role', 'ClusterRole']);
export const clusterRoleBindingStrategy = bindingStrategyOf(['ClusterRole']);
