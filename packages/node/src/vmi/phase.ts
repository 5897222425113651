import type { DomainState } from '@virtplane/libvirt';

export type FinalPhase = 'Succeeded' | 'Failed';

/** Does QEMU exist for this state? */
export const isActive = (state: DomainState | undefined): boolean => {
  switch (state?.state) {
    case 'running':
    case 'blocked':
    case 'paused':
    case 'pmsuspended':
    case 'shutdown':
      return true;
    default:
      return false;
  }
};

export interface EndedGuest {
  readonly gracePeriodSeconds: number;
  readonly acpi: boolean;
}

/**
 * The VMI phase of a domain that has ended. Source: KubeVirt virt-handler calculateVmPhaseForStatusReason, with the correction
 * that a destroyed guest failed only when it had a grace period and could have used it. `undefined`: unchanged (it runs
 * elsewhere now).
 */
export function finalPhase(
  stop: DomainState | undefined,
  { gracePeriodSeconds, acpi }: EndedGuest,
): FinalPhase | undefined {
  if (stop?.state === 'shutoff') {
    switch (stop.reason) {
      case 'shutdown':
      case 'saved':
      case 'fromSnapshot':
        return 'Succeeded';
      case 'destroyed':
        return gracePeriodSeconds > 0 && acpi ? 'Failed' : 'Succeeded';
      case 'migrated':
        return undefined;
    }
  }
  // Crashed, panicked, or ended while nobody looked: it does not run and did not say goodbye.
  return 'Failed';
}
