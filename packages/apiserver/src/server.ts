import { join } from 'node:path';
import {
  builtInResources,
  type ClusterRole,
  type ClusterRoleBinding,
  type Pod,
  type ResourceDefinition,
  type Role,
  type RoleBinding,
  type Secret,
  type ServiceAccount,
} from '@virtplane/resources';
import {
  type AdmissionPlugin,
  type ApiExtension,
  type Clock,
  type Logger,
  MetricsRegistry,
  systemClock,
  type Transport,
  type UserInfo,
} from '@virtplane/runtime';
import { createAuthenticator } from './auth/authenticate.ts';
import type { Authorizer } from './auth/authorizer.ts';
import { createBootstrapTokens } from './auth/bootstrap-tokens.ts';
import { denied } from './auth/denial.ts';
import { createRbacAuthorizer, mastersGroup, type RbacAuthorizer } from './auth/rbac/authorizer.ts';
import { createEscalationCheck } from './auth/rbac/escalation.ts';
import { type RbacSources, rbacGroup } from './auth/rbac/roles.ts';
import { createReviews } from './auth/reviews.ts';
import { createServiceAccountTokens, defaultAudience } from './auth/service-accounts.ts';
import { readTokenFile } from './auth/token-file.ts';
import { createTokenRequests } from './auth/token-request.ts';
import { aggregateRoles } from './bootstrap/aggregate-roles.ts';
import { directoryFailure, makePrivateDirectory } from './bootstrap/files.ts';
import { writeKubeconfig } from './bootstrap/kubeconfig.ts';
import { ensureObjects } from './bootstrap/objects.ts';
import { ensurePki, localNames, type Pki } from './bootstrap/pki.ts';
import { createCrdManager } from './crd/manager.ts';
import { createDiscovery } from './discovery/discovery.ts';
import { createHealth, type HealthCheck } from './discovery/health.ts';
import { versionInfo } from './discovery/version.ts';
import { attributesOf, createDispatcher } from './http/dispatch.ts';
import { createInProcess } from './http/in-process.ts';
import { createListener } from './http/listener.ts';
import { createPaths } from './http/paths.ts';
import { createServe } from './http/serve.ts';
import { createUpgrade } from './http/upgrade.ts';
import { serveBuiltIn } from './kinds/serve-built-in.ts';
import { createOpenApi } from './openapi/openapi.ts';
import { type Core, createCore } from './registry/core.ts';
import type { PodLogReader } from './registry/pod-log-reader.ts';
import type { Store } from './store/store.ts';

export interface ApiServerOptions {
  /** Holds `pki/`, `admin.kubeconfig` and caches. */
  readonly dataDir: string;
  /** 0: any free one. */
  readonly port: number;
  readonly bindAddress: string;
  /** Belongs to the server from now on: `close` closes it. */
  readonly store: Store;
  readonly admission?: readonly AdmissionPlugin[];
  readonly extensions?: readonly ApiExtension[];
  /** Kinds served as custom resources; their CustomResourceDefinitions are kept up to date. */
  readonly customResources?: readonly ResourceDefinition[];
  /** `token,user,uid[,"group1,group2"]` a line. */
  readonly tokenFile?: string;
  /** Asks the pod's node; without it `pods/log` is refused. */
  readonly podLog?: PodLogReader;
  /** Own version, for `/version`. */
  readonly version?: string;
  /** DNS names and addresses of the serving certificate; default: those of this machine. */
  readonly names?: readonly string[];
  readonly log: Logger;
  readonly metrics?: MetricsRegistry;
  readonly clock?: Clock;
  /** The store can no longer be trusted: end the process. */
  readonly onFatal: (error: Error) => void;
}

export interface ApiServer {
  readonly port: number;
  /** `https://127.0.0.1:6443` */
  readonly url: string;
  readonly pki: Pki;
  readonly adminKubeconfig: string;
  readonly authorizer: Authorizer;
  /** The API for a part of this process that acts as `user`. */
  transportFor(user: UserInfo): Transport;
  /** Makes the node's client certificate where needed and writes `<dataDir>/nodes/<name>.kubeconfig`; resolves with its path. */
  writeNodeKubeconfig(nodeName: string): Promise<string>;
  close(): Promise<void>;
}

/** Who writes what a server needs itself. */
const serverUser: UserInfo = { username: 'system:apiserver', groups: [mastersGroup, 'system:authenticated'] };
const certificateCheckMs = 12 * 3_600_000;

/** An address that a client on this machine can dial. */
function dialHost(bindAddress: string): string {
  if (bindAddress === '0.0.0.0' || bindAddress === '') return '127.0.0.1';
  if (bindAddress === '::') return '[::1]';
  return bindAddress.includes(':') ? `[${bindAddress}]` : bindAddress;
}

const rbacSources = (core: Core): RbacSources => ({
  roles: core.source<Role>(rbacGroup, 'roles'),
  clusterRoles: core.source<ClusterRole>(rbacGroup, 'clusterroles'),
  roleBindings: core.source<RoleBinding>(rbacGroup, 'rolebindings'),
  clusterRoleBindings: core.source<ClusterRoleBinding>(rbacGroup, 'clusterrolebindings'),
});

/** The escalation check needs the authorizer, which needs the registry, which needs its admission plugins. */
function deferred(name: string, phase: AdmissionPlugin['phase'], plugin: () => AdmissionPlugin): AdmissionPlugin {
  return {
    name,
    phase,
    handles: (request) => plugin().handles(request),
    admit: (request) => plugin().admit(request),
  };
}

async function openDirectory(options: ApiServerOptions): Promise<Pki> {
  try {
    makePrivateDirectory(options.dataDir);
    const own = dialHost(options.bindAddress).replace(/[[\]]/g, '');
    return await ensurePki(options.dataDir, [...new Set([...(options.names ?? localNames()), own])]);
  } catch (error) {
    if (error instanceof Error && 'code' in error)
      throw directoryFailure(options.dataDir, error as NodeJS.ErrnoException);
    throw error;
  }
}

/** Counts and times by verb and resource, under the names that dashboards for kube-apiserver know. */
function requestMetrics(metrics: MetricsRegistry) {
  const total = metrics.counter('apiserver_request_total', 'Requests answered.', ['verb', 'group', 'resource', 'code']);
  const duration = metrics.histogram('apiserver_request_duration_seconds', 'Time to answer.', ['verb']);
  return (served: { verb: string; group: string; resource: string; code: number; seconds: number }): void => {
    total.add([served.verb, served.group, served.resource, String(served.code)]);
    if (served.verb !== 'watch') duration.observe([served.verb], served.seconds);
  };
}

/**
 * Starts the API server: certificates, stored objects, listener, default objects. Resolves when it is ready. Rejects with
 * one sentence when the port is taken or the data directory cannot be used; the store is closed then, too.
 */
export async function startApiServer(options: ApiServerOptions): Promise<ApiServer> {
  const { store, log, extensions = [], clock = systemClock, metrics = new MetricsRegistry() } = options;
  const onClose: (() => void | Promise<void>)[] = [];
  const closeAll = async (): Promise<void> => {
    for (const close of onClose.reverse()) await close();
    onClose.length = 0;
  };
  try {
    const readingPki = openDirectory(options);
    // Waited for further down; a failure in between must not count as unhandled.
    readingPki.catch(() => undefined);
    let authorizer: RbacAuthorizer | undefined;
    let escalation: AdmissionPlugin | undefined;
    let tokenRequests: ReturnType<typeof createTokenRequests> | undefined;
    const notYet = (): never => {
      throw new Error('the server is still starting');
    };

    const core = createCore({
      store,
      clock,
      log,
      onFatal: options.onFatal,
      builtIn: builtInResources.map(serveBuiltIn),
      admission: [
        ...(options.admission ?? []),
        deferred('PrivilegeEscalation', 'validating', () => escalation ?? notYet()),
      ],
      ...(options.podLog && { podLog: options.podLog }),
      issueToken: async (account, request) => (tokenRequests ?? notYet())(account, request),
      alsoAllowed: async (request, verb) => {
        const attributes = attributesOf(request.user, { ...request.info, verb });
        const decision = (authorizer ?? notYet()).authorize(attributes);
        return decision.allowed ? undefined : denied(attributes, decision.reason);
      },
    });
    onClose.push(() => core.close());

    const sources = rbacSources(core);
    const rbac = createRbacAuthorizer(sources);
    authorizer = rbac;
    onClose.push(() => rbac.close());
    escalation = createEscalationCheck(rbac, sources);

    const [pki] = await Promise.all([readingPki, core.ready()]);
    const accounts = {
      serviceAccounts: core.source<ServiceAccount>('', 'serviceaccounts'),
      pods: core.source<Pod>('', 'pods'),
      secrets: core.source<Secret>('', 'secrets'),
    };
    const tokens = createServiceAccountTokens(pki.serviceAccountKey, accounts, () => clock.now());
    tokenRequests = createTokenRequests(tokens, accounts);
    const authenticator = createAuthenticator({
      ...(options.tokenFile === undefined ? {} : { staticToken: readTokenFile(options.tokenFile) }),
      serviceAccounts: tokens,
      bootstrapToken: createBootstrapTokens(accounts.secrets, () => clock.now()),
      now: () => clock.now(),
    });

    let port = options.port;
    let ready = false;
    const url = () => `https://${dialHost(options.bindAddress)}:${port}`;
    const untilReady: HealthCheck = () => {
      if (!ready) throw new Error('default objects are still being written');
    };
    const health = createHealth({
      checks: new Map<string, HealthCheck>([
        ['ping', () => undefined],
        ['log', () => undefined],
        // Named as in Kubernetes, so that probes that name or exclude the storage check work.
        ['etcd', () => core.ready()],
        ['poststarthook/rbac/bootstrap-roles', untilReady],
        ['poststarthook/scheduling/bootstrap-system-priority-classes', untilReady],
      ]),
      readyOnly: new Set(),
      onFailure: (check, error) => log.warn('health check failed', { check, error }),
    });
    const discovery = createDiscovery(core.table, extensions, () => url().slice('https://'.length));
    onClose.push(() => discovery.close());
    const openApi = createOpenApi(core.table, { cacheDir: join(options.dataDir, 'openapi') });
    onClose.push(() => openApi.close());

    const reviews = createReviews(rbac, authenticator);
    const dispatcher = createDispatcher({
      authorizer: rbac,
      extensions,
      serves: (group, version) => discovery.serves(group, version),
      paths: createPaths({
        discovery,
        health,
        version: versionInfo(options.version ?? '0.1.0'),
        openApi,
        metrics: () => metrics.exposition(),
        issuer: defaultAudience,
        jwks: tokens.jwks,
        serverUrl: url,
      }),
      virtual: [(request) => reviews.handle(request)],
      core: core.handler,
    });
    const transportFor = createInProcess(dispatcher);
    const pipeline = { authenticator, authorizer: rbac, dispatcher, log };
    const listener = createListener({
      context: { ...pki.serving, ca: pki.caCert },
      onRequest: createServe({ ...pipeline, observe: requestMetrics(metrics) }),
      onUpgrade: createUpgrade(pipeline),
      log,
    });
    port = await listener.listen(options.port, options.bindAddress);
    onClose.push(() => listener.close());

    const own = transportFor(serverUser);
    onClose.push(() => own.close());
    const crds = createCrdManager(
      core.source('apiextensions.k8s.io', 'customresourcedefinitions'),
      core.table,
      own,
      (error) => log.error('a CustomResourceDefinition could not be installed', { error }),
    );
    onClose.push(() => crds.close());
    await Promise.all([
      ensureObjects(own, {
        namespaces: core.source('', 'namespaces'),
        priorityClasses: core.source('scheduling.k8s.io', 'priorityclasses'),
        clusterRoles: sources.clusterRoles,
        clusterRoleBindings: sources.clusterRoleBindings,
      }),
      crds.ensureBundled(options.customResources ?? []).then(() => crds.settled()),
    ]);
    onClose.push(
      aggregateRoles(sources.clusterRoles, own, (error) => log.error('rules could not be aggregated', { error })),
    );

    const adminKubeconfig = join(options.dataDir, 'admin.kubeconfig');
    writeKubeconfig(adminKubeconfig, {
      server: url(),
      caCert: pki.caCert,
      client: pki.admin,
      user: 'kubernetes-admin',
    });
    const stopRenewal = renewEvery(clock, options, url, (renewed) => {
      listener.reload({ ...renewed.serving, ca: renewed.caCert });
    });
    onClose.push(stopRenewal);
    ready = true;

    return {
      port,
      url: url(),
      pki,
      adminKubeconfig,
      authorizer: rbac,
      transportFor,
      async writeNodeKubeconfig(nodeName) {
        const client = await pki.nodeCertificate(nodeName);
        const path = join(options.dataDir, 'nodes', `${nodeName}.kubeconfig`);
        writeKubeconfig(path, { server: url(), caCert: pki.caCert, client, user: `system:node:${nodeName}` });
        return path;
      },
      close: closeAll,
    };
  } catch (error) {
    if (onClose.length === 0) onClose.push(() => store.close());
    await closeAll();
    throw error;
  }
}

/** Looks twice a day whether a certificate runs out; new ones are used without a restart. */
function renewEvery(clock: Clock, options: ApiServerOptions, url: () => string, use: (pki: Pki) => void): () => void {
  let cancel = (): void => undefined;
  const look = (): void => {
    openDirectory(options)
      .then((pki) => {
        use(pki);
        writeKubeconfig(join(options.dataDir, 'admin.kubeconfig'), {
          server: url(),
          caCert: pki.caCert,
          client: pki.admin,
          user: 'kubernetes-admin',
        });
      })
      .catch((error: unknown) => options.log.error('certificates could not be renewed', { error }))
      .finally(schedule);
  };
  const schedule = (): void => {
    cancel = clock.after(certificateCheckMs, look);
  };
  schedule();
  return () => cancel();
}
