import { randomBytes } from 'node:crypto';
import { chmod, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, dirname, isAbsolute, join, resolve } from 'node:path';
import { type ClusterConfig, type Credential, type CredentialSource, fixedCredential } from './cluster-config.ts';
import { type ExecConfig, execCredentials } from './exec-credentials.ts';

export interface KubeconfigOptions {
  /** Only this file; default: environment variable KUBECONFIG (several, merged: the first to name something wins), else `~/.kube/config`. */
  readonly path?: string;
  /** Default: `current-context`. */
  readonly context?: string;
  readonly env?: NodeJS.ProcessEnv;
}

type Fields = Record<string, unknown>;
/** An entry with the place it comes from, for messages and for relative paths. */
interface Entry {
  readonly fields: Fields;
  readonly file: string;
}
interface Merged {
  readonly files: readonly string[];
  currentContext: string;
  readonly contexts: Map<string, Entry>;
  readonly clusters: Map<string, Entry>;
  readonly users: Map<string, Entry>;
}

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Reads a kubeconfig as kubectl does. Every error names the file and the field. */
export async function loadKubeconfig(options: KubeconfigOptions = {}): Promise<ClusterConfig> {
  const env = options.env ?? process.env;
  const files = options.path ? [options.path] : kubeconfigPaths(env);
  const merged = await readAll(files, options.path === undefined && (env.KUBECONFIG ?? '') !== '');
  const where = merged.files.join(', ');
  const contextName = options.context || merged.currentContext;
  if (!contextName) throw new Error(`${where}: current-context is not set and no context was asked for`);
  const context = merged.contexts.get(contextName);
  if (!context)
    throw new Error(`${where}: there is no context ${JSON.stringify(contextName)} (known: ${names(merged.contexts)})`);
  const at = `${context.file}: contexts[${contextName}]`;
  const clusterName = text(context, at, 'cluster');
  if (!clusterName) throw new Error(`${at}.context.cluster is not set`);
  const cluster = merged.clusters.get(clusterName);
  if (!cluster)
    throw new Error(
      `${at}.context.cluster: there is no cluster ${JSON.stringify(clusterName)} (known: ${names(merged.clusters)})`,
    );
  const userName = text(context, at, 'user');
  const user = userName === undefined ? undefined : merged.users.get(userName);
  if (userName !== undefined && !user)
    throw new Error(`${at}.context.user: there is no user ${JSON.stringify(userName)} (known: ${names(merged.users)})`);

  const atCluster = `${cluster.file}: clusters[${clusterName}].cluster`;
  const server = text(cluster, atCluster, 'server');
  if (!server) throw new Error(`${atCluster}.server is not set`);
  if (!URL.canParse(server) || !/^https?:/.test(server))
    throw new Error(`${atCluster}.server: ${JSON.stringify(server)} is no http or https address`);
  if (text(cluster, atCluster, 'proxy-url')) throw new Error(`${atCluster}.proxy-url is not supported`);
  const certificateAuthority = await inlineOrFile(cluster, atCluster, 'certificate-authority');
  const tlsServerName = text(cluster, atCluster, 'tls-server-name');
  return {
    server,
    ...(certificateAuthority && { certificateAuthority }),
    ...(cluster.fields['insecure-skip-tls-verify'] === true && { insecureSkipTlsVerify: true }),
    ...(tlsServerName && { tlsServerName }),
    namespace: text(context, at, 'namespace') || 'default',
    credentials: user
      ? await credentialsOf(user, `${user.file}: users[${userName}].user`, cluster)
      : fixedCredential({}),
    ...(user && impersonation(user, `${user.file}: users[${userName}].user`)),
  };
}

/** The configuration that a Pod is given. Throws when this is not one. */
export async function inClusterConfig(
  env: NodeJS.ProcessEnv = process.env,
  directory = '/var/run/secrets/kubernetes.io/serviceaccount',
): Promise<ClusterConfig> {
  const host = env.KUBERNETES_SERVICE_HOST;
  const port = env.KUBERNETES_SERVICE_PORT;
  if (!host || !port)
    throw new Error('this is no Pod: KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not set');
  const read = (name: string): Promise<string> => readText(join(directory, name), 'service account');
  const certificateAuthority = await read('ca.crt');
  return {
    server: `https://${host.includes(':') ? `[${host}]` : host}:${port}`,
    certificateAuthority,
    credentials: tokenFile(join(directory, 'token'), 'service account'),
    namespace: (await read('namespace')).trim() || 'default',
  };
}

export interface KubeconfigContent {
  readonly server: string;
  /** PEM. */
  readonly certificateAuthority?: string;
  readonly credential: Credential;
  /** Name of the cluster, the user and the context; default `virtplane`. */
  readonly name?: string;
  readonly namespace?: string;
}

/** Writes a self-contained kubeconfig, readable by its owner only, in one step: a reader sees the old or the new file. */
export async function writeKubeconfig(path: string, content: KubeconfigContent): Promise<void> {
  const { stringify } = await import('yaml');
  const name = content.name ?? 'virtplane';
  const base64 = (pem: string): string => Buffer.from(pem).toString('base64');
  const { token, clientCertificate, clientKey } = content.credential;
  const document = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      {
        name,
        cluster: {
          server: content.server,
          ...(content.certificateAuthority && { 'certificate-authority-data': base64(content.certificateAuthority) }),
        },
      },
    ],
    users: [
      {
        name,
        user: {
          ...(clientCertificate && { 'client-certificate-data': base64(clientCertificate) }),
          ...(clientKey && { 'client-key-data': base64(clientKey) }),
          ...(token && { token }),
        },
      },
    ],
    contexts: [
      { name, context: { cluster: name, user: name, ...(content.namespace && { namespace: content.namespace }) } },
    ],
    'current-context': name,
  };
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const draft = `${path}.${randomBytes(4).toString('hex')}`;
  try {
    await writeFile(draft, stringify(document), { mode: 0o600 });
    await chmod(draft, 0o600);
    await rename(draft, path);
  } finally {
    await rm(draft, { force: true });
  }
}

const kubeconfigPaths = (env: NodeJS.ProcessEnv): string[] => {
  const listed = (env.KUBECONFIG ?? '').split(delimiter).filter((path) => path !== '');
  return listed.length > 0 ? [...new Set(listed)] : [join(env.HOME || homedir(), '.kube', 'config')];
};

/** Of several files those that are missing are passed over, as kubectl does; one at least must be there. */
async function readAll(paths: readonly string[], severalAllowed: boolean): Promise<Merged> {
  const { parse } = await import('yaml');
  const merged: Merged & { files: string[] } = {
    files: [],
    currentContext: '',
    contexts: new Map(),
    clusters: new Map(),
    users: new Map(),
  };
  for (const path of paths) {
    let content: string;
    try {
      content = await readFile(path, 'utf8');
    } catch (cause) {
      if (severalAllowed && paths.length > 1 && (cause as NodeJS.ErrnoException).code === 'ENOENT') continue;
      throw new Error(`cannot read kubeconfig ${path}: ${(cause as Error).message}`, { cause });
    }
    let document: unknown;
    try {
      document = parse(content);
    } catch (cause) {
      throw new Error(`kubeconfig ${path} is not YAML: ${(cause as Error).message}`, { cause });
    }
    if (document === null || document === undefined) document = {};
    if (!isFields(document)) throw new Error(`kubeconfig ${path}: expected a map with clusters, users and contexts`);
    merged.files.push(path);
    if (typeof document['current-context'] === 'string') merged.currentContext ||= document['current-context'];
    collect(merged.contexts, document, path, 'contexts', 'context');
    collect(merged.clusters, document, path, 'clusters', 'cluster');
    collect(merged.users, document, path, 'users', 'user');
  }
  if (merged.files.length === 0) throw new Error(`no kubeconfig found: none of ${paths.join(', ')} exists`);
  return merged;
}

function collect(into: Map<string, Entry>, document: Fields, file: string, listName: string, bodyName: string): void {
  const list = document[listName] ?? [];
  if (!Array.isArray(list)) throw new Error(`kubeconfig ${file}: ${listName} must be a list`);
  for (const [index, item] of list.entries()) {
    if (!isFields(item) || typeof item.name !== 'string')
      throw new Error(`kubeconfig ${file}: ${listName}[${index}].name is not set`);
    const body = item[bodyName] ?? {};
    if (!isFields(body)) throw new Error(`kubeconfig ${file}: ${listName}[${item.name}].${bodyName} must be a map`);
    if (!into.has(item.name)) into.set(item.name, { fields: body, file });
  }
}

const names = (entries: Map<string, Entry>): string => [...entries.keys()].join(', ') || 'none';

function text(entry: Entry, at: string, field: string): string | undefined {
  const value = entry.fields[field];
  if (value === undefined || value === null || value === '') return undefined;
  if (typeof value === 'string') return value;
  throw new Error(`${at}.${field} must be a string`);
}

async function readText(path: string, at: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    throw new Error(`${at}: cannot read ${path}: ${(cause as Error).message}`, { cause });
  }
}

const besides = (entry: Entry, path: string): string => (isAbsolute(path) ? path : resolve(dirname(entry.file), path));

/** `<field>-data` (base64) wins over `<field>` (a path, relative to the kubeconfig). */
async function inlineOrFile(entry: Entry, at: string, field: string): Promise<string | undefined> {
  const data = text(entry, at, `${field}-data`);
  if (data !== undefined) {
    const decoded = Buffer.from(data, 'base64').toString('utf8');
    if (!decoded.includes('-----BEGIN')) throw new Error(`${at}.${field}-data is not base64 of a PEM text`);
    return decoded;
  }
  const path = text(entry, at, field);
  return path === undefined ? undefined : readText(besides(entry, path), `${at}.${field}`);
}

async function credentialsOf(user: Entry, at: string, cluster: Entry): Promise<CredentialSource> {
  if (user.fields['auth-provider'])
    throw new Error(`${at}.auth-provider was removed from Kubernetes; use an exec plugin`);
  const clientCertificate = await inlineOrFile(user, at, 'client-certificate');
  const clientKey = await inlineOrFile(user, at, 'client-key');
  if (clientCertificate && !clientKey) throw new Error(`${at}: client-certificate is set but client-key is not`);
  if (clientKey && !clientCertificate) throw new Error(`${at}: client-key is set but client-certificate is not`);
  const certificate: Credential = {
    ...(clientCertificate && { clientCertificate }),
    ...(clientKey && { clientKey }),
  };
  // As in client-go, a token file is read again and again and wins over a fixed token.
  const tokenPath = text(user, at, 'tokenFile');
  if (tokenPath) return withCertificate(tokenFile(besides(user, tokenPath), `${at}.tokenFile`), certificate);
  const token = text(user, at, 'token');
  if (token) return fixedCredential({ ...certificate, token });
  const username = text(user, at, 'username');
  if (username)
    return fixedCredential({ ...certificate, basic: { username, password: text(user, at, 'password') ?? '' } });
  const exec = user.fields.exec;
  if (exec !== undefined && exec !== null) {
    if (!isFields(exec) || typeof exec.command !== 'string') throw new Error(`${at}.exec.command is not set`);
    const config = exec as Fields & ExecConfig;
    // A command with a slash is relative to the kubeconfig; a bare name is looked up on the PATH.
    const command = config.command.includes('/') ? besides(user, config.command) : config.command;
    return withCertificate(execCredentials({ ...config, command }, clusterInfo(cluster), at), certificate);
  }
  return fixedCredential(certificate);
}

const clusterInfo = (cluster: Entry): Fields => ({
  server: cluster.fields.server,
  'certificate-authority-data': cluster.fields['certificate-authority-data'],
  'insecure-skip-tls-verify': cluster.fields['insecure-skip-tls-verify'],
  'tls-server-name': cluster.fields['tls-server-name'],
});

const withCertificate = (source: CredentialSource, certificate: Credential): CredentialSource => ({
  current: async () => ({ ...certificate, ...(await source.current()) }),
  refused: () => source.refused(),
});

/** Bound tokens are replaced in place about once an hour: read again after a minute. */
function tokenFile(path: string, at: string): CredentialSource {
  let held: { readonly token: string; readonly readMs: number } | undefined;
  return {
    async current() {
      if (!held || performance.now() - held.readMs > 60_000)
        held = { token: (await readText(path, at)).trim(), readMs: performance.now() };
      return { token: held.token };
    },
    refused() {
      held = undefined;
    },
  };
}

function impersonation(user: Entry, at: string): Pick<ClusterConfig, 'impersonate'> {
  const as = text(user, at, 'as');
  if (!as) return {};
  const groups = user.fields['as-groups'];
  const uid = text(user, at, 'as-uid');
  return {
    impersonate: { user: as, ...(uid && { uid }), ...(Array.isArray(groups) && { groups: groups.map(String) }) },
  };
}
