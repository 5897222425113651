import type { VirtualMachine, VirtualMachineInstance } from '@virtplane/resources';
import { timestamp } from '@virtplane/runtime';
import { isFinal } from '../vmi/phase.ts';
import type { RunStrategy } from './run-strategy.ts';

export type StartFailure = NonNullable<NonNullable<VirtualMachine['status']>['startFailure']>;

const BASE_SECONDS = 10;
const MAXIMUM_SECONDS = 300;

/**
 * Seconds until the n-th start in a row that failed is tried again: 10·n², plus up to half of it, so that machines that
 * failed together do not come back together; never more than five minutes. `jitter` is from 0 to 1.
 */
export function backOffSeconds(failures: number, jitter: number): number {
  const delay = BASE_SECONDS * failures * failures;
  return Math.min(delay + Math.floor((delay / 2) * jitter), MAXIMUM_SECONDS);
}

export const reachedRunning = (vmi: VirtualMachineInstance): boolean =>
  vmi.status?.phase === 'Running' ||
  (vmi.status?.phaseTransitionTimestamps?.some(({ phase }) => phase === 'Running') ?? false);

/** The count of starts that failed in a row, after looking at the instance that is there. An instance counts once. */
export function nextStartFailure(
  failure: StartFailure | undefined,
  strategy: RunStrategy,
  vmi: VirtualMachineInstance | undefined,
  nowMs: number,
  jitter: number,
): StartFailure | undefined {
  if (strategy === 'Manual' || strategy === 'Halted') return undefined;
  if (!vmi) return failure;
  if (reachedRunning(vmi)) return undefined;
  const uid = vmi.metadata.uid ?? '';
  if (!isFinal(vmi) || failure?.lastFailedVMIUID === uid) return failure;
  const consecutiveFailCount = (failure?.consecutiveFailCount ?? 0) + 1;
  return {
    consecutiveFailCount,
    lastFailedVMIUID: uid,
    retryAfterTimestamp: timestamp(nowMs + backOffSeconds(consecutiveFailCount, jitter) * 1000),
  };
}
