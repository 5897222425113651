import { readFileSync } from 'node:fs';
import { type CustomResourceDefinition, Event, type KubeObject, Namespace, Node, Pod } from '@virtplane/resources';
import { describe, expect, test } from 'vitest';
import { servedFrom } from '../crd/serve.ts';
import { serveBuiltIn } from '../kinds/serve-built-in.ts';
import { parseJsonPath, valuesAt } from './json-path.ts';
import { tableOf } from './table.ts';

const nowMs = Date.parse('2024-01-01T00:00:13Z');
const created = { creationTimestamp: '2024-01-01T00:00:00Z' };
const table = (definition: typeof Namespace | typeof Node | typeof Event | typeof Pod, object: KubeObject) =>
  tableOf(serveBuiltIn(definition), 'v1', [object], { resourceVersion: '7' }, { asVersion: 'v1', nowMs });

describe('tables', () => {
  test('of a namespace, as recorded', () => {
    const metadata = { name: 'default', ...created };
    expect(table(Namespace, { metadata, status: { phase: 'Active' } } as KubeObject)).toEqual({
      kind: 'Table',
      apiVersion: 'meta.k8s.io/v1',
      metadata: { resourceVersion: '7' },
      columnDefinitions: [
        { name: 'Name', type: 'string', format: 'name', description: '', priority: 0 },
        { name: 'Status', type: 'string', format: '', description: '', priority: 0 },
        { name: 'Age', type: 'string', format: '', description: '', priority: 0 },
      ],
      rows: [
        {
          cells: ['default', 'Active', '13s'],
          object: { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata },
        },
      ],
    });
  });

  test('of a node, as recorded', () => {
    const node = {
      metadata: { name: 'n1', labels: { 'node-role.kubernetes.io/worker': '' }, ...created },
      status: { conditions: [{ type: 'Ready', status: 'True' }] },
    };
    const made = table(Node, node as KubeObject);
    expect(made.columnDefinitions?.map((c) => `${c.name}${c.priority ? '*' : ''}`).join(', ')).toBe(
      'Name, Status, Roles, Age, Version, Internal-IP*, External-IP*, OS-Image*, Kernel-Version*, Container-Runtime*',
    );
    expect(made.rows[0]?.cells).toEqual([
      'n1',
      'Ready',
      'worker',
      '13s',
      '',
      '<none>',
      '<none>',
      '<unknown>',
      '<unknown>',
      '<unknown>',
    ]);
  });

  test('of events begin with their age', () => {
    const event = {
      metadata: { name: 'e', ...created },
      involvedObject: { kind: 'Pod', name: 'p' },
      lastTimestamp: '2024-01-01T00:00:10Z',
      type: 'Normal',
      reason: 'R',
      message: ' m\n',
    };
    expect(table(Event, event as KubeObject).rows[0]?.cells.slice(0, 4)).toEqual(['3s', 'Normal', 'R', 'pod/p']);
  });

  test('a half-written object costs a cell, not the table', () => {
    expect(table(Pod, { metadata: { name: 'p' } }).rows[0]?.cells.slice(0, 2)).toEqual(['p', '<unknown>']);
  });

  test('of custom resources follow their JSON paths', () => {
    const crd = JSON.parse(
      readFileSync(new URL('../../testdata/widget-crd.json', import.meta.url), 'utf8'),
    ) as CustomResourceDefinition;
    const widget = {
      metadata: { name: 'w', ...created },
      spec: { size: 3.7, mode: 'a' },
      status: {
        conditions: [
          { type: 'Other', status: 'False' },
          { type: 'Ready', status: 'True' },
        ],
      },
    };
    const served = servedFrom(crd, () => crd);
    const options = { asVersion: 'v1', nowMs, includeObject: 'None' } as const;
    expect(tableOf(served, 'v1', [widget as KubeObject, { metadata: { name: 'x' } }], {}, options).rows).toEqual([
      { cells: ['w', 3, 'True', 'a', '13s'] },
      { cells: ['x', null, null, null, null] },
    ]);
  });
});

describe('JSON paths', () => {
  const object = {
    a: {
      'b.c': 1,
      list: [
        { k: 'x', n: 1 },
        { k: 'y', n: 2 },
      ],
    },
    metadata: { annotations: { 'kubevirt.io/x': 'v' } },
  };
  test.each<[string, unknown[]]>([
    ['.a.list[0].k', ['x']],
    ['{.a.list[-1].k}', ['y']],
    ['.a.list[*].n', [1, 2]],
    [".a.list[?(@.k=='y')].n", [2]],
    ['.a.list[?(@.n>1)].k', ['y']],
    ['.a.list[?(@.missing)].k', []],
    [".a['b.c']", [1]],
    ['.a.b\\.c', [1]],
    ['.metadata.annotations.kubevirt\\.io/x', ['v']],
    ['$.a.nothing.here', []],
    ['.constructor', []],
  ])('%s', (path, expected) => {
    expect(valuesAt(parseJsonPath(path), object)).toEqual(expected);
  });

  test.each(['{.a', '.a[', '.a[?(@.x ~ 1)]'])('refuses %s', (path) => {
    expect(parseJsonPath(path).fault).toBeDefined();
  });
});
