import type { ClusterRole, ClusterRoleBinding, PolicyRule, Subject } from '@virtplane/resources';
import type { UserInfo } from '@virtplane/runtime';
import { account, clusterRole, clusterRoleBinding, group, user } from './default-roles.ts';

/** Namespace of Virtplane's own ServiceAccounts. */
export const systemNamespace = 'virtplane';

const serviceAccount = (name: string): UserInfo => ({
  username: `system:serviceaccount:${systemNamespace}:${name}`,
  groups: ['system:serviceaccounts', `system:serviceaccounts:${systemNamespace}`, 'system:authenticated'],
});

/** Who our own parts are when they run inside the server's process. None of them is in system:masters. */
export const componentUsers = {
  virtController: serviceAccount('virt-controller'),
  virtApi: serviceAccount('virt-api'),
  clusterServices: serviceAccount('cluster-services'),
  scheduler: { username: 'system:kube-scheduler', groups: ['system:authenticated'] },
} as const satisfies Record<string, UserInfo>;

const read = ['get', 'list', 'watch'];
const write = ['create', 'delete', 'patch', 'update'];
const change = ['patch', 'update'];

const rule = (apiGroup: string, resources: readonly string[], verbs: readonly string[]): PolicyRule => ({
  verbs: [...verbs],
  apiGroups: [apiGroup],
  resources: [...resources],
});

const events: readonly PolicyRule[] = [
  rule('', ['events'], ['create', 'patch', 'update']),
  rule('events.k8s.io', ['events'], ['create', 'patch', 'update']),
];
const leases: PolicyRule = rule('coordination.k8s.io', ['leases'], ['create', 'get', 'list', 'watch', ...change]);

const virtControllerRules: readonly PolicyRule[] = [
  ...events,
  leases,
  rule('', ['pods', 'persistentvolumeclaims', 'configmaps'], [...read, ...write]),
  rule('', ['pods/status', 'pods/finalizers', 'persistentvolumeclaims/status'], change),
  rule('', ['pods/eviction'], ['create']),
  rule('', ['nodes'], [...read, ...change]),
  rule('', ['namespaces', 'persistentvolumes', 'resourcequotas', 'limitranges', 'serviceaccounts'], read),
  rule('policy', ['poddisruptionbudgets'], [...read, ...write]),
  rule('apps', ['controllerrevisions'], [...read, ...write]),
  rule('storage.k8s.io', ['storageclasses'], read),
  rule('scheduling.k8s.io', ['priorityclasses'], read),
  rule('k8s.cni.cncf.io', ['network-attachment-definitions'], read),
  rule('apiextensions.k8s.io', ['customresourcedefinitions'], read),
  ...[
    'kubevirt.io',
    'snapshot.kubevirt.io',
    'export.kubevirt.io',
    'clone.kubevirt.io',
    'instancetype.kubevirt.io',
    'pool.kubevirt.io',
    'migrations.kubevirt.io',
    'cdi.kubevirt.io',
    'hco.kubevirt.io',
    'ssp.kubevirt.io',
    'operator.openshift.io',
    'machineconfiguration.openshift.io',
  ].map((apiGroup) => rule(apiGroup, ['*'], [...read, ...write])),
];

const virtApiRules: readonly PolicyRule[] = [
  ...events,
  rule('', ['namespaces', 'pods', 'nodes', 'persistentvolumeclaims', 'resourcequotas', 'limitranges'], read),
  rule('storage.k8s.io', ['storageclasses'], read),
  rule('scheduling.k8s.io', ['priorityclasses'], read),
  rule('k8s.cni.cncf.io', ['network-attachment-definitions'], read),
  rule('kubevirt.io', ['*'], read),
  rule('kubevirt.io', ['virtualmachines', 'virtualmachines/status', 'virtualmachineinstances'], change),
  rule('kubevirt.io', ['virtualmachineinstancemigrations'], ['create', 'delete']),
  rule('instancetype.kubevirt.io', ['*'], read),
  rule('migrations.kubevirt.io', ['migrationpolicies'], read),
  rule('cdi.kubevirt.io', ['*'], read),
  // A forced restart removes the launcher pod at once.
  rule('', ['pods'], ['delete']),
];

const clusterServicesRules: readonly PolicyRule[] = [
  ...events,
  leases,
  // Garbage collection and emptying namespaces concern every kind, those of later CustomResourceDefinitions too.
  rule('*', ['*'], ['get', 'list', 'watch', 'delete', 'deletecollection', 'patch', 'update']),
  rule('', ['serviceaccounts', 'configmaps', 'secrets', 'persistentvolumes', 'endpoints', 'pods'], ['create']),
  rule('', ['serviceaccounts/token', 'pods/eviction'], ['create']),
  rule('apps', ['replicasets', 'controllerrevisions'], ['create']),
  { verbs: ['get'], nonResourceURLs: ['/api', '/api/*', '/apis', '/apis/*'] },
];

const schedulerRules: readonly PolicyRule[] = [
  ...events,
  leases,
  rule('', ['nodes', 'namespaces', 'services', 'persistentvolumes', 'persistentvolumeclaims'], read),
  rule('', ['pods'], ['get', 'list', 'watch', 'delete']),
  rule('', ['pods/binding', 'bindings'], ['create']),
  rule('', ['pods/status'], change),
  rule('', ['persistentvolumes', 'persistentvolumeclaims'], change),
  rule('apps', ['replicasets'], read),
  rule('policy', ['poddisruptionbudgets'], read),
  rule('storage.k8s.io', ['*'], read),
  rule('scheduling.k8s.io', ['priorityclasses'], read),
];

/** What a kubelet needs. Source: bootstrappolicy system:node, for the kinds that our node agent uses. */
const nodeRules: readonly PolicyRule[] = [
  ...events,
  rule('authentication.k8s.io', ['tokenreviews'], ['create']),
  rule('authorization.k8s.io', ['subjectaccessreviews'], ['create']),
  rule('', ['services', 'endpoints', 'namespaces'], read),
  rule('', ['nodes'], ['create', 'get', 'list', 'watch', ...change]),
  rule('', ['nodes/status'], change),
  rule('', ['pods'], ['get', 'list', 'watch', 'create', 'delete']),
  rule('', ['pods/status'], change),
  rule('', ['pods/eviction'], ['create']),
  // One by one, by the name that a Pod or VMI gives: an agent never needs to see them all.
  rule('', ['configmaps', 'secrets'], ['get']),
  rule('', ['persistentvolumeclaims', 'persistentvolumes'], read),
  rule('', ['serviceaccounts'], ['get']),
  rule('', ['serviceaccounts/token'], ['create']),
  rule('coordination.k8s.io', ['leases'], ['create', 'delete', 'get', 'list', 'watch', ...change]),
  rule('storage.k8s.io', ['storageclasses', 'csinodes', 'csidrivers'], read),
];

/** What the part of a node agent that runs guests needs besides. Source: KubeVirt's role of virt-handler. */
const handlerRules: readonly PolicyRule[] = [
  rule(
    'kubevirt.io',
    ['virtualmachineinstances', 'virtualmachineinstances/status'],
    ['get', 'list', 'watch', ...change],
  ),
  rule('kubevirt.io', ['virtualmachineinstancemigrations', 'kubevirts', 'virtualmachines'], read),
  rule('migrations.kubevirt.io', ['migrationpolicies'], read),
  rule('k8s.cni.cncf.io', ['network-attachment-definitions'], read),
  rule('cdi.kubevirt.io', ['datavolumes', 'datasources', 'storageprofiles', 'cdiconfigs'], read),
  rule('cdi.kubevirt.io', ['datavolumes', 'datavolumes/status'], change),
  rule('', ['persistentvolumeclaims', 'persistentvolumeclaims/status', 'persistentvolumes'], change),
  rule('', ['persistentvolumes'], ['create', 'delete']),
  rule('machineconfiguration.openshift.io', ['machineconfigs', 'machineconfigpools'], read),
];

const nodes: readonly Subject[] = [group('system:nodes')];

export const componentClusterRoles: readonly ClusterRole[] = [
  clusterRole('virtplane:virt-controller', virtControllerRules),
  clusterRole('virtplane:virt-api', virtApiRules),
  clusterRole('virtplane:cluster-services', clusterServicesRules),
  clusterRole('system:kube-scheduler', schedulerRules),
  clusterRole('system:node', nodeRules),
  clusterRole('virtplane:virt-handler', handlerRules),
];

export const componentClusterRoleBindings: readonly ClusterRoleBinding[] = [
  clusterRoleBinding('virtplane:virt-controller', 'virtplane:virt-controller', [
    account(systemNamespace, 'virt-controller'),
  ]),
  clusterRoleBinding('virtplane:virt-api', 'virtplane:virt-api', [account(systemNamespace, 'virt-api')]),
  clusterRoleBinding('virtplane:cluster-services', 'virtplane:cluster-services', [
    account(systemNamespace, 'cluster-services'),
  ]),
  clusterRoleBinding('system:kube-scheduler', 'system:kube-scheduler', [user('system:kube-scheduler')]),
  clusterRoleBinding('system:node', 'system:node', nodes),
  clusterRoleBinding('virtplane:virt-handler', 'virtplane:virt-handler', nodes),
];
