import fs from 'node:fs/promises';
import { request } from 'node:https';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually, run, startVirtplane, type TestVirtplane, top } from '../harness/virtplane.ts';

let plane: TestVirtplane;
let server: string;
/** Kubeconfigs of others, and their kubectl's cache. */
let files: string;
const tokens = new Map<string, string>();

const machine = {
  apiVersion: 'kubevirt.io/v1',
  kind: 'VirtualMachine',
  metadata: { name: 'guest' },
  spec: {
    runStrategy: 'Always',
    template: {
      spec: {
        terminationGracePeriodSeconds: 0,
        domain: { devices: {}, resources: { requests: { memory: '64Mi' } } },
      },
    },
  },
};

beforeAll(async () => {
  files = await fs.mkdtemp(path.join(os.tmpdir(), 'vp-rbac-'));
  plane = await startVirtplane();
  server = await plane.ok(['config', 'view', '-o', 'jsonpath={.clusters[0].cluster.server}']);
  for (const name of ['viewer', 'editor', 'nobody']) {
    await eventually(() => plane.ok(['create', 'serviceaccount', name]));
    tokens.set(name, (await plane.ok(['create', 'token', name])).trim());
  }
  await plane.ok(['create', 'rolebinding', 'v', '--clusterrole=view', '--serviceaccount=default:viewer']);
  await plane.ok(['create', 'rolebinding', 'e', '--clusterrole=edit', '--serviceaccount=default:editor']);
  await plane.ok(['apply', '-f', '-'], { input: JSON.stringify(machine) });
  await plane.ok(['wait', 'vm/guest', '--for=jsonpath={.status.printableStatus}=Running', '--timeout=60s']);
});
afterAll(async () => {
  await fs.rm(files, { recursive: true, force: true });
  await plane?.stop();
});

/** A kubeconfig with that one's token and nothing else. */
async function kubeconfigOf(name: string): Promise<string> {
  const config = JSON.parse(await plane.ok(['config', 'view', '--raw', '-o', 'json']));
  config.users = [{ name: config.users[0].name, user: { token: tokens.get(name) } }];
  const file = path.join(files, `${name}.kubeconfig`);
  await fs.writeFile(file, JSON.stringify(config), { mode: 0o600 });
  return file;
}
const as = async (file: string, name: string, args: readonly string[], input?: string) =>
  run(file, args, {
    env: { KUBECONFIG: await kubeconfigOf(name), HOME: files },
    ...(input === undefined ? {} : { input }),
  });
const kubectl = (name: string, args: readonly string[], input?: string) => as('kubectl', name, args, input);
const virtctl = (name: string, args: readonly string[]) => as(path.join(top, 'bin/virtctl'), name, args);
const user = (name: string) => `User "system:serviceaccount:default:${name}"`;

/** The status line and body of an upgrade that somebody asks for, with all bytes that came. */
const upgrade = (name: string, path: string): Promise<{ code: number; upgraded: boolean; body: string }> =>
  new Promise((resolve, reject) => {
    const asking = request(server + path, {
      rejectUnauthorized: false,
      headers: {
        authorization: `Bearer ${tokens.get(name)}`,
        connection: 'Upgrade',
        upgrade: 'websocket',
        'sec-websocket-version': '13',
        'sec-websocket-key': 'AAAAAAAAAAAAAAAAAAAAAA==',
        'sec-websocket-protocol': 'plain.kubevirt.io',
      },
    });
    asking.on('error', reject);
    asking.on('upgrade', (response, socket) => {
      socket.destroy();
      resolve({ code: response.statusCode ?? 0, upgraded: true, body: '' });
    });
    asking.on('response', (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (text: string) => {
        body += text;
      });
      response.on('end', () => resolve({ code: response.statusCode ?? 0, upgraded: false, body }));
    });
    asking.end();
  });
const instance = '/apis/subresources.kubevirt.io/v1/namespaces/default/virtualmachineinstances/guest';

test('who has nothing sees nothing', async () => {
  const list = await kubectl('nobody', ['get', 'vm']);
  expect([list.code, list.stderr]).toEqual([
    1,
    `Error from server (Forbidden): virtualmachines.kubevirt.io is forbidden: ${user('nobody')} cannot list resource "virtualmachines" in API group "kubevirt.io" in the namespace "default"\n`,
  ]);
  const create = await kubectl(
    'nobody',
    ['create', '-f', '-'],
    JSON.stringify({ ...machine, metadata: { name: 'x' } }),
  );
  expect(create.stderr).toContain(
    `virtualmachines.kubevirt.io is forbidden: ${user('nobody')} cannot create resource "virtualmachines" in API group "kubevirt.io" in the namespace "default"`,
  );
  expect((await virtctl('nobody', ['stop', 'guest'])).stderr).toContain(
    `${user('nobody')} cannot update resource "virtualmachines/stop" in API group "subresources.kubevirt.io" in the namespace "default"`,
  );
});

test('view reads machines and their guests, and touches nothing', async () => {
  expect((await kubectl('viewer', ['get', 'vm,vmi,pod', '-o', 'name'])).code).toBe(0);
  expect((await kubectl('viewer', ['get', 'secrets'])).stderr).toContain('cannot list resource "secrets"');
  expect(
    (await kubectl('viewer', ['patch', 'vm', 'guest', '--type=merge', '-p', '{"spec":{"runStrategy":"Halted"}}']))
      .stderr,
  ).toBe(
    `Error from server (Forbidden): virtualmachines.kubevirt.io "guest" is forbidden: ${user('viewer')} cannot patch resource "virtualmachines" in API group "kubevirt.io" in the namespace "default"\n`,
  );
  const can = async (group: string, resource: string, subresource: string) => {
    const resourceAttributes = { verb: 'get', namespace: 'default', group, resource, subresource };
    const review = {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SelfSubjectAccessReview',
      spec: { resourceAttributes },
    };
    // Not plain `create`: for a kind without PATCH kubectl looks it up among the CRDs, which this one may not list.
    const args = ['create', '--raw', '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', '-f', '-'];
    return JSON.parse((await kubectl('viewer', args, JSON.stringify(review))).stdout).status.allowed;
  };
  const group = 'subresources.kubevirt.io';
  expect(await can(group, 'virtualmachineinstances', 'guestosinfo')).toBe(true);
  expect(await can(group, 'virtualmachineinstances', 'console')).toBe(false);
  expect(await can('', 'pods', 'log')).toBe(true);
  const console = await virtctl('viewer', ['console', 'guest']);
  expect(console.code).toBe(1);
  expect(console.stderr).toContain(
    `virtualmachineinstances.subresources.kubevirt.io "guest" is forbidden: ${user('viewer')} cannot get resource "virtualmachineinstances/console" in API group "subresources.kubevirt.io" in the namespace "default"`,
  );
});

test('a stream is refused before any byte of it', async () => {
  for (const stream of ['console', 'vnc', 'portforward/22/tcp']) {
    for (const who of ['viewer', 'nobody']) {
      const refused = await upgrade(who, `${instance}/${stream}`);
      expect([refused.code, refused.upgraded], stream).toEqual([403, false]);
      expect(JSON.parse(refused.body)).toMatchObject({ kind: 'Status', reason: 'Forbidden', code: 403 });
    }
  }
  tokens.set('stranger', 'not-a-token');
  expect(await upgrade('stranger', `${instance}/console`)).toMatchObject({ code: 401, upgraded: false });
  expect(await upgrade('editor', `${instance}/console`)).toMatchObject({ code: 101, upgraded: true });
});

test('edit runs machines, and grants nobody anything', async () => {
  expect((await virtctl('editor', ['pause', 'vm', 'guest'])).stdout).toContain('scheduled to pause');
  expect((await virtctl('editor', ['unpause', 'vm', 'guest'])).stdout).toContain('scheduled to unpause');
  const second = JSON.stringify({ ...machine, metadata: { name: 'second' } });
  expect(await kubectl('editor', ['apply', '--dry-run=server', '-f', '-'], second)).toMatchObject({
    code: 0,
    stderr: '',
  });
  expect((await kubectl('editor', ['label', 'vm', 'guest', 'a=b'])).code).toBe(0);
  expect(
    (await kubectl('editor', ['create', 'rolebinding', 'mine', '--clusterrole=view', '--user=me'])).stderr,
  ).toContain('cannot create resource "rolebindings"');
  expect((await kubectl('editor', ['get', 'nodes'])).stderr).toContain('cannot list resource "nodes"');
  const inOther = await kubectl('editor', ['-n', 'kube-system', 'get', 'vm']);
  expect(inOther.stderr).toContain('in the namespace "kube-system"');
});

test("a machine's own service account sees nothing", async () => {
  const account = await plane.ok(['get', 'pod', '-o', 'jsonpath={.items[0].spec.serviceAccountName}']);
  tokens.set(account, (await plane.ok(['create', 'token', account])).trim());
  for (const resource of ['vm', 'vmi', 'pods', 'secrets', 'configmaps', 'nodes'])
    expect((await kubectl(account, ['get', resource])).stderr, resource).toContain('is forbidden');
  expect(await plane.ok(['get', 'pod', '-o', 'jsonpath={.items[0].spec.automountServiceAccountToken}'])).toBe('false');
});
