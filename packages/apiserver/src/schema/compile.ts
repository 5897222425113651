import type { JsonSchema } from '@virtplane/resources';
import type { CompiledSchema } from './compiled-schema.ts';

export interface CompileOptions {
  readonly builtIn: boolean;
  readonly kind: string;
  readonly version: string;
}

/** Compiles to closures; cached per schema object. Costs microseconds until first used. */
export function compileSchema(_schema: JsonSchema, _options: CompileOptions): CompiledSchema {
  throw new Error('not written yet');
}
