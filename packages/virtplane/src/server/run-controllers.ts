import { startClusterServices } from '@virtplane/cluster-services';
import { isStatusError, Namespace } from '@virtplane/resources';
import { type Client, type ControllerContext, type Logger, runController } from '@virtplane/runtime';
import { startScheduler } from '@virtplane/scheduler';
import { ensureKubeVirt, KUBEVIRT_KEY, virtControllers } from '@virtplane/virt-controller';
import { version } from '../version.ts';

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
  /** Makes the namespace and the KubeVirt object. */
  readonly administrator: Client;
  readonly log: Logger;
}

/** Starts all controllers and the scheduler; resolves when the KubeVirt object, their configuration, is there. */
export async function runControllers(
  contexts: ComponentContexts,
  options: RunControllersOptions,
): Promise<{ stop(): Promise<void> }> {
  const { virtController, scheduler, clusterServices } = contexts;
  const running: { stop(): Promise<void> }[] = virtControllers(virtController, { version }).map((controller) =>
    runController(controller, virtController),
  );
  if (scheduler) running.push(startScheduler(scheduler));
  if (clusterServices) running.push(startClusterServices(clusterServices, options));
  await ensureConfiguration(options.administrator);
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
