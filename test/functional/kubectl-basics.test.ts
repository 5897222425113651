import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ApiServer, LmdbStore, startApiServer } from '@virtplane/apiserver';
import { createJsonLogger } from '@virtplane/runtime';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { run } from '../harness/virtplane.ts';

let directory: string;
let server: ApiServer;

const start = (): Promise<ApiServer> =>
  startApiServer({
    dataDir: join(directory, 'data'),
    bindAddress: '127.0.0.1',
    port: 0,
    store: LmdbStore.open(join(directory, 'store')),
    tokenFile: join(directory, 'tokens.csv'),
    log: createJsonLogger({ name: 'apiserver', level: 'error' }),
    onFatal: (error) => {
      throw error;
    },
  });

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'virtplane-basics-'));
  await writeFile(join(directory, 'tokens.csv'), 'secret-of-bob,bob,7,"dev"\n');
  server = await start();
});

afterAll(async () => {
  await server?.close();
  if (directory) await rm(directory, { recursive: true, force: true });
});

const kubectl = (args: readonly string[], input?: string) =>
  run('kubectl', args, {
    env: { HOME: join(directory, 'home'), KUBECONFIG: server.adminKubeconfig },
    ...(input === undefined ? {} : { input }),
  });

async function ok(args: readonly string[], input?: string): Promise<string> {
  const { code, stdout, stderr } = await kubectl(args, input);
  if (code !== 0) throw new Error(`kubectl ${args.join(' ')}: ${stderr}`);
  return stdout;
}

/** As whoever shows this token and no certificate. */
const withToken = (token: string, args: readonly string[]) =>
  run(
    'kubectl',
    [`--server=${server.url}`, `--certificate-authority=${server.pki.paths.caCert}`, `--token=${token}`, ...args],
    {
      env: { HOME: join(directory, 'home'), KUBECONFIG: '/dev/null' },
    },
  );

test('the life of a namespace and a ConfigMap', async () => {
  expect(await ok(['create', 'namespace', 'demo'])).toBe('namespace/demo created\n');
  expect(await ok(['-n', 'demo', 'create', 'configmap', 'c1', '--from-literal=a=b'])).toBe('configmap/c1 created\n');
  expect(await ok(['-n', 'demo', 'get', 'configmap', 'c1', '-o', 'jsonpath={.data.a}'])).toBe('b');
  expect(await ok(['-n', 'demo', 'describe', 'configmap', 'c1'])).toContain('Name:         c1');
  expect(await ok(['-n', 'demo', 'label', 'configmap', 'c1', 'x=y'])).toBe('configmap/c1 labeled\n');
  expect(await ok(['-n', 'demo', 'patch', 'configmap', 'c1', '--type=merge', '-p', '{"data":{"a":"c"}}'])).toBe(
    'configmap/c1 patched\n',
  );
  expect(await ok(['-n', 'demo', 'get', 'configmap', '-l', 'x=y', '-o', 'jsonpath={.items[*].data.a}'])).toBe('c');
  expect(await ok(['-n', 'demo', 'delete', 'configmap', 'c1'])).toContain('configmap "c1" deleted');
  const gone = await kubectl(['-n', 'demo', 'get', 'configmap', 'c1']);
  expect([gone.code, gone.stderr]).toEqual([1, 'Error from server (NotFound): configmaps "c1" not found\n']);
  const twice = await kubectl(['create', 'namespace', 'demo']);
  expect(twice.stderr).toBe('Error from server (AlreadyExists): namespaces "demo" already exists\n');
});

test('discovery survives the cache of the client', async () => {
  // The second run asks with If-None-Match.
  const first = await ok(['api-resources', '--cached=false', '-o', 'name']);
  expect(first).toContain('clusterroles.rbac.authorization.k8s.io\n');
  expect(await ok(['api-resources', '--cached=false', '-o', 'name'])).toBe(first);
  expect(await ok(['version'])).toMatch(/Server Version: v1\.25\.\d+\+virtplane/);
  expect(await ok(['get', '--raw', '/readyz?verbose'])).toMatch(/^\[\+\]ping ok\n[\s\S]*readyz check passed/);
});

test('who asks, and what he may do', async () => {
  expect(await ok(['auth', 'whoami', '-o', 'jsonpath={.status.userInfo.username}'])).toBe('kubernetes-admin');
  expect(await ok(['auth', 'can-i', 'create', 'pods'])).toBe('yes\n');
  const bob = ['--as=bob', '-n', 'default'];
  expect((await kubectl(['auth', 'can-i', 'list', 'configmaps', ...bob])).stdout).toBe('no\n');
  expect(
    (await withToken('secret-of-bob', ['auth', 'whoami', '-o', 'jsonpath={.status.userInfo.groups}'])).stdout,
  ).toBe('["dev","system:authenticated"]');

  const refused = await withToken('secret-of-bob', ['-n', 'default', 'get', 'configmaps']);
  expect(refused.stderr).toBe(
    'Error from server (Forbidden): configmaps is forbidden: User "bob" cannot list resource "configmaps" in API group "" in the namespace "default"\n',
  );
  const wrong = await withToken('wrong', ['get', '--raw', '/api/v1/namespaces']);
  expect([wrong.code, wrong.stderr]).toEqual([1, 'error: You must be logged in to the server (Unauthorized)\n']);

  await ok(['-n', 'default', 'create', 'role', 'r', '--verb=get,list', '--resource=configmaps']);
  await ok(['-n', 'default', 'create', 'rolebinding', 'rb', '--role=r', '--user=bob']);
  expect((await withToken('secret-of-bob', ['-n', 'default', 'get', 'configmaps', '-o', 'name'])).code).toBe(0);
  const list = await withToken('secret-of-bob', ['-n', 'default', 'auth', 'can-i', '--list']);
  expect(list.stdout).toMatch(/configmaps .*\[get list\]/);
});

test('nobody grants more than he holds', async () => {
  await ok(['-n', 'default', 'create', 'rolebinding', 'admins', '--clusterrole=admin', '--group=dev']);
  const refused = await withToken('secret-of-bob', [
    ...['-n', 'default', 'create', 'role', 'too-strong', '--verb=create', '--resource=resourcequotas'],
  ]);
  expect(refused.stderr).toContain('is attempting to grant RBAC permissions not currently held:\n');
  expect(refused.stderr).toContain('{APIGroups:[""], Resources:["resourcequotas"], Verbs:["create"]}');
  const granted = await withToken('secret-of-bob', [
    ...['-n', 'default', 'create', 'role', 'fine', '--verb=get', '--resource=pods'],
  ]);
  expect([granted.code, granted.stdout]).toEqual([0, 'role.rbac.authorization.k8s.io/fine created\n']);
});

test('the token of a ServiceAccount is good while the account lives', async () => {
  await ok(['-n', 'default', 'create', 'serviceaccount', 'runner']);
  const token = (await ok(['-n', 'default', 'create', 'token', 'runner'])).trim();
  const whoami = () => withToken(token, ['auth', 'whoami', '-o', 'jsonpath={.status.userInfo.username}']);
  expect((await whoami()).stdout).toBe('system:serviceaccount:default:runner');
  await ok(['-n', 'default', 'delete', 'serviceaccount', 'runner']);
  expect((await whoami()).stderr).toContain('Unauthorized');
});

test('rules aggregate into admin, edit and view', async () => {
  const role = {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRole',
    metadata: { name: 'widgets-view', labels: { 'rbac.authorization.k8s.io/aggregate-to-view': 'true' } },
    rules: [{ apiGroups: ['demo.example'], resources: ['widgets'], verbs: ['list'] }],
  };
  await ok(['apply', '-f', '-'], JSON.stringify(role));
  await expect
    .poll(() => ok(['get', 'clusterrole', 'admin', '-o', 'jsonpath={.rules[*].resources}']), { timeout: 10_000 })
    .toContain('widgets');
});

test('everything is there after a restart, certificates and keys too', async () => {
  const { pki } = server;
  await server.close();
  server = await start();
  expect(server.pki.serving).toEqual(pki.serving);
  expect(await ok(['get', 'namespace', 'demo', '-o', 'name'])).toBe('namespace/demo\n');
});
