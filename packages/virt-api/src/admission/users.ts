import type { UserInfo } from '@virtplane/runtime';

/** Users by which Virtplane's own parts, and KubeVirt's in a cluster, write to instances. */
export const COMPONENT_USERS: readonly string[] = [
  'system:virt-controller',
  'system:virt-api',
  'system:serviceaccount:kubevirt:virtplane',
  'system:serviceaccount:kubevirt:kubevirt-apiserver',
  'system:serviceaccount:kubevirt:kubevirt-controller',
  'system:serviceaccount:kubevirt:kubevirt-handler',
];

const NODE_PREFIX = 'system:node:';

interface Located {
  readonly status?: {
    readonly nodeName?: string;
    readonly migrationState?: { readonly targetNode?: string };
  };
}

/**
 * Who may write spec and status of an instance: the controllers, and the agent of the node that runs it (or that a migration
 * is about to move it to), not the agents of other nodes. Membership of system:masters alone does not make a component.
 */
export function isComponent(user: UserInfo, components: ReadonlySet<string>, instance: Located | undefined): boolean {
  if (components.has(user.username)) return true;
  if (!user.username.startsWith(NODE_PREFIX) || !user.groups.includes('system:nodes')) return false;
  const node = user.username.slice(NODE_PREFIX.length);
  const status = instance?.status;
  return status?.nodeName === node || status?.migrationState?.targetNode === node;
}
