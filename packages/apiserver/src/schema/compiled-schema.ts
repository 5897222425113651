import type { FieldError, KubeObject } from '@virtplane/resources';

/**
 * A schema compiled to closures. All methods work on freshly parsed values that belong to the request and may change them
 * in place. Cost of a VirtualMachine: a few microseconds.
 */
export interface CompiledSchema {
  /**
   * Built-in kinds: the first fault that Go's JSON decoder would report
   * (`json: cannot unmarshal number into Go struct field ConfigMap.data of type string`), quantities made canonical on the
   * way; nulls and empty optional lists and maps vanish. Custom resources: faults of their metadata.
   */
  decodeFault(value: unknown): string | undefined;
  /** Removes undeclared fields and appends their paths (`spec.foo`, `spec.list[0].bar`), in the order of the real server. */
  prune(value: KubeObject, unknownPaths: string[]): void;
  applyDefaults(value: KubeObject): void;
  /** Structural faults with the texts of a real server (custom resources) or required/enum faults (built-ins). */
  validate(value: KubeObject, old?: KubeObject): FieldError[];
}
