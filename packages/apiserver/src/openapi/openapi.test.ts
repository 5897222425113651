import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigMap, Deployment, Pod, VirtualMachine } from '@virtplane/resources';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ApiAnswer } from '../http/request.ts';
import { serveBuiltIn } from '../kinds/serve-built-in.ts';
import type { ResourceTable, ServedResource } from '../registry/served-resource.ts';
import { ProtobufReader } from '../schema/protobuf-reader.ts';
import { createOpenApi, type OpenApi } from './openapi.ts';

class FakeTable implements ResourceTable {
  readonly served: ServedResource[] = [];
  readonly listeners = new Set<(group: string) => void>();
  get = (): undefined => undefined;
  all = (): readonly ServedResource[] => this.served;
  install(served: ServedResource): void {
    this.served.push(served);
    for (const listener of this.listeners) listener(served.definition.group);
  }
  uninstall(): void {}
  onChange(listener: (group: string) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }
}

interface Schema {
  readonly properties?: Record<string, Schema>;
  readonly type?: string;
  readonly $ref?: string;
  readonly allOf?: Schema[];
  readonly [key: string]: unknown;
}
interface Document {
  readonly paths: Record<
    string,
    Record<string, { parameters: { name: string; in: string }[]; [key: string]: unknown }>
  >;
  readonly components: { schemas: Record<string, Schema> };
  readonly definitions: Record<string, Schema>;
}

let table: FakeTable;
let openApi: OpenApi;
let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'virtplane-openapi-'));
  table = new FakeTable();
  for (const definition of [Pod, ConfigMap, Deployment, VirtualMachine]) table.install(serveBuiltIn(definition));
  openApi = createOpenApi(table, { cacheDir: directory });
});
afterEach(async () => {
  openApi.close();
  await rm(directory, { recursive: true, force: true });
});

const ask = (path: string, options: { accept?: string; hash?: string; ifNoneMatch?: string } = {}) =>
  openApi.handle(
    path,
    options.accept ?? 'application/json',
    new URLSearchParams(options.hash === undefined ? {} : { hash: options.hash }),
    options.ifNoneMatch,
  );

function documentOf(answer: ApiAnswer | undefined): Document {
  if (answer?.kind !== 'json') throw new Error('not a document');
  return JSON.parse(Buffer.concat([...answer.pieces]).toString()) as Document;
}
async function urls(): Promise<Record<string, string>> {
  const answer = await ask('/openapi/v3');
  if (answer?.kind !== 'object') throw new Error('no index');
  const { paths } = answer.object as { paths: Record<string, { serverRelativeURL: string }> };
  return Object.fromEntries(Object.entries(paths).map(([key, value]) => [key, value.serverRelativeURL]));
}
const hashIn = (url: string | undefined): string => new URL(url ?? '', 'https://x').searchParams.get('hash') ?? '';

describe('v3', () => {
  test('an index of group versions, each immutable under its hash', async () => {
    const index = await urls();
    expect(Object.keys(index)).toEqual(['api/v1', 'apis/apps/v1', 'apis/kubevirt.io/v1', 'apis/kubevirt.io/v1alpha3']);
    const hash = hashIn(index['api/v1']);
    expect(hash).toMatch(/^[0-9A-F]{64}$/);
    const answer = await ask('/openapi/v3/api/v1', { hash });
    expect(answer).toMatchObject({
      code: 200,
      headers: { 'cache-control': 'public, immutable', etag: `"${hash}"`, vary: 'Accept' },
    });
    expect(await ask('/openapi/v3/api/v1', { hash: 'OLD' })).toMatchObject({
      code: 301,
      headers: { location: `/openapi/v3/api/v1?hash=${hash}` },
    });
    const again = await ask('/openapi/v3/api/v1', { hash, ifNoneMatch: `"${hash}"` });
    // Another type would replace the document's in the client's cache.
    expect(again).toMatchObject({ code: 304, contentType: 'application/json' });
    expect(await ask('/openapi/v3/apis/none/v1')).toBeUndefined();
    expect(await ask('/openapi/v4')).toBeUndefined();
  });

  test('what kubectl looks for: kinds, merge keys, query parameters, references that lead somewhere', async () => {
    const document = documentOf(await ask('/openapi/v3/api/v1'));
    const { schemas } = document.components;
    expect(schemas['io.k8s.api.core.v1.Pod']?.['x-kubernetes-group-version-kind']).toEqual([
      { group: '', kind: 'Pod', version: 'v1' },
    ]);
    const containers = schemas['io.k8s.api.core.v1.PodSpec']?.properties?.containers;
    expect(containers).toMatchObject({
      type: 'array',
      'x-kubernetes-patch-merge-key': 'name',
      'x-kubernetes-patch-strategy': 'merge',
    });
    const item = document.paths['/api/v1/namespaces/{namespace}/pods/{name}'];
    const collection = document.paths['/api/v1/namespaces/{namespace}/pods'];
    for (const operation of [item?.patch, item?.put, collection?.post]) {
      expect(operation?.['x-kubernetes-group-version-kind']).toEqual({ group: '', kind: 'Pod', version: 'v1' });
      expect(operation?.parameters.map((p) => p.name)).toEqual(
        expect.arrayContaining(['fieldValidation', 'dryRun', 'fieldManager']),
      );
    }
    const text = JSON.stringify(document);
    for (const [, name] of text.matchAll(/"#\/components\/schemas\/([^"]+)"/g))
      expect(schemas).toHaveProperty([name ?? '']);
    expect(text).not.toMatch(/x-protobuf|x-scalar|x-inline|"\$id"/);
  });

  test('custom resources carry group, version and the metadata of every object', async () => {
    const { schemas } = documentOf(await ask('/openapi/v3/apis/kubevirt.io/v1alpha3')).components;
    const vm = schemas['io.kubevirt.v1alpha3.VirtualMachine'];
    expect(vm?.['x-kubernetes-group-version-kind']).toEqual([
      { group: 'kubevirt.io', kind: 'VirtualMachine', version: 'v1alpha3' },
    ]);
    expect(vm?.properties?.metadata?.allOf?.[0]?.$ref).toBe(
      '#/components/schemas/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta',
    );
  });

  test('a new kind changes the documents of its group only', async () => {
    const before = await urls();
    table.install(serveBuiltIn({ ...ConfigMap, group: 'apps', plural: 'others', kind: 'Other' }));
    const after = await urls();
    expect(after['api/v1']).toBe(before['api/v1']);
    expect(after['apis/apps/v1']).not.toBe(before['apis/apps/v1']);
  });
});

describe('v2', () => {
  const PROTOBUF = 'application/com.github.proto-openapi.spec.v2@v1.0+protobuf';

  test('JSON has only what v2 can say', async () => {
    const document = documentOf(await ask('/openapi/v2'));
    expect(Object.keys(document.definitions)).toContain('io.kubevirt.v1.VirtualMachine');
    const text = JSON.stringify(document.definitions);
    expect(text).not.toMatch(/"nullable"|"(any|all|one)Of"/);
    for (const [, name] of text.matchAll(/"#\/definitions\/([^"]+)"/g))
      expect(document.definitions).toHaveProperty([name ?? '']);
  });

  test('protobuf holds the same definitions, and lies on disk afterwards', async () => {
    const answer = await ask('/openapi/v2', { accept: PROTOBUF });
    if (answer?.kind !== 'bytes') throw new Error('not protobuf');
    // Go cannot read the type by which it asks.
    expect(answer.contentType).toBe('application/com.github.proto-openapi.spec.v2.v1.0+protobuf');
    const names: string[] = [];
    const document = new ProtobufReader(answer.bytes, 0, answer.bytes.length);
    while (document.more()) {
      const tag = document.tag();
      if (tag.field !== 9) {
        document.skip(tag.wire);
        continue;
      }
      const definitions = document.message();
      while (definitions.more()) {
        definitions.tag();
        const named = definitions.message();
        while (named.more()) {
          const part = named.tag();
          if (part.field === 1) names.push(named.string());
          else named.skip(part.wire);
        }
      }
    }
    expect(names).toEqual(Object.keys(documentOf(await ask('/openapi/v2')).definitions));
    expect(await readdir(directory)).toHaveLength(2);

    const second = createOpenApi(table, { cacheDir: directory });
    const kept = await second.handle('/openapi/v2', PROTOBUF, new URLSearchParams(), undefined);
    expect(kept?.kind === 'bytes' && kept.bytes.equals(answer.bytes)).toBe(true);
    second.close();
  });
});
