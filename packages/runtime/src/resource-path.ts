import type { ResourceDefinition } from '@virtplane/resources';
import { qualifiedName } from '@virtplane/resources';
import type { ObjectKey } from './client.ts';

/** `/api/v1` or `/apis/kubevirt.io/v1`. */
export const groupVersionPath = (d: { group: string; version: string }): string =>
  d.group === '' ? `/api/${d.version}` : `/apis/${d.group}/${d.version}`;

/** Where a resource is listed, watched and created; without a namespace: all of them. */
export function collectionPath(definition: ResourceDefinition, namespace?: string): string {
  const base = groupVersionPath(definition);
  return definition.namespaced && namespace
    ? `${base}/namespaces/${namespace}/${definition.plural}`
    : `${base}/${definition.plural}`;
}

/** Where one object is. Throws (a mistake of the caller, no refusal) when the name or a needed namespace is missing. */
export function objectPath(definition: ResourceDefinition, key: ObjectKey, subresource?: string): string {
  if (!key.name) throw new Error(`${qualifiedName(definition)}: an object's name is needed`);
  if (definition.namespaced && !key.namespace)
    throw new Error(`${qualifiedName(definition)} "${key.name}": an object's namespace is needed`);
  const path = `${collectionPath(definition, key.namespace)}/${encodeURIComponent(key.name)}`;
  return subresource === undefined ? path : `${path}/${subresource}`;
}
