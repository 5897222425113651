import type { ResourceDefinition } from '@virtplane/resources';
import type { ServedResource } from '../registry/served-resource.ts';

/** A built-in declaration as it is served; the schema is compiled on first use. */
export function serveBuiltIn(_definition: ResourceDefinition): ServedResource {
  throw new Error('not written yet');
}
