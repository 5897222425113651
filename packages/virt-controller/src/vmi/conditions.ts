import type { Pod, VirtualMachineInstance } from '@virtplane/resources';
import { getCondition, isBeingDeleted, removeCondition, setCondition } from '@virtplane/runtime';
import type { InstanceCondition } from '../instance-types.ts';
import type { Phase } from './phase.ts';
import { imageProblem, isPodReady } from './pods.ts';

/** Why there is no launcher pod. */
export interface PodProblem {
  readonly reason: 'FailedCreate' | 'FailedPvcNotFound';
  /** Whole sentence, as the condition `Synchronized` shows it. */
  readonly message: string;
}

export interface ConditionInput {
  readonly vmi: VirtualMachineInstance;
  readonly pod: Pod | undefined;
  /** The phase that the instance is about to have. */
  readonly phase: Phase;
  readonly problem: PodProblem | undefined;
  readonly now: string;
}

/** Reasons of `Synchronized` that the controller gives and takes; others are the node agent's. */
const OWN_REASONS: ReadonlySet<string> = new Set([
  'FailedCreate',
  'FailedPvcNotFound',
  'ErrImagePull',
  'ImagePullBackOff',
  'FailedGuaranteeResources',
]);

export function conditionsOf(input: ConditionInput): InstanceCondition[] {
  const { vmi, now } = input;
  let conditions: InstanceCondition[] = setCondition(vmi.status?.conditions, ready(input), now);
  const scheduled = podScheduled(input);
  conditions = scheduled ? setCondition(conditions, scheduled, now) : removeCondition(conditions, 'PodScheduled');
  const problem = unsynchronized(input);
  if (problem) return setCondition(conditions, { type: 'Synchronized', status: 'False', ...problem }, now);
  const reason = getCondition(conditions, 'Synchronized')?.reason;
  return reason && OWN_REASONS.has(reason) ? removeCondition(conditions, 'Synchronized') : conditions;
}

function ready({ pod, phase }: ConditionInput): InstanceCondition {
  const not = (reason: string, message: string): InstanceCondition => ({
    type: 'Ready',
    status: 'False',
    reason,
    message,
  });
  if (!pod) return not('PodNotExists', 'virt-launcher pod has not yet been scheduled');
  if (isBeingDeleted(pod)) return not('PodTerminating', 'virt-launcher pod is terminating');
  if (phase !== 'Running') return not('GuestNotRunning', 'Guest VM is not reported as running');
  const condition = getCondition(pod.status?.conditions, 'Ready');
  if (!condition) return not('PodConditionMissing', 'virt-launcher pod is missing the Ready condition');
  return {
    type: 'Ready',
    status: condition.status,
    ...(condition.reason !== undefined && { reason: condition.reason }),
    ...(condition.message !== undefined && { message: condition.message }),
  };
}

/** Shown only while the pod cannot be placed. */
function podScheduled({ pod, problem }: ConditionInput): InstanceCondition | undefined {
  if (problem?.reason === 'FailedPvcNotFound')
    return { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: problem.message };
  const condition = getCondition(pod?.status?.conditions, 'PodScheduled');
  if (condition?.status !== 'False') return undefined;
  return {
    type: 'PodScheduled',
    status: 'False',
    ...(condition.reason !== undefined && { reason: condition.reason }),
    ...(condition.message !== undefined && { message: condition.message }),
  };
}

function unsynchronized({
  vmi,
  pod,
  phase,
  problem,
}: ConditionInput): Pick<InstanceCondition, 'reason' | 'message'> | undefined {
  if (problem) return problem;
  if (!pod || phase !== 'Scheduling') return undefined;
  const image = imageProblem(pod);
  if (image) return image;
  const wantsOwnCpus = vmi.spec.domain?.cpu?.dedicatedCpuPlacement;
  return wantsOwnCpus && isPodReady(pod) && pod.status?.qosClass !== 'Guaranteed'
    ? { reason: 'FailedGuaranteeResources', message: 'failed to guarantee pod resources' }
    : undefined;
}

/** The launcher pod's readiness gate: whether the guest is paused. */
export function unpausedCondition(vmi: VirtualMachineInstance): {
  status: 'True' | 'False';
  reason: string;
  message: string;
} {
  return getCondition(vmi.status?.conditions, 'Paused')?.status === 'True'
    ? { status: 'False', reason: 'Paused', message: 'the virtual machine is paused' }
    : { status: 'True', reason: 'NotPaused', message: 'the virtual machine is not paused' };
}
