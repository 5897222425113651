import type { VirtualMachine, VirtualMachineInstance } from '@virtplane/resources';
import { isBeingDeleted } from '@virtplane/runtime';
import { isFinal } from '../vmi/phase.ts';
import { type RunStrategy, runStrategyOf } from './run-strategy.ts';
import { nextStartFailure, type StartFailure } from './start-failure.ts';

/** What is known when deciding about one VirtualMachine. Times are epoch milliseconds. */
export interface Observed {
  readonly vm: VirtualMachine;
  /** The instance that this machine controls; never somebody else's of the same name. */
  readonly vmi: VirtualMachineInstance | undefined;
  readonly nowMs: number;
  /** Random, from 0 to 1. */
  readonly jitter: number;
}

export type Step =
  | { readonly do: 'create-instance'; readonly paused: boolean }
  | { readonly do: 'delete-instance'; readonly vmi: VirtualMachineInstance }
  /** A halted machine was asked to start: its spec says so from now on. */
  | { readonly do: 'set-running' }
  | { readonly do: 'wait'; readonly untilMs: number };

export type StateChangeRequest = NonNullable<NonNullable<VirtualMachine['status']>['stateChangeRequests']>[number];

export interface Plan {
  readonly step: Step | undefined;
  /** Requests that stand after the satisfied ones are taken off the head. */
  readonly requests: readonly StateChangeRequest[];
  readonly startFailure: StartFailure | undefined;
}

const NO_REQUESTS: readonly StateChangeRequest[] = [];

/**
 * What a machine's run strategy and the requests to it demand of its instance. At most one step: after it the world is looked
 * at anew. Source: KubeVirt virt-controller startStop.
 */
export function planVm({ vm, vmi, nowMs, jitter }: Observed): Plan {
  const strategy = runStrategyOf(vm);
  const requests = openRequests(vm.status?.stateChangeRequests ?? NO_REQUESTS, strategy, vmi);
  const startFailure = nextStartFailure(vm.status?.startFailure ?? undefined, strategy, vmi, nowMs, jitter);
  const step = vmi
    ? stepWithInstance(strategy, vmi, requests[0])
    : stepWithoutInstance(strategy, requests[0], startFailure, nowMs);
  return { step, requests, startFailure };
}

/** Takes satisfied requests off the head: a stop of an instance that is gone, a start when one is there. */
function openRequests(
  all: readonly StateChangeRequest[],
  strategy: RunStrategy,
  vmi: VirtualMachineInstance | undefined,
): readonly StateChangeRequest[] {
  let satisfied = 0;
  for (const request of all) {
    if (request.action === 'Stop') {
      if (request.uid && vmi && vmi.metadata.uid === request.uid) break;
    } else if (!vmi || (strategy === 'Halted' && (isFinal(vmi) || isBeingDeleted(vmi)))) {
      break;
    }
    satisfied++;
  }
  return satisfied === 0 ? all : all.slice(satisfied);
}

function stepWithoutInstance(
  strategy: RunStrategy,
  request: StateChangeRequest | undefined,
  failure: StartFailure | undefined,
  nowMs: number,
): Step | undefined {
  const start = request?.action === 'Start';
  if (strategy === 'Halted') return start ? { do: 'set-running' } : undefined;
  if (strategy === 'Manual' && !start) return undefined;
  if (strategy !== 'Once' && failure?.retryAfterTimestamp) {
    const untilMs = Date.parse(failure.retryAfterTimestamp);
    if (untilMs > nowMs) return { do: 'wait', untilMs };
  }
  return { do: 'create-instance', paused: start && request.data?.paused === 'true' };
}

function stepWithInstance(
  strategy: RunStrategy,
  vmi: VirtualMachineInstance,
  request: StateChangeRequest | undefined,
): Step | undefined {
  if (isBeingDeleted(vmi)) return undefined;
  // Whatever stands at the head and asks to stop names this very instance: others have been taken off.
  const stop = request?.action === 'Stop';
  const remove =
    strategy === 'Halted' ||
    (strategy === 'Always' && (stop || isFinal(vmi))) ||
    (strategy === 'RerunOnFailure' && (stop || vmi.status?.phase === 'Failed')) ||
    (strategy === 'Manual' && stop);
  return remove ? { do: 'delete-instance', vmi } : undefined;
}
