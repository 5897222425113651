import type { KubeObject } from '@virtplane/resources';

const NAME_LABEL = 'kubernetes.io/metadata.name';

export interface NamespaceObject extends KubeObject {
  spec?: { finalizers?: string[] };
  status?: { phase?: string };
}

/** Every namespace can be selected by its name. Source: core/v1 SetDefaults_Namespace. */
export function labelNamespace(object: KubeObject): void {
  const meta = object.metadata;
  if (meta?.name === undefined) return;
  meta.labels = { ...meta.labels, [NAME_LABEL]: meta.name };
}
