import { ConfigMap, Namespace, Pod, type ResourceDefinition, VirtualMachine } from '@virtplane/resources';
import type { ApiExtension } from '@virtplane/runtime';
import { describe, expect, test } from 'vitest';
import type { ApiAnswer } from '../http/request.ts';
import type { ResourceTable, ServedResource } from '../registry/served-resource.ts';
import { createDiscovery } from './discovery.ts';
import { compareVersions } from './groups.ts';
import { createHealth } from './health.ts';

function served(definition: ResourceDefinition): ServedResource {
  const schema = {
    decodeFault: () => undefined,
    prune: () => undefined,
    applyDefaults: () => undefined,
    validate: () => [],
  };
  const versions = definition.servedVersions.map((name) => ({ name, schema, columns: [] }));
  return { definition, versions, strategy: {} };
}

function fakeTable(...definitions: ResourceDefinition[]) {
  const all = definitions.map(served);
  const listeners = new Set<(group: string) => void>();
  const table: ResourceTable = {
    get: (group, plural) => all.find(({ definition: d }) => d.group === group && d.plural === plural),
    all: () => all,
    install(resource) {
      all.push(resource);
      for (const listener of listeners) listener(resource.definition.group);
    },
    uninstall: () => undefined,
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
  return table;
}

const extension: ApiExtension = {
  group: 'subresources.kubevirt.io',
  versions: ['v1', 'v1alpha3'],
  resources: () => [
    { name: 'virtualmachines/start', singularName: '', namespaced: true, kind: 'VirtualMachine', verbs: ['update'] },
  ],
  handle: async () => ({ code: 200 }),
};

const bodyOf = (answer: ApiAnswer | undefined) => {
  if (answer?.kind === 'json') return JSON.parse(Buffer.concat(answer.pieces).toString());
  if (answer?.kind === 'text') return JSON.parse(answer.text);
  return answer;
};

describe('discovery', () => {
  const table = fakeTable(Namespace, Pod, VirtualMachine);
  const discovery = createDiscovery(table, [extension], () => '127.0.0.1:6443');
  const plain = { accept: 'application/json', ifNoneMatch: undefined };
  const get = (path: string) => bodyOf(discovery.handle(path, plain));

  test('legacy lists', () => {
    expect(get('/api')).toEqual({
      kind: 'APIVersions',
      versions: ['v1'],
      serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress: '127.0.0.1:6443' }],
    });
    expect(get('/apis').groups.map((g: { name: string }) => g.name)).toEqual([
      'kubevirt.io',
      'subresources.kubevirt.io',
    ]);
    expect(get('/apis/kubevirt.io')).toMatchObject({
      kind: 'APIGroup',
      apiVersion: 'v1',
      name: 'kubevirt.io',
      preferredVersion: { groupVersion: 'kubevirt.io/v1', version: 'v1' },
    });
    const core = get('/api/v1');
    expect(core).toMatchObject({ kind: 'APIResourceList', groupVersion: 'v1' });
    expect(core.resources.find((r: { name: string }) => r.name === 'pods')).toMatchObject({
      singularName: '',
      namespaced: true,
      kind: 'Pod',
      shortNames: ['po'],
      verbs: ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'],
    });
    expect(core.resources.find((r: { name: string }) => r.name === 'pods/eviction')).toMatchObject({
      group: 'policy',
      version: 'v1',
      kind: 'Eviction',
      verbs: ['create'],
    });
    expect(get('/apis/kubevirt.io/v1').resources[0]).toMatchObject({
      name: 'virtualmachines',
      singularName: 'virtualmachine',
      verbs: ['delete', 'deletecollection', 'get', 'list', 'patch', 'create', 'update', 'watch'],
    });
    expect(get('/apis/subresources.kubevirt.io/v1alpha3/')).toMatchObject({
      groupVersion: 'subresources.kubevirt.io/v1alpha3',
      resources: [{ name: 'virtualmachines/start' }],
    });
    expect(get('/apis/none')).toBeUndefined();
    expect(get('/apis/kubevirt.io/v9')).toBeUndefined();
    expect(get('/version')).toBeUndefined();
  });

  test.each(['v2beta1', 'v2'])('aggregated %s', (version) => {
    const type = `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`;
    const answer = discovery.handle('/apis', { accept: `${type},application/json`, ifNoneMatch: undefined });
    if (answer?.kind !== 'text') throw new Error('no aggregated answer');
    expect(answer.contentType).toBe(type);
    const body = bodyOf(answer);
    expect(body).toMatchObject({ kind: 'APIGroupDiscoveryList', apiVersion: `apidiscovery.k8s.io/${version}` });
    expect(body.items.map((i: { metadata: { name?: string } }) => i.metadata.name)).toEqual([
      'kubevirt.io',
      'subresources.kubevirt.io',
    ]);
    expect(body.items[0].versions[0].resources[0]).toMatchObject({
      resource: 'virtualmachines',
      responseKind: { group: 'kubevirt.io', version: 'v1', kind: 'VirtualMachine' },
      scope: 'Namespaced',
      singularResource: 'virtualmachine',
      subresources: [{ subresource: 'status' }],
    });
    const etag = answer.headers?.etag;
    const again = discovery.handle('/apis', { accept: type, ifNoneMatch: etag });
    expect(again).toMatchObject({ code: 304, text: '' });
    const core = bodyOf(discovery.handle('/api', { accept: type, ifNoneMatch: undefined }));
    expect(core.items).toHaveLength(1);
    expect(core.items[0].metadata).toEqual({});
  });

  test('a new kind is there at once', () => {
    expect(get('/api/v1').resources.some((r: { name: string }) => r.name === 'configmaps')).toBe(false);
    table.install(served(ConfigMap));
    expect(get('/api/v1').resources.some((r: { name: string }) => r.name === 'configmaps')).toBe(true);
    expect([discovery.serves('', 'v1'), discovery.serves('apps', 'v1')]).toEqual([true, false]);
  });
});

test('versions sort as Kubernetes sorts them', () => {
  const sorted = ['foo10', 'v11alpha2', 'v1', 'v10', 'v12alpha1', 'v3beta1', 'v11beta2', 'foo1', 'v2', 'v10beta3'].sort(
    compareVersions,
  );
  expect(sorted).toEqual([
    'v10',
    'v2',
    'v1',
    'v11beta2',
    'v10beta3',
    'v3beta1',
    'v12alpha1',
    'v11alpha2',
    'foo1',
    'foo10',
  ]);
});

test('health', async () => {
  let broken = false;
  const failures: string[] = [];
  const health = createHealth({
    checks: new Map([
      ['ping', () => undefined],
      [
        'etcd',
        () => {
          if (broken) throw new Error('disk full');
        },
      ],
    ]),
    readyOnly: new Set(),
    onFailure: (check) => failures.push(check),
  });
  const ask = async (target: string) => {
    const [path = '', query = ''] = target.split('?');
    const answer = await health.handle(path, new URLSearchParams(query));
    return answer?.kind === 'text' ? [answer.code, answer.text] : undefined;
  };
  expect(await ask('/readyz')).toEqual([200, 'ok']);
  expect(await ask('/livez?exclude=etcd&verbose')).toEqual([
    200,
    '[+]ping ok\n[+]etcd excluded: ok\nlivez check passed\n',
  ]);
  expect(await ask('/readyz?verbose&exclude=foo')).toEqual([
    200,
    '[+]ping ok\n[+]etcd ok\nwarn: some health checks cannot be excluded: no matches for "foo"\nreadyz check passed\n',
  ]);
  expect(await ask('/readyz/ping')).toEqual([200, 'ok']);
  expect(await ask('/readyz/none')).toBeUndefined();
  broken = true;
  expect(await ask('/healthz')).toEqual([500, '[+]ping ok\n[-]etcd failed: reason withheld\nhealthz check failed\n']);
  expect(failures).toEqual(['etcd']);
});
