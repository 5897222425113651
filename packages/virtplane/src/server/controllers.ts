import { randomUUID } from 'node:crypto';
import os from 'node:os';
import {
  createClient,
  createControllerContext,
  createJsonLogger,
  HttpsTransport,
  loadKubeconfig,
} from '@virtplane/runtime';
import { booleanFlag, type CommandModule, stringFlag } from '@virtplane/virtctl';
import { reportReady, untilAskedToEnd } from '../up/supervisor.ts';
import { runControllers } from './run-controllers.ts';

/** `virtplane controllers`: the same controllers in a process of their own, over HTTPS, against any Kubernetes API. */
export const controllers: CommandModule = {
  async run({ flags }) {
    const asked = untilAskedToEnd();
    const log = createJsonLogger({ name: 'virtplane-controllers' });
    const config = await loadKubeconfig({
      path: stringFlag(flags, 'kubeconfig'),
      context: stringFlag(flags, 'context'),
    });
    const transport = new HttpsTransport(config, { userAgent: 'virtplane-controllers' });
    const component = (name: string) => createControllerContext({ transport, log: log.child({ component: name }) });
    const running = await runControllers(
      () => ({
        virtController: component('virt-controller'),
        ...(booleanFlag(flags, 'on-kubernetes')
          ? {}
          : { scheduler: component('scheduler'), clusterServices: component('cluster-services') }),
      }),
      {
        rootCertificates: config.certificateAuthority ?? '',
        administrator: createClient(transport),
        identity: `${os.hostname()}_${randomUUID()}`,
        log,
      },
    );
    log.info('ready', { server: config.server });
    reportReady({ server: config.server });
    await asked;
    await running.stop();
    transport.close();
    return 0;
  },
};
