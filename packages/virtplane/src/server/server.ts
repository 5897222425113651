import * as fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { SecureContextOptions } from 'node:tls';
import { type ApiServer, componentUsers, LmdbStore, startApiServer } from '@virtplane/apiserver';
import { KubeVirt, kubevirtResources, Node } from '@virtplane/resources';
import {
  createClient,
  createControllerContext,
  createJsonLogger,
  type Informer,
  metrics,
  registerProcessMetrics,
  type Transport,
  type UserInfo,
} from '@virtplane/runtime';
import { nodeConnector, podLogReader, virtApiAdmission, virtApiExtensions } from '@virtplane/virt-api';
import { KUBEVIRT_KEY } from '@virtplane/virt-controller';
import { booleanFlag, type CommandModule, stringFlag } from '@virtplane/virtctl';
import { version } from '@virtplane/virtctl/command-line';
import {
  type DataDirectory,
  dataDirectory,
  nodeNameOfThisMachine,
  portFlag,
  prepareDataDirectory,
} from '../data-directory.ts';
import { removeRecord, writeRecord } from '../process-record.ts';
import { reportReady, untilAskedToEnd } from '../up/supervisor.ts';
import { runControllers } from './run-controllers.ts';

/** `virtplane server`: API server, controllers, scheduler in one process. Needs no root. */
export const server: CommandModule = {
  async run({ flags }) {
    const port = portFlag(flags);
    const asked = untilAskedToEnd();
    const log = createJsonLogger({ name: 'virtplane-server' });
    const data = dataDirectory(flags);
    await prepareDataDirectory(data);
    registerProcessMetrics();

    // The server's own parts need its API, which needs their plugins: they reach it through this, once it is there.
    let running: ApiServer | undefined;
    const started = (): ApiServer => {
      if (!running) throw new Error('the API server is still starting');
      return running;
    };
    let kubeVirts: Informer<KubeVirt> | undefined;
    const virtApi = createControllerContext({
      transport: lateTransport(() => started().transportFor(componentUsers.virtApi)),
      log: log.child({ component: 'virt-api' }),
    });
    const nodes = nodeConnector({
      find: (name) => virtApi.informers(Node).get({ name }),
      tls: credentialsForNodes(started),
    });
    const api = await startApiServer({
      dataDir: data.server,
      port,
      bindAddress: stringFlag(flags, 'bind') ?? '127.0.0.1',
      store: LmdbStore.open(path.join(data.server, 'store')),
      version,
      log,
      metrics,
      admission: virtApiAdmission({
        kubeVirt: () => kubeVirts?.get(KUBEVIRT_KEY),
        componentUsers: Object.values(componentUsers).map((user) => user.username),
      }),
      extensions: virtApiExtensions({
        client: virtApi.client,
        nodes,
        version,
        clientAs: (user) => createClient(started().transportFor(user)),
      }),
      podLog: podLogReader(nodes),
      customResources: kubevirtResources,
      onFatal: (error) => {
        log.error('the store can no longer be trusted: ending', { error });
        process.exit(70);
      },
    });
    running = api;
    kubeVirts = virtApi.informers(KubeVirt);
    // Streams look nodes up in the cache, so it must be warm before the first console is asked for.
    virtApi.informers(Node);
    const component = (user: UserInfo, name: string) =>
      createControllerContext({ transport: api.transportFor(user), log: log.child({ component: name }) });

    const controllers = booleanFlag(flags, 'without-controllers')
      ? undefined
      : await runControllers(
          () => ({
            virtController: component(componentUsers.virtController, 'virt-controller'),
            scheduler: component(componentUsers.scheduler, 'scheduler'),
            clusterServices: component(componentUsers.clusterServices, 'cluster-services'),
          }),
          {
            rootCertificates: api.pki.caCert,
            administrator: createClient(api.transportFor(administrator)),
            // One server at a time holds the data directory, so the same name after a restart is the same candidate.
            identity: `${os.hostname()}_${data.root}`,
            log,
          },
        );

    await copyPrivately(api.adminKubeconfig, data.adminKubeconfig);
    await prepareNode(api, data);
    await writeRecord(data, 'server', { port: api.port, url: api.url });
    log.info('ready', { url: api.url });
    reportReady({ url: api.url, port: api.port });

    const signal = await asked;
    log.info('ending', { signal });
    await controllers?.stop();
    virtApi.informers.stop();
    await api.close();
    await removeRecord(data, 'server');
    return 0;
  },
};

/** Who makes what a new server needs of KubeVirt. */
const administrator: UserInfo = { username: 'virtplane:server', groups: ['system:masters', 'system:authenticated'] };

/** Certificate and kubeconfig of this machine's own node agent. The API server dials it by any of the machine's addresses. */
async function prepareNode(api: ApiServer, data: DataDirectory): Promise<void> {
  const name = nodeNameOfThisMachine();
  const addresses = Object.values(os.networkInterfaces()).flatMap((list) => (list ?? []).map((i) => i.address));
  await api.pki.nodeCertificate(
    name,
    [...new Set(addresses)].filter((address) => !address.includes('%')),
  );
  await copyPrivately(await api.writeNodeKubeconfig(name), data.nodeKubeconfig);
}

/** virt-api's certificate, looked up at each use: it may have been renewed. */
const credentialsForNodes = (api: () => ApiServer): Pick<SecureContextOptions, 'ca' | 'cert' | 'key'> => ({
  get ca() {
    return api().pki.caCert;
  },
  get cert() {
    return api().pki.virtApi.cert;
  },
  get key() {
    return api().pki.virtApi.key;
  },
});

/** A transport that is there a little later than those who hold it. */
function lateTransport(open: () => Transport): Transport {
  let transport: Transport | undefined;
  const now = (): Transport => {
    transport ??= open();
    return transport;
  };
  return {
    request: async (request) => now().request(request),
    watch: (request) => now().watch(request),
    close: () => transport?.close(),
  };
}

async function copyPrivately(from: string, to: string): Promise<void> {
  const temporary = `${to}.${process.pid}`;
  await fs.writeFile(temporary, await fs.readFile(from), { mode: 0o600 });
  await fs.rename(temporary, to);
}
