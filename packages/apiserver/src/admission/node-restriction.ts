import type { KubeObject } from '@virtplane/resources';
import type { AdmissionOutcome, AdmissionPlugin, AdmissionRequest } from '@virtplane/runtime';
import { forbidden } from '../errors.ts';

interface PodOrNode extends KubeObject {
  spec?: { nodeName?: string; taints?: unknown };
}

const PREFIX = 'system:node:';
const LEASE_NAMESPACE = 'kube-node-lease';

function nodeOf(request: AdmissionRequest): string | undefined {
  const { username, groups } = request.user;
  return username.startsWith(PREFIX) && groups.includes('system:nodes') ? username.slice(PREFIX.length) : undefined;
}

/** What a node agent may touch: its own Node and Lease, and pods bound to it. Source: kube-apiserver NodeRestriction. */
export const nodeRestriction: AdmissionPlugin = {
  name: 'NodeRestriction',
  phase: 'validating',
  handles: (request) => request.user.username.startsWith(PREFIX),
  admit(request) {
    const node = nodeOf(request);
    if (node === undefined) return {};
    const refusal = refusalFor(request, node);
    const outcome: AdmissionOutcome =
      refusal === undefined ? {} : { denied: forbidden(request, request.name, refusal) };
    return outcome;
  },
};

function refusalFor(request: AdmissionRequest, node: string): string | undefined {
  const { group, resource, name, operation } = request;
  const who = `node ${JSON.stringify(node)}`;
  if (group === '' && resource === 'nodes') {
    if (name !== node) return `${who} is not allowed to modify node ${JSON.stringify(name)}`;
    if (operation === 'DELETE') return `${who} is not allowed to delete itself`;
    if (operation !== 'UPDATE') return undefined;
    const before = JSON.stringify((request.oldObject as PodOrNode | undefined)?.spec?.taints ?? []);
    const after = JSON.stringify((request.object as PodOrNode | undefined)?.spec?.taints ?? []);
    return before === after ? undefined : `${who} is not allowed to modify taints`;
  }
  if (group === 'coordination.k8s.io' && resource === 'leases') {
    if (request.namespace !== LEASE_NAMESPACE)
      return `can only access leases in the ${JSON.stringify(LEASE_NAMESPACE)} system namespace`;
    return name === node ? undefined : `can only access node lease with the same name as the requesting node`;
  }
  if (group === '' && resource === 'pods') {
    const pod = (request.oldObject ?? request.object) as PodOrNode | undefined;
    const bound = pod?.spec?.nodeName ?? '';
    if (bound === node) return undefined;
    if (operation === 'CREATE') return `${who} can only create pods with spec.nodeName set to itself`;
    if (operation === 'DELETE') return `${who} can only delete pods with spec.nodeName set to itself`;
    return `${who} can only update pod status for pods with spec.nodeName set to itself`;
  }
  return undefined;
}
