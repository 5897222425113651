import type { KubeObject, ListMeta } from '@virtplane/resources';
import type { CellValue } from '../kinds/strategy.ts';
import type { ServedResource } from '../registry/served-resource.ts';

export interface TableColumn {
  readonly name: string;
  readonly type: string;
  readonly format: string;
  readonly description: string;
  readonly priority: number;
}

export interface Table {
  readonly kind: 'Table';
  readonly apiVersion: string;
  readonly metadata: ListMeta;
  readonly columnDefinitions: readonly TableColumn[] | null;
  readonly rows: readonly { readonly cells: readonly CellValue[]; readonly object?: unknown }[];
}

export interface TableOptions {
  /** Version of meta.k8s.io asked for. */
  readonly asVersion: 'v1' | 'v1beta1';
  /** Query parameter includeObject; default Metadata. */
  readonly includeObject?: string;
  readonly nowMs: number;
  /** Watches name their columns only in the first event. */
  readonly withoutColumns?: boolean;
}

/** metav1 Table of objects in their `version`. A single object: `[object]` and its resourceVersion as metadata. */
export function tableOf(
  _served: ServedResource,
  _version: string,
  _objects: readonly KubeObject[],
  _metadata: ListMeta,
  _options: TableOptions,
): Table {
  throw new Error('not written yet');
}
