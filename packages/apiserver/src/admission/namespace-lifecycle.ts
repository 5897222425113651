import type { KubeObject } from '@virtplane/resources';
import type { AdmissionPlugin } from '@virtplane/runtime';
import { forbidden, notFound } from '../errors.ts';
import type { AdmissionSources } from './sources.ts';

interface Namespace extends KubeObject {
  status?: { phase?: string };
}

/** Nothing is created in a namespace that does not exist or is going. Source: kube-apiserver NamespaceLifecycle. */
export const namespaceLifecycle = (sources: AdmissionSources): AdmissionPlugin => ({
  name: 'NamespaceLifecycle',
  phase: 'mutating',
  handles: (request) => request.operation === 'CREATE' && request.namespace !== '',
  admit(request) {
    const { namespace } = request;
    const found: Namespace | undefined = sources.get('', 'namespaces', '', namespace);
    if (found === undefined) return { denied: notFound({ group: '', resource: 'namespaces' }, namespace) };
    if (found.status?.phase !== 'Terminating' && found.metadata?.deletionTimestamp === undefined) return {};
    return {
      denied: forbidden(
        request,
        request.name,
        `unable to create new content in namespace ${namespace} because it is being terminated`,
        [
          {
            reason: 'NamespaceTerminating',
            message: `namespace ${namespace} is being terminated`,
            field: 'metadata.namespace',
          },
        ],
      ),
    };
  },
});
