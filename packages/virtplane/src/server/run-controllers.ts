import { startClusterServices } from '@virtplane/cluster-services';
import { isStatusError, Namespace } from '@virtplane/resources';
import {
  type Client,
  type ControllerContext,
  type Logger,
  runController,
  runLeaderElection,
  systemClock,
} from '@virtplane/runtime';
import { startScheduler } from '@virtplane/scheduler';
import { ensureKubeVirt, KUBEVIRT_KEY, virtControllers } from '@virtplane/virt-controller';
import { version } from '@virtplane/virtctl/command-line';

/** Each component with an identity of its own; on a foreign API server all may be the same. */
export interface ComponentContexts {
  readonly virtController: ControllerContext;
  /** Absent: somebody else schedules (a cluster's own kube-scheduler). */
  readonly scheduler?: ControllerContext;
  /** Absent: somebody else manages the cluster (kube-controller-manager). */
  readonly clusterServices?: ControllerContext;
}

export interface RunControllersOptions {
  /** PEM of the API server's authorities, for `kube-root-ca.crt`. */
  readonly rootCertificates: string;
  /** Makes the namespace and the KubeVirt object, and contends for leadership. */
  readonly administrator: Client;
  /** Unique per process; a server, alone on its data, keeps its own over restarts and so need not wait for its old Lease. */
  readonly identity: string;
  readonly log: Logger;
}

const lease = { namespace: 'kube-system', name: 'virtplane-controllers' } as const;

/**
 * Runs all controllers and the scheduler while this process is their leader: of several processes against one API only one
 * acts. `makeContexts` is called each time leadership is won. Resolves when their configuration, the KubeVirt object, is there.
 */
export async function runControllers(
  makeContexts: () => ComponentContexts,
  options: RunControllersOptions,
): Promise<{ stop(): Promise<void> }> {
  const { administrator, identity, log } = options;
  let running: { stop(): Promise<void> } | undefined;
  const stopRunning = async (): Promise<void> => {
    const ending = running;
    running = undefined;
    await ending?.stop();
  };
  await ensureConfiguration(administrator);
  const election = runLeaderElection({
    client: administrator,
    clock: systemClock,
    log,
    ...lease,
    identity,
    onStartedLeading() {
      running = startAll(makeContexts(), options);
    },
    onStoppedLeading() {
      stopRunning().catch((error: unknown) => log.error('controllers could not be stopped', { error }));
    },
  });
  return {
    async stop() {
      await stopRunning();
      await election.stop();
    },
  };
}

function startAll(contexts: ComponentContexts, options: RunControllersOptions): { stop(): Promise<void> } {
  const { virtController, scheduler, clusterServices } = contexts;
  const running: { stop(): Promise<void> }[] = virtControllers(virtController, { version }).map((controller) =>
    runController(controller, virtController),
  );
  if (scheduler) running.push(startScheduler(scheduler));
  if (clusterServices) running.push(startClusterServices(clusterServices, options));
  return {
    async stop() {
      await Promise.all(running.map((part) => part.stop()));
      for (const context of [virtController, scheduler, clusterServices]) context?.informers.stop();
    },
  };
}

/** The KubeVirt object holds the configuration; people and tools look for it. */
async function ensureConfiguration(administrator: Client): Promise<void> {
  try {
    await administrator(Namespace).create({ metadata: { name: KUBEVIRT_KEY.namespace } });
  } catch (error) {
    if (!isStatusError(error, 'AlreadyExists')) throw error;
  }
  await ensureKubeVirt(administrator, { version });
}
