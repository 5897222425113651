import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import {
  builtInResources,
  definitionIds,
  definitionOf,
  type JsonSchema,
  KubeVirt,
  kubevirtResources,
  Pod,
  PodSchema,
  toCustomResourceDefinition,
  VirtualMachine,
  VirtualMachineInstance,
} from './index.ts';

const KEYS = new Set([
  '$id',
  'type',
  'description',
  'format',
  'nullable',
  'default',
  'enum',
  'pattern',
  'minimum',
  'minLength',
  'properties',
  'required',
  'additionalProperties',
  'items',
  'x-kubernetes-preserve-unknown-fields',
  'x-kubernetes-int-or-string',
  'x-kubernetes-list-type',
  'x-kubernetes-list-map-keys',
  'x-kubernetes-map-type',
  'x-kubernetes-patch-strategy',
  'x-kubernetes-patch-merge-key',
  'x-protobuf',
  'x-scalar',
  'x-inline',
]);

/** Visits every schema once, with the path by which it was reached first. Throws on a cycle. */
function walk(root: JsonSchema, visit: (schema: JsonSchema, path: string) => void): void {
  const seen = new Set<JsonSchema>();
  const open = new Set<JsonSchema>();
  const step = (schema: JsonSchema, path: string): void => {
    if (open.has(schema)) throw new Error(`${path} contains itself`);
    if (seen.has(schema)) return;
    seen.add(schema);
    open.add(schema);
    visit(schema, path);
    for (const [name, member] of Object.entries(schema.properties ?? {})) step(member, `${path}.${name}`);
    if (schema.items) step(schema.items, `${path}[]`);
    if (typeof schema.additionalProperties === 'object') step(schema.additionalProperties, `${path}{}`);
    open.delete(schema);
  };
  step(root, '');
}

/** Every member of a schema that lies anywhere under the kind, by dotted path. */
function memberAt(schema: JsonSchema, path: string): JsonSchema | undefined {
  return path.split('.').reduce<JsonSchema | undefined>((at, part) => {
    const member = at?.properties?.[part.replace('[]', '')];
    return part.endsWith('[]') ? member?.items : member;
  }, schema);
}

const all = [...builtInResources, ...kubevirtResources];

describe.each(all.map((d) => [`${d.group}/${d.kind}`, d] as const))('%s', (_, definition) => {
  test('has a well-formed schema', () => {
    walk(definition.schema, (schema, path) => {
      for (const key of Object.keys(schema)) expect(KEYS, `${path}: ${key}`).toContain(key);
      if (schema.type === 'array') expect(schema.items, `${path} lists something`).toBeDefined();
      for (const name of schema.required ?? [])
        expect(schema.properties, `${path} requires ${name}`).toHaveProperty(name);
      if (schema.enum && schema.default !== undefined) expect(schema.enum).toContain(schema.default);
      if (schema.$id !== undefined) expect(definitionOf(schema.$id), `${path}: ${schema.$id}`).toBeDefined();
      for (const key of schema['x-kubernetes-list-map-keys'] ?? []) {
        expect(schema.items?.properties, `${path} is keyed by ${key}`).toHaveProperty(key);
      }
      const mergeKey = schema['x-kubernetes-patch-merge-key'];
      if (mergeKey && schema.items) expect(schema.items.properties, path).toHaveProperty(mergeKey);
    });
    expect(definition.schema.description).toMatch(/\.$/);
  });

  test(definition.builtIn ? 'numbers every member for protobuf' : 'carries nothing of protobuf', () => {
    walk(definition.schema, (schema, path) => {
      const numbers = schema['x-protobuf'];
      if (!definition.builtIn) {
        expect(numbers, path).toBeUndefined();
        expect(schema.default, path).toBeUndefined();
        return;
      }
      if (!schema.properties || !numbers) return;
      const inlined = Object.values(schema['x-inline'] ?? {}).flatMap(([, s]) => Object.keys(s.properties ?? {}));
      const own = Object.keys(schema.properties).filter(
        (n) => !inlined.includes(n) && n !== 'apiVersion' && n !== 'kind',
      );
      const numbered = new Set(Object.keys(numbers));
      for (const name of own) if (!(schema === definition.schema)) expect(numbered, path).toContain(name);
      const used = [...Object.values(numbers), ...Object.values(schema['x-inline'] ?? {}).map(([n]) => n)];
      expect(new Set(used).size, `${path} uses a number twice`).toBe(used.length);
    });
  });
});

test('names are unique and complete', () => {
  const places = all.map((d) => `${d.group}/${d.plural}`);
  expect(new Set(places).size).toBe(places.length);
  for (const definition of builtInResources) expect(definition.message).toBeDefined();
  expect([...definitionIds()].length).toBeGreaterThan(400);
});

test('discovery facts', () => {
  expect(Pod).toMatchObject({ shortNames: ['po'], categories: ['all'], singular: 'pod', message: 'core.v1.Pod' });
  expect(Pod.subresources.map((s) => s.name)).toEqual([
    'attach',
    'binding',
    'ephemeralcontainers',
    'eviction',
    'exec',
    'log',
    'portforward',
    'status',
  ]);
  expect(VirtualMachine).toMatchObject({
    group: 'kubevirt.io',
    servedVersions: ['v1', 'v1alpha3'],
    shortNames: ['vm', 'vms'],
    categories: ['all'],
    builtIn: false,
  });
  expect(VirtualMachineInstance.subresources).toEqual([]);
  expect(VirtualMachineInstance.columns.map((c) => c.name)).toEqual([
    'Age',
    'Phase',
    'IP',
    'NodeName',
    'Ready',
    'Live-Migratable',
    'Paused',
  ]);
  expect(builtInResources.find((d) => d.kind === 'ClusterRole')?.message).toBe('rbac.v1.ClusterRole');
});

test('inlined members stand in the object', () => {
  const volume = memberAt(PodSchema, 'spec.volumes[]');
  expect(volume?.properties).toHaveProperty('hostPath');
  expect(volume?.['x-inline']?.volumeSource?.[0]).toBe(2);
  expect(volume?.['x-protobuf']).toEqual({ name: 1 });
  expect(memberAt(PodSchema, 'spec.containers[].livenessProbe.httpGet.port')?.['x-scalar']).toBe('int-or-string');
});

describe('KubeVirt types', () => {
  const fixture: Record<string, string> = JSON.parse(
    readFileSync(new URL('./kubevirt/field-names.fixture.json', import.meta.url), 'utf8'),
  );
  /** Fields of later releases and our deprecated shorthand, beyond release 0.58. */
  const added: Record<string, readonly string[]> = {
    'io.kubevirt.v1.EFI': ['persistent'],
    'io.kubevirt.v1.CPU': ['maxSockets'],
    'io.kubevirt.v1.Memory': ['maxGuest'],
    'io.kubevirt.v1.TPMDevice': ['persistent'],
    'io.kubevirt.v1.Devices': ['logSerialConsole'],
    'io.kubevirt.v1.VirtualMachineSpec': ['affinity', 'domain', 'nodeSelector', 'tolerations'],
    'io.kubevirt.v1.VirtualMachineStatus': ['desiredGeneration', 'observedGeneration'],
  };

  test.each(Object.entries(fixture))('%s has all its fields', (id, fields) => {
    const names = [...fields.split(' ').filter((name) => name !== ''), ...(added[id] ?? [])];
    expect(Object.keys(definitionOf(id)?.properties ?? {}).sort()).toEqual(names.sort());
  });

  test('nothing is declared beyond the table', () => {
    const ours = [...definitionIds()].filter((id) => id.startsWith('io.kubevirt.'));
    expect(ours.sort()).toEqual(Object.keys(fixture).sort());
  });

  test('what admission completes is not required', () => {
    expect(definitionOf('io.kubevirt.v1.VirtualMachineSpec')?.required).toBeUndefined();
    expect(definitionOf('io.kubevirt.v1.DomainSpec')?.required).toBeUndefined();
  });
});

describe('custom resource definitions', () => {
  const crd = toCustomResourceDefinition(VirtualMachine);

  test('name, versions, columns', () => {
    expect(crd.metadata.name).toBe('virtualmachines.kubevirt.io');
    expect(crd.spec.versions.map((v) => [v.name, v.served, v.storage])).toEqual([
      ['v1', true, true],
      ['v1alpha3', true, false],
    ]);
    expect(crd.spec.versions[0]?.subresources).toEqual({ status: {} });
    expect(crd.spec.versions[0]?.additionalPrinterColumns?.[0]).toEqual({
      name: 'Age',
      type: 'date',
      jsonPath: '.metadata.creationTimestamp',
    });
    expect(toCustomResourceDefinition(VirtualMachineInstance).spec.versions[0]).not.toHaveProperty('subresources');
  });

  test('the schema is structural and carries nothing of ours', () => {
    const text = JSON.stringify(crd);
    for (const key of ['"$id"', '"x-protobuf"', '"x-scalar"', '"x-inline"', '"x-kubernetes-patch']) {
      expect(text).not.toContain(key);
    }
    const schema = crd.spec.versions[0]!.schema!.openAPIV3Schema!;
    const memory = memberAt(schema, 'spec.template.spec.domain.memory.guest');
    expect(memory).toMatchObject({
      anyOf: [{ type: 'integer' }, { type: 'string' }],
      'x-kubernetes-int-or-string': true,
    });
    expect(memberAt(schema, 'spec.template.metadata')).toMatchObject({
      nullable: true,
      'x-kubernetes-preserve-unknown-fields': true,
    });
    expect(memberAt(schema, 'spec.tolerations[].operator')).not.toHaveProperty('enum');
    expect(memberAt(schema, 'metadata')).toEqual({ type: 'object' });
  });

  test('scale', () => {
    const replicaSet = kubevirtResources.find((d) => d.kind === 'VirtualMachineInstanceReplicaSet')!;
    expect(toCustomResourceDefinition(replicaSet).spec.versions[0]?.subresources).toEqual({
      scale: {
        specReplicasPath: '.spec.replicas',
        statusReplicasPath: '.status.replicas',
        labelSelectorPath: '.status.labelSelector',
      },
      status: {},
    });
    expect(JSON.stringify(toCustomResourceDefinition(KubeVirt)).length).toBeGreaterThan(10_000);
  });
});
