import type { VirtualMachineInstance, VirtualMachineInstanceReplicaSet } from '@virtplane/resources';
import { isBeingDeleted, isConditionTrue } from '@virtplane/runtime';
import { isFinal } from '../vmi/phase.ts';

export interface ReplicaPlan {
  readonly create: number;
  readonly remove: readonly VirtualMachineInstance[];
  readonly replicas: number;
  readonly readyReplicas: number;
}

const NONE: readonly VirtualMachineInstance[] = [];
/** How many are made or removed at once; the next round goes on from what came of them. */
const BURST = 10;

/** Ended instances are replaced; of a surplus those go first that would be missed least. */
export function planReplicas(
  set: VirtualMachineInstanceReplicaSet,
  instances: readonly VirtualMachineInstance[],
): ReplicaPlan {
  const present = instances.filter((vmi) => !isBeingDeleted(vmi));
  const ended = present.filter(isFinal);
  const live = present.filter((vmi) => !isFinal(vmi));
  const readyReplicas = live.filter(isReady).length;
  const counts = { replicas: live.length, readyReplicas };
  if (isBeingDeleted(set) || set.spec.paused) return { create: 0, remove: NONE, ...counts };
  const missing = (set.spec.replicas ?? 1) - live.length;
  const surplus = missing < 0 ? [...live].sort(byValue).slice(0, -missing) : NONE;
  return {
    create: Math.min(Math.max(missing, 0), BURST),
    remove: [...ended, ...surplus].slice(0, BURST),
    ...counts,
  };
}

const isReady = (vmi: VirtualMachineInstance): boolean => isConditionTrue(vmi.status?.conditions, 'Ready');
const rank = (vmi: VirtualMachineInstance): number => Number(vmi.status?.phase === 'Running') + Number(isReady(vmi));
const byValue = (a: VirtualMachineInstance, b: VirtualMachineInstance): number =>
  rank(a) - rank(b) ||
  (b.metadata.creationTimestamp ?? '').localeCompare(a.metadata.creationTimestamp ?? '') ||
  (a.metadata.name ?? '').localeCompare(b.metadata.name ?? '');
