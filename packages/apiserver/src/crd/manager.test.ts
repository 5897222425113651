import { readFileSync } from 'node:fs';
import { CustomResourceDefinition, kubevirtResources, Namespace, VirtualMachine } from '@virtplane/resources';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { serveBuiltIn } from '../kinds/serve-built-in.ts';
import { Harness } from '../registry/core-fixture.ts';
import { type CrdManager, createCrdManager } from './manager.ts';

const CRDS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const WIDGETS = '/apis/demo.vp.io/v1/namespaces/default/widgets';

const widgetCrd = (): CustomResourceDefinition =>
  JSON.parse(
    readFileSync(new URL('../../testdata/widget-crd.json', import.meta.url), 'utf8'),
  ) as CustomResourceDefinition;

let harness: Harness;
let manager: CrdManager;
let faults: unknown[];

const start = (): CrdManager =>
  createCrdManager(
    harness.core.source('apiextensions.k8s.io', 'customresourcedefinitions'),
    harness.core.table,
    harness.core.transportFor({ username: 'system:apiserver', groups: ['system:masters'] }),
    (error) => faults.push(error),
  );

beforeEach(async () => {
  faults = [];
  harness = new Harness({ builtIn: [serveBuiltIn(Namespace), serveBuiltIn(CustomResourceDefinition)] });
  await harness.core.ready();
  manager = start();
  await harness.namespace('default');
});
afterEach(() => {
  manager.close();
  expect(faults).toEqual([]);
});

const until = async (check: () => Promise<boolean>): Promise<void> => {
  for (let attempt = 0; attempt < 500; attempt++) {
    if (await check()) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error('it did not happen within 5 s');
};

describe('a new definition', () => {
  test('is served before it is called established', async () => {
    expect((await harness.call('POST', CRDS, widgetCrd())).code).toBe(201);
    await manager.settled();
    const { body } = await harness.call('GET', `${CRDS}/widgets.demo.vp.io`);
    expect(
      body.status.conditions.map(
        (c: { type: string; status: string; reason: string }) => `${c.type}=${c.status} ${c.reason}`,
      ),
    ).toEqual(['NamesAccepted=True NoConflicts', 'Established=True InitialNamesAccepted']);
    expect(body.status.acceptedNames).toEqual(widgetCrd().spec.names);
    expect(body.status.storedVersions).toEqual(['v1']);
    const created = await harness.call('POST', WIDGETS, {
      apiVersion: 'demo.vp.io/v1',
      kind: 'Widget',
      metadata: { name: 'w' },
      spec: { size: 1, foo: 1 },
    });
    expect(created.code).toBe(201);
    expect(created.body.spec).toEqual({ size: 1, mode: 'a' });
    expect(created.warnings).toEqual(['unknown field "spec.foo"']);
  });

  test('says which of its rules are not evaluated', async () => {
    expect((await harness.call('POST', CRDS, widgetCrd())).warnings).toEqual([
      'version v1 has x-kubernetes-validations: this server stores these rules but does not evaluate them',
    ]);
  });

  test('with names that are taken is not served', async () => {
    await harness.call('POST', CRDS, widgetCrd());
    await manager.settled();
    const other = widgetCrd();
    other.metadata.name = 'gadgets.demo.vp.io';
    other.spec.names = { plural: 'gadgets', singular: 'gadget', kind: 'Widget', listKind: 'GadgetList' };
    await harness.call('POST', CRDS, other);
    await manager.settled();
    const { body } = await harness.call('GET', `${CRDS}/gadgets.demo.vp.io`);
    expect(body.status.conditions[0]).toMatchObject({
      type: 'NamesAccepted',
      status: 'False',
      reason: 'KindConflict',
      message: '"Widget" is already in use',
    });
    expect(body.status.conditions[1]).toMatchObject({ type: 'Established', status: 'False', reason: 'NotAccepted' });
    expect(harness.core.table.get('demo.vp.io', 'gadgets')).toBeUndefined();
  });

  test('a change of its schema counts at once', async () => {
    await harness.call('POST', CRDS, widgetCrd());
    await manager.settled();
    const patch = [
      {
        op: 'replace',
        path: '/spec/versions/0/schema/openAPIV3Schema/properties/spec/properties/size/maximum',
        value: 100,
      },
    ];
    const widget = { apiVersion: 'demo.vp.io/v1', kind: 'Widget', metadata: { name: 'big' }, spec: { size: 50 } };
    expect((await harness.call('POST', WIDGETS, widget)).code).toBe(422);
    expect((await harness.call('PATCH', `${CRDS}/widgets.demo.vp.io`, patch, 'application/json-patch+json')).code).toBe(
      200,
    );
    await manager.settled();
    expect((await harness.call('POST', WIDGETS, widget)).code).toBe(201);
  });
});

test('deletion takes the objects first, then the kind', async () => {
  await harness.call('POST', CRDS, widgetCrd());
  await manager.settled();
  const widget = {
    apiVersion: 'demo.vp.io/v1',
    kind: 'Widget',
    metadata: { name: 'w', finalizers: ['vp.io/x'] },
    spec: { size: 1 },
  };
  await harness.call('POST', WIDGETS, widget);
  const deleted = await harness.call('DELETE', `${CRDS}/widgets.demo.vp.io`);
  expect(deleted.body.metadata.finalizers).toEqual(['customresourcecleanup.apiextensions.k8s.io']);
  await until(async () => (await harness.call('GET', `${WIDGETS}/w`)).body.metadata.deletionTimestamp !== undefined);
  const refused = await harness.call('POST', WIDGETS, { ...widget, metadata: { name: 'late' } });
  expect(refused.code).toBe(405);
  // Somebody else's finalizer holds the last object, and with it the kind.
  expect((await harness.call('GET', `${CRDS}/widgets.demo.vp.io`)).code).toBe(200);
  await harness.call('PATCH', `${WIDGETS}/w`, { metadata: { finalizers: null } }, 'application/merge-patch+json');
  await until(async () => (await harness.call('GET', `${CRDS}/widgets.demo.vp.io`)).code === 404);
  expect(harness.core.table.get('demo.vp.io', 'widgets')).toBeUndefined();
});

describe('bundled definitions', () => {
  test('are created once, kept as they are, and written again only when something differs', async () => {
    await manager.ensureBundled(kubevirtResources);
    await manager.settled();
    const { body: first } = await harness.call('GET', `${CRDS}/virtualmachines.kubevirt.io`);
    expect(first.status.conditions.map((c: { status: string }) => c.status)).toEqual(['True', 'True']);
    expect(harness.core.table.get('kubevirt.io', 'virtualmachines')?.definition.schema).toBe(VirtualMachine.schema);

    manager.close();
    manager = start();
    await manager.ensureBundled(kubevirtResources);
    await manager.settled();
    const { body: second } = await harness.call('GET', `${CRDS}/virtualmachines.kubevirt.io`);
    expect(second.metadata.resourceVersion).toBe(first.metadata.resourceVersion);

    await harness.call(
      'PATCH',
      `${CRDS}/virtualmachines.kubevirt.io`,
      { spec: { names: { shortNames: ['x'] } } },
      'application/merge-patch+json',
    );
    await manager.settled();
    manager.close();
    manager = start();
    await manager.ensureBundled(kubevirtResources);
    await manager.settled();
    const { body: third } = await harness.call('GET', `${CRDS}/virtualmachines.kubevirt.io`);
    expect(third.spec.names.shortNames).toEqual(['vm', 'vms']);
  });

  test('are valid by the rules for everybody', async () => {
    for (const definition of kubevirtResources) harness.core.table.install(serveBuiltIn(definition));
    await manager.ensureBundled(kubevirtResources);
    expect(harness.core.source('apiextensions.k8s.io', 'customresourcedefinitions').list()).toHaveLength(
      kubevirtResources.length,
    );
  });
});
