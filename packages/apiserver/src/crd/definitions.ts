import type { FieldError, KubeObject } from '@virtplane/resources';
import type { ServedResource } from '../registry/served-resource.ts';

/** Faults of a CustomResourceDefinition, structural schema included. */
export function validateCustomResourceDefinition(_crd: KubeObject): FieldError[] {
  throw new Error('not written yet');
}

/**
 * What a CustomResourceDefinition serves. `load` gives the object again when a schema is first needed, so that nothing of it
 * is held before.
 */
export function servedFrom(_crd: KubeObject, _load: () => KubeObject): ServedResource {
  throw new Error('not written yet');
}
