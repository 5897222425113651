import { humanAge, type KubeObject } from '@virtplane/resources';
import type { BuiltInColumn, CellValue } from './strategy.ts';

type Cell<T extends KubeObject> = (object: T, nowMs: number) => CellValue;

export const column = <T extends KubeObject>(
  name: string,
  cell: Cell<T>,
  type: BuiltInColumn['type'] = 'string',
): BuiltInColumn => ({ name, type, cell: cell as Cell<KubeObject> });

/** Only shown with `-o wide`. */
export const wide = <T extends KubeObject>(name: string, cell: Cell<T>): BuiltInColumn => ({
  name,
  type: 'string',
  priority: 1,
  cell: cell as Cell<KubeObject>,
});

export const NAME: BuiltInColumn = {
  name: 'Name',
  type: 'string',
  format: 'name',
  cell: (object) => object.metadata?.name ?? '',
};

export const AGE: BuiltInColumn = column('Age', (object, nowMs) => humanAge(object.metadata?.creationTimestamp, nowMs));

/** Kinds without columns of their own. Source: apiserver rest.NewDefaultTableConvertor. */
export const DEFAULT_COLUMNS: readonly BuiltInColumn[] = [
  NAME,
  column('Created At', (object) => object.metadata?.creationTimestamp ?? null, 'date'),
];

export const NONE = '<none>';
export const orNone = (value: string | undefined): string => (value === undefined || value === '' ? NONE : value);
export const listed = (values: readonly string[] | undefined): string => (values?.length ? values.join(',') : NONE);

/** `a=b,c=d`, sorted by key. */
export const labelsText = (labels: Readonly<Record<string, string>> | undefined): string =>
  listed(
    Object.entries(labels ?? {})
      .map(([key, value]) => `${key}=${value}`)
      .sort(),
  );

const SHORT_MODES: Readonly<Record<string, string>> = {
  ReadWriteOnce: 'RWO',
  ReadOnlyMany: 'ROX',
  ReadWriteMany: 'RWX',
  ReadWriteOncePod: 'RWOP',
};

export const accessModesText = (modes: readonly string[] | undefined): string =>
  Object.keys(SHORT_MODES)
    .filter((mode) => modes?.includes(mode))
    .map((mode) => SHORT_MODES[mode])
    .join(',');
