import { describe, expect, test } from 'vitest';
import { Harness } from './core-fixture.ts';

const CMS = '/api/v1/namespaces/default/configmaps';
const WIDGETS = '/apis/demo.io/v1/namespaces/default/widgets';
const MERGE = 'application/merge-patch+json';
const cm = (name: string, meta = {}, data: Record<string, string> = { a: '1' }) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, ...meta },
  data,
});
const widget = (name: string, meta = {}, rest = {}) => ({
  apiVersion: 'demo.io/v1',
  kind: 'Widget',
  metadata: { name, ...meta },
  spec: { size: 1 },
  ...rest,
});

async function harness(): Promise<Harness> {
  const h = new Harness();
  await h.namespace('default');
  return h;
}

describe('create', () => {
  test('refuses what exists, what lies in no namespace or in another one', async () => {
    const h = await harness();
    await h.call('POST', CMS, cm('c1'));
    expect((await h.call('POST', CMS, cm('c1'))).body).toMatchObject({
      code: 409,
      reason: 'AlreadyExists',
      message: 'configmaps "c1" already exists',
      details: { name: 'c1', kind: 'configmaps' },
    });
    expect((await h.call('POST', '/api/v1/namespaces/nope/configmaps', cm('c1'))).body).toMatchObject({
      code: 404,
      message: 'namespaces "nope" not found',
    });
    expect((await h.call('POST', CMS, cm('c2', { namespace: 'other' }))).body.message).toBe(
      'the namespace of the provided object does not match the namespace sent on the request',
    );
    expect((await h.call('POST', CMS, cm('c2', { resourceVersion: '5' }))).code).toBe(400);
  });

  test('names: required, checked, generated', async () => {
    const h = await harness();
    expect((await h.call('POST', CMS, { metadata: {} })).body.message).toBe(
      'ConfigMap "" is invalid: metadata.name: Required value: name or generateName is required',
    );
    expect((await h.call('POST', CMS, cm('A_b'))).body.details.causes[0].field).toBe('metadata.name');
    const made = await h.call('POST', CMS, { metadata: { generateName: 'gn-' } });
    expect(made.body.metadata).toMatchObject({ name: expect.stringMatching(/^gn-[a-z0-9]{5}$/), generateName: 'gn-' });
    const long = await h.call('POST', CMS, { metadata: { generateName: 'x'.repeat(300) } });
    expect(long.body.message).toMatch(
      /^ConfigMap "x{58}[a-z0-9]{5}" is invalid: metadata.generateName: Invalid value: "x{300}": must be no more than 253 characters$/,
    );
  });

  test('dry run stores nothing and shows no resourceVersion', async () => {
    const h = await harness();
    const dry = await h.call('POST', `${CMS}?dryRun=All`, cm('c4'));
    expect(dry.code).toBe(201);
    expect(dry.body.metadata.resourceVersion).toBeUndefined();
    expect(dry.body.metadata.uid).toBeDefined();
    expect((await h.call('GET', `${CMS}/c4`)).code).toBe(404);
    expect((await h.call('POST', `${CMS}?dryRun=foo`, cm('c4'))).body.message).toBe(
      'CreateOptions.meta.k8s.io "" is invalid: dryRun: Unsupported value: []string{"foo"}: supported values: "All"',
    );
    expect((await h.call('POST', `${CMS}?fieldValidation=Foo`, cm('c4'))).body.message).toBe(
      'CreateOptions.meta.k8s.io "" is invalid: fieldValidation: Unsupported value: "Foo": supported values: "", "Ignore", "Strict", "Warn"',
    );
  });

  test('metadata: undeclared fields warn or refuse, wrong types refuse, labels and owners are checked', async () => {
    const h = await harness();
    const odd = widget('w1', { foo: 1 });
    expect((await h.call('POST', `${WIDGETS}?dryRun=All`, odd)).warnings).toEqual(['unknown field "metadata.foo"']);
    expect((await h.call('POST', `${WIDGETS}?fieldValidation=Strict`, odd)).body.message).toBe(
      'Widget in version "v1" cannot be handled as a Widget: strict decoding error: unknown field "metadata.foo"',
    );
    expect((await h.call('POST', WIDGETS, widget('w1', { labels: { a: 1 } }))).body.message).toBe(
      'Widget in version "v1" cannot be handled as a Widget: json: cannot unmarshal number into Go struct field ObjectMeta.labels of type string',
    );
    expect(
      (await h.call('POST', WIDGETS, widget('w5', { labels: { 'a b': 'c d' } }))).body.details.causes,
    ).toHaveLength(2);
    expect(
      (await h.call('POST', CMS, cm('ob', { ownerReferences: [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'x' }] })))
        .body.message,
    ).toBe('ConfigMap "ob" is invalid: metadata.ownerReferences.uid: Invalid value: "": uid must not be empty');
    expect((await h.call('POST', CMS, cm('big', { annotations: { a: 'x'.repeat(262145) } }))).body.message).toBe(
      'ConfigMap "big" is invalid: metadata.annotations: Too long: must have at most 262144 bytes',
    );
  });

  test('type of the body', async () => {
    const h = await harness();
    expect((await h.call('POST', WIDGETS, { ...widget('w5'), kind: 'Foo' })).body.message).toBe(
      'Foo.demo.io "w5" is invalid: kind: Invalid value: "Foo": must be Widget',
    );
    expect((await h.call('POST', WIDGETS, { ...widget('w5'), apiVersion: 'demo.io/v2' })).body.message).toBe(
      'the API version in the data (demo.io/v2) does not match the expected API version (demo.io/v1)',
    );
    expect((await h.call('POST', CMS, { kind: 'Pod', metadata: { name: 'x' } })).code).toBe(400);
    expect((await h.call('POST', CMS, [1])).code).toBe(400);
    expect((await h.call('POST', CMS)).code).toBe(400);
  });

  test('custom resources count generations and are served in every version', async () => {
    const h = await harness();
    const made = await h.call('POST', WIDGETS, widget('w1', { generation: 7 }, { status: { x: 1 } }));
    expect(made.body).toMatchObject({ apiVersion: 'demo.io/v1', metadata: { generation: 1 } });
    expect(made.body.status).toBeUndefined();
    const beta = await h.call('GET', WIDGETS.replace('/v1/', '/v1beta1/').concat('/w1'));
    expect(beta.body).toEqual({ ...made.body, apiVersion: 'demo.io/v1beta1' });
    const list = await h.call('GET', WIDGETS.replace('/v1/', '/v1beta1/'));
    expect(list.body.items).toEqual([beta.body]);
  });
});

describe('update', () => {
  test('compares versions, uids and names', async () => {
    const h = await harness();
    const { body: c1 } = await h.call('POST', CMS, cm('c1'));
    expect((await h.call('PUT', `${CMS}/c1`, cm('c1', { resourceVersion: '1' }))).body.message).toBe(
      'Operation cannot be fulfilled on configmaps "c1": the object has been modified; please apply your changes to the latest version and try again',
    );
    expect((await h.call('PUT', `${CMS}/c1`, cm('cx'))).body.message).toBe(
      'the name of the object (cx) does not match the name on the URL (c1)',
    );
    expect((await h.call('PUT', `${CMS}/c1`, cm('c1', { uid: 'abc' }))).body.message).toBe(
      `Operation cannot be fulfilled on configmaps "c1": StorageError: invalid object, Code: 4, Key: /registry/configmaps/default/c1, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: abc, UID in object meta: ${c1.metadata.uid}`,
    );
    expect((await h.call('PUT', `${CMS}/zz`, cm('zz', { resourceVersion: '5' }))).body.message).toBe(
      'configmaps "zz" not found',
    );
    expect((await h.call('PUT', `${CMS}/c1`, cm('c1', { resourceVersion: 'abc' }))).code).toBe(400);
    const free = await h.call('PUT', `${CMS}/c1`, cm('c1', {}, { a: '2' }));
    expect(free.body).toMatchObject({
      data: { a: '2' },
      metadata: { uid: c1.metadata.uid, creationTimestamp: c1.metadata.creationTimestamp },
    });
    expect(Number(free.body.metadata.resourceVersion)).toBeGreaterThan(Number(c1.metadata.resourceVersion));
  });

  test('custom resources need a version', async () => {
    const h = await harness();
    await h.call('POST', WIDGETS, widget('w1'));
    expect((await h.call('PUT', `${WIDGETS}/w1`, widget('w1'))).body).toMatchObject({
      code: 422,
      message:
        'widgets.demo.io "w1" is invalid: metadata.resourceVersion: Invalid value: 0x0: must be specified for an update',
      details: { name: 'w1', group: 'demo.io', kind: 'widgets' },
    });
  });

  test('what changes nothing keeps the resourceVersion, whatever the order of keys', async () => {
    const h = await harness();
    const { body } = await h.call('POST', CMS, cm('c1', { labels: { a: 'b', c: 'd' } }));
    const same = { data: body.data, metadata: { ...body.metadata, labels: { c: 'd', a: 'b' } }, kind: 'ConfigMap' };
    expect((await h.call('PUT', `${CMS}/c1`, same)).body.metadata.resourceVersion).toBe(body.metadata.resourceVersion);
    expect((await h.call('PATCH', `${CMS}/c1`, {}, MERGE)).body).toEqual(body);
  });

  test('main resource keeps status, /status of custom resources keeps everything else', async () => {
    const h = await harness();
    const { body: made } = await h.call('POST', WIDGETS, widget('w1', { labels: { a: 'b' } }));
    const viaMain = await h.call('PATCH', `${WIDGETS}/w1`, { status: { replicas: 3 } }, MERGE);
    expect(viaMain.body).toEqual(made);
    const viaStatus = await h.call(
      'PATCH',
      `${WIDGETS}/w1/status`,
      { spec: { size: 9 }, metadata: { labels: { zz: '1' } }, status: { replicas: 3 } },
      MERGE,
    );
    expect(viaStatus.body).toMatchObject({
      spec: { size: 1 },
      status: { replicas: 3 },
      metadata: { generation: 1, labels: { a: 'b' } },
    });
    const spec = await h.call('PATCH', `${WIDGETS}/w1`, { spec: { size: 2 } }, MERGE);
    expect(spec.body).toMatchObject({ spec: { size: 2 }, status: { replicas: 3 }, metadata: { generation: 2 } });
  });

  test('/status of built-in kinds keeps only the spec', async () => {
    const h = await harness();
    await h.call('POST', '/api/v1/namespaces/default/pods', { metadata: { name: 'p' }, spec: { a: 1 } });
    const done = await h.call(
      'PATCH',
      '/api/v1/namespaces/default/pods/p/status',
      { spec: { a: 2 }, metadata: { labels: { x: 'y' } }, status: { phase: 'Running' } },
      MERGE,
    );
    expect(done.body).toMatchObject({ spec: { a: 1 }, metadata: { labels: { x: 'y' } }, status: { phase: 'Running' } });
  });
});

describe('patch', () => {
  test('refusals', async () => {
    const h = await harness();
    await h.call('POST', CMS, cm('c1'));
    await h.call('POST', WIDGETS, widget('w1'));
    expect((await h.call('PATCH', `${CMS}/c1`, { metadata: { resourceVersion: '2' } }, MERGE)).code).toBe(409);
    expect((await h.call('PATCH', `${CMS}/c1`, {}, 'application/json')).body).toMatchObject({
      code: 415,
      message: '415: Unsupported Media Type',
      details: {},
    });
    expect((await h.call('PATCH', `${WIDGETS}/w1`, {}, 'application/strategic-merge-patch+json')).code).toBe(415);
    expect((await h.call('PATCH', `${CMS}/nope`, {}, MERGE)).code).toBe(404);
    expect((await h.call('PATCH', `${CMS}/c1`, { metadata: { name: 'other' } }, MERGE)).code).toBe(400);
    expect(
      (await h.call('PATCH', `${WIDGETS}/w1?fieldValidation=Strict`, { metadata: { zz: 1 } }, MERGE)).body.message,
    ).toMatch(/^ "" is invalid: patch: Invalid value: .*strict decoding error: unknown field "metadata.zz"$/);
    expect((await h.call('PATCH', `${CMS}/c1?force=true`, {}, MERGE)).body.message).toBe(
      'PatchOptions.meta.k8s.io "" is invalid: force: Forbidden: may not be specified for non-apply patch',
    );
  });

  test('concurrent patches all take effect', async () => {
    const h = await harness();
    await h.call('POST', CMS, cm('c1', {}, {}));
    await Promise.all(
      Array.from({ length: 50 }, (_, i) => h.call('PATCH', `${CMS}/c1`, { data: { [`k${i}`]: String(i) } }, MERGE)),
    );
    const { body } = await h.call('GET', `${CMS}/c1`);
    expect(Object.keys(body.data)).toHaveLength(50);
  });

  test('json patch', async () => {
    const h = await harness();
    await h.call('POST', CMS, cm('c1'));
    const ops = [{ op: 'replace', path: '/data/zz', value: '1' }];
    expect((await h.call('PATCH', `${CMS}/c1`, ops, 'application/json-patch+json')).body.data).toEqual({
      a: '1',
      zz: '1',
    });
  });

  test('the stored object is not changed by a refused or dry-run patch', async () => {
    const h = await harness();
    const { body } = await h.call('POST', CMS, cm('c1', { labels: { a: 'b' } }));
    await h.call('PATCH', `${CMS}/c1?dryRun=All`, { metadata: { labels: { a: 'c' } }, data: { a: '9' } }, MERGE);
    await h.call('PATCH', `${CMS}/c1`, { metadata: { labels: { 'a b': 'c' } } }, MERGE);
    expect((await h.call('GET', `${CMS}/c1`)).body).toEqual(body);
    expect(h.core.source('', 'configmaps').get('default', 'c1')).toEqual(body);
  });
});

describe('delete', () => {
  test('finalizers keep the object until the last one goes', async () => {
    const h = await harness();
    await h.call('POST', WIDGETS, widget('d1', { finalizers: ['vp.io/x'] }));
    const first = await h.call('DELETE', `${WIDGETS}/d1`);
    expect(first.body.metadata).toMatchObject({
      deletionGracePeriodSeconds: 0,
      generation: 2,
      finalizers: ['vp.io/x'],
    });
    expect((await h.call('DELETE', `${WIDGETS}/d1`)).body).toEqual(first.body);
    expect((await h.call('POST', WIDGETS, widget('d1'))).body.message).toBe(
      'object is being deleted: widgets.demo.io "d1" already exists',
    );
    const more = await h.call('PATCH', `${WIDGETS}/d1`, { metadata: { finalizers: ['vp.io/x', 'vp.io/y'] } }, MERGE);
    expect(more.body.message).toBe(
      'Widget.demo.io "d1" is invalid: metadata.finalizers: Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{"vp.io/y"}',
    );
    const last = await h.call('PATCH', `${WIDGETS}/d1`, { metadata: { finalizers: null } }, MERGE);
    expect(last.code).toBe(200);
    expect(last.body.metadata.finalizers).toBeUndefined();
    expect((await h.call('GET', `${WIDGETS}/d1`)).code).toBe(404);
  });

  test('preconditions', async () => {
    const h = await harness();
    const { body } = await h.call('POST', WIDGETS, widget('d2'));
    const { uid, resourceVersion } = body.metadata;
    expect((await h.call('DELETE', `${WIDGETS}/d2`, { preconditions: { uid: 'abc' } })).body).toMatchObject({
      message: `Operation cannot be fulfilled on Widget.demo.io "d2": the UID in the precondition (abc) does not match the UID in record (${uid}). The object might have been deleted and then recreated`,
      details: { kind: 'Widget' },
    });
    expect(
      (await h.call('DELETE', `${WIDGETS}/d2`, { preconditions: { resourceVersion: '1' } })).body.message,
    ).toContain(`does not match the ResourceVersion in record (${resourceVersion})`);
    expect((await h.call('DELETE', `${WIDGETS}/d2`, { preconditions: { uid, resourceVersion } })).body).toEqual({
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Success',
      details: { name: 'd2', group: 'demo.io', kind: 'widgets', uid },
    });
  });

  test('propagation becomes a finalizer, and can be changed', async () => {
    const h = await harness();
    await h.call('POST', WIDGETS, widget('d2'));
    const foreground = await h.call('DELETE', `${WIDGETS}/d2?propagationPolicy=Foreground`);
    expect(foreground.body.metadata.finalizers).toEqual(['foregroundDeletion']);
    expect((await h.call('DELETE', `${WIDGETS}/d2?propagationPolicy=Orphan`)).body.metadata.finalizers).toEqual([
      'orphan',
    ]);
    expect((await h.call('DELETE', `${WIDGETS}/d2?propagationPolicy=Background`)).body.status).toBe('Success');
    expect((await h.call('GET', `${WIDGETS}/d2`)).code).toBe(404);
    expect((await h.call('DELETE', `${CMS}/x?gracePeriodSeconds=abc`)).body.message).toBe(
      'strconv.ParseInt: parsing "abc": invalid syntax',
    );
    expect((await h.call('DELETE', `${WIDGETS}/x`, { propagationPolicy: 'Foo' })).code).toBe(422);
  });

  test('pods on a node go gracefully', async () => {
    const h = await harness();
    const url = '/api/v1/namespaces/default/pods';
    await h.call('POST', url, { metadata: { name: 'p' }, spec: { nodeName: 'n1' } });
    const first = await h.call('DELETE', `${url}/p`);
    expect(first.body.metadata.deletionGracePeriodSeconds).toBe(30);
    expect((await h.call('DELETE', `${url}/p`, { gracePeriodSeconds: 60 })).body).toEqual(first.body);
    expect(
      (await h.call('DELETE', `${url}/p`, { gracePeriodSeconds: 5 })).body.metadata.deletionGracePeriodSeconds,
    ).toBe(5);
    const last = await h.call('DELETE', `${url}/p`, { gracePeriodSeconds: 0 });
    expect(last.body.kind).toBe('Pod');
    expect((await h.call('GET', `${url}/p`)).code).toBe(404);
    await h.call('POST', url, { metadata: { name: 'unscheduled' }, spec: {} });
    await h.call('DELETE', `${url}/unscheduled`);
    expect((await h.call('GET', `${url}/unscheduled`)).code).toBe(404);
  });

  test('collection: selectors from the query, answer lists what went', async () => {
    const h = await harness();
    for (const name of ['a', 'b', 'c'])
      await h.call('POST', WIDGETS, widget(name, { labels: { keep: String(name === 'b') } }));
    expect((await h.call('DELETE', `${WIDGETS}?labelSelector=zz%3D1`)).body).toMatchObject({
      kind: 'WidgetList',
      items: [],
    });
    const gone = await h.call('DELETE', `${WIDGETS}?labelSelector=keep%3Dfalse`);
    expect(gone.body.items.map((i: { metadata: { name: string } }) => i.metadata.name)).toEqual(['a', 'c']);
    expect((await h.call('GET', WIDGETS)).body.items).toHaveLength(1);
  });

  test('dry run deletes nothing', async () => {
    const h = await harness();
    await h.call('POST', WIDGETS, widget('w'));
    expect((await h.call('DELETE', `${WIDGETS}/w?dryRun=All`)).body.status).toBe('Success');
    expect((await h.call('DELETE', `${WIDGETS}?dryRun=All`)).code).toBe(200);
    expect((await h.call('GET', `${WIDGETS}/w`)).code).toBe(200);
  });
});

describe('namespaces', () => {
  test('terminate, refuse new content, and go when finalized', async () => {
    const h = await harness();
    await h.namespace('t');
    const url = '/api/v1/namespaces/t';
    expect((await h.call('GET', url)).body.metadata.labels).toEqual({ 'kubernetes.io/metadata.name': 't' });
    const gone = await h.call('DELETE', url);
    expect(gone.body).toMatchObject({ spec: { finalizers: ['kubernetes'] }, status: { phase: 'Terminating' } });
    expect(gone.body.metadata.deletionGracePeriodSeconds).toBeUndefined();
    const refused = await h.call('POST', `${url}/configmaps`, cm('x'));
    expect(refused.body).toMatchObject({
      code: 403,
      message:
        'configmaps "x" is forbidden: unable to create new content in namespace t because it is being terminated',
      details: {
        causes: [
          { reason: 'NamespaceTerminating', message: 'namespace t is being terminated', field: 'metadata.namespace' },
        ],
      },
    });
    expect((await h.call('DELETE', url)).body).toEqual(gone.body);
    await h.call('PUT', `${url}/finalize`, { metadata: { name: 't' }, spec: {} });
    expect((await h.call('GET', url)).code).toBe(404);
    expect((await h.call('DELETE', '/api/v1/namespaces/default')).body.message).toBe(
      'namespaces "default" is forbidden: this namespace may not be deleted',
    );
  });
});

describe('subresources', () => {
  test('binding sets the node once', async () => {
    const h = await harness();
    const url = '/api/v1/namespaces/default/pods';
    await h.call('POST', url, { metadata: { name: 'p' }, spec: {} });
    const bind = (target: object) =>
      h.call('POST', `${url}/p/binding`, { metadata: { name: 'p', annotations: { a: 'b' } }, target });
    expect((await bind({})).body.message).toBe('Binding "p" is invalid: target.name: Required value');
    expect((await bind({ kind: 'Node', name: 'n1' })).body).toMatchObject({ status: 'Success', code: 201 });
    expect((await h.call('GET', `${url}/p`)).body).toMatchObject({
      metadata: { annotations: { a: 'b' } },
      spec: { nodeName: 'n1' },
      status: { conditions: [{ type: 'PodScheduled', status: 'True' }] },
    });
    expect((await bind({ kind: 'Node', name: 'n2' })).body.message).toBe(
      'Operation cannot be fulfilled on pods/binding "p": pod p is already assigned to node "n1"',
    );
    const found = await h.call('GET', `${url}?fieldSelector=spec.nodeName%3Dn1,status.phase!%3DFailed`);
    expect(found.body.items).toHaveLength(1);
    expect((await h.call('POST', `${url}/nope/eviction`, { metadata: { name: 'nope' } })).code).toBe(404);
    expect((await h.call('POST', `${url}/p/eviction`, { metadata: { name: 'p' } })).body).toMatchObject({
      code: 201,
      status: 'Success',
    });
    expect((await h.call('GET', `${url}/p`)).body.metadata.deletionTimestamp).toBeDefined();
  });

  test('scale reads and writes the declared paths', async () => {
    const h = await harness();
    await h.call('POST', WIDGETS, widget('w1'));
    expect((await h.call('GET', `${WIDGETS}/w1/scale`)).body).toMatchObject({
      code: 500,
      message: 'Internal error occurred: the spec replicas field ".spec.replicas" does not exist',
    });
    await h.call('PATCH', `${WIDGETS}/w1/status`, { status: { replicas: 3, sel: 'a=b' } }, MERGE);
    const scaled = await h.call('PATCH', `${WIDGETS}/w1/scale`, { spec: { replicas: 5 } }, MERGE);
    expect(scaled.body).toMatchObject({
      kind: 'Scale',
      apiVersion: 'autoscaling/v1',
      spec: { replicas: 5 },
      status: { replicas: 3, selector: 'a=b' },
    });
    expect((await h.call('GET', `${WIDGETS}/w1`)).body).toMatchObject({
      spec: { size: 1, replicas: 5 },
      metadata: { generation: 2 },
    });
    const put = { ...scaled.body, spec: { replicas: 1 } };
    expect((await h.call('PUT', `${WIDGETS}/w1/scale`, put)).body.spec).toEqual({ replicas: 1 });
    expect((await h.call('PUT', `${WIDGETS}/w1/scale`, put)).code).toBe(409);
    expect((await h.call('PATCH', `${WIDGETS}/w1/scale`, { spec: { replicas: -1 } }, MERGE)).code).toBe(422);
  });

  test('what is not declared', async () => {
    const h = await harness();
    await h.call('POST', WIDGETS, widget('w1'));
    expect((await h.call('GET', `${WIDGETS}/w1/foo`)).body.message).toBe('widgets.demo.io "w1" not found');
    expect((await h.call('POST', `${WIDGETS}/w1/status`, {})).body.message).toBe(
      'create is not supported on resources of kind "widgets.demo.io"',
    );
    expect((await h.call('GET', '/api/v1/namespaces/default/gadgets')).body.message).toBe(
      'the server could not find the requested resource',
    );
    expect((await h.call('GET', '/apis/demo.io/v9/namespaces/default/widgets')).code).toBe(404);
  });
});
