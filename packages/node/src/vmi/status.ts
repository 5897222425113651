import type {
  VirtualMachineInstance,
  VirtualMachineInstanceCondition,
  VirtualMachineInstanceNetworkInterface,
  VirtualMachineInstanceStatus,
  VolumeStatus,
} from '@virtplane/resources';
import { removeCondition, setCondition, timestamp } from '@virtplane/runtime';
import { agentShortcoming, type GuestAgentFacts } from './guest-agent.ts';
import { migratability } from './migratability.ts';

/** A network interface as the node made it. */
export interface NodeInterface {
  readonly name: string;
  readonly mac: string;
  /** Addresses of the pod for the pod network behind masquerade; empty otherwise. */
  readonly ipAddresses: readonly string[];
}

/** What the agent knows of a guest and puts into the VMI's status. */
export interface GuestFacts {
  readonly phase?: 'Running' | 'Succeeded' | 'Failed';
  readonly reason?: string;
  readonly paused?: 'user' | 'ioError';
  readonly agentConnected: boolean;
  readonly agent: GuestAgentFacts;
  readonly interfaces: readonly NodeInterface[];
  /** Disk name → target and virtual size. */
  readonly disks: ReadonlyMap<string, { readonly target: string; readonly sizeBytes?: number }>;
  readonly syncError?: { readonly reason: string; readonly message: string };
}

const pauseTexts = {
  user: { reason: 'PausedByUser', message: 'VMI was paused by user' },
  ioError: { reason: 'PausedIOError', message: 'VMI was paused, IO error' },
} as const;

export const syncFailedReason = 'Synchronizing with the Domain failed.';

type Conditions = VirtualMachineInstanceCondition[] | undefined;

const condition = (
  type: string,
  status: 'True' | 'False',
  reason?: string,
  message?: string,
): VirtualMachineInstanceCondition => ({
  type,
  status,
  ...(reason && { reason }),
  ...(message && { message }),
});

function renderConditions(vmi: VirtualMachineInstance, facts: GuestFacts, now: string): Conditions {
  let conditions: Conditions = vmi.status?.conditions;
  const set = (wanted: VirtualMachineInstanceCondition | undefined, type: string): void => {
    conditions = wanted ? setCondition(conditions, wanted, now) : removeCondition(conditions, type);
  };
  const running = facts.phase === 'Running';
  const paused = running && facts.paused ? pauseTexts[facts.paused] : undefined;
  set(paused && condition('Paused', 'True', paused.reason, paused.message), 'Paused');
  set(running && facts.agentConnected ? condition('AgentConnected', 'True') : undefined, 'AgentConnected');
  const shortcoming = running && facts.agentConnected ? agentShortcoming(facts.agent) : undefined;
  set(shortcoming ? condition('AgentVersionNotSupported', 'True', shortcoming) : undefined, 'AgentVersionNotSupported');
  if (running) set(condition(...migratabilityCondition(vmi)), 'LiveMigratable');
  const failed = facts.syncError;
  // The node's own verdict only: the controller keeps its reasons (image errors, missing claims) in the same condition.
  if (failed) set(condition('Synchronized', 'False', failed.reason, failed.message), 'Synchronized');
  else if (conditions?.find((c) => c.type === 'Synchronized')?.reason === syncFailedReason)
    set(undefined, 'Synchronized');
  return conditions;
}

function migratabilityCondition(vmi: VirtualMachineInstance): [string, 'True' | 'False', string?, string?] {
  const { condition: found } = migratability(vmi);
  return [found.type, found.status, found.reason, found.message];
}

/** Pod network first, then in the spec's order. Source: KubeVirt virt-handler's interface status. */
function renderInterfaces(vmi: VirtualMachineInstance, facts: GuestFacts): VirtualMachineInstanceNetworkInterface[] {
  const podNetworks = new Set(
    (vmi.spec.networks ?? []).filter((network) => network.pod).map((network) => network.name),
  );
  const ordered = [...facts.interfaces].sort(
    (a, b) => Number(podNetworks.has(b.name)) - Number(podNetworks.has(a.name)),
  );
  return ordered.map(({ name, mac, ipAddresses }) => {
    const told = facts.agent.interfaces?.find((nic) => nic.mac === mac.toLowerCase());
    // Behind masquerade the guest's own address means nothing outside: the Pod's does.
    const addresses = ipAddresses.length > 0 ? ipAddresses : (told?.ipAddresses ?? []);
    return {
      ...(addresses[0] !== undefined && { ipAddress: addresses[0], ipAddresses: [...addresses] }),
      mac,
      name,
      infoSource: told ? 'domain, guest-agent' : 'domain',
      ...(told && { interfaceName: told.name }),
      queueCount: 1,
    };
  });
}

function renderVolumes(vmi: VirtualMachineInstance, facts: GuestFacts): VolumeStatus[] {
  return (vmi.spec.volumes ?? []).map((volume) => {
    const before = vmi.status?.volumeStatus?.find((status) => status.name === volume.name);
    const disk = facts.disks.get(volume.name);
    return {
      ...before,
      name: volume.name,
      target: disk?.target ?? before?.target ?? '',
      ...(disk?.sizeBytes !== undefined && { size: disk.sizeBytes }),
    };
  });
}

function withPhase(status: VirtualMachineInstanceStatus, facts: GuestFacts, now: string): VirtualMachineInstanceStatus {
  const { phase, reason } = facts;
  if (phase === undefined || status.phase === phase) return status;
  return {
    ...status,
    phase,
    ...(reason && { reason }),
    phaseTransitionTimestamps: [...(status.phaseTransitionTimestamps ?? []), { phase, phaseTransitionTimestamp: now }],
  };
}

/** The VMI with the status that the facts ask for. Facts that are not there leave what others wrote. */
export function renderStatus(vmi: VirtualMachineInstance, facts: GuestFacts, nowMs: number): VirtualMachineInstance {
  const now = timestamp(nowMs);
  const running = facts.phase === 'Running';
  const conditions = renderConditions(vmi, facts, now);
  const status: VirtualMachineInstanceStatus = {
    ...withPhase(vmi.status ?? {}, facts, now),
    ...(conditions && { conditions }),
    ...(running && {
      interfaces: renderInterfaces(vmi, facts),
      volumeStatus: renderVolumes(vmi, facts),
      migrationMethod: migratability(vmi).method,
      // Upstream writes an empty record until the agent has answered; clients test for its presence.
      guestOSInfo: facts.agent.os ?? vmi.status?.guestOSInfo ?? {},
    }),
  };
  if (running && facts.agent.fsFreezeStatus) status.fsFreezeStatus = facts.agent.fsFreezeStatus;
  else if (running) delete status.fsFreezeStatus;
  return { ...vmi, status };
}
