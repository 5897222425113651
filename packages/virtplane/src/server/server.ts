import * as fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { componentUsers, LmdbStore, startApiServer } from '@virtplane/apiserver';
import { KubeVirt, kubevirtResources } from '@virtplane/resources';
import { createJsonLogger, type Informer, metrics, registerProcessMetrics, type Transport } from '@virtplane/runtime';
import { nodeConnector, virtApiAdmission, virtApiExtensions } from '@virtplane/virt-api';
import { KUBEVIRT_KEY } from '@virtplane/virt-controller';
import { booleanFlag, type CommandModule, integerFlag, stringFlag } from '@virtplane/virtctl';
import { dataDirectory, prepareDataDirectory } from '../data-directory.ts';
import { removeRecord, writeRecord } from '../process-record.ts';
import { reportReady, untilAskedToEnd } from '../up/supervisor.ts';
import { version } from '../version.ts';
import { componentContext } from './component-context.ts';
import { runControllers } from './run-controllers.ts';

/** `virtplane server`: API server, controllers, scheduler in one process. Needs no root. */
export const server: CommandModule = {
  async run({ flags }) {
    const asked = untilAskedToEnd();
    const log = createJsonLogger({ name: 'virtplane-server' });
    const data = dataDirectory(flags);
    await prepareDataDirectory(data);
    registerProcessMetrics();

    // The server's own parts need its API, which needs their plugins: they reach it through this, once it is there.
    let virtApiTransport: Transport | undefined;
    let kubeVirts: Informer<KubeVirt> | undefined;
    const virtApi = componentContext(
      lateTransport(() => virtApiTransport),
      log.child({ component: 'virt-api' }),
    );
    const connector = nodeConnector({ directory: path.join(data.server, 'pki') });
    const api = await startApiServer({
      dataDir: data.server,
      port: integerFlag(flags, 'port') ?? 6443,
      bindAddress: stringFlag(flags, 'bind') ?? '127.0.0.1',
      store: LmdbStore.open(path.join(data.server, 'store')),
      version,
      log,
      metrics,
      admission: virtApiAdmission({ kubeVirt: () => kubeVirts?.get(KUBEVIRT_KEY) }),
      extensions: virtApiExtensions({ client: virtApi.client, nodes: connector, version }),
      customResources: kubevirtResources,
      onFatal: (error) => {
        log.error('the store can no longer be trusted: ending', { error });
        process.exit(70);
      },
    });
    virtApiTransport = api.transportFor(componentUsers.virtApi);
    kubeVirts = virtApi.informers(KubeVirt);

    const controllers = booleanFlag(flags, 'without-controllers')
      ? undefined
      : runControllers(
          {
            virtController: componentContext(
              api.transportFor(componentUsers.virtController),
              log.child({ component: 'virt-controller' }),
            ),
            scheduler: componentContext(
              api.transportFor(componentUsers.scheduler),
              log.child({ component: 'scheduler' }),
            ),
            clusterServices: componentContext(
              api.transportFor(componentUsers.clusterServices),
              log.child({ component: 'cluster-services' }),
            ),
          },
          { rootCertificates: api.pki.caCert, log },
        );

    await copyPrivately(api.adminKubeconfig, data.adminKubeconfig);
    await copyPrivately(await api.writeNodeKubeconfig(os.hostname().toLowerCase()), data.nodeKubeconfig);
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

/** A transport that is there a little later than those who hold it. */
function lateTransport(current: () => Transport | undefined): Transport {
  const now = (): Transport => {
    const transport = current();
    if (!transport) throw new Error('the API server is still starting');
    return transport;
  };
  return {
    request: async (request) => now().request(request),
    watch: (request) => now().watch(request),
    close: () => current()?.close(),
  };
}

async function copyPrivately(from: string, to: string): Promise<void> {
  const temporary = `${to}.${process.pid}`;
  await fs.writeFile(temporary, await fs.readFile(from), { mode: 0o600 });
  await fs.rename(temporary, to);
}
