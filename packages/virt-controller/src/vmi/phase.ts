import type { VirtualMachineInstance } from '@virtplane/resources';

export type Phase = '' | 'Pending' | 'Scheduling' | 'Scheduled' | 'Running' | 'Succeeded' | 'Failed' | 'Unknown';

export const phaseOf = (vmi: VirtualMachineInstance): Phase => (vmi.status?.phase ?? '') as Phase;

/** The guest has ended, or will never start. */
export const isFinal = (vmi: VirtualMachineInstance): boolean =>
  vmi.status?.phase === 'Succeeded' || vmi.status?.phase === 'Failed';
