import type { VirtualMachine, VirtualMachineInstance } from '@virtplane/resources';
import { isConditionTrue } from '@virtplane/runtime';
import { type Body, booleanOption, integerOption } from './body.ts';
import { badRequest, conflict } from './refusals.ts';

export type StateChangeRequest = NonNullable<NonNullable<VirtualMachine['status']>['stateChangeRequests']>[number];

/** What a verb does to the cluster once all checks have passed. */
export interface VmChange {
  /** Merged into the machine's spec. */
  readonly spec?: { readonly running: boolean } | { readonly runStrategy: string };
  /** Replaces the machine's pending requests, and clears its count of failed starts. */
  readonly requests?: readonly StateChangeRequest[];
  /** Written to the instance before anything else. */
  readonly gracePeriodSeconds?: number;
  /** The launcher pod is deleted without grace afterwards. */
  readonly killPod?: true;
}

const NOTHING: VmChange = {};

const phaseOf = (vmi: VirtualMachineInstance | undefined): string => vmi?.status?.phase ?? '';
const isFinal = (vmi: VirtualMachineInstance): boolean => ['Succeeded', 'Failed'].includes(phaseOf(vmi));
const nameOf = (vm: VirtualMachine): string => vm.metadata.name ?? '';

export function runStrategyOf(vm: VirtualMachine): string {
  if (vm.spec.running !== undefined) return vm.spec.running ? 'Always' : 'Halted';
  return vm.spec.runStrategy ?? 'Halted';
}

/** A machine that says `running` keeps saying it. */
const turnedOn = (vm: VirtualMachine): VmChange['spec'] =>
  vm.spec.running === undefined ? { runStrategy: 'Always' } : { running: true };
const turnedOff = (vm: VirtualMachine): VmChange['spec'] =>
  vm.spec.running === undefined ? { runStrategy: 'Halted' } : { running: false };

/** Requests wait in a queue of one operation; only a plain stop may take the place of another. */
function requesting(vm: VirtualMachine, requests: readonly StateChangeRequest[]): VmChange {
  const pending = vm.status?.stateChangeRequests ?? [];
  const isSameStart =
    requests.length === 1 && pending.length === 1 && requests[0]?.action === 'Start' && pending[0]?.action === 'Start';
  if (isSameStart) return NOTHING;
  const replaces = requests.length === 1 && requests[0]?.action === 'Stop';
  if (pending.length > 0 && !replaces)
    throw conflict('virtualmachine', nameOf(vm), 'unable to complete request: stop/start already underway');
  return { requests };
}

const stopOf = (vmi: VirtualMachineInstance): StateChangeRequest => ({ action: 'Stop', uid: vmi.metadata.uid ?? '' });

/** First half of `start`: what is refused before the body is even read. */
export function refuseRunning(vm: VirtualMachine, vmi: VirtualMachineInstance | undefined): void {
  if (vmi && !isFinal(vmi) && phaseOf(vmi) !== '')
    throw conflict('virtualmachine', nameOf(vm), 'VM is already running');
}

export function planStart(vm: VirtualMachine, vmi: VirtualMachineInstance | undefined, body: Body): VmChange {
  const paused = booleanOption(body, 'paused');
  const start: StateChangeRequest = paused ? { action: 'Start', data: { paused: 'true' } } : { action: 'Start' };
  const strategy = runStrategyOf(vm);
  switch (strategy) {
    case 'Halted':
      return paused ? requesting(vm, [start]) : { spec: turnedOn(vm) };
    case 'RerunOnFailure':
      if (phaseOf(vmi) === 'Failed')
        throw conflict('virtualmachine', nameOf(vm), 'RerunOnFailure does not support starting VM from failed state');
      return requesting(vm, vmi && isFinal(vmi) ? [stopOf(vmi), start] : [start]);
    case 'Manual':
      return requesting(vm, vmi && isFinal(vmi) ? [stopOf(vmi), start] : [start]);
    default:
      throw conflict('virtualmachine', nameOf(vm), `${strategy} does not support manual start requests`);
  }
}

const DEFAULT_GRACE_SECONDS = 30;

/** Options of `stop`, read before the machine is looked up. */
export function readStopOptions(body: Body): { readonly gracePeriod: number | undefined } {
  const gracePeriod = integerOption(body, 'gracePeriod');
  if (gracePeriod !== undefined && gracePeriod < 0) throw badRequest('gracePeriod has to be greater or equal to 0');
  return { gracePeriod };
}

export function planStop(
  vm: VirtualMachine,
  vmi: VirtualMachineInstance | undefined,
  { gracePeriod }: { readonly gracePeriod: number | undefined },
): VmChange {
  const live = vmi && !isFinal(vmi) ? vmi : undefined;
  const grace = gracePeriod !== undefined && live ? { gracePeriodSeconds: gracePeriod } : NOTHING;
  const strategy = runStrategyOf(vm);
  const notRunning = () => conflict('virtualmachine', nameOf(vm), 'VM is not running');
  switch (strategy) {
    case 'Manual':
      if (!live) throw notRunning();
      return { ...grace, ...requesting(vm, [stopOf(live)]) };
    case 'Halted': {
      if (!live) throw notRunning();
      const current = live.spec.terminationGracePeriodSeconds ?? DEFAULT_GRACE_SECONDS;
      if (gracePeriod === undefined || gracePeriod >= current)
        throw conflict(
          'virtualmachine',
          nameOf(vm),
          'Halted only supports manual stop requests with a shorter graceperiod',
        );
      return { ...grace, ...requesting(vm, [stopOf(live)]) };
    }
    default:
      return { ...grace, spec: turnedOff(vm) };
  }
}

export function readRestartOptions(body: Body): { readonly force: boolean } {
  const grace = integerOption(body, 'gracePeriodSeconds');
  if (grace !== undefined && grace > 0) throw badRequest('For force restart, only gracePeriod=0 is supported for now');
  if (grace !== undefined && grace < 0) throw badRequest('gracePeriod has to be greater or equal to 0');
  return { force: grace === 0 };
}

export function planRestart(
  vm: VirtualMachine,
  vmi: VirtualMachineInstance | undefined,
  { force }: { readonly force: boolean },
): VmChange {
  const strategy = runStrategyOf(vm);
  if (strategy === 'Halted' || strategy === 'Once')
    throw conflict('virtualmachine', nameOf(vm), `RunStategy ${strategy} does not support manual restart requests`);
  if (!vmi) throw conflict('virtualmachine', nameOf(vm), 'VM is not running: Halted');
  return { ...requesting(vm, [stopOf(vmi), { action: 'Start' }]), ...(force && { killPod: true }) };
}

/** Live migration: what KubeVirt checks first, then that there is no controller for it here. */
export function refuseMigration(vm: VirtualMachine, vmi: VirtualMachineInstance): never {
  if (phaseOf(vmi) !== 'Running')
    throw conflict('virtualmachineinstance', vmi.metadata.name ?? '', 'VM is not running');
  if (isConditionTrue(vm.status?.conditions, 'Paused'))
    throw conflict('virtualmachineinstance', vmi.metadata.name ?? '', 'VM is paused');
  throw conflict(
    'virtualmachineinstance',
    vmi.metadata.name ?? '',
    'live migration is not available on this server yet',
  );
}
