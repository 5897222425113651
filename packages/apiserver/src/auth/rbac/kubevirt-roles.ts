import type { ClusterRole, ClusterRoleBinding, PolicyRule } from '@virtplane/resources';
import { clusterRole, clusterRoleBinding, group } from './default-roles.ts';

const read = ['get', 'list', 'watch'];
const all = ['get', 'delete', 'create', 'update', 'patch', 'list', 'watch', 'deletecollection'];
const edit = ['get', 'delete', 'create', 'update', 'patch', 'list', 'watch'];

const rule = (apiGroup: string, resources: readonly string[], verbs: readonly string[]): PolicyRule => ({
  verbs: [...verbs],
  apiGroups: [apiGroup],
  resources: [...resources],
});

const aggregate = (name: string) => ({ [`rbac.authorization.k8s.io/aggregate-to-${name}`]: 'true' });
const subresources = 'subresources.kubevirt.io';

const guestInformation = ['guestosinfo', 'filesystemlist', 'userlist'].map((s) => `virtualmachineinstances/${s}`);
const streams = ['console', 'vnc', 'vnc/screenshot', 'portforward', 'usbredir'].map(
  (s) => `virtualmachineinstances/${s}`,
);

const operate: readonly PolicyRule[] = [
  rule(
    subresources,
    [...streams, ...guestInformation, 'virtualmachines/expand-spec', 'virtualmachines/portforward'],
    ['get'],
  ),
  rule(
    subresources,
    [
      ...['pause', 'unpause', 'addvolume', 'removevolume', 'freeze', 'unfreeze', 'softreboot', 'reset'].map(
        (s) => `virtualmachineinstances/${s}`,
      ),
      ...['start', 'stop', 'restart', 'addvolume', 'removevolume', 'migrate', 'memorydump', 'removememorydump'].map(
        (s) => `virtualmachines/${s}`,
      ),
      'expand-vm-spec',
    ],
    ['update'],
  ),
];

const resources: Readonly<Record<string, readonly string[]>> = {
  'kubevirt.io': [
    'virtualmachines',
    'virtualmachineinstances',
    'virtualmachineinstancepresets',
    'virtualmachineinstancereplicasets',
    'virtualmachineinstancemigrations',
  ],
  'snapshot.kubevirt.io': ['virtualmachinesnapshots', 'virtualmachinesnapshotcontents', 'virtualmachinerestores'],
  'export.kubevirt.io': ['virtualmachineexports'],
  'clone.kubevirt.io': ['virtualmachineclones'],
  'instancetype.kubevirt.io': [
    'virtualmachineinstancetypes',
    'virtualmachineclusterinstancetypes',
    'virtualmachinepreferences',
    'virtualmachineclusterpreferences',
  ],
  'pool.kubevirt.io': ['virtualmachinepools'],
};

const onAll = (verbs: readonly string[]): PolicyRule[] =>
  Object.entries(resources).map(([apiGroup, names]) => rule(apiGroup, names, verbs));

const readShared: readonly PolicyRule[] = [
  rule('kubevirt.io', ['kubevirts'], ['get', 'list']),
  rule('migrations.kubevirt.io', ['migrationpolicies'], read),
];

const imports = ['datavolumes', 'datasources', 'dataimportcrons'];

/** Roles of KubeVirt and its data importer. Source: KubeVirt 0.58 and CDI operators. */
export const kubevirtClusterRoles: readonly ClusterRole[] = [
  clusterRole('kubevirt.io:admin', [...operate, ...onAll(all), ...readShared], aggregate('admin')),
  clusterRole('kubevirt.io:edit', [...operate, ...onAll(edit), ...readShared], aggregate('edit')),
  clusterRole(
    'kubevirt.io:view',
    [
      rule(subresources, [...guestInformation, 'virtualmachines/expand-spec'], ['get']),
      rule(subresources, ['expand-vm-spec'], ['update']),
      ...onAll(read),
      ...readShared,
    ],
    aggregate('view'),
  ),
  clusterRole('kubevirt.io:default', [
    rule(subresources, ['version', 'guestfs'], ['get', 'list']),
    rule('kubevirt.io', ['kubevirts'], ['get', 'list']),
  ]),
  clusterRole(
    'cdi.kubevirt.io:admin',
    [
      rule('cdi.kubevirt.io', [...imports, 'datavolumes/source'], ['*']),
      rule('upload.cdi.kubevirt.io', ['uploadtokenrequests'], ['*']),
    ],
    aggregate('admin'),
  ),
  clusterRole(
    'cdi.kubevirt.io:edit',
    [
      rule('cdi.kubevirt.io', [...imports, 'datavolumes/source'], ['*']),
      rule('upload.cdi.kubevirt.io', ['uploadtokenrequests'], ['*']),
    ],
    aggregate('edit'),
  ),
  clusterRole(
    'cdi.kubevirt.io:view',
    [
      rule('cdi.kubevirt.io', [...imports, 'cdiconfigs', 'storageprofiles'], read),
      rule('cdi.kubevirt.io', ['datavolumes/source'], ['create']),
    ],
    aggregate('view'),
  ),
  clusterRole('cdi.kubevirt.io:config-reader', [rule('cdi.kubevirt.io', ['cdiconfigs', 'storageprofiles'], read)]),
];

export const kubevirtClusterRoleBindings: readonly ClusterRoleBinding[] = [
  clusterRoleBinding('kubevirt.io:default', 'kubevirt.io:default', [group('system:authenticated')]),
  clusterRoleBinding('cdi.kubevirt.io:config-reader', 'cdi.kubevirt.io:config-reader', [group('system:authenticated')]),
];
