import type { Pod, VirtualMachineInstance } from '@virtplane/resources';

export interface ObservedPod {
  /** Absent: the object is gone from the API. */
  readonly pod: Pod | undefined;
  readonly isLauncher: boolean;
  /** Its VMI, where that is known on this node. */
  readonly vmi: VirtualMachineInstance | undefined;
  /** Something of its guest (domain, disks, record) is still here. */
  readonly hasGuest: boolean;
  readonly hasSandbox: boolean;
}

export type PodStep =
  /** Network namespace and images. */
  | { readonly do: 'prepare' }
  | { readonly do: 'report'; readonly ended?: { readonly exitCode: number } }
  | { readonly do: 'removeSandbox' }
  /** Take the object out of the API: all of it has ended. */
  | { readonly do: 'finalize' }
  /** Not a launcher: say so and leave it. */
  | { readonly do: 'refuse' };

const exitCodeOf = (vmi: VirtualMachineInstance | undefined): number | undefined => {
  if (vmi?.status?.phase === 'Succeeded') return 0;
  return vmi?.status?.phase === 'Failed' ? 1 : undefined;
};

/**
 * One launcher Pod on a node that runs it itself. The guest goes first, then the sandbox, then the object: whoever sees the Pod
 * gone may start the guest elsewhere.
 */
export function planPod({ pod, isLauncher, vmi, hasGuest, hasSandbox }: ObservedPod): PodStep[] {
  if (!pod) return hasGuest || !hasSandbox ? [] : [{ do: 'removeSandbox' }];
  const deleting = pod.metadata?.deletionTimestamp !== undefined;
  if (!isLauncher) return deleting ? [{ do: 'finalize' }] : [{ do: 'refuse' }];
  const removal: PodStep[] = hasSandbox ? [{ do: 'removeSandbox' }] : [];
  const finished = pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed';
  if (deleting) return hasGuest ? [] : [...removal, { do: 'finalize' }];
  if (finished) return hasGuest ? [] : removal;
  const exitCode = exitCodeOf(vmi);
  if (exitCode !== undefined) return hasGuest ? [] : [{ do: 'report', ended: { exitCode } }, ...removal];
  return [{ do: 'prepare' }, { do: 'report' }];
}
