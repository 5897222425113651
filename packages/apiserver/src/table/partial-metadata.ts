import type { KubeObject } from '@virtplane/resources';

export function partialObjectMetadata(object: KubeObject, asVersion: 'v1' | 'v1beta1'): KubeObject {
  return { kind: 'PartialObjectMetadata', apiVersion: `meta.k8s.io/${asVersion}`, metadata: object.metadata ?? {} };
}
