import type { KubeObject, OwnerReference, ResourceDefinition } from '@virtplane/resources';

/** All that garbage collection needs to know of an object. */
export interface Owned {
  readonly resource: ResourceDefinition;
  /** Empty for cluster-scoped objects. */
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly owners: readonly OwnerReference[];
  readonly finalizers: readonly string[];
  readonly deleting: boolean;
}

export const foregroundFinalizer = 'foregroundDeletion';
export const orphanFinalizer = 'orphan';

const none: readonly never[] = [];

export function ownedFrom(resource: ResourceDefinition, object: KubeObject): Owned {
  const meta = object.metadata ?? {};
  return {
    resource,
    namespace: meta.namespace ?? '',
    name: meta.name ?? '',
    uid: meta.uid ?? '',
    resourceVersion: meta.resourceVersion ?? '',
    owners: meta.ownerReferences?.length ? meta.ownerReferences : none,
    finalizers: meta.finalizers?.length ? meta.finalizers : none,
    deleting: meta.deletionTimestamp !== undefined,
  };
}

export const isForegroundDeleting = (object: Owned): boolean =>
  object.deleting && object.finalizers.includes(foregroundFinalizer);
export const isOrphaning = (object: Owned): boolean => object.deleting && object.finalizers.includes(orphanFinalizer);

const sameOwners = (a: readonly OwnerReference[], b: readonly OwnerReference[]): boolean =>
  a === b ||
  (a.length === b.length &&
    a.every((o, i) => o.uid === b[i]?.uid && o.blockOwnerDeletion === b[i]?.blockOwnerDeletion));

/** Who depends on whom, by uid. Every change tells which objects must be looked at again. */
export class OwnerGraph {
  readonly #objects = new Map<string, Owned>();
  /** By the owner's uid, whether the owner is known or not. */
  readonly #dependents = new Map<string, Set<string>>();

  get size(): number {
    return this.#objects.size;
  }

  get(uid: string): Owned | undefined {
    return this.#objects.get(uid);
  }

  dependentsOf(uid: string): Owned[] {
    const found: Owned[] = [];
    for (const dependent of this.#dependents.get(uid) ?? none) {
      const object = this.#objects.get(dependent);
      if (object) found.push(object);
    }
    return found;
  }

  /** Takes in an object as it is now. Returns the uids to look at. */
  set(object: Owned): string[] {
    const old = this.#objects.get(object.uid);
    this.#objects.set(object.uid, object);
    const look: string[] = [];
    const owners = !old || !sameOwners(old.owners, object.owners);
    if (owners) {
      if (old) this.#unlink(old);
      for (const { uid } of object.owners) {
        const dependents = this.#dependents.get(uid);
        if (dependents) dependents.add(object.uid);
        else this.#dependents.set(uid, new Set([object.uid]));
      }
      // A dependent that let go, or no longer blocks, may be the last that a waiting owner waited for.
      for (const { uid } of old?.owners ?? none) look.push(uid);
    }
    const began = isForegroundDeleting(object) && !(old && isForegroundDeleting(old));
    const ended =
      isOrphaning(object) !== (old !== undefined && isOrphaning(old)) ||
      (old !== undefined && old.deleting !== object.deleting);
    if ((owners && object.owners.length > 0) || began || ended) look.push(object.uid);
    if (began) for (const dependent of this.#dependents.get(object.uid) ?? none) look.push(dependent);
    return look;
  }

  /** The object is gone. Returns the uids to look at: its dependents, and owners that waited for it. */
  remove(uid: string): string[] {
    const old = this.#objects.get(uid);
    if (!old) return [];
    this.#objects.delete(uid);
    this.#unlink(old);
    const look = [...(this.#dependents.get(uid) ?? none)];
    for (const owner of old.owners) look.push(owner.uid);
    return look;
  }

  #unlink(object: Owned): void {
    for (const { uid } of object.owners) {
      const dependents = this.#dependents.get(uid);
      dependents?.delete(object.uid);
      if (dependents?.size === 0) this.#dependents.delete(uid);
    }
  }
}
