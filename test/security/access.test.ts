import * as fs from 'node:fs/promises';
import https from 'node:https';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startVirtplane, type TestVirtplane } from '../harness/virtplane.ts';

let virtplane: TestVirtplane;
let server: URL;
beforeAll(async () => {
  virtplane = await startVirtplane();
  server = new URL(await virtplane.ok(['config', 'view', '-o', 'jsonpath={.clusters[0].cluster.server}']));
});
afterAll(() => virtplane?.stop());

function ask(url: URL, pathname: string, options: https.RequestOptions = {}): Promise<{ code: number; text: string }> {
  return new Promise((resolve, reject) => {
    const target = { hostname: url.hostname, port: url.port, path: pathname, rejectUnauthorized: false, ...options };
    const request = https.request(target, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('end', () => resolve({ code: response.statusCode ?? 0, text }));
    });
    request.once('error', reject);
    request.end();
  });
}

const closed = [
  '/api/v1/secrets',
  '/api/v1/nodes',
  '/apis/kubevirt.io/v1/virtualmachines',
  '/metrics',
  '/apis/subresources.kubevirt.io/v1/namespaces/default/virtualmachineinstances/x/console',
];

test.each(['/version', '/healthz', '/livez', '/readyz'])('anybody may read %s', async (pathname) => {
  expect((await ask(server, pathname)).code).toBe(200);
});

test.each(closed)('nobody without credentials gets %s', async (pathname) => {
  expect((await ask(server, pathname)).code).toBe(403);
});

test.each(closed)('a wrong token is refused at %s', async (pathname) => {
  expect((await ask(server, pathname, { headers: { authorization: 'Bearer wrong' } })).code).toBe(401);
});

test('a service account that was given nothing sees nothing', async () => {
  const token = (await virtplane.ok(['create', 'token', 'default'])).trim();
  for (const pathname of closed) {
    const answer = await ask(server, pathname, { headers: { authorization: `Bearer ${token}` } });
    expect(answer.code, pathname).toBe(403);
  }
});

test("the node agent's own identity reads no other secrets and makes no machines", async () => {
  const kubeconfig = path.join(virtplane.dataDirectory, 'node.kubeconfig');
  const can = (...args: string[]) => virtplane.kubectl(['--kubeconfig', kubeconfig, 'auth', 'can-i', ...args]);
  expect((await can('create', 'virtualmachines.kubevirt.io')).stdout.trim()).toBe('no');
  expect((await can('list', 'secrets', '-A')).stdout.trim()).toBe('no');
  const other = await virtplane.kubectl(['--kubeconfig', kubeconfig, 'label', 'node', 'another', 'a=b']);
  expect(other.code).not.toBe(0);
});

test("the node's streams are for the server alone", async () => {
  const port = await virtplane.ok([
    'get',
    'nodes',
    '-o',
    'jsonpath={.items[0].status.daemonEndpoints.kubeletEndpoint.Port}',
  ]);
  const node = new URL(`https://127.0.0.1:${port}`);
  const pathname = '/v1/namespaces/default/virtualmachineinstances/x/guestosinfo';
  // No client certificate: not even the TLS handshake ends well.
  await expect(ask(node, pathname)).rejects.toThrow('certificate required');
});

test('keys are readable by their owner alone', async () => {
  const keys = (await fs.readdir(virtplane.dataDirectory, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile() && /\.(key|kubeconfig)$/.test(entry.name))
    .map((entry) => path.join(entry.parentPath, entry.name));
  expect(keys.length).toBeGreaterThan(4);
  for (const file of keys) expect((await fs.stat(file)).mode & 0o077, file).toBe(0);
  expect((await fs.stat(path.join(virtplane.dataDirectory, 'server'))).mode & 0o077).toBe(0);
});
