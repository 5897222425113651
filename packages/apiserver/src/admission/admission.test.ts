import type { KubeObject } from '@virtplane/resources';
import type { AdmissionPlugin, AdmissionRequest } from '@virtplane/runtime';
import { describe, expect, test } from 'vitest';
import { forbidden } from '../errors.ts';
import { builtInAdmission } from './built-in.ts';
import { AdmissionChain } from './chain.ts';
import type { AdmissionSources } from './sources.ts';

const world: Record<string, KubeObject & Record<string, unknown>> = {
  '/namespaces//default': { metadata: { name: 'default' }, status: { phase: 'Active' } },
  '/namespaces//going': { metadata: { name: 'going' }, status: { phase: 'Terminating' } },
  '/serviceaccounts/default/default': { metadata: { name: 'default' }, imagePullSecrets: [{ name: 'pull' }] },
  'scheduling.k8s.io/priorityclasses//high': { metadata: { name: 'high' }, value: 1000 },
};

const sources = (extra: typeof world = {}): AdmissionSources => {
  const all = { ...world, ...extra };
  return {
    get: (group, plural, namespace, name) => all[`${group}/${plural}/${namespace}/${name}`],
    list: (group, plural) =>
      Object.entries(all)
        .filter(([key]) => key.startsWith(`${group}/${plural}/`))
        .map(([, object]) => object),
    isServed: () => true,
  };
};

const ask = (
  resource: string,
  object: KubeObject & Record<string, unknown>,
  more: Partial<AdmissionRequest> = {},
): AdmissionRequest => ({
  operation: 'CREATE',
  group: '',
  version: 'v1',
  resource,
  kind: 'Any',
  name: object.metadata?.name ?? '',
  namespace: 'default',
  user: { username: 'admin', groups: [] },
  object,
  dryRun: false,
  ...more,
});

async function admit(request: AdmissionRequest, extra?: typeof world) {
  const chain = new AdmissionChain(builtInAdmission(sources(extra)));
  const object = await chain.mutate(
    request,
    () => {},
    () => {},
  );
  await chain.validate(object === undefined ? request : { ...request, object }, () => {});
  return object;
}

const pod = (spec: Record<string, unknown> = {}) => ({ metadata: { name: 'p' }, spec });

test('a pod gets account, priority and tolerations; what was asked with is not changed', async () => {
  const asked = pod();
  const frozen = structuredClone(asked);
  expect(await admit(ask('pods', asked))).toMatchObject({
    spec: {
      serviceAccountName: 'default',
      imagePullSecrets: [{ name: 'pull' }],
      priority: 0,
      preemptionPolicy: 'PreemptLowerPriority',
      tolerations: [
        { key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 },
        { key: 'node.kubernetes.io/unreachable', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 },
      ],
    },
  });
  expect(asked).toEqual(frozen);
  expect(await admit(ask('pods', pod({ priorityClassName: 'high' })))).toMatchObject({ spec: { priority: 1000 } });
  const tolerant = pod({ tolerations: [{ operator: 'Exists' }] });
  expect(await admit(ask('pods', tolerant))).toMatchObject({ spec: { tolerations: [{ operator: 'Exists' }] } });
});

test.each([
  [pod({ priorityClassName: 'zz' }), 'pods "p" is forbidden: no PriorityClass with name zz was found'],
  [pod({ priority: 5 }), /the integer value of priority \(5\) must not be provided/],
  [
    pod({ serviceAccountName: 'zz' }),
    'pods "p" is forbidden: error looking up service account default/zz: serviceaccount "zz" not found',
  ],
])('refused pods: %j', async (object, message) => {
  await expect(admit(ask('pods', object))).rejects.toThrow(message);
});

test('namespaces that are missing or going', async () => {
  await expect(admit(ask('configmaps', { metadata: { name: 'c' } }, { namespace: 'nope' }))).rejects.toMatchObject({
    code: 404,
  });
  await expect(admit(ask('configmaps', { metadata: { name: 'c' } }, { namespace: 'going' }))).rejects.toMatchObject({
    code: 403,
  });
});

test('new nodes are tainted until ready', async () => {
  const node = (ready: string) => ({
    metadata: { name: 'n' },
    status: { conditions: [{ type: 'Ready', status: ready }] },
  });
  expect(await admit(ask('nodes', node('False'), { namespace: '' }))).toMatchObject({
    spec: { taints: [{ key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' }] },
  });
  expect(await admit(ask('nodes', node('True'), { namespace: '' }))).toEqual(node('True'));
});

test('claims are protected and get the default class, if there is one', async () => {
  const claim = { metadata: { name: 'c' }, spec: {} };
  const cls = (name: string) => ({
    metadata: { name, annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } },
  });
  const one = { 'storage.k8s.io/storageclasses//a': cls('a') };
  expect(await admit(ask('persistentvolumeclaims', claim), one)).toEqual({
    metadata: { name: 'c', finalizers: ['kubernetes.io/pvc-protection'] },
    spec: { storageClassName: 'a' },
  });
  const two = { ...one, 'storage.k8s.io/storageclasses//b': cls('b') };
  await expect(admit(ask('persistentvolumeclaims', claim), two)).rejects.toThrow(
    'persistentvolumeclaims "c" is forbidden: Internal error occurred: 2 default StorageClasses were found',
  );
  const named = { metadata: { name: 'c' }, spec: { storageClassName: '' } };
  expect(await admit(ask('persistentvolumeclaims', named), two)).toMatchObject({ spec: { storageClassName: '' } });
});

describe('node agents', () => {
  const user = { username: 'system:node:n1', groups: ['system:nodes'] };
  const bound = (node: string) => ({ metadata: { name: 'p' }, spec: { nodeName: node } });
  const update = { operation: 'UPDATE', user, subresource: 'status' } as const;
  test.each<[string, AdmissionRequest, boolean]>([
    ['own node', ask('nodes', { metadata: { name: 'n1' } }, { ...update, namespace: '', oldObject: {} }), true],
    ['other node', ask('nodes', { metadata: { name: 'n2' } }, { ...update, namespace: '', oldObject: {} }), false],
    [
      'own taints',
      ask(
        'nodes',
        { metadata: { name: 'n1' }, spec: { taints: [{ key: 'x' }] } },
        { ...update, namespace: '', oldObject: {} },
      ),
      false,
    ],
    ['own pod', ask('pods', bound('n1'), { ...update, oldObject: bound('n1') }), true],
    ['a pod that claims to be its own', ask('pods', bound('n1'), { ...update, oldObject: bound('n2') }), false],
    [
      'own lease',
      ask(
        'leases',
        { metadata: { name: 'n1' } },
        { ...update, group: 'coordination.k8s.io', namespace: 'kube-node-lease' },
      ),
      true,
    ],
    [
      'other lease',
      ask(
        'leases',
        { metadata: { name: 'n2' } },
        { ...update, group: 'coordination.k8s.io', namespace: 'kube-node-lease' },
      ),
      false,
    ],
  ])('%s', async (_what, request, allowed) => {
    if (allowed) await admit(request);
    else await expect(admit(request)).rejects.toMatchObject({ code: 403 });
  });
});

test('the chain: mutating before validating, defaults after each change, warnings also with a refusal', async () => {
  const seen: string[] = [];
  const plugin = (
    name: string,
    phase: AdmissionPlugin['phase'],
    admitOne: AdmissionPlugin['admit'],
  ): AdmissionPlugin => ({
    name,
    phase,
    handles: () => true,
    admit: (request) => {
      seen.push(`${name} ${JSON.stringify(request.object)}`);
      return admitOne(request);
    },
  });
  const chain = new AdmissionChain([
    plugin('v', 'validating', async (r) => ({ warnings: ['careful'], denied: forbidden(r, 'x', 'no') })),
    plugin('a', 'mutating', () => ({ object: { kind: 'A' } })),
    plugin('b', 'mutating', () => ({})),
  ]);
  const warnings: string[] = [];
  const request = ask('things', {});
  const object = await chain.mutate(
    request,
    () => {},
    (o) => {
      o.apiVersion = 'defaulted';
    },
  );
  expect(object).toEqual({ kind: 'A', apiVersion: 'defaulted' });
  await expect(chain.validate({ ...request, object: object ?? {} }, (w) => warnings.push(w))).rejects.toMatchObject({
    code: 403,
  });
  expect(seen.map((s) => s[0])).toEqual(['a', 'b', 'v']);
  expect(seen[1]).toContain('defaulted');
  expect(warnings).toEqual(['careful']);
});
