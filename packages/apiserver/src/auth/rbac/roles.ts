import {
  type ClusterRole,
  type ClusterRoleBinding,
  type PolicyRule,
  type Role,
  type RoleBinding,
  type RoleRef,
  selectsLabels,
} from '@virtplane/resources';
import type { ObjectSource } from '../../cache/object-source.ts';

export const rbacGroup = 'rbac.authorization.k8s.io';

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
    if (!selectors.some((selector) => selectsLabels(selector, labels))) continue;
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
