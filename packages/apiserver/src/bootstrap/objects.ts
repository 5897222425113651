import type { ClusterRole, ClusterRoleBinding, KubeObject, PriorityClass, Subject } from '@virtplane/resources';
import { isStatusError } from '@virtplane/resources';
import type { Transport } from '@virtplane/runtime';
import { componentClusterRoleBindings, componentClusterRoles, systemNamespace } from '../auth/rbac/component-roles.ts';
import { defaultClusterRoleBindings, defaultClusterRoles } from '../auth/rbac/default-roles.ts';
import { missingRules } from '../auth/rbac/escalation.ts';
import { kubevirtClusterRoleBindings, kubevirtClusterRoles } from '../auth/rbac/kubevirt-roles.ts';
import { aggregatedRules, rbacGroup } from '../auth/rbac/roles.ts';
import type { ObjectSource } from '../cache/object-source.ts';

export interface BootstrapSources {
  readonly namespaces: ObjectSource;
  readonly priorityClasses: ObjectSource;
  readonly clusterRoles: ObjectSource<ClusterRole>;
  readonly clusterRoleBindings: ObjectSource<ClusterRoleBinding>;
}

const namespaces: readonly string[] = ['default', 'kube-system', 'kube-public', 'kube-node-lease', systemNamespace];

const priorityClass = (name: string, value: number, who: string): PriorityClass => ({
  apiVersion: 'scheduling.k8s.io/v1',
  kind: 'PriorityClass',
  metadata: { name },
  value,
  preemptionPolicy: 'PreemptLowerPriority',
  description: `Used for system critical pods that must ${who}.`,
});

/** Values as in Kubernetes: above everything that users may define. */
const priorityClasses: readonly PriorityClass[] = [
  priorityClass(
    'system-cluster-critical',
    2_000_000_000,
    'run in the cluster, but can be moved to another node if necessary',
  ),
  priorityClass('system-node-critical', 2_000_001_000, 'not be moved from their current node'),
];

const byName = (a: KubeObject, b: KubeObject): number => ((a.metadata?.name ?? '') < (b.metadata?.name ?? '') ? -1 : 1);

const wantedRoles: readonly ClusterRole[] = [
  ...defaultClusterRoles,
  ...kubevirtClusterRoles,
  ...componentClusterRoles,
].sort(byName);
const wantedBindings: readonly ClusterRoleBinding[] = [
  ...defaultClusterRoleBindings,
  ...kubevirtClusterRoleBindings,
  ...componentClusterRoleBindings,
];

const rbacPath = (plural: string): string => `/apis/${rbacGroup}/v1/${plural}`;
const keepsOwn = (object: KubeObject): boolean =>
  object.metadata?.annotations?.['rbac.authorization.kubernetes.io/autoupdate'] === 'false';

/** What an existing role lacks of ours, added; `undefined`: nothing. People's additions stay. */
export function reconciledRole(existing: ClusterRole, wanted: ClusterRole): ClusterRole | undefined {
  if (keepsOwn(existing)) return undefined;
  const labels = { ...existing.metadata?.labels, ...wanted.metadata?.labels };
  const labelled = JSON.stringify(labels) === JSON.stringify(existing.metadata?.labels ?? {});
  const aggregates = wanted.aggregationRule !== undefined;
  const missing = aggregates ? [] : missingRules(existing.rules ?? [], wanted.rules ?? []);
  const aggregation = aggregates && existing.aggregationRule === undefined;
  if (labelled && missing.length === 0 && !aggregation) return undefined;
  return {
    ...existing,
    metadata: { ...existing.metadata, labels },
    rules: [...(existing.rules ?? []), ...missing],
    ...(aggregates ? { aggregationRule: existing.aggregationRule ?? wanted.aggregationRule } : {}),
  };
}

const sameSubject = (a: Subject, b: Subject): boolean =>
  a.kind === b.kind && a.name === b.name && (a.namespace ?? '') === (b.namespace ?? '');

/** Likewise for a binding's subjects. A binding that was pointed at another role is left alone. */
export function reconciledBinding(
  existing: ClusterRoleBinding,
  wanted: ClusterRoleBinding,
): ClusterRoleBinding | undefined {
  if (keepsOwn(existing) || existing.roleRef.name !== wanted.roleRef.name) return undefined;
  const has = existing.subjects ?? [];
  const missing = (wanted.subjects ?? []).filter((subject) => !has.some((s) => sameSubject(s, subject)));
  return missing.length === 0 ? undefined : { ...existing, subjects: [...has, ...missing] };
}

/**
 * Namespaces, priority classes, roles and bindings that must be there before anybody is served. All writes go out at once,
 * so that they share their fsyncs.
 *
 * @param transport of a user in system:masters
 */
export async function ensureObjects(transport: Transport, sources: BootstrapSources): Promise<void> {
  const create = async (path: string, body: KubeObject): Promise<void> => {
    try {
      await transport.request({ method: 'POST', path, body });
    } catch (error) {
      if (!isStatusError(error, 'AlreadyExists')) throw error;
    }
  };
  const ensure = async <T extends KubeObject>(
    path: string,
    source: ObjectSource<T>,
    wanted: T,
    reconcile: (existing: T, wanted: T) => T | undefined,
  ): Promise<void> => {
    const name = wanted.metadata?.name ?? '';
    const existing = source.get('', name);
    if (!existing) return create(path, wanted);
    const next = reconcile(existing, wanted);
    if (next) await transport.request({ method: 'PUT', path: `${path}/${name}`, body: next });
  };
  const keep = () => undefined;

  const roles = wantedRoles.map((role) =>
    // Complete at once, so that nobody ever sees an empty `admin`.
    role.aggregationRule ? { ...role, rules: [...aggregatedRules(role, wantedRoles)] } : role,
  );
  await Promise.all([
    ...namespaces.map((name) =>
      ensure(
        '/api/v1/namespaces',
        sources.namespaces,
        { apiVersion: 'v1', kind: 'Namespace', metadata: { name } },
        keep,
      ),
    ),
    ...priorityClasses.map((wanted) =>
      ensure<KubeObject>('/apis/scheduling.k8s.io/v1/priorityclasses', sources.priorityClasses, wanted, keep),
    ),
    ...roles.map((wanted) => ensure(rbacPath('clusterroles'), sources.clusterRoles, wanted, reconciledRole)),
    ...wantedBindings.map((wanted) =>
      ensure(rbacPath('clusterrolebindings'), sources.clusterRoleBindings, wanted, reconciledBinding),
    ),
  ]);
}
