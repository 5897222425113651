import type { ClusterRole, ClusterRoleBinding, PolicyRule, Role, RoleBinding, RoleRef } from '@virtplane/resources';
import type { ObjectSource } from '../../cache/object-source.ts';

export const rbacGroup = 'rbac.authorization.k8s.io';

interface LabelSelector {
  readonly matchLabels?: Readonly<Record<string, string>>;
  readonly matchExpressions?: readonly {
    readonly key: string;
    readonly operator: string;
    readonly values?: readonly string[];
  }[];
}

/** Source: meta/v1 LabelSelector; an empty selector matches everything. */
export function selectorMatches(selector: LabelSelector, labels: Readonly<Record<string, string>>): boolean {
  for (const [key, value] of Object.entries(selector.matchLabels ?? {})) if (labels[key] !== value) return false;
  for (const { key, operator, values = [] } of selector.matchExpressions ?? []) {
    const value = labels[key];
    const matches =
      operator === 'In'
        ? value !== undefined && values.includes(value)
        : operator === 'NotIn'
          ? value === undefined || !values.includes(value)
          : operator === 'Exists'
            ? value !== undefined
            : operator === 'DoesNotExist' && value === undefined;
    if (!matches) return false;
  }
  return true;
}

const sameRule = (a: PolicyRule, b: PolicyRule): boolean => JSON.stringify(a) === JSON.stringify(b);

/**
 * The rules of a ClusterRole: its own, or with an aggregationRule those of all ClusterRoles that it selects, in order of
 * their names, none twice. Selected roles may aggregate themselves; circles end where they close.
 */
export function aggregatedRules(
  role: ClusterRole,
  roles: readonly ClusterRole[],
  above: ReadonlySet<string> = new Set(),
): readonly PolicyRule[] {
  const selectors = role.aggregationRule?.clusterRoleSelectors;
  if (selectors === undefined || selectors.length === 0) return role.rules ?? [];
  const name = role.metadata?.name ?? '';
  const path = new Set(above).add(name);
  const rules: PolicyRule[] = [];
  for (const other of roles) {
    const otherName = other.metadata?.name ?? '';
    if (path.has(otherName)) continue;
    const labels = other.metadata?.labels ?? {};
    if (!selectors.some((selector) => selectorMatches(selector, labels))) continue;
    for (const rule of aggregatedRules(other, roles, path)) {
      if (!rules.some((r) => sameRule(r, rule))) rules.push(rule);
    }
  }
  return rules;
}

export interface RbacSources {
  readonly roles: ObjectSource<Role>;
  readonly clusterRoles: ObjectSource<ClusterRole>;
  readonly roleBindings: ObjectSource<RoleBinding>;
  readonly clusterRoleBindings: ObjectSource<ClusterRoleBinding>;
}

/** The rules that a roleRef of a binding in `namespace` stands for; `undefined`: there is no such role. */
export function rulesOf(sources: RbacSources, ref: RoleRef, namespace: string): readonly PolicyRule[] | undefined {
  if (ref.kind === 'ClusterRole') {
    const role = sources.clusterRoles.get('', ref.name);
    return role && aggregatedRules(role, role.aggregationRule ? sources.clusterRoles.list() : []);
  }
  const role = ref.kind === 'Role' && namespace !== '' ? sources.roles.get(namespace, ref.name) : undefined;
  return role && (role.rules ?? []);
}
