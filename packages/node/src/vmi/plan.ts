import type { DomainState } from '@virtplane/libvirt';
import type { Pod, VirtualMachineInstance } from '@virtplane/resources';
import type { GuestRecord } from './guest-record.ts';
import { type FinalPhase, finalPhase, isActive } from './phase.ts';

/** What is known when deciding about one guest. Times are epoch milliseconds. */
export interface ObservedGuest {
  /** The VMI of the record's UID; absent when it is gone from the API. */
  readonly vmi: VirtualMachineInstance | undefined;
  /** Its launcher Pod on this node. */
  readonly pod: Pod | undefined;
  /** Network namespace and images of the Pod are there. */
  readonly sandboxReady: boolean;
  readonly domain: DomainState | undefined;
  readonly record: GuestRecord | undefined;
  readonly nodeName: string;
  readonly bootId: string;
  readonly nowMs: number;
}

export type Step =
  /** Disks, network, define, start. */
  | { readonly do: 'start' }
  /** The guest runs but the record says that it is still being started: the agent died in between. */
  | { readonly do: 'adopt' }
  | { readonly do: 'resume' }
  | { readonly do: 'signalShutdown' }
  | { readonly do: 'destroy'; readonly because: 'orphaned' | 'graceExpired' | 'immediately' | 'incompleteStart' }
  /** Undefine and remove everything but the record, then the record. */
  | { readonly do: 'cleanUp' }
  | { readonly do: 'report'; readonly phase: 'Running' | FinalPhase; readonly reason?: string }
  | { readonly do: 'wait'; readonly untilMs: number };

export const defaultGracePeriodSeconds = 30;
export const maxStartFailures = 3;
const signalIntervalMs = 5_000;
const ioErrorRetryMs = 10_000;

export const isFinal = (vmi: VirtualMachineInstance): boolean =>
  vmi.status?.phase === 'Succeeded' || vmi.status?.phase === 'Failed';

export const isAcpiOn = (vmi: VirtualMachineInstance): boolean => vmi.spec.domain?.features?.acpi?.enabled !== false;

/** The VMI's own grace period, shortened by a shorter one of the Pod's deletion. */
export function gracePeriodSeconds(vmi: VirtualMachineInstance, pod: Pod | undefined): number {
  const own = vmi.spec.terminationGracePeriodSeconds ?? defaultGracePeriodSeconds;
  const ofPod = pod?.metadata?.deletionTimestamp === undefined ? undefined : pod.metadata.deletionGracePeriodSeconds;
  return ofPod === undefined ? own : Math.min(own, ofPod);
}

/**
 * One guest: from what is wanted and what is there to what is to be done now, in order. Source: KubeVirt virt-handler's
 * defaultExecute and updateVMIStatus.
 */
export function planGuest(observed: ObservedGuest): Step[] {
  const { vmi, record, domain, nodeName, bootId } = observed;
  const active = isActive(domain);
  const ours =
    vmi !== undefined &&
    vmi.status?.nodeName === nodeName &&
    (vmi.status.phase === 'Scheduled' || vmi.status.phase === 'Running');
  if (!ours) return removeLeftover(observed, active);
  if (active) return planRunning(observed, vmi);

  const end = (phase: FinalPhase | undefined, reason?: string): Step[] => [
    ...(phase ? [{ do: 'report', phase, ...(reason && { reason }) } as const] : []),
    { do: 'cleanUp' },
  ];
  if (record?.stage === 'started') {
    if (record.bootId !== bootId) return end('Failed', 'NodeRebooted');
    const stop =
      domain?.state === 'shutoff' && domain.reason !== 'unknown' && domain.reason !== 'daemon'
        ? domain
        : (record.lastStop ?? domain);
    // The VMI's own grace period decides, not a shortened one: a Pod removed by force cut a guest off that had time promised.
    const ownGrace = vmi.spec.terminationGracePeriodSeconds ?? defaultGracePeriodSeconds;
    return end(finalPhase(stop, { gracePeriodSeconds: ownGrace, acpi: isAcpiOn(vmi) }));
  }
  if (vmi.status?.phase === 'Running')
    return end('Failed', record && record.bootId !== bootId ? 'NodeRebooted' : undefined);
  return planStart(observed, vmi, end);
}

/** The VMI is gone, final, or belongs to another node: nothing of it may stay here. */
function removeLeftover({ vmi, record, domain, nodeName }: ObservedGuest, active: boolean): Step[] {
  // Not yet bound to any node, or on its way: nothing is here and nothing is to be done.
  if (!active && domain === undefined && record === undefined) return [];
  const elsewhere = vmi?.status?.nodeName !== undefined && vmi.status.nodeName !== nodeName;
  if (elsewhere && domain?.state === 'shutoff' && domain.reason === 'migrated') return [{ do: 'cleanUp' }];
  return active ? [{ do: 'destroy', because: 'orphaned' }, { do: 'cleanUp' }] : [{ do: 'cleanUp' }];
}

function planStart(
  observed: ObservedGuest,
  vmi: VirtualMachineInstance,
  end: (phase: FinalPhase | undefined) => Step[],
): Step[] {
  const { pod, record, sandboxReady, nowMs } = observed;
  const podEnded = pod === undefined || pod.status?.phase === 'Failed' || pod.status?.phase === 'Succeeded';
  const stopping = vmi.metadata?.deletionTimestamp !== undefined || pod?.metadata?.deletionTimestamp !== undefined;
  if (stopping || podEnded) return end('Failed');
  if (record && (record.fatal || record.failures >= maxStartFailures)) return end('Failed');
  if (record?.retryAtMs !== undefined && record.retryAtMs > nowMs) return [{ do: 'wait', untilMs: record.retryAtMs }];
  return sandboxReady ? [{ do: 'start' }] : [];
}

function planRunning(observed: ObservedGuest, vmi: VirtualMachineInstance): Step[] {
  const { pod, record, domain, nowMs } = observed;
  // A domain that is paused while being started has taps outside its namespace: it is not a guest yet.
  if (record?.stage === 'starting' && domain?.state === 'paused')
    return [{ do: 'destroy', because: 'incompleteStart' }, { do: 'start' }];
  const steps: Step[] = record?.stage === 'started' ? [] : [{ do: 'adopt' }];
  steps.push({ do: 'report', phase: 'Running' });
  const stopping =
    vmi.metadata?.deletionTimestamp !== undefined ||
    pod?.metadata?.deletionTimestamp !== undefined ||
    pod === undefined;
  if (stopping) return [...steps, ...planShutdown(observed, vmi)];

  if (domain?.state === 'paused') {
    if (domain.reason === 'ioError') steps.push({ do: 'resume' }, { do: 'wait', untilMs: nowMs + ioErrorRetryMs });
    // QEMU pauses by itself for migration, snapshots and dumps, and goes on by itself.
    else if (!record?.pausedByUser && (domain.reason === 'user' || domain.reason === 'unknown'))
      steps.push({ do: 'resume' });
  }
  return steps;
}

function planShutdown({ pod, record, domain, nowMs }: ObservedGuest, vmi: VirtualMachineInstance): Step[] {
  const grace = pod === undefined ? 0 : gracePeriodSeconds(vmi, pod);
  if (grace === 0 || !isAcpiOn(vmi)) return [{ do: 'destroy', because: 'immediately' }];
  const deadlineMs = (record?.shutdownSinceMs ?? nowMs) + grace * 1000;
  if (nowMs >= deadlineMs) return [{ do: 'destroy', because: 'graceExpired' }];
  const nextSignalMs = record?.lastSignalMs === undefined ? nowMs : record.lastSignalMs + signalIntervalMs;
  if (nowMs < nextSignalMs) return [{ do: 'wait', untilMs: Math.min(nextSignalMs, deadlineMs) }];
  // libvirt refuses to shut down a paused guest, and a paused guest could not obey.
  const wake: Step[] = domain?.state === 'paused' ? [{ do: 'resume' }] : [];
  return [...wake, { do: 'signalShutdown' }, { do: 'wait', untilMs: Math.min(nowMs + signalIntervalMs, deadlineMs) }];
}
