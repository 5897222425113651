import type { ClusterRole, ClusterRoleBinding, PolicyRule, Role, RoleBinding } from '@virtplane/resources';
import type { AdmissionOutcome, AdmissionPlugin, AdmissionRequest, UserInfo } from '@virtplane/runtime';
import { forbidden, notFound } from '../../errors.ts';
import { mastersGroup, type RbacAuthorizer } from './authorizer.ts';
import { pathMatches } from './matching.ts';
import { type RbacSources, rbacGroup, rulesOf } from './roles.ts';

const holdsAll = (owner: readonly string[] | undefined, wanted: readonly string[] | undefined): boolean =>
  owner !== undefined && (owner.includes('*') || (wanted ?? []).every((item) => owner.includes(item)));

/** Every combination of a rule on its own. */
function* breakDown(rule: PolicyRule): Generator<PolicyRule> {
  for (const group of rule.apiGroups ?? []) {
    for (const resource of rule.resources ?? []) {
      for (const verb of rule.verbs) {
        const one = { apiGroups: [group], resources: [resource], verbs: [verb] };
        const names = rule.resourceNames ?? [];
        if (names.length === 0) yield one;
        else for (const name of names) yield { ...one, resourceNames: [name] };
      }
    }
  }
  for (const url of rule.nonResourceURLs ?? []) {
    for (const verb of rule.verbs) yield { nonResourceURLs: [url], verbs: [verb] };
  }
}

function resourceCovered(owner: PolicyRule, wanted: string): boolean {
  const slash = wanted.indexOf('/');
  const subresource = slash < 0 ? undefined : wanted.slice(slash + 1);
  return (owner.resources ?? []).some(
    (r) => r === '*' || r === wanted || (subresource !== undefined && r === `*/${subresource}`),
  );
}

function covers(owner: PolicyRule, one: PolicyRule): boolean {
  if (!holdsAll(owner.verbs, one.verbs)) return false;
  const url = one.nonResourceURLs?.[0];
  if (url !== undefined) return pathMatches(owner, url);
  const names = owner.resourceNames ?? [];
  return (
    holdsAll(owner.apiGroups, one.apiGroups) &&
    resourceCovered(owner, one.resources?.[0] ?? '') &&
    (names.length === 0 || (one.resourceNames ?? ['']).every((name) => names.includes(name)))
  );
}

/** What of `wanted` is not covered by `held`, one combination each. Source: rbac validation.Covers. */
export function missingRules(held: readonly PolicyRule[], wanted: readonly PolicyRule[]): PolicyRule[] {
  const missing: PolicyRule[] = [];
  for (const rule of wanted) {
    for (const one of breakDown(rule)) if (!held.some((owner) => covers(owner, one))) missing.push(one);
  }
  return missing;
}

const goList = (items: readonly string[]): string => `[${items.map((item) => JSON.stringify(item)).join(' ')}]`;

/** Rules that differ only in their verb become one; printed as Go prints them. Source: rbac CompactRules, CompactString. */
function describeRules(rules: readonly PolicyRule[]): string {
  const merged = new Map<string, PolicyRule>();
  for (const rule of rules) {
    const key = JSON.stringify([rule.apiGroups, rule.resources, rule.resourceNames, rule.nonResourceURLs]);
    const same = merged.get(key);
    merged.set(key, same ? { ...same, verbs: [...same.verbs, ...rule.verbs] } : rule);
  }
  const lines = [...merged.values()].map((rule) => {
    const parts: string[] = [];
    if (rule.apiGroups?.length) parts.push(`APIGroups:${goList(rule.apiGroups)}`);
    if (rule.resources?.length) parts.push(`Resources:${goList(rule.resources)}`);
    if (rule.nonResourceURLs?.length) parts.push(`NonResourceURLs:${goList(rule.nonResourceURLs)}`);
    if (rule.resourceNames?.length) parts.push(`ResourceNames:${goList(rule.resourceNames)}`);
    parts.push(`Verbs:${goList(rule.verbs)}`);
    return `{${parts.join(', ')}}`;
  });
  return [...new Set(lines)].sort().join('\n');
}

const everything: readonly PolicyRule[] = [
  { apiGroups: ['*'], resources: ['*'], verbs: ['*'] },
  { nonResourceURLs: ['*'], verbs: ['*'] },
];

const roleResources: ReadonlySet<string> = new Set(['roles', 'clusterroles']);
const bindingResources: ReadonlySet<string> = new Set(['rolebindings', 'clusterrolebindings']);
const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

/**
 * Nobody may grant what he does not hold: writes of roles and bindings are refused unless the writer holds every rule, or
 * the verb `escalate` (roles) or `bind` (bindings). Source: kube-apiserver's policy-based RBAC storage.
 */
export function createEscalationCheck(authorizer: RbacAuthorizer, sources: RbacSources): AdmissionPlugin {
  const may = (user: UserInfo, verb: string, resource: string, namespace: string, name: string): boolean =>
    authorizer.authorize({
      user,
      verb,
      isResource: true,
      path: '',
      group: rbacGroup,
      version: 'v1',
      resource,
      subresource: '',
      namespace,
      name,
    }).allowed;

  const refusal = (request: AdmissionRequest, wanted: readonly PolicyRule[]): AdmissionOutcome => {
    const { user, namespace } = request;
    const held = authorizer.grantsOf(user, namespace).map(({ rule }) => rule);
    const missing = missingRules(held, wanted);
    if (missing.length === 0) return {};
    const text = `user ${JSON.stringify(user.username)} (groups=${goList(user.groups)}) is attempting to grant RBAC permissions not currently held:\n${describeRules(missing)}`;
    return { denied: forbidden(request, request.name, text) };
  };

  const admitRole = (request: AdmissionRequest): AdmissionOutcome => {
    const role = request.object as ClusterRole | Role;
    const old = request.oldObject as ClusterRole | Role | undefined;
    const aggregation = 'aggregationRule' in role ? role.aggregationRule : undefined;
    const oldAggregation = old && 'aggregationRule' in old ? old.aggregationRule : undefined;
    const rulesChanged = !same(role.rules ?? [], old?.rules ?? []);
    const aggregates = aggregation !== undefined && !same(aggregation, oldAggregation);
    if (!rulesChanged && !aggregates) return {};
    if (may(request.user, 'escalate', request.resource, request.namespace, request.name)) return {};
    return refusal(request, [...(role.rules ?? []), ...(aggregates ? everything : [])]);
  };

  const admitBinding = (request: AdmissionRequest): AdmissionOutcome => {
    const binding = request.object as ClusterRoleBinding | RoleBinding;
    const old = request.oldObject as ClusterRoleBinding | RoleBinding | undefined;
    if (same(binding.subjects, old?.subjects) && same(binding.roleRef, old?.roleRef)) return {};
    const { roleRef } = binding;
    const resource = roleRef.kind === 'ClusterRole' ? 'clusterroles' : 'roles';
    if (may(request.user, 'bind', resource, request.namespace, roleRef.name)) return {};
    const rules = rulesOf(sources, roleRef, request.namespace);
    if (rules === undefined) return { denied: notFound({ group: rbacGroup, resource }, roleRef.name) };
    return refusal(request, rules);
  };

  return {
    name: 'PrivilegeEscalation',
    phase: 'validating',
    handles: (request) =>
      request.group === rbacGroup &&
      (request.operation === 'CREATE' || request.operation === 'UPDATE') &&
      (roleResources.has(request.resource) || bindingResources.has(request.resource)) &&
      !request.user.groups.includes(mastersGroup),
    admit: (request) => (roleResources.has(request.resource) ? admitRole(request) : admitBinding(request)),
  };
}
