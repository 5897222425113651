import type { KubeObject } from '@virtplane/resources';
import type { ObjectKey } from './client.ts';

/** `default/vm1`, or `node1` for cluster-scoped objects: what caches and queues are keyed by. */
export const keyText = (key: ObjectKey): string => (key.namespace ? `${key.namespace}/${key.name}` : key.name);

export function parseKey(text: string): ObjectKey {
  const slash = text.indexOf('/');
  return slash < 0 ? { name: text } : { namespace: text.slice(0, slash), name: text.slice(slash + 1) };
}

export const keyTextOf = (object: KubeObject): string => {
  const meta = object.metadata;
  return meta?.namespace ? `${meta.namespace}/${meta.name ?? ''}` : (meta?.name ?? '');
};

export const keyOf = (object: KubeObject): ObjectKey => {
  const { name = '', namespace } = object.metadata ?? {};
  return namespace ? { namespace, name } : { name };
};
