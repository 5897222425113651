import { KubeVirt } from '@virtplane/resources';
import type { Controller, ControllerContext } from '@virtplane/runtime';
import { controllerConfig, KUBEVIRT_KEY } from './config.ts';
import { nodeController } from './node/reconcile.ts';
import { replicaSetController } from './replica-set/reconcile.ts';
import { type VmControllerOptions, vmController } from './vm/reconcile.ts';
import { vmiController } from './vmi/reconcile.ts';

export interface VirtControllersOptions extends VmControllerOptions {
  /** Of Virtplane, without a leading v: it tags the launcher image. */
  readonly version: string;
}

/** The image that launcher pods name; in a cluster it is pulled, standalone the node agent runs it itself. */
export const launcherImage = (version: string): string => `virtplane.io/virt-launcher:v${version}`;

/** The controllers of VirtualMachines, their instances, replica sets of instances, and silent nodes. */
export function virtControllers(context: ControllerContext, options: VirtControllersOptions): Controller[] {
  const kubeVirts = context.informers(KubeVirt);
  return [
    vmController(context, options),
    vmiController(context, {
      config: () => controllerConfig(kubeVirts.get(KUBEVIRT_KEY)),
      launcherImage: launcherImage(options.version),
    }),
    replicaSetController(context),
    nodeController(context),
  ];
}

export {
  type ControllerConfig,
  controllerConfig,
  type EnsureKubeVirtOptions,
  ensureKubeVirt,
  KUBEVIRT_KEY,
} from './config.ts';
export { virtualCpus } from './launcher-pod/cpu.ts';
export { type LauncherOptions, renderLauncherPod } from './launcher-pod/render.ts';
