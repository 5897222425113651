import { readFileSync } from 'node:fs';
import { builtInResources, type FieldError, type KubeObject, type Pod } from '@virtplane/resources';
import { describe, expect, test } from 'vitest';
import { summaryOf } from './pod-columns.ts';
import { qosClassOf } from './pod-defaults.ts';
import { serveBuiltIn } from './serve-built-in.ts';
import { strategyOf } from './strategy-of.ts';

interface Recorded {
  readonly id: string;
  readonly method: string;
  readonly path: string;
  readonly body: unknown;
  readonly code: number;
  readonly message?: string;
  readonly causes?: { reason: string; message: string; field: string }[];
  readonly answer?: Record<string, unknown>;
}

const rows = readFileSync(new URL('../../testdata/built-ins.jsonl', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as Recorded);

const definitionFor = (path: string) => {
  const plural = path.split('?')[0]?.split('/').at(-1);
  const definition = builtInResources.find((d) => d.plural === plural && !path.includes(`/${plural}/${plural}`));
  if (!definition) throw new Error(`no kind is served at ${path}`);
  return definition;
};

/** What a create does to a body between decoder and store, admission left out. */
function create(path: string, body: unknown): { object: KubeObject; errors: FieldError[] } {
  const served = serveBuiltIn(definitionFor(path));
  const schema = served.versions[0]!.schema;
  const object = structuredClone(body) as KubeObject;
  object.metadata ??= {};
  const namespace = /\/namespaces\/([^/]+)\//.exec(path)?.[1];
  if (namespace) object.metadata.namespace = namespace;
  expect(schema.decodeFault(object)).toBeUndefined();
  schema.prune(object, []);
  schema.applyDefaults(object);
  served.strategy.applyDefaults?.(object);
  if (served.strategy.prepareForCreate) served.strategy.prepareForCreate(object);
  else if (served.definition.subresources.some((s) => s.name === 'status'))
    delete (object as { status?: unknown }).status;
  return { object, errors: [...schema.validate(object), ...(served.strategy.validate?.(object) ?? [])] };
}

const causes = (errors: readonly FieldError[]) => errors.map((e) => `${e.type} ${e.field}: ${e.message}`).sort();

describe('recorded refusals', () => {
  // Of metadata, of other layers, or with a dump of Go structs in the sentence.
  const elsewhere = new Set([
    'ns.noname',
    'ns.badname',
    'fv.bad',
    'dry.bad',
    'owner.bad',
    'owner.two',
    'pdb',
    'crd.bad.cel',
  ]);
  test.each(rows.filter((r) => r.method === 'POST' && r.code === 422 && !elsewhere.has(r.id)))('$id', (row) => {
    const { errors } = create(row.path, row.body);
    expect(causes(errors)).toEqual(row.causes?.map((c) => `${c.reason} ${c.field}: ${c.message}`).sort());
  });
});

describe('recorded creations', () => {
  const specials = new Set(['tok', 'pod.evict', 'q.ok', 'lr.def', 'genname']);
  const clean = (value: unknown): unknown =>
    JSON.parse(JSON.stringify(value), (key, item: unknown) =>
      item === null || ['uid', 'resourceVersion', 'creationTimestamp', 'generation', 'managedFields'].includes(key)
        ? undefined
        : item,
    );
  test.each(rows.filter((r) => r.method === 'POST' && r.code === 201 && r.answer && !specials.has(r.id)))(
    '$id',
    (row) => {
      const { object, errors } = create(row.path, row.body);
      expect(errors).toEqual([]);
      const { apiVersion: _a, kind: _k, metadata: _m, ...expected } = clean(row.answer) as Record<string, unknown>;
      const { apiVersion: _b, kind: _l, metadata: _n, ...actual } = clean(object) as Record<string, unknown>;
      // Zero structs that Go prints though nobody set them, and what admission adds to a node.
      const { source: _source, reportingComponent: _rc, reportingInstance: _ri, ...rest } = expected;
      if (row.id === 'node') delete rest.status;
      const times = (text: string) => text.replaceAll('2026-01-01T00:00:00.000000Z', '<time>');
      if (row.id === 'node') (rest.spec as { taints: unknown[] }).taints.pop();
      expect(JSON.parse(times(JSON.stringify(actual)))).toEqual(
        rest.status && !actual.status ? { ...rest, status: undefined } : rest,
      );
    },
  );

  test('pods get their defaults', () => {
    const row = rows.find((r) => r.id === 'q.ok');
    const { object } = create(row?.path ?? '', row?.body);
    const expected = row?.answer as unknown as Pod;
    const {
      volumes: _v,
      tolerations: _t,
      serviceAccount: _s,
      serviceAccountName: _n,
      priority: _p,
      preemptionPolicy: _pp,
      ...spec
    } = expected.spec;
    const containers = spec.containers.map(({ volumeMounts: _m, ...container }) => container);
    expect((object as Pod).spec).toEqual({ ...spec, containers });
    expect((object as Pod).status).toEqual(expected.status);
  });
});

describe('pods', () => {
  const pod = (
    spec: Partial<Pod['spec']>,
    status: Pod['status'] = {},
    metadata: Pod['metadata'] = { name: 'p' },
  ): Pod => ({
    metadata,
    spec: { containers: [{ name: 'c', image: 'i' }], ...spec },
    status,
  });

  test('only image, deadline and further tolerations may change', () => {
    const strategy = strategyOf(definitionFor('/api/v1/pods'));
    const old = pod({ tolerations: [{ key: 'a', operator: 'Exists' }] });
    const change = (spec: Partial<Pod['spec']>) =>
      strategy.validateUpdate?.(pod(spec), old).map((e) => `${e.field}: ${e.message.slice(0, 40)}`);
    expect(
      change({
        containers: [{ name: 'c', image: 'j' }],
        tolerations: [
          { key: 'a', operator: 'Exists' },
          { key: 'b', operator: 'Exists' },
        ],
      }),
    ).toEqual([]);
    expect(change({ ...old.spec, hostname: 'x' })).toEqual(['spec: Forbidden: pod updates may not change fi']);
    expect(change({ tolerations: [] })).toEqual(['spec.tolerations: Forbidden: existing toleration can not b']);
    const recordedText = rows.find((r) => r.id === 'pod.imm')?.message ?? '';
    const own = strategy.validateUpdate?.(pod({ ...old.spec, hostname: 'x' }), old)[0];
    expect(recordedText.startsWith(`Pod "p1" is invalid: ${own?.field}: ${own?.message}`)).toBe(true);
  });

  test.each<[string, Pod['spec']['containers'], string]>([
    ['nothing', [{ name: 'a' }], 'BestEffort'],
    [
      'equal',
      [{ name: 'a', resources: { limits: { cpu: '1', memory: '1Gi' }, requests: { cpu: '1000m', memory: '1Gi' } } }],
      'Guaranteed',
    ],
    ['one missing', [{ name: 'a', resources: { limits: { cpu: '1', memory: '1Gi' } } }, { name: 'b' }], 'Burstable'],
  ])('quality of service: %s', (_, containers, expected) => {
    expect(qosClassOf({ containers })).toBe(expected);
  });

  test.each<[string, Pod, string]>([
    ['pending', pod({}, { phase: 'Pending' }), '0 Pending 0'],
    [
      'running',
      pod(
        {},
        {
          phase: 'Running',
          containerStatuses: [
            { name: 'c', ready: true, restartCount: 2, image: '', imageID: '', state: { running: {} } },
          ],
        },
      ),
      '1 Running 2',
    ],
    [
      'crashing',
      pod(
        {},
        {
          phase: 'Running',
          containerStatuses: [
            {
              name: 'c',
              ready: false,
              restartCount: 5,
              image: '',
              imageID: '',
              state: { waiting: { reason: 'CrashLoopBackOff' } },
            },
          ],
        },
      ),
      '0 CrashLoopBackOff 5',
    ],
    [
      'exited',
      pod(
        {},
        {
          phase: 'Failed',
          containerStatuses: [
            {
              name: 'c',
              ready: false,
              restartCount: 0,
              image: '',
              imageID: '',
              state: { terminated: { exitCode: 3 } },
            },
          ],
        },
      ),
      '0 ExitCode:3 0',
    ],
    [
      'initialising',
      pod(
        { initContainers: [{ name: 'i' }, { name: 'j' }] },
        {
          phase: 'Pending',
          initContainerStatuses: [
            { name: 'i', ready: true, restartCount: 0, image: '', imageID: '', state: { terminated: { exitCode: 0 } } },
            { name: 'j', ready: false, restartCount: 1, image: '', imageID: '', state: { running: {} } },
          ],
        },
      ),
      '0 Init:1/2 1',
    ],
    [
      'deleting',
      pod({}, { phase: 'Running' }, { name: 'p', deletionTimestamp: '2024-01-01T00:00:00Z' }),
      '0 Terminating 0',
    ],
  ])('line of a pod: %s', (_, object, expected) => {
    const { ready, reason, restarts } = summaryOf(object);
    expect(`${ready} ${reason} ${restarts}`).toBe(expected);
  });

  test('deletion waits only for pods that run somewhere', () => {
    const { gracePeriodSeconds } = strategyOf(definitionFor('/api/v1/pods'));
    expect(gracePeriodSeconds?.(pod({}), undefined)).toBeUndefined();
    expect(gracePeriodSeconds?.(pod({ nodeName: 'n', terminationGracePeriodSeconds: 60 }), undefined)).toBe(60);
    expect(gracePeriodSeconds?.(pod({ nodeName: 'n' }), 0)).toBeUndefined();
    expect(gracePeriodSeconds?.(pod({ nodeName: 'n' }), -5)).toBe(1);
    expect(gracePeriodSeconds?.(pod({ nodeName: 'n' }, { phase: 'Succeeded' }), 5)).toBeUndefined();
  });
});

test('a claim changes only by growing once it is bound', () => {
  const strategy = strategyOf(definitionFor('/api/v1/persistentvolumeclaims'));
  const claim = (storage: string, more: object = {}) => ({
    metadata: { name: 'p' },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage } }, volumeName: 'v', ...more },
    status: { phase: 'Bound' },
  });
  const change = (next: object) => strategy.validateUpdate?.(next, claim('1Gi')).map((e) => `${e.field}: ${e.message}`);
  expect(change(claim('2Gi'))).toEqual([]);
  expect(change(claim('1Mi'))).toEqual([
    'spec.resources.requests.storage: Forbidden: field can not be less than previous value',
  ]);
  expect(change(claim('1Gi', { accessModes: ['ReadOnlyMany'] }))).toEqual([
    'spec: Forbidden: spec is immutable after creation except resources.requests for bound claims',
  ]);
});

test('every built-in kind can be served, and its columns cope with an empty object', () => {
  for (const definition of builtInResources) {
    const { strategy } = serveBuiltIn(definition);
    for (const column of strategy.columns ?? []) expect(column.name).not.toBe('');
  }
});
