import type { KubeObject, OwnerReference, ResourceDefinition } from '@virtplane/resources';
import { apiVersionOf } from '@virtplane/resources';

/** The reference by which `owner` controls an object it makes. Throws when the owner is not stored yet (has no uid). */
export function controllerReference(owner: KubeObject, definition: ResourceDefinition): OwnerReference {
  const { name, uid } = owner.metadata ?? {};
  if (!name || !uid)
    throw new Error(`${definition.kind} "${name ?? ''}" cannot own anything before it is stored: no uid`);
  return {
    apiVersion: apiVersionOf(definition),
    kind: definition.kind,
    name,
    uid,
    controller: true,
    blockOwnerDeletion: true,
  };
}

/** The one owner that controls the object. */
export function controllerOf(object: KubeObject): OwnerReference | undefined {
  for (const owner of object.metadata?.ownerReferences ?? []) if (owner.controller) return owner;
  return undefined;
}

/** By uid: an owner that was re-created under the same name controls nothing of its predecessor. */
export const isControlledBy = (object: KubeObject, owner: KubeObject): boolean => {
  const uid = owner.metadata?.uid;
  return uid !== undefined && controllerOf(object)?.uid === uid;
};

/** Whether a reference names this kind, in whatever version. */
export const refersTo = (reference: OwnerReference, definition: { group: string; kind: string }): boolean => {
  if (reference.kind !== definition.kind) return false;
  const slash = reference.apiVersion.indexOf('/');
  return (slash < 0 ? '' : reference.apiVersion.slice(0, slash)) === definition.group;
};
