import type { UserInfo } from '@virtplane/runtime';
import type { Attributes, Authorizer, Decision } from '../authorizer.ts';
import { type CompiledPolicy, compilePolicy, type Grant, type Holdings, type Principal } from './compile.ts';
import { groupMatches, nameMatches, pathMatches, verbMatches } from './matching.ts';
import type { RbacSources } from './roles.ts';

/** Members may do everything; the administrator's certificate carries it. */
export const mastersGroup = 'system:masters';

const superuser: Decision = { allowed: true, reason: '' };

export interface RbacAuthorizer extends Authorizer {
  /** Everything that the user holds in a namespace (empty: at cluster scope), system:masters left aside. */
  grantsOf(user: UserInfo, namespace: string): Grant[];
  close(): void;
}

function findIn(grants: readonly Grant[] | undefined, a: Attributes): Grant | undefined {
  if (grants === undefined) return undefined;
  for (const grant of grants) {
    const { rule } = grant;
    if (verbMatches(rule, a.verb) && groupMatches(rule, a.group) && nameMatches(rule, a.name)) return grant;
  }
  return undefined;
}

function findResource(holdings: Holdings | undefined, a: Attributes, resource: string): Grant | undefined {
  if (holdings === undefined) return undefined;
  const { byResource } = holdings;
  return (
    findIn(byResource.get(resource), a) ??
    findIn(byResource.get('*'), a) ??
    (a.subresource === '' ? undefined : findIn(byResource.get(`*/${a.subresource}`), a))
  );
}

const findPath = (holdings: Holdings, a: Attributes): Grant | undefined =>
  holdings.paths.find(({ rule }) => verbMatches(rule, a.verb) && pathMatches(rule, a.path));

function* principalsOf(policy: CompiledPolicy, user: UserInfo): Generator<Principal> {
  const own = policy.users.get(user.username);
  if (own) yield own;
  for (const group of user.groups) {
    const principal = policy.groups.get(group);
    if (principal) yield principal;
  }
}

function denial(policy: CompiledPolicy, user: UserInfo, namespace: string): Decision {
  const missing = new Set<string>();
  for (const { cluster, namespaces } of principalsOf(policy, user)) {
    for (const text of cluster.missingRoles) missing.add(text);
    for (const text of namespaces.get(namespace)?.missingRoles ?? []) missing.add(text);
  }
  const texts = [...missing];
  if (texts.length === 0) return { allowed: false, reason: '' };
  return { allowed: false, reason: `RBAC: ${texts.length === 1 ? texts[0] : `[${texts.join(', ')}]`}` };
}

/**
 * Decides by roles and bindings as they are committed. Source: Kubernetes' RBAC authorizer, with the short-cut for
 * system:masters in front. The compiled policy is made anew on the first question after a change.
 */
export function createRbacAuthorizer(sources: RbacSources): RbacAuthorizer {
  let policy: CompiledPolicy | undefined;
  const changed = () => {
    policy = undefined;
  };
  const unsubscribe = [
    sources.roles.subscribe(changed),
    sources.clusterRoles.subscribe(changed),
    sources.roleBindings.subscribe(changed),
    sources.clusterRoleBindings.subscribe(changed),
  ];
  const current = (): CompiledPolicy => {
    policy ??= compilePolicy(sources);
    return policy;
  };

  const decide = (principal: Principal | undefined, a: Attributes, resource: string) => {
    if (principal === undefined) return undefined;
    if (!a.isResource) return findPath(principal.cluster, a);
    return (
      findResource(principal.cluster, a, resource) ??
      (a.namespace === '' ? undefined : findResource(principal.namespaces.get(a.namespace), a, resource))
    );
  };

  return {
    authorize(a) {
      const { user } = a;
      if (user.groups.includes(mastersGroup)) return superuser;
      const p = current();
      const resource = a.subresource === '' ? a.resource : `${a.resource}/${a.subresource}`;
      let grant = decide(p.users.get(user.username), a, resource);
      for (let i = 0; grant === undefined && i < user.groups.length; i += 1) {
        grant = decide(p.groups.get(user.groups[i] ?? ''), a, resource);
      }
      return grant === undefined ? denial(p, user, a.namespace) : { allowed: true, reason: grant.reason };
    },
    grantsOf(user, namespace) {
      const grants: Grant[] = [];
      for (const { cluster, namespaces } of principalsOf(current(), user)) {
        grants.push(...cluster.grants, ...(namespace === '' ? [] : (namespaces.get(namespace)?.grants ?? [])));
      }
      return grants;
    },
    close() {
      for (const end of unsubscribe) end();
    },
  };
}
