import type { KubeObject, ListMeta, ObjectMeta } from './object.ts';

/** Kubernetes meta/v1 Table: what `kubectl get` asks for. Only ever an answer, so it has no schema. */
export interface Table {
  kind: 'Table';
  apiVersion: 'meta.k8s.io/v1' | 'meta.k8s.io/v1beta1';
  metadata: ListMeta;
  columnDefinitions: TableColumnDefinition[];
  rows: TableRow[];
}

export interface TableColumnDefinition {
  name: string;
  type: string;
  /** `name` marks the column that identifies the object. */
  format: string;
  description: string;
  /** Above 0: shown only with `-o wide`. */
  priority: number;
}

export interface TableRow {
  cells: unknown[];
  object?: KubeObject | PartialObjectMetadata;
}

export interface PartialObjectMetadata {
  kind: 'PartialObjectMetadata';
  apiVersion: 'meta.k8s.io/v1' | 'meta.k8s.io/v1beta1';
  metadata: ObjectMeta;
}
