import path from 'node:path';
import { openLocalHost, startNodeAgent } from '@virtplane/node';
import { createJsonLogger, registerProcessMetrics } from '@virtplane/runtime';
import { type CommandModule, stringFlag, UsageError } from '@virtplane/virtctl';
import { version } from '@virtplane/virtctl/command-line';
import { dataDirectory, nodeNameOfThisMachine, prepareDataDirectory } from '../data-directory.ts';
import { removeRecord, runningRecord, writeRecord } from '../process-record.ts';
import { reportReady, untilAskedToEnd } from '../up/supervisor.ts';

const accelerators = ['auto', 'kvm', 'tcg'] as const;

/** `virtplane node run`: the node agent of this machine. */
export const nodeRun: CommandModule = {
  async run({ flags }) {
    const wanted = stringFlag(flags, 'accelerator') ?? 'auto';
    const accelerator = accelerators.find((a) => a === wanted);
    if (!accelerator) throw new UsageError(`--accelerator is one of ${accelerators.join(', ')}, not ${wanted}`);
    const host = openLocalHost();
    if (!host.privileged)
      throw new Error('the node agent needs root for the networks of Pods, taps and huge pages: run it as root');
    const asked = untilAskedToEnd();
    const log = createJsonLogger({ name: 'virtplane-node' });
    const data = dataDirectory(flags);
    await prepareDataDirectory(data);
    registerProcessMetrics();
    const other = await runningRecord(data, 'node');
    if (other && other.pid !== process.pid) {
      throw new Error(
        `a node agent runs in ${data.root} already (process ${other.pid}); stop it first with virtplane down, or give this one another directory with --data`,
      );
    }
    const nodeName = nodeNameOfThisMachine();
    // Written before anything is started: whoever ends this machine must find an agent that never got ready, too.
    await writeRecord(data, 'node', { nodeName });
    const pki = path.join(data.server, 'pki');
    // The process lives until it is asked to end, also while nothing but timers waits for the API to come back.
    const alive = setInterval(() => undefined, 1 << 30);
    const starting = startNodeAgent({
      kubeconfig: stringFlag(flags, 'kubeconfig') ?? data.nodeKubeconfig,
      dataDir: data.node,
      nodeName,
      host,
      servingCertificate: path.join(pki, 'nodes', `${nodeName}.crt`),
      servingKey: path.join(pki, 'nodes', `${nodeName}.key`),
      clientCertificateAuthority: path.join(pki, 'ca.crt'),
      accelerator,
      // Several Virtplanes on one machine must not contend for one port.
      port: 0,
      version,
      log,
    });
    const agent = await Promise.race([starting, asked.then(() => undefined)]);
    if (!agent) {
      log.info('ending before the agent is ready; guests run on');
      await removeRecord(data, 'node');
      // What it waits for may never come; the next agent finds what this one has begun.
      process.exit(0);
    }
    await writeRecord(data, 'node', { port: agent.port, nodeName });
    reportReady({ nodeName, accelerator: agent.accelerator, accelerationReason: agent.emulationReason });
    const signal = await asked;
    log.info('ending; guests run on', { signal });
    await agent.stop();
    clearInterval(alive);
    await removeRecord(data, 'node');
    return 0;
  },
};
