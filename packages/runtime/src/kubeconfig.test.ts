import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { inClusterConfig, loadKubeconfig, writeKubeconfig } from './kubeconfig.ts';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'virtplane-kubeconfig-'));
});
afterEach(() => rm(directory, { recursive: true }));

const pem = '-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n';
const base64 = Buffer.from(pem).toString('base64');
const put = async (name: string, content: string): Promise<string> => {
  const path = join(directory, name);
  await writeFile(path, content);
  return path;
};
const config = (user: string, cluster = 'server: https://10.0.0.1:6443') => `
apiVersion: v1
kind: Config
current-context: one
clusters:
- name: c
  cluster: {${cluster}}
contexts:
- name: one
  context: {cluster: c, user: u}
- name: two
  context: {cluster: c, user: u, namespace: team}
users:
- name: u
  user: {${user}}
`;

test('what is written can be loaded, and only its owner may read it', async () => {
  const path = join(directory, 'sub', 'admin.kubeconfig');
  const content = {
    server: 'https://127.0.0.1:6443',
    certificateAuthority: pem,
    credential: { clientCertificate: pem, clientKey: pem },
  };
  await writeKubeconfig(path, content);
  await writeKubeconfig(path, content);
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  const loaded = await loadKubeconfig({ path });
  expect(loaded).toMatchObject({ server: content.server, certificateAuthority: pem, namespace: 'default' });
  expect(await loaded.credentials.current()).toEqual(content.credential);
});

test('files are relative to the kubeconfig, the token file is read again after a refusal', async () => {
  await put('ca.pem', pem);
  const token = await put('token', 'first\n');
  const path = await put(
    'config',
    config('tokenFile: token, as: boss, as-groups: [g]', 'server: "https://h", certificate-authority: ca.pem'),
  );
  const loaded = await loadKubeconfig({ path, context: 'two' });
  expect(loaded).toMatchObject({
    certificateAuthority: pem,
    namespace: 'team',
    impersonate: { user: 'boss', groups: ['g'] },
  });
  expect(await loaded.credentials.current()).toEqual({ token: 'first' });
  await writeFile(token, 'second');
  expect(await loaded.credentials.current()).toEqual({ token: 'first' });
  loaded.credentials.refused();
  expect(await loaded.credentials.current()).toEqual({ token: 'second' });
});

test('KUBECONFIG names several files: missing ones are passed over, the first to name something wins', async () => {
  const first = await put('a', 'current-context: two');
  const second = await put('b', config('token: x'));
  const third = await put('c', config('token: y', 'server: "https://other"'));
  const loaded = await loadKubeconfig({
    env: { KUBECONFIG: [join(directory, 'missing'), first, second, third].join(':') },
  });
  expect(loaded).toMatchObject({ server: 'https://10.0.0.1:6443', namespace: 'team' });
  expect(await loaded.credentials.current()).toEqual({ token: 'x' });
});

test('an exec plugin is run, told what it needs, and asked again when its answer was refused', async () => {
  const plugin = await put(
    'plugin',
    `#!/bin/sh\necho x >> "${directory}/runs"\necho '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"'$PREFIX-$1'"}}'\necho "$KUBERNETES_EXEC_INFO" > "${directory}/info"\n`,
  );
  await chmod(plugin, 0o700);
  const exec =
    'exec: {apiVersion: client.authentication.k8s.io/v1, command: ./plugin, args: [arg], env: [{name: PREFIX, value: p}], interactiveMode: Never, provideClusterInfo: true}';
  const { credentials } = await loadKubeconfig({ path: await put('config', config(exec)) });
  expect(await Promise.all([credentials.current(), credentials.current()])).toEqual([
    { token: 'p-arg' },
    { token: 'p-arg' },
  ]);
  await credentials.current();
  expect(await readFile(join(directory, 'runs'), 'utf8')).toBe('x\n');
  expect(JSON.parse(await readFile(join(directory, 'info'), 'utf8'))).toMatchObject({
    kind: 'ExecCredential',
    spec: { interactive: false, cluster: { server: 'https://10.0.0.1:6443' } },
  });
  credentials.refused();
  await credentials.current();
  expect(await readFile(join(directory, 'runs'), 'utf8')).toBe('x\nx\n');
});

test.each([
  ['not YAML', 'a: [', /kubeconfig .*config is not YAML/],
  ['no map', '- a', /expected a map with clusters/],
  ['no current context', 'apiVersion: v1', /config: current-context is not set/],
  [
    'unknown cluster',
    config('token: x').replace('{cluster: c, user: u}', '{cluster: z, user: u}'),
    /contexts\[one\]\.context\.cluster: there is no cluster "z" \(known: c\)/,
  ],
  [
    'unknown user',
    config('token: x').replace('{cluster: c, user: u}', '{cluster: c, user: z}'),
    /contexts\[one\]\.context\.user: there is no user "z"/,
  ],
  ['no server', config('token: x', ''), /clusters\[c\]\.cluster\.server is not set/],
  ['no address', config('token: x', 'server: nonsense'), /"nonsense" is no http or https address/],
  [
    'bad data',
    config('client-certificate-data: "!!"'),
    /users\[u\]\.user\.client-certificate-data is not base64 of a PEM text/,
  ],
  [
    'missing file',
    config('client-certificate: gone.crt'),
    /users\[u\]\.user\.client-certificate: cannot read .*gone\.crt/,
  ],
  ['certificate without key', config(`client-certificate-data: ${base64}`), /client-key is not/],
  ['old auth provider', config('auth-provider: {name: gcp}'), /auth-provider was removed/],
])('says what is wrong: %s', async (_name, content, message) => {
  const path = await put('config', content);
  await expect(loadKubeconfig({ path })).rejects.toThrow(message);
});

test('says what is wrong: the file is missing, the context is unknown, the plugin is missing', async () => {
  await expect(loadKubeconfig({ path: join(directory, 'none') })).rejects.toThrow(
    /cannot read kubeconfig .*none: ENOENT/,
  );
  const path = await put(
    'config',
    config(
      'exec: {apiVersion: client.authentication.k8s.io/v1, command: no-such-plugin-here, installHint: Install it.}',
    ),
  );
  await expect(loadKubeconfig({ path, context: 'three' })).rejects.toThrow(
    'there is no context "three" (known: one, two)',
  );
  const { credentials } = await loadKubeconfig({ path });
  await expect(credentials.current()).rejects.toThrow(
    /users\[u\]\.user\.exec: cannot run no-such-plugin-here: .*ENOENT.*Install it\./,
  );
});

test('in a Pod', async () => {
  await put('token', 'abc');
  await put('ca.crt', pem);
  await put('namespace', 'team');
  const loaded = await inClusterConfig(
    { KUBERNETES_SERVICE_HOST: 'fd00::1', KUBERNETES_SERVICE_PORT: '443' },
    directory,
  );
  expect(loaded).toMatchObject({ server: 'https://[fd00::1]:443', certificateAuthority: pem, namespace: 'team' });
  expect(await loaded.credentials.current()).toEqual({ token: 'abc' });
  await expect(inClusterConfig({}, directory)).rejects.toThrow('this is no Pod');
});
