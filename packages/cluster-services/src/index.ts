import { type Controller, type ControllerContext, type RunningController, runController } from '@virtplane/runtime';
import { disruption } from './disruption/disruption.ts';
import { startGarbageCollector } from './garbage-collector/collector.ts';
import { namespaceLifecycle } from './namespaces/namespace-lifecycle.ts';
import { nodeLifecycle } from './nodes/node-lifecycle.ts';
import { taintEviction } from './nodes/taint-eviction.ts';
import { podGarbageCollector } from './pods/pod-garbage-collector.ts';
import { serviceAccounts } from './service-accounts/service-accounts.ts';

export interface ClusterServicesOptions {
  /** PEM of the authorities that signed the API server's certificate. */
  readonly rootCertificates: string;
}

/** The level-triggered ones; `startClusterServices` runs them together with the garbage collector. */
export const clusterControllers = (context: ControllerContext, options: ClusterServicesOptions): Controller[] => [
  namespaceLifecycle(context),
  serviceAccounts(context, options.rootCertificates),
  nodeLifecycle(context),
  taintEviction(context),
  podGarbageCollector(context),
  disruption(context),
];

/** What a cluster's controller-manager does. Standalone only, and only in one process at a time (leader). */
export function startClusterServices(context: ControllerContext, options: ClusterServicesOptions): RunningController {
  const running = clusterControllers(context, options).map((controller) => runController(controller, context));
  running.push(startGarbageCollector(context));
  return {
    async stop() {
      await Promise.all(running.map((service) => service.stop()));
    },
  };
}

export {
  disruption,
  namespaceLifecycle,
  nodeLifecycle,
  podGarbageCollector,
  serviceAccounts,
  startGarbageCollector,
  taintEviction,
};
