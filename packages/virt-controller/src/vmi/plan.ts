import type { Pod, VirtualMachineInstance } from '@virtplane/resources';
import { isBeingDeleted } from '@virtplane/runtime';
import type { InstanceStatus } from '../instance-types.ts';
import { LAUNCHER_USER } from '../launcher-pod/render.ts';
import { INSTANCE_FINALIZER, label, MACHINE_FINALIZER } from '../names.ts';
import { conditionsOf, type PodProblem } from './conditions.ts';
import { type Phase, phaseOf } from './phase.ts';
import { currentPod, isPodLive, isPodReady } from './pods.ts';

/** What is known when deciding about one instance. */
export interface Observed {
  readonly vmi: VirtualMachineInstance;
  /** Launcher pods that it controls, finished ones too. */
  readonly pods: readonly Pod[];
  /** The VirtualMachine that controls it is gone, or there never was one. */
  readonly ownerGone: boolean;
  /** The node that it runs on is gone or has been silent for too long. */
  readonly nodeLost: boolean;
  /** Why no pod can be made. */
  readonly problem: PodProblem | undefined;
  /** RFC 3339. */
  readonly now: string;
}

export interface PodSteps {
  readonly create: boolean;
  readonly remove: readonly Pod[];
}

const NO_PODS: readonly Pod[] = [];

/** A pending instance gets one pod; a deleted one loses all of its pods. */
export function planPods({ vmi, pods }: Pick<Observed, 'vmi' | 'pods'>): PodSteps {
  if (isBeingDeleted(vmi)) return { create: false, remove: pods.filter((pod) => !isBeingDeleted(pod)) };
  const phase = phaseOf(vmi);
  return { create: (phase === '' || phase === 'Pending') && pods.length === 0, remove: NO_PODS };
}

/**
 * The instance as it should be written, or the given one itself when nothing changes. From Scheduled to the end the phase is
 * the node agent's; the controller steps in only when that node is lost and no pod object vouches for the guest any more.
 */
export function planInstance(observed: Observed): VirtualMachineInstance {
  const { vmi, pods, ownerGone, now } = observed;
  const { phase, reason } = nextPhase(observed);
  const pod = currentPod(pods);
  const old = vmi.status ?? {};
  const conditions = conditionsOf({ ...observed, pod, phase });
  const status: InstanceStatus = { ...old, phase };
  if (phase !== old.phase)
    status.phaseTransitionTimestamps = [
      ...(old.phaseTransitionTimestamps ?? []),
      { phase, phaseTransitionTimestamp: now },
    ];
  if (reason !== undefined) status.reason = reason;
  if (conditions.length > 0) status.conditions = conditions;
  else delete status.conditions;
  const active = pods.filter(isPodLive);
  if (active.length > 0)
    status.activePods = Object.fromEntries(active.map((p) => [p.metadata.uid ?? '', p.spec?.nodeName ?? '']));
  else delete status.activePods;
  let labels = vmi.metadata.labels;
  if (phase === 'Scheduled' && old.phase !== 'Scheduled' && pod) {
    const nodeName = pod.spec?.nodeName ?? '';
    status.nodeName = nodeName;
    status.runtimeUser = LAUNCHER_USER;
    const image = pod.spec?.containers.find((container) => container.name === 'compute')?.image;
    if (image) status.launcherContainerImageVersion = image;
    if (pod.status?.qosClass) status.qosClass = pod.status.qosClass;
    status.volumeStatus = (vmi.spec.volumes ?? []).map(({ name }) => ({ name, target: '' }));
    labels = { ...labels, [label.nodeName]: nodeName };
  }
  const finalizers = finalizersOf(vmi, phase, pods.length, ownerGone);
  return {
    ...vmi,
    metadata: { ...vmi.metadata, ...(labels && { labels }), ...(finalizers && { finalizers }) },
    status,
  };
}

function finalizersOf(
  vmi: VirtualMachineInstance,
  phase: Phase,
  podCount: number,
  ownerGone: boolean,
): string[] | undefined {
  if ((phase !== 'Succeeded' && phase !== 'Failed') || podCount > 0) return vmi.metadata.finalizers;
  return vmi.metadata.finalizers?.filter((f) => f !== INSTANCE_FINALIZER && !(ownerGone && f === MACHINE_FINALIZER));
}

function nextPhase({ vmi, pods, nodeLost }: Observed): { readonly phase: Phase; readonly reason?: string } {
  const phase = phaseOf(vmi);
  const deleting = isBeingDeleted(vmi);
  const pod = currentPod(pods);
  switch (phase) {
    case '':
    case 'Pending':
      if (!pod) return { phase: deleting ? 'Failed' : 'Pending' };
      return { phase: isPodLive(pod) ? 'Scheduling' : 'Failed' };
    case 'Scheduling':
      if (!pod || !isPodLive(pod)) return { phase: 'Failed' };
      if (deleting || isBeingDeleted(pod) || !isPodReady(pod)) return { phase };
      // A guest that was promised CPUs of its own does not start without them.
      if (vmi.spec.domain?.cpu?.dedicatedCpuPlacement && pod.status?.qosClass !== 'Guaranteed') return { phase };
      return { phase: 'Scheduled' };
    case 'Scheduled':
    case 'Running':
    case 'Unknown':
      return nodeLost && !pods.some(isPodLive) ? { phase: 'Failed', reason: 'NodeUnresponsive' } : { phase };
    case 'Succeeded':
    case 'Failed':
      return { phase };
  }
}
