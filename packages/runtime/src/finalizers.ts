import type { KubeObject } from '@virtplane/resources';

export const isBeingDeleted = (object: KubeObject): boolean => object.metadata?.deletionTimestamp !== undefined;

export const hasFinalizer = (object: KubeObject, finalizer: string): boolean =>
  object.metadata?.finalizers?.includes(finalizer) ?? false;

/** A copy that carries the finalizer; the object itself when it already does. */
export function withFinalizer<T extends KubeObject>(object: T, finalizer: string): T {
  if (hasFinalizer(object, finalizer)) return object;
  return {
    ...object,
    metadata: { ...object.metadata, finalizers: [...(object.metadata?.finalizers ?? []), finalizer] },
  };
}

/** A copy without the finalizer; the object itself when it has none. */
export function withoutFinalizer<T extends KubeObject>(object: T, finalizer: string): T {
  if (!hasFinalizer(object, finalizer)) return object;
  return {
    ...object,
    metadata: { ...object.metadata, finalizers: (object.metadata?.finalizers ?? []).filter((f) => f !== finalizer) },
  };
}

/** JSON patch that removes the finalizer, or fails when somebody changed the list meanwhile. */
export function finalizerRemovalPatch(object: KubeObject, finalizer: string): readonly unknown[] {
  const index = object.metadata?.finalizers?.indexOf(finalizer) ?? -1;
  if (index < 0) return [];
  const path = `/metadata/finalizers/${index}`;
  return [
    { op: 'test', path, value: finalizer },
    { op: 'remove', path },
  ];
}
