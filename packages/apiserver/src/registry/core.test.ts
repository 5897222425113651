import { expect, test, vi } from 'vitest';
import { Harness } from './core-fixture.ts';

const CMS = '/api/v1/namespaces/default/configmaps';
const cm = (name: string, data: Record<string, string> = { a: '1' }, meta = {}) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, ...meta },
  data,
});

async function harness(): Promise<Harness> {
  const h = new Harness();
  await h.namespace('default');
  return h;
}

test('create, get, list, watch, delete', async () => {
  const h = await harness();
  const { sink } = await h.watch(`${CMS}?watch=1`);
  const created = await h.call('POST', CMS, cm('c1'));
  expect(created.code).toBe(201);
  expect(created.body.metadata).toMatchObject({
    name: 'c1',
    namespace: 'default',
    resourceVersion: expect.stringMatching(/^\d+$/),
  });
  expect(created.body.metadata.uid).toMatch(/^[0-9a-f-]{36}$/);
  expect(created.body.metadata.creationTimestamp).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
  expect((await h.call('GET', `${CMS}/c1`)).body).toEqual(created.body);
  const list = await h.call('GET', CMS);
  expect(list.body.kind).toBe('ConfigMapList');
  expect(list.body.items).toHaveLength(1);
  expect(list.body.items[0].kind).toBeUndefined();
  const gone = await h.call('DELETE', `${CMS}/c1`);
  expect(gone.body).toMatchObject({ kind: 'Status', status: 'Success', details: { name: 'c1', kind: 'configmaps' } });
  expect((await h.call('GET', `${CMS}/c1`)).code).toBe(404);
  await vi.waitFor(() => expect(sink.lines.map((l) => l.type)).toEqual(['ADDED', 'DELETED']));
  expect(Number(sink.lines[1]!.object.metadata!.resourceVersion)).toBeGreaterThan(
    Number(created.body.metadata.resourceVersion),
  );
});
