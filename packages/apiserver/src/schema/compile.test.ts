import { readFileSync } from 'node:fs';
import {
  builtInResources,
  type ConfigMap,
  type FieldError,
  type JsonSchema,
  type KubeObject,
  Pod,
  VirtualMachine,
} from '@virtplane/resources';
import { describe, expect, test } from 'vitest';
import { compileSchema } from './compile.ts';
import { nodeOf } from './node.ts';

interface Recorded {
  readonly id: string;
  readonly method: string;
  readonly path: string;
  readonly body: unknown;
  readonly code: number;
  readonly warnings?: string;
  readonly message?: string;
  readonly causes?: { reason: string; message: string; field: string }[];
  readonly answer?: Record<string, unknown>;
}

const testdata = new URL('../../testdata/', import.meta.url);
const recorded = (file: string): Recorded[] =>
  readFileSync(new URL(file, testdata), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Recorded);

const widgetCrd = JSON.parse(readFileSync(new URL('widget-crd.json', testdata), 'utf8')) as {
  spec: { versions: { schema: { openAPIV3Schema: JsonSchema } }[] };
};
const widgetSchema = widgetCrd.spec.versions[0]?.schema.openAPIV3Schema ?? {};
const widget = compileSchema(widgetSchema, { builtIn: false, kind: 'Widget', version: 'v1' });

const causes = (errors: readonly FieldError[]) =>
  errors.map((e) => ({ reason: e.type, message: e.message, field: e.field })).sort(byText);
const byText = (a: object, b: object): number => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1);
/** Checks that are not the schema's: CEL, scale, kind, labels. */
const OTHERS = new Set(['cr.cel4', 'cr.type3', 'cr.wrongkind', 'cr.badlabel', 'cr.wrongver', 'cr.status.post']);

describe('custom resources, against recorded answers', () => {
  const posts = recorded('custom-resources.jsonl').filter(
    (r) => r.method === 'POST' && typeof r.body === 'object' && r.body !== null && !OTHERS.has(r.id),
  );
  test.each(posts)('$id', (row) => {
    const object = structuredClone(row.body) as KubeObject;
    const fault = widget.decodeFault(object);
    if (row.code === 400 && !row.message?.includes('strict')) {
      expect(row.message).toBe(`Widget in version "v1" cannot be handled as a Widget: ${fault}`);
      return;
    }
    expect(fault).toBeUndefined();
    const unknown: string[] = [];
    widget.prune(object, unknown);
    expect(unknown.map((path) => `299 - "unknown field \\"${path}\\""`)).toEqual(row.warnings?.split(', ') ?? []);
    widget.applyDefaults(object);
    const errors = widget.validate(object);
    expect(causes(errors)).toEqual((row.causes ?? []).toSorted(byText));
    if (row.answer && !row.path.includes('/status')) {
      expect((object as { spec?: unknown }).spec).toEqual(row.answer.spec);
    }
  });
});

describe('built-in kinds, against recorded answers', () => {
  const rows = recorded('built-ins.jsonl').filter(
    (r) => r.method === 'POST' && r.message?.includes('cannot be handled as a'),
  );
  test.each(rows.filter((r) => !r.id.startsWith('wrong') && !r.id.startsWith('cr.')))('$id', (row) => {
    const plural = row.path.split('?')[0]?.split('/').at(-1);
    const definition = builtInResources.find((d) => d.plural === plural);
    if (!definition) throw new Error(`no kind for ${row.path}`);
    const schema = compileSchema(definition.schema, {
      builtIn: true,
      kind: definition.kind,
      version: definition.version,
    });
    const object = structuredClone(row.body) as KubeObject;
    const fault = schema.decodeFault(object);
    const unknown: string[] = [];
    schema.prune(object, unknown);
    const text = fault ?? `strict decoding error: ${unknown.map((path) => `unknown field "${path}"`).join(', ')}`;
    expect(`${definition.kind} in version "v1" cannot be handled as a ${definition.kind}: ${text}`).toBe(row.message);
  });
});

describe('structural rules', () => {
  const check = (schema: JsonSchema, value: unknown): string[] =>
    compileSchema({ type: 'object', properties: { f: schema } }, { builtIn: false, kind: 'K', version: 'v1' })
      .validate({ f: value } as KubeObject)
      .map((e) => `${e.field}: ${e.message}`);

  test.each<[string, JsonSchema, unknown, string[]]>([
    [
      'pattern',
      { type: 'string', pattern: '^[a-z]+$' },
      'A',
      [`f: Invalid value: "A": f in body should match '^[a-z]+$'`],
    ],
    [
      'linear pattern',
      { type: 'string', pattern: '^(a+)+$' },
      'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab',
      [`f: Invalid value: "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab": f in body should match '^(a+)+$'`],
    ],
    [
      'minLength',
      { type: 'string', minLength: 2 },
      'é',
      ['f: Invalid value: "é": f in body should be at least 2 chars long'],
    ],
    [
      'exclusive',
      { type: 'number', minimum: 1, exclusiveMinimum: true },
      1,
      ['f: Invalid value: 1: f in body should be greater than 1'],
    ],
    ['multipleOf', { type: 'integer', multipleOf: 5 }, 7, ['f: Invalid value: 7: f in body should be a multiple of 5']],
    [
      'minItems',
      { type: 'array', minItems: 1, items: { type: 'string' } },
      [],
      ['f: Invalid value: 0: f in body should have at least 1 items'],
    ],
    ['null', { type: 'string' }, null, ['f: Invalid value: "null": f in body must be of type string: "null"']],
    ['nullable', { type: 'string', nullable: true }, null, []],
    [
      'ipv4',
      { type: 'string', format: 'ipv4' },
      '1.2.3',
      ['f: Invalid value: "1.2.3": f in body must be of type ipv4: "1.2.3"'],
    ],
    ['unknown format', { type: 'string', format: 'nonsense' }, '1.2.3', []],
    [
      'anyOf',
      { type: 'object', anyOf: [{ required: ['a'] }, { required: ['b'] }], properties: { a: {}, b: {} } },
      {},
      ['<nil>: Invalid value: "": "f" must validate at least one schema (anyOf)', 'f.a: Required value'],
    ],
    [
      'oneOf',
      { type: 'object', oneOf: [{ required: ['a'] }, { required: ['b'] }], properties: { a: {}, b: {} } },
      { a: 1, b: 1 },
      ['<nil>: Invalid value: "": "f" must validate one and only one schema (oneOf). Found 2 valid alternatives'],
    ],
    [
      'int-or-string twice',
      { 'x-kubernetes-int-or-string': true, anyOf: [{ type: 'integer' }, { type: 'string' }] },
      3,
      [],
    ],
    [
      'embedded',
      { type: 'object', 'x-kubernetes-embedded-resource': true, 'x-kubernetes-preserve-unknown-fields': true },
      {},
      ['f.apiVersion: Required value: must not be empty', 'f.kind: Required value: must not be empty'],
    ],
  ])('%s', (_, schema, value, expected) => {
    expect(check(schema, value)).toEqual(expected);
  });

  test('defaults fill nested objects, and a null that may not be becomes the default', () => {
    const schema: JsonSchema = {
      type: 'object',
      properties: {
        a: { type: 'object', default: {}, properties: { b: { type: 'string', default: 'x' } } },
        n: { type: 'string', default: 'd' },
        k: { type: 'string', default: 'd', nullable: true },
      },
    };
    const object = { n: null, k: null };
    compileSchema(schema, { builtIn: false, kind: 'K', version: 'v1' }).applyDefaults(object as KubeObject);
    expect(object).toEqual({ a: { b: 'x' }, n: 'd', k: null });
  });
});

describe('Go decoding of built-in kinds', () => {
  const decode = (definition: typeof Pod | typeof ConfigMap, object: unknown): string | undefined =>
    compileSchema(definition.schema, { builtIn: true, kind: definition.kind, version: 'v1' }).decodeFault(object);

  test.each<[unknown, string]>([
    [
      { spec: { containers: 'x' } },
      'json: cannot unmarshal string into Go struct field PodSpec.spec.containers of type []v1.Container',
    ],
    [
      { spec: { containers: [{ name: 1 }] } },
      'json: cannot unmarshal number into Go struct field Container.spec.containers.name of type string',
    ],
    [
      { spec: { priority: 1.5 } },
      'json: cannot unmarshal number 1.5 into Go struct field PodSpec.spec.priority of type int32',
    ],
    [
      { spec: { hostNetwork: 'yes' } },
      'json: cannot unmarshal string into Go struct field PodSpec.spec.hostNetwork of type bool',
    ],
    [
      { metadata: { creationTimestamp: 'x' } },
      'parsing time "x" as "2006-01-02T15:04:05Z07:00": cannot parse "x" as "2006"',
    ],
    [
      { metadata: { labels: [] } },
      'json: cannot unmarshal array into Go struct field ObjectMeta.metadata.labels of type map[string]string',
    ],
  ])('%j', (object, text) => {
    expect(decode(Pod, object)).toBe(text);
  });

  test('quantities become canonical; nulls and empty optional containers vanish', () => {
    const pod = {
      metadata: { creationTimestamp: null, labels: {} },
      spec: {
        containers: [{ name: 'c', env: [], resources: { requests: { memory: '1024Mi', cpu: 0.5 } } }],
        volumes: null,
      },
    };
    expect(decode(Pod, pod)).toBeUndefined();
    expect(pod).toEqual({
      metadata: {},
      spec: { containers: [{ name: 'c', resources: { requests: { memory: '1Gi', cpu: '500m' } } }] },
    });
  });
});

describe('cost', () => {
  test('a VirtualMachine passes as it is; its schema needs no rules', () => {
    const schema = compileSchema(VirtualMachine.schema, { builtIn: false, kind: 'VirtualMachine', version: 'v1' });
    const vm = JSON.parse(readFileSync(new URL('virtual-machine.json', testdata), 'utf8')) as KubeObject;
    const unknown: string[] = [];
    schema.prune(vm, unknown);
    expect(unknown).toEqual([]);
    expect(schema.validate(vm)).toEqual([]);
    expect(nodeOf(VirtualMachine.schema).containsRules).toBe(false);
  });
});
