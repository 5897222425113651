import type { JsonSchema, PrinterColumn, ResourceDefinition } from '@virtplane/resources';
import type { Strategy } from '../kinds/strategy.ts';
import type { CompiledSchema } from '../schema/compiled-schema.ts';

export interface ServedVersion {
  readonly name: string;
  readonly schema: CompiledSchema;
  /** Where versions differ in their schema (custom resources); absent: the definition's. */
  readonly jsonSchema?: JsonSchema;
  readonly columns: readonly PrinterColumn[];
  /** Warning text of a deprecated version. */
  readonly deprecationWarning?: string;
}

/** Where scale reads and writes (JSON paths like `.spec.replicas`). */
export interface ScalePaths {
  readonly specReplicas: string;
  readonly statusReplicas: string;
  readonly labelSelector?: string;
}

/** A resource as it is served now: a built-in declaration, or made from a CustomResourceDefinition object. */
export interface ServedResource {
  readonly definition: ResourceDefinition;
  /** Preferred first. */
  readonly versions: readonly ServedVersion[];
  readonly strategy: Strategy;
  readonly scale?: ScalePaths;
  /** Creates are refused: its CustomResourceDefinition is being deleted. */
  readonly terminating?: boolean;
}

/** The table group+plural → served resource. Discovery, OpenAPI and RBAC read it; CustomResourceDefinitions change it. */
export interface ResourceTable {
  get(group: string, plural: string): ServedResource | undefined;
  all(): readonly ServedResource[];
  /** Adds or replaces; stored objects of that resource are kept. */
  install(served: ServedResource): void;
  /** Objects must be gone. */
  uninstall(group: string, plural: string): void;
  /** Called after each install and uninstall with the group concerned. Returns: stop listening. */
  onChange(listener: (group: string) => void): () => void;
}
