import { humanAge, type KubeObject, type ListMeta, type PrinterColumn } from '@virtplane/resources';
import { NAME } from '../kinds/columns.ts';
import type { BuiltInColumn, CellValue } from '../kinds/strategy.ts';
import type { ServedResource } from '../registry/served-resource.ts';
import { parseJsonPath, valuesAt } from './json-path.ts';
import { partialObjectMetadata } from './partial-metadata.ts';

interface TableColumn {
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

interface PreparedColumns {
  readonly definitions: readonly TableColumn[];
  readonly cells: readonly BuiltInColumn['cell'][];
}

const prepared = new WeakMap<object, PreparedColumns>();

/** metav1 Table of objects in their `version`. A single object: `[object]` and its resourceVersion as metadata. */
export function tableOf(
  served: ServedResource,
  version: string,
  objects: readonly KubeObject[],
  metadata: ListMeta,
  options: TableOptions,
): Table {
  const { definitions, cells } = columnsOf(served, version);
  const { nowMs, asVersion, includeObject } = options;
  return {
    kind: 'Table',
    apiVersion: `meta.k8s.io/${asVersion}`,
    metadata,
    columnDefinitions: options.withoutColumns ? null : definitions,
    rows: objects.map((object) => {
      const row: CellValue[] = new Array(cells.length);
      for (let i = 0; i < cells.length; i++) row[i] = cells[i]!(object, nowMs);
      if (includeObject === 'None') return { cells: row };
      return { cells: row, object: includeObject === 'Object' ? object : partialObjectMetadata(object, asVersion) };
    }),
  };
}

function columnsOf(served: ServedResource, version: string): PreparedColumns {
  const { columns } = served.strategy;
  const custom = served.versions.find((v) => v.name === version)?.columns ?? served.definition.columns;
  const key = columns ?? custom;
  let found = prepared.get(key);
  if (!found) {
    found = columns ? prepareBuiltIn(columns) : prepareCustom(custom);
    prepared.set(key, found);
  }
  return found;
}

function prepareBuiltIn(columns: readonly BuiltInColumn[]): PreparedColumns {
  return {
    definitions: columns.map(({ name, type, format, priority }) => ({
      name,
      type,
      format: format ?? '',
      description: '',
      priority: priority ?? 0,
    })),
    cells: columns.map((column) => guarded(column.cell)),
  };
}

/** A half-written object must not cost the whole table. */
const guarded =
  (cell: BuiltInColumn['cell']): BuiltInColumn['cell'] =>
  (object, nowMs) => {
    try {
      return cell(object, nowMs);
    } catch (fault) {
      if (fault instanceof TypeError) return '<unknown>';
      throw fault;
    }
  };

function prepareCustom(columns: readonly PrinterColumn[]): PreparedColumns {
  const name = prepareBuiltIn([NAME]);
  return {
    definitions: [
      ...name.definitions,
      ...columns.map(({ name, type, format, description, priority }) => ({
        name,
        type,
        format: format ?? '',
        description: description ?? '',
        priority: priority ?? 0,
      })),
    ],
    cells: [...name.cells, ...columns.map(cellOf)],
  };
}

/** Source: apiextensions tableconvertor. */
function cellOf(column: PrinterColumn): BuiltInColumn['cell'] {
  const path = parseJsonPath(column.jsonPath);
  return (object, nowMs) => {
    const values = path.fault === undefined ? valuesAt(path, object) : [];
    if (values.length === 0) return null;
    const value = values[0];
    switch (column.type) {
      case 'string':
        if (values.length > 1) return values.map(textOf).join(',');
        return value === null ? null : textOf(value);
      case 'date':
        return typeof value === 'string' ? humanAge(value, nowMs) : value === null ? null : '<invalid>';
      case 'integer':
        return typeof value === 'number' ? Math.trunc(value) : null;
      case 'number':
        return typeof value === 'number' ? value : null;
      case 'boolean':
        return typeof value === 'boolean' ? value : null;
    }
  };
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));
