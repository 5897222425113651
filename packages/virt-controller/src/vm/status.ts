import type { VirtualMachine, VirtualMachineInstance } from '@virtplane/resources';
import { getCondition, isBeingDeleted, isConditionTrue, removeCondition, setCondition } from '@virtplane/runtime';
import { isFinal } from '../vmi/phase.ts';
import type { Plan } from './plan.ts';
import { runStrategyOf } from './run-strategy.ts';

export type VmStatus = NonNullable<VirtualMachine['status']>;
export type VmCondition = NonNullable<VmStatus['conditions']>[number];

/** An attempt of the controller that the API refused. */
export interface Failure {
  readonly reason: 'FailedCreate' | 'FailedDelete';
  readonly message: string;
}

export interface StatusInput {
  readonly vm: VirtualMachine;
  readonly vmi: VirtualMachineInstance | undefined;
  readonly plan: Pick<Plan, 'requests' | 'startFailure'>;
  readonly failure: Failure | undefined;
  readonly restartRequired: boolean;
  /** RFC 3339. */
  readonly now: string;
}

/** Conditions that belong to the machine itself and are not copied from its instance. */
const OWN: ReadonlySet<string> = new Set(['Ready', 'Failure', 'RestartRequired']);

/** The status that the machine should show. Pure; equal input gives equal output. */
export function vmStatus(input: StatusInput): VmStatus {
  const { vm, vmi, plan } = input;
  const old = vm.status ?? {};
  const conditions = conditionsOf(input);
  const status: VmStatus = {
    ...old,
    conditions,
    created: vmi !== undefined,
    ready: isConditionTrue(conditions, 'Ready'),
    printableStatus: '',
    observedGeneration: vm.metadata.generation ?? 0,
    desiredGeneration: vm.metadata.generation ?? 0,
  };
  if (!status.created) delete status.created;
  if (!status.ready) delete status.ready;
  if (plan.requests.length > 0) status.stateChangeRequests = [...plan.requests];
  else delete status.stateChangeRequests;
  if (plan.startFailure) status.startFailure = plan.startFailure;
  else delete status.startFailure;
  status.printableStatus = printableStatus({ ...vm, status }, vmi);
  return status;
}

function conditionsOf({ vm, vmi, failure, restartRequired, now }: StatusInput): VmCondition[] {
  let conditions: VmCondition[] = setCondition(vm.status?.conditions, readyCondition(vmi), now);
  conditions = failure
    ? setCondition(conditions, { type: 'Failure', status: 'True', ...failure }, now)
    : removeCondition(conditions, 'Failure');
  conditions =
    restartRequired && vmi
      ? setCondition(
          conditions,
          {
            type: 'RestartRequired',
            status: 'True',
            message: 'a non-live-updatable field was changed in the template spec',
          },
          now,
        )
      : removeCondition(conditions, 'RestartRequired');
  const copied = vmi?.status?.conditions ?? [];
  for (const { type } of conditions)
    if (!OWN.has(type) && !getCondition(copied, type)) conditions = removeCondition(conditions, type);
  for (const condition of copied)
    if (!OWN.has(condition.type)) conditions = setCondition(conditions, { ...condition }, now);
  return conditions;
}

function readyCondition(vmi: VirtualMachineInstance | undefined): VmCondition {
  if (!vmi) return { type: 'Ready', status: 'False', reason: 'VMINotExists', message: 'VMI does not exist' };
  const ready = getCondition(vmi.status?.conditions, 'Ready');
  if (ready) return { ...ready };
  return {
    type: 'Ready',
    status: 'False',
    reason: 'VMIConditionMissing',
    message: 'VMI is missing the Ready condition',
  };
}

/** The one word of `kubectl get vm`: the first that holds. */
export function printableStatus(vm: VirtualMachine, vmi: VirtualMachineInstance | undefined): string {
  if (isBeingDeleted(vm)) return 'Terminating';
  const live = vmi && !isFinal(vmi) ? vmi : undefined;
  const conditions = vmi?.status?.conditions;
  if (live && isBeingDeleted(live)) return 'Stopping';
  const migration = live?.status?.migrationState;
  if (migration && !migration.completed && migration.startTimestamp) return 'Migrating';
  if (live?.status?.phase === 'Running') return isConditionTrue(conditions, 'Paused') ? 'Paused' : 'Running';
  const synchronized = getCondition(conditions, 'Synchronized');
  const unsynchronized = live && synchronized?.status === 'False' ? synchronized.reason : undefined;
  if (unsynchronized === 'FailedPvcNotFound') return 'ErrorPvcNotFound';
  const scheduled = getCondition(conditions, 'PodScheduled');
  if (live && scheduled?.status === 'False' && scheduled.reason === 'Unschedulable') return 'ErrorUnschedulable';
  if (live && isConditionTrue(conditions, 'Provisioning')) return 'WaitingForVolumeBinding';
  if (unsynchronized === 'ErrImagePull' || unsynchronized === 'ImagePullBackOff') return unsynchronized;
  if (live)
    return ['', 'Pending', 'Scheduling', 'Scheduled'].includes(live.status?.phase ?? '') ? 'Starting' : 'Unknown';
  const strategy = runStrategyOf(vm);
  const failing = (vm.status?.startFailure?.consecutiveFailCount ?? 0) > 0;
  if (failing && (strategy === 'Always' || strategy === 'RerunOnFailure' || strategy === 'Once'))
    return 'CrashLoopBackOff';
  return 'Stopped';
}
