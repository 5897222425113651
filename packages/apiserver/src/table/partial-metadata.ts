import type { KubeList, KubeObject } from '@virtplane/resources';

export function partialObjectMetadata(object: KubeObject, asVersion: 'v1' | 'v1beta1'): KubeObject {
  return { kind: 'PartialObjectMetadata', apiVersion: `meta.k8s.io/${asVersion}`, metadata: object.metadata ?? {} };
}

export function partialObjectMetadataList(list: KubeList, asVersion: 'v1' | 'v1beta1'): KubeList {
  return {
    kind: 'PartialObjectMetadataList',
    apiVersion: `meta.k8s.io/${asVersion}`,
    metadata: list.metadata,
    items: list.items.map((item) => partialObjectMetadata(item, asVersion)),
  };
}
