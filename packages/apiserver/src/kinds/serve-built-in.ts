import type { ResourceDefinition } from '@virtplane/resources';
import type { ServedResource } from '../registry/served-resource.ts';
import { compileSchema } from '../schema/compile.ts';
import { strategyOf } from './strategy-of.ts';

/** A declaration of this program as it is served; its schema is compiled when first used. */
export function serveBuiltIn(definition: ResourceDefinition): ServedResource {
  return {
    definition,
    versions: definition.servedVersions.map((name) => ({
      name,
      schema: compileSchema(definition.schema, { builtIn: definition.builtIn, kind: definition.kind, version: name }),
      columns: definition.columns,
    })),
    strategy: strategyOf(definition),
  };
}
