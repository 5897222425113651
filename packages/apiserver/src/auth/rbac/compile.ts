import type { PolicyRule, RoleRef, Subject } from '@virtplane/resources';
import { type RbacSources, rbacGroup, rulesOf } from './roles.ts';

/** One rule that a principal holds, and the sentence that names the binding. */
export interface Grant {
  readonly rule: PolicyRule;
  readonly reason: string;
}

/** What one principal holds in one scope. */
export class Holdings {
  /** By resource as rules name it: `pods`, `pods/status`, `*`, `*` + `/status`. */
  readonly byResource = new Map<string, Grant[]>();
  readonly paths: Grant[] = [];
  readonly grants: Grant[] = [];
  /** Roles that bindings name and that do not exist. */
  readonly missingRoles: string[] = [];

  add(grant: Grant): void {
    this.grants.push(grant);
    for (const resource of new Set(grant.rule.resources ?? [])) {
      const list = this.byResource.get(resource);
      if (list) list.push(grant);
      else this.byResource.set(resource, [grant]);
    }
    if ((grant.rule.nonResourceURLs?.length ?? 0) > 0) this.paths.push(grant);
  }
}

export interface Principal {
  /** From ClusterRoleBindings: everywhere. */
  readonly cluster: Holdings;
  readonly namespaces: Map<string, Holdings>;
}

/** All bindings, by who they speak of. */
export interface CompiledPolicy {
  /** ServiceAccounts are users here, as their user names are. */
  readonly users: ReadonlyMap<string, Principal>;
  readonly groups: ReadonlyMap<string, Principal>;
}

export const serviceAccountUsername = (namespace: string, name: string): string =>
  `system:serviceaccount:${namespace}:${name}`;

const quote = JSON.stringify;

function describe(subject: Subject, bindingNamespace: string): string {
  if (subject.kind !== 'ServiceAccount') return `${subject.kind} ${quote(subject.name)}`;
  return `ServiceAccount ${quote(`${subject.name}/${subject.namespace || bindingNamespace}`)}`;
}

const missingRole = (ref: RoleRef): string => `${ref.kind.toLowerCase()}.${rbacGroup} ${quote(ref.name)} not found`;

/** Flattens roles and bindings into maps, so that a decision is a handful of look-ups. */
export function compilePolicy(sources: RbacSources): CompiledPolicy {
  const users = new Map<string, Principal>();
  const groups = new Map<string, Principal>();
  const rulesOfClusterRole = new Map<string, readonly PolicyRule[] | undefined>();

  const rules = (ref: RoleRef, namespace: string): readonly PolicyRule[] | undefined => {
    if (ref.kind !== 'ClusterRole') return rulesOf(sources, ref, namespace);
    if (!rulesOfClusterRole.has(ref.name)) rulesOfClusterRole.set(ref.name, rulesOf(sources, ref, namespace));
    return rulesOfClusterRole.get(ref.name);
  };

  const holdingsOf = (subject: Subject, namespace: string): Holdings | undefined => {
    let map: Map<string, Principal>;
    let name = subject.name;
    if (subject.kind === 'User') map = users;
    else if (subject.kind === 'Group') map = groups;
    else if (subject.kind === 'ServiceAccount') {
      const home = subject.namespace || namespace;
      if (home === '') return undefined;
      map = users;
      name = serviceAccountUsername(home, subject.name);
    } else return undefined;
    let principal = map.get(name);
    if (!principal) {
      principal = { cluster: new Holdings(), namespaces: new Map() };
      map.set(name, principal);
    }
    if (namespace === '') return principal.cluster;
    let holdings = principal.namespaces.get(namespace);
    if (!holdings) {
      holdings = new Holdings();
      principal.namespaces.set(namespace, holdings);
    }
    return holdings;
  };

  const bind = (binding: string, ref: RoleRef, subjects: readonly Subject[] | undefined, namespace: string): void => {
    if (!subjects) return;
    const held = rules(ref, namespace);
    for (const subject of subjects) {
      const holdings = holdingsOf(subject, namespace);
      if (!holdings) continue;
      if (held === undefined) {
        holdings.missingRoles.push(missingRole(ref));
        continue;
      }
      const reason = `RBAC: allowed by ${binding} of ${ref.kind} ${quote(ref.name)} to ${describe(subject, namespace)}`;
      for (const rule of held) holdings.add({ rule, reason });
    }
  };

  for (const { metadata, roleRef, subjects } of sources.clusterRoleBindings.list()) {
    bind(`ClusterRoleBinding ${quote(metadata?.name ?? '')}`, roleRef, subjects, '');
  }
  for (const { metadata, roleRef, subjects } of sources.roleBindings.list()) {
    const namespace = metadata?.namespace ?? '';
    bind(`RoleBinding ${quote(`${metadata?.name ?? ''}/${namespace}`)}`, roleRef, subjects, namespace);
  }
  return { users, groups };
}
