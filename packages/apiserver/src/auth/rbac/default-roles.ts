import type { ClusterRole, ClusterRoleBinding, PolicyRule, Subject } from '@virtplane/resources';
import { rbacGroup } from './roles.ts';

const read = ['get', 'list', 'watch'];
const write = ['create', 'delete', 'deletecollection', 'patch', 'update'];

const rule = (apiGroup: string, resources: readonly string[], verbs: readonly string[]): PolicyRule => ({
  verbs: [...verbs],
  apiGroups: [apiGroup],
  resources: [...resources],
});
const urls = (nonResourceURLs: readonly string[]): PolicyRule => ({
  verbs: ['get'],
  nonResourceURLs: [...nonResourceURLs],
});

const meta = (name: string, labels: Record<string, string> = {}) => ({
  name,
  labels: { 'kubernetes.io/bootstrapping': 'rbac-defaults', ...labels },
  // A person who sets this to "false" keeps his own version over restarts.
  annotations: { 'rbac.authorization.kubernetes.io/autoupdate': 'true' },
});

const aggregateTo = (name: string): string => `rbac.authorization.k8s.io/aggregate-to-${name}`;

export const clusterRole = (
  name: string,
  rules: readonly PolicyRule[],
  labels: Record<string, string> = {},
): ClusterRole => ({
  apiVersion: `${rbacGroup}/v1`,
  kind: 'ClusterRole',
  metadata: meta(name, labels),
  rules: [...rules],
});

const aggregated = (name: string, labels: Record<string, string> = {}): ClusterRole => ({
  ...clusterRole(name, [], labels),
  aggregationRule: { clusterRoleSelectors: [{ matchLabels: { [aggregateTo(name)]: 'true' } }] },
});

export const group = (name: string): Subject => ({ kind: 'Group', apiGroup: rbacGroup, name });
export const user = (name: string): Subject => ({ kind: 'User', apiGroup: rbacGroup, name });
export const account = (namespace: string, name: string): Subject => ({ kind: 'ServiceAccount', namespace, name });

export const clusterRoleBinding = (name: string, role: string, subjects: readonly Subject[]): ClusterRoleBinding => ({
  apiVersion: `${rbacGroup}/v1`,
  kind: 'ClusterRoleBinding',
  metadata: meta(name),
  subjects: [...subjects],
  roleRef: { apiGroup: rbacGroup, kind: 'ClusterRole', name: role },
});

const viewed = {
  core: ['configmaps', 'endpoints', 'persistentvolumeclaims', 'pods', 'serviceaccounts', 'services'],
  coreParts: ['persistentvolumeclaims/status', 'services/status'],
  readOnly: [
    'bindings',
    'events',
    'limitranges',
    'namespaces/status',
    'pods/log',
    'pods/status',
    'resourcequotas',
    'resourcequotas/status',
  ],
  apps: ['controllerrevisions', 'daemonsets', 'deployments', 'replicasets'],
  appsParts: [
    'daemonsets/status',
    'deployments/scale',
    'deployments/status',
    'replicasets/scale',
    'replicasets/status',
  ],
  policy: ['poddisruptionbudgets'],
};

const viewRules: readonly PolicyRule[] = [
  rule('', [...viewed.core, ...viewed.coreParts], read),
  rule('', viewed.readOnly, read),
  rule('', ['namespaces'], read),
  rule('events.k8s.io', ['events'], read),
  rule('apps', [...viewed.apps, ...viewed.appsParts], read),
  rule('policy', [...viewed.policy, 'poddisruptionbudgets/status'], read),
  rule('networking.k8s.io', ['ingresses', 'networkpolicies'], read),
  rule('k8s.cni.cncf.io', ['network-attachment-definitions'], read),
];

const editRules: readonly PolicyRule[] = [
  rule('', ['pods/attach', 'pods/exec', 'pods/portforward', 'pods/proxy', 'secrets', 'services/proxy'], read),
  rule('', ['serviceaccounts'], ['impersonate']),
  rule('', ['serviceaccounts/token'], ['create']),
  rule('', ['pods', 'pods/attach', 'pods/exec', 'pods/portforward', 'pods/proxy'], write),
  rule('', ['pods/eviction'], ['create']),
  rule('', ['configmaps', 'events', 'persistentvolumeclaims', 'secrets', 'serviceaccounts', 'services'], write),
  rule('apps', ['daemonsets', 'deployments', 'deployments/scale', 'replicasets', 'replicasets/scale'], write),
  rule('policy', viewed.policy, write),
  rule('networking.k8s.io', ['ingresses', 'networkpolicies'], write),
  rule('coordination.k8s.io', ['leases'], [...read, ...write]),
];

const adminRules: readonly PolicyRule[] = [
  rule('authorization.k8s.io', ['localsubjectaccessreviews'], ['create']),
  rule(rbacGroup, ['rolebindings', 'roles'], [...read, ...write]),
];

const discoveryPaths = [
  '/api',
  '/api/*',
  '/apis',
  '/apis/*',
  '/healthz',
  '/livez',
  '/openapi',
  '/openapi/*',
  '/readyz',
];
const versionPaths = ['/version', '/version/'];

/** Roles that every Kubernetes has. Source: rbac bootstrappolicy, narrowed to what is served here. */
export const defaultClusterRoles: readonly ClusterRole[] = [
  clusterRole('cluster-admin', [
    { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
    { verbs: ['*'], nonResourceURLs: ['*'] },
  ]),
  clusterRole('system:discovery', [urls([...discoveryPaths, ...versionPaths])]),
  clusterRole('system:public-info-viewer', [urls(['/healthz', '/livez', '/readyz', ...versionPaths])]),
  clusterRole('system:basic-user', [
    rule('authorization.k8s.io', ['selfsubjectaccessreviews', 'selfsubjectrulesreviews'], ['create']),
    rule('authentication.k8s.io', ['selfsubjectreviews'], ['create']),
  ]),
  clusterRole('system:monitoring', [
    urls(['/healthz', '/healthz/*', '/livez', '/livez/*', '/metrics', '/readyz', '/readyz/*']),
  ]),
  clusterRole('system:service-account-issuer-discovery', [urls(['/.well-known', '/.well-known/*', '/openid/v1/jwks'])]),
  clusterRole('system:auth-delegator', [
    rule('authentication.k8s.io', ['tokenreviews'], ['create']),
    rule('authorization.k8s.io', ['subjectaccessreviews'], ['create']),
  ]),
  aggregated('admin'),
  aggregated('edit', { [aggregateTo('admin')]: 'true' }),
  aggregated('view', { [aggregateTo('edit')]: 'true' }),
  clusterRole('system:aggregate-to-admin', adminRules, { [aggregateTo('admin')]: 'true' }),
  clusterRole('system:aggregate-to-edit', editRules, { [aggregateTo('edit')]: 'true' }),
  clusterRole('system:aggregate-to-view', viewRules, { [aggregateTo('view')]: 'true' }),
];

export const defaultClusterRoleBindings: readonly ClusterRoleBinding[] = [
  clusterRoleBinding('cluster-admin', 'cluster-admin', [group('system:masters')]),
  clusterRoleBinding('system:discovery', 'system:discovery', [group('system:authenticated')]),
  clusterRoleBinding('system:basic-user', 'system:basic-user', [group('system:authenticated')]),
  clusterRoleBinding('system:public-info-viewer', 'system:public-info-viewer', [
    group('system:authenticated'),
    group('system:unauthenticated'),
  ]),
  clusterRoleBinding('system:monitoring', 'system:monitoring', [group('system:monitoring')]),
  clusterRoleBinding('system:service-account-issuer-discovery', 'system:service-account-issuer-discovery', [
    group('system:serviceaccounts'),
  ]),
];
