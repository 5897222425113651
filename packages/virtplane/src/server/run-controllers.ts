import { startClusterServices } from '@virtplane/cluster-services';
import { type ControllerContext, type Logger, runController } from '@virtplane/runtime';
import { startScheduler } from '@virtplane/scheduler';
import { ensureKubeVirt, virtControllers } from '@virtplane/virt-controller';
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
  readonly log: Logger;
}

/** Starts all controllers and the scheduler. They find their work by themselves; nothing waits for anything here. */
export function runControllers(contexts: ComponentContexts, options: RunControllersOptions): { stop(): Promise<void> } {
  const { virtController, scheduler, clusterServices } = contexts;
  const running: { stop(): Promise<void> }[] = virtControllers(virtController, { version }).map((controller) =>
    runController(controller, virtController),
  );
  if (scheduler) running.push(startScheduler(scheduler));
  if (clusterServices) running.push(startClusterServices(clusterServices, options));
  ensureKubeVirt(virtController.client, { version }).catch((error: unknown) =>
    options.log.error('the KubeVirt object could not be made', { error }),
  );
  return {
    async stop() {
      await Promise.all(running.map((part) => part.stop()));
      for (const context of [virtController, scheduler, clusterServices]) context?.informers.stop();
    },
  };
}
