import type {
  ClusterRole,
  ClusterRoleBinding,
  KubeObject,
  PolicyRule,
  Role,
  RoleBinding,
  Subject,
} from '@virtplane/resources';
import type { AdmissionRequest, UserInfo } from '@virtplane/runtime';
import { describe, expect, test } from 'vitest';
import type { ObjectSource } from '../../cache/object-source.ts';
import type { Attributes } from '../authorizer.ts';
import { denied } from '../denial.ts';
import { createRbacAuthorizer } from './authorizer.ts';
import { componentClusterRoleBindings, componentClusterRoles, componentUsers } from './component-roles.ts';
import { defaultClusterRoleBindings, defaultClusterRoles } from './default-roles.ts';
import { createEscalationCheck, missingRules } from './escalation.ts';
import { kubevirtClusterRoleBindings, kubevirtClusterRoles } from './kubevirt-roles.ts';

class FakeSource<T extends KubeObject> implements ObjectSource<T> {
  readonly objects: T[];
  readonly #listeners = new Set<(type: 'ADDED', object: T) => void>();

  constructor(objects: readonly T[]) {
    this.objects = [...objects];
  }

  get(namespace: string, name: string): T | undefined {
    return this.objects.find((o) => (o.metadata?.namespace ?? '') === namespace && o.metadata?.name === name);
  }

  list(): T[] {
    return this.objects;
  }

  subscribe(listener: (type: 'ADDED', object: T) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  add(object: T): void {
    this.objects.push(object);
    for (const listener of this.#listeners) listener('ADDED', object);
  }
}

const api = 'rbac.authorization.k8s.io';
const rule = (apiGroups: string[], resources: string[], verbs: string[], resourceNames?: string[]): PolicyRule => ({
  apiGroups,
  resources,
  verbs,
  ...(resourceNames ? { resourceNames } : {}),
});
const role = (namespace: string, name: string, rules: PolicyRule[]): Role => ({ metadata: { namespace, name }, rules });
const clusterRole = (name: string, rules: PolicyRule[], labels = {}): ClusterRole => ({
  metadata: { name, labels },
  rules,
});
const binding = (namespace: string, name: string, kind: string, ref: string, subjects: Subject[]): RoleBinding => ({
  metadata: { namespace, name },
  roleRef: { apiGroup: api, kind, name: ref },
  subjects,
});
const clusterBinding = (name: string, ref: string, subjects: Subject[]): ClusterRoleBinding => ({
  metadata: { name },
  roleRef: { apiGroup: api, kind: 'ClusterRole', name: ref },
  subjects,
});
const bobSubject: Subject = { kind: 'User', name: 'bob' };

function world(extra: {
  roles?: Role[];
  clusterRoles?: ClusterRole[];
  roleBindings?: RoleBinding[];
  clusterRoleBindings?: ClusterRoleBinding[];
}) {
  const sources = {
    roles: new FakeSource<Role>(extra.roles ?? []),
    clusterRoles: new FakeSource<ClusterRole>(extra.clusterRoles ?? []),
    roleBindings: new FakeSource<RoleBinding>(extra.roleBindings ?? []),
    clusterRoleBindings: new FakeSource<ClusterRoleBinding>(extra.clusterRoleBindings ?? []),
  };
  return { sources, authorizer: createRbacAuthorizer(sources) };
}

const bob: UserInfo = { username: 'bob', groups: ['system:authenticated'] };
const ask = (user: UserInfo, verb: string, resource: string, more: Partial<Attributes> = {}): Attributes => {
  const [name = '', subresource = ''] = resource.split('/');
  return {
    user,
    verb,
    isResource: true,
    path: '',
    group: '',
    version: 'v1',
    resource: name,
    subresource,
    namespace: '',
    name: '',
    ...more,
  };
};

describe('decisions', () => {
  const { authorizer, sources } = world({
    roles: [role('adm', 'r', [rule([''], ['configmaps'], ['get', 'list']), rule([''], ['secrets'], ['get'], ['one'])])],
    clusterRoles: [
      clusterRole('subs', [rule(['*'], ['*/status'], ['patch'])]),
      clusterRole('urls', [{ verbs: ['get'], nonResourceURLs: ['/metrics', '/logs/*'] }]),
      clusterRole('pods', [rule([''], ['pods'], ['*'])]),
    ],
    roleBindings: [
      binding('adm', 'rb', 'Role', 'r', [bobSubject]),
      binding('adm', 'sa', 'ClusterRole', 'pods', [{ kind: 'ServiceAccount', name: 'runner' }]),
      binding('adm', 'gone', 'Role', 'missing', [{ kind: 'User', name: 'eve' }]),
    ],
    clusterRoleBindings: [
      clusterBinding('subs', 'subs', [{ kind: 'Group', name: 'operators' }]),
      clusterBinding('urls', 'urls', [bobSubject]),
    ],
  });
  const operator: UserInfo = { username: 'ann', groups: ['operators', 'system:authenticated'] };
  const runner: UserInfo = { username: 'system:serviceaccount:adm:runner', groups: [] };

  test.each<[Attributes, string | undefined]>([
    [
      ask(bob, 'get', 'configmaps', { namespace: 'adm' }),
      'RBAC: allowed by RoleBinding "rb/adm" of Role "r" to User "bob"',
    ],
    [ask(bob, 'get', 'configmaps', { namespace: 'other' }), undefined],
    [ask(bob, 'get', 'configmaps'), undefined],
    [ask(bob, 'delete', 'configmaps', { namespace: 'adm' }), undefined],
    [
      ask(bob, 'get', 'secrets', { namespace: 'adm', name: 'one' }),
      'RBAC: allowed by RoleBinding "rb/adm" of Role "r" to User "bob"',
    ],
    [ask(bob, 'get', 'secrets', { namespace: 'adm', name: 'two' }), undefined],
    [ask(bob, 'list', 'secrets', { namespace: 'adm' }), undefined],
    [
      ask(operator, 'patch', 'nodes/status', { name: 'n' }),
      'RBAC: allowed by ClusterRoleBinding "subs" of ClusterRole "subs" to Group "operators"',
    ],
    [ask(operator, 'patch', 'nodes', { name: 'n' }), undefined],
    [
      ask(runner, 'delete', 'pods', { namespace: 'adm' }),
      'RBAC: allowed by RoleBinding "sa/adm" of ClusterRole "pods" to ServiceAccount "runner/adm"',
    ],
    [ask(runner, 'get', 'pods/log', { namespace: 'adm' }), undefined],
    [
      ask(bob, 'get', '', { isResource: false, path: '/metrics' }),
      'RBAC: allowed by ClusterRoleBinding "urls" of ClusterRole "urls" to User "bob"',
    ],
    [
      ask(bob, 'get', '', { isResource: false, path: '/logs/x' }),
      'RBAC: allowed by ClusterRoleBinding "urls" of ClusterRole "urls" to User "bob"',
    ],
    [ask(bob, 'get', '', { isResource: false, path: '/version' }), undefined],
  ])('%#', (attributes, reason) => {
    const decision = authorizer.authorize(attributes);
    expect(decision.allowed).toBe(reason !== undefined);
    expect(decision.reason).toBe(reason ?? '');
  });

  test('system:masters may do everything', () => {
    expect(authorizer.authorize(ask({ username: 'x', groups: ['system:masters'] }, 'delete', 'nodes')).allowed).toBe(
      true,
    );
  });

  test('a missing role is named', () => {
    const eve: UserInfo = { username: 'eve', groups: [] };
    expect(authorizer.authorize(ask(eve, 'get', 'pods', { namespace: 'adm' }))).toEqual({
      allowed: false,
      reason: 'RBAC: role.rbac.authorization.k8s.io "missing" not found',
    });
  });

  test('changes count with the next question', () => {
    const attributes = ask(bob, 'list', 'nodes');
    expect(authorizer.authorize(attributes).allowed).toBe(false);
    sources.clusterRoles.add(clusterRole('nodes', [rule([''], ['nodes'], ['list'])]));
    sources.clusterRoleBindings.add(clusterBinding('nodes', 'nodes', [bobSubject]));
    expect(authorizer.authorize(attributes).allowed).toBe(true);
  });
});

test('aggregated roles hold what they select, over several steps and circles', () => {
  const select = (label: string) => ({ clusterRoleSelectors: [{ matchLabels: { [label]: 'true' } }] });
  const { authorizer } = world({
    clusterRoles: [
      { ...clusterRole('top', [], { circle: 'true' }), aggregationRule: select('to-top') },
      {
        ...clusterRole('middle', [], { 'to-top': 'true' }),
        aggregationRule: {
          clusterRoleSelectors: [...select('to-middle').clusterRoleSelectors, ...select('circle').clusterRoleSelectors],
        },
      },
      clusterRole('leaf', [rule(['apps'], ['deployments'], ['get'])], { 'to-middle': 'true' }),
    ],
    clusterRoleBindings: [clusterBinding('b', 'top', [bobSubject])],
  });
  expect(authorizer.authorize(ask(bob, 'get', 'deployments', { group: 'apps' })).allowed).toBe(true);
  expect(authorizer.authorize(ask(bob, 'list', 'deployments', { group: 'apps' })).allowed).toBe(false);
});

describe('denials', () => {
  test.each<[Attributes, string, object]>([
    [
      ask(bob, 'list', 'nodes'),
      'nodes is forbidden: User "bob" cannot list resource "nodes" in API group "" at the cluster scope',
      { kind: 'nodes' },
    ],
    [
      ask(bob, 'patch', 'pods/status', { namespace: 'adm', name: 'p1' }),
      'pods "p1" is forbidden: User "bob" cannot patch resource "pods/status" in API group "" in the namespace "adm"',
      { name: 'p1', kind: 'pods' },
    ],
    [
      ask(bob, 'list', 'deployments', { namespace: 'adm', group: 'apps' }),
      'deployments.apps is forbidden: User "bob" cannot list resource "deployments" in API group "apps" in the namespace "adm"',
      { group: 'apps', kind: 'deployments' },
    ],
    [
      ask(bob, 'get', '', { isResource: false, path: '/metrics' }),
      'forbidden: User "bob" cannot get path "/metrics"',
      {},
    ],
    [
      ask({ username: '<b>', groups: [] }, 'get', '', { isResource: false, path: '/a&b' }),
      'forbidden: User "&lt;b&gt;" cannot get path "/a&amp;b"',
      {},
    ],
  ])('%#', (attributes, message, details) => {
    const { status } = denied(attributes, '');
    expect(status).toMatchObject({ code: 403, reason: 'Forbidden', message });
    expect(status.details).toEqual(details);
  });
});

describe('nobody grants what he does not hold', () => {
  const { authorizer, sources } = world({
    clusterRoles: [
      clusterRole('writer', [
        rule([api], ['roles', 'rolebindings'], ['create', 'update']),
        rule([''], ['configmaps'], ['get', 'list']),
      ]),
      clusterRole('strong', [rule([''], ['secrets'], ['*'])]),
      clusterRole('binder', [rule([api], ['clusterroles'], ['bind'], ['strong'])]),
    ],
    clusterRoleBindings: [
      clusterBinding('w', 'writer', [bobSubject]),
      clusterBinding('b', 'binder', [{ kind: 'User', name: 'ann' }]),
    ],
  });
  const check = createEscalationCheck(authorizer, sources);
  const request = (resource: string, object: KubeObject, user = bob, oldObject?: KubeObject): AdmissionRequest => ({
    operation: oldObject ? 'UPDATE' : 'CREATE',
    group: api,
    version: 'v1',
    resource,
    kind: 'Role',
    name: 'r2',
    namespace: 'adm',
    user,
    object,
    ...(oldObject ? { oldObject } : {}),
    dryRun: false,
  });
  const message = async (r: AdmissionRequest) => (await check.admit(r)).denied?.status.message;

  test('roles', async () => {
    expect(await message(request('roles', role('adm', 'r2', [rule([''], ['configmaps'], ['get'])])))).toBeUndefined();
    const strong = role('adm', 'r2', [rule([''], ['secrets'], ['get', 'list']), rule([''], ['configmaps'], ['get'])]);
    expect(await message(request('roles', strong))).toBe(
      'roles.rbac.authorization.k8s.io "r2" is forbidden: user "bob" (groups=["system:authenticated"]) is attempting to grant RBAC permissions not currently held:\n{APIGroups:[""], Resources:["secrets"], Verbs:["get" "list"]}',
    );
    // Rules that were there before are not granted anew.
    expect(
      await message(request('roles', { ...strong, metadata: { name: 'r2', labels: { a: 'b' } } }, bob, strong)),
    ).toBeUndefined();
    expect(check.handles(request('roles', strong, { username: 'x', groups: ['system:masters'] }))).toBe(false);
  });

  test('bindings', async () => {
    const grant = binding('adm', 'r2', 'ClusterRole', 'strong', [bobSubject]);
    expect(await message(request('rolebindings', grant))).toContain(
      '{APIGroups:[""], Resources:["secrets"], Verbs:["*"]}',
    );
    expect(await message(request('rolebindings', grant, { username: 'ann', groups: [] }))).toBeUndefined();
    expect(await message(request('rolebindings', binding('adm', 'x', 'Role', 'none', [bobSubject])))).toBe(
      'roles.rbac.authorization.k8s.io "none" not found',
    );
  });

  test('covering', () => {
    const held = [rule(['*'], ['*'], ['get']), rule([''], ['pods'], ['*'], ['a', 'b'])];
    expect(missingRules(held, [rule(['x'], ['y/z'], ['get'])])).toEqual([]);
    expect(missingRules(held, [rule([''], ['pods'], ['delete'], ['a'])])).toEqual([]);
    expect(missingRules(held, [rule([''], ['pods'], ['delete'])])).toHaveLength(1);
    expect(missingRules(held, [rule([''], ['pods'], ['delete'], ['a', 'c'])])).toEqual([
      rule([''], ['pods'], ['delete'], ['c']),
    ]);
    expect(
      missingRules(
        [{ verbs: ['get'], nonResourceURLs: ['/a/*'] }],
        [{ verbs: ['get'], nonResourceURLs: ['/a/b', '/b'] }],
      ),
    ).toEqual([{ verbs: ['get'], nonResourceURLs: ['/b'] }]);
  });
});

describe('default roles', () => {
  const { authorizer } = world({
    clusterRoles: [...defaultClusterRoles, ...kubevirtClusterRoles, ...componentClusterRoles],
    clusterRoleBindings: [
      ...defaultClusterRoleBindings,
      ...kubevirtClusterRoleBindings,
      ...componentClusterRoleBindings,
    ],
    roleBindings: [
      binding('a', 'admin', 'ClusterRole', 'admin', [bobSubject]),
      binding('a', 'view', 'ClusterRole', 'view', [{ kind: 'User', name: 'vic' }]),
    ],
  });
  const vic: UserInfo = { username: 'vic', groups: ['system:authenticated'] };
  const node: UserInfo = { username: 'system:node:n', groups: ['system:nodes', 'system:authenticated'] };
  const kubevirt = { group: 'kubevirt.io', namespace: 'a' };
  const subresources = { group: 'subresources.kubevirt.io', namespace: 'a', name: 'v' };

  test.each<[Attributes, boolean]>([
    [ask(bob, 'create', 'virtualmachines', kubevirt), true],
    [ask(bob, 'update', 'virtualmachines/start', subresources), true],
    [ask(bob, 'get', 'virtualmachineinstances/console', subresources), true],
    [ask(bob, 'create', 'rolebindings', { group: api, namespace: 'a' }), true],
    [ask(bob, 'create', 'virtualmachines', { ...kubevirt, namespace: 'b' }), false],
    [ask(bob, 'get', 'nodes'), false],
    [ask(vic, 'list', 'virtualmachines', kubevirt), true],
    [ask(vic, 'create', 'virtualmachines', kubevirt), false],
    [ask(vic, 'get', 'virtualmachineinstances/console', subresources), false],
    [ask(vic, 'get', 'secrets', { namespace: 'a' }), false],
    [ask(vic, 'create', 'selfsubjectaccessreviews', { group: 'authorization.k8s.io' }), true],
    [ask(node, 'patch', 'nodes/status', { name: 'n' }), true],
    [ask(node, 'update', 'virtualmachineinstances', { ...kubevirt, name: 'v' }), true],
    [ask(node, 'get', 'secrets', { namespace: 'a', name: 's' }), true],
    [ask(node, 'create', 'secrets', { namespace: 'a' }), false],
    [ask(node, 'create', 'virtualmachines', kubevirt), false],
    [ask(node, 'create', 'clusterrolebindings', { group: api }), false],
    [ask(componentUsers.scheduler, 'create', 'pods/binding', { namespace: 'a', name: 'p' }), true],
    [ask(componentUsers.scheduler, 'get', 'secrets', { namespace: 'a' }), false],
    [ask(componentUsers.virtController, 'create', 'pods', { namespace: 'a' }), true],
    [ask(componentUsers.virtController, 'get', 'secrets', { namespace: 'a' }), false],
    [ask(componentUsers.clusterServices, 'delete', 'virtualmachines', kubevirt), true],
    [ask(componentUsers.clusterServices, 'create', 'clusterrolebindings', { group: api }), false],
  ])('%#', (attributes, allowed) => {
    expect(authorizer.authorize(attributes).allowed).toBe(allowed);
  });
});
