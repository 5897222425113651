import type { Node, NodeCondition } from '@virtplane/resources';
import { setCondition, timestamp } from '@virtplane/runtime';
import type { Machine } from './machine.ts';

export interface NodeFacts {
  readonly name: string;
  readonly machine: Machine;
  readonly address: string;
  /** Port of the stream server. */
  readonly port: number;
  readonly accelerator: 'kvm' | 'tcg';
  /** Why guests run under emulation. */
  readonly emulationReason?: string;
  readonly version: string;
  readonly maxPods: number;
  /** Set aside for the machine itself. */
  readonly reservedMemoryBytes: number;
}

export const label = {
  accelerator: 'virtplane.io/accelerator',
  schedulable: 'kubevirt.io/schedulable',
} as const;
export const heartbeatAnnotation = 'kubevirt.io/heartbeat';

/** A device plugin announces so many shares of a device that any number of guests may open. */
const deviceShares = '1k';

const kib = (bytes: number): string => `${Math.floor(bytes / 1024)}Ki`;

/** `hugepages-2Mi`, `hugepages-1Gi`. */
export const hugepageResource = (sizeKib: number): string =>
  `hugepages-${sizeKib >= 1 << 20 ? `${sizeKib >> 20}Gi` : sizeKib >= 1024 ? `${sizeKib >> 10}Mi` : `${sizeKib}Ki`}`;

function quantities(facts: NodeFacts): { capacity: Record<string, string>; allocatable: Record<string, string> } {
  const { machine, accelerator } = facts;
  const shared: Record<string, string> = { cpu: String(machine.cpus), pods: String(facts.maxPods) };
  let hugeBytes = 0;
  for (const [sizeKib, pages] of machine.hugepages) {
    const bytes = sizeKib * 1024 * pages;
    hugeBytes += bytes;
    shared[hugepageResource(sizeKib)] = bytes === 0 ? '0' : kib(bytes);
  }
  if (accelerator === 'kvm') shared['devices.kubevirt.io/kvm'] = deviceShares;
  if (machine.devices.tun) shared['devices.kubevirt.io/tun'] = deviceShares;
  if (machine.devices.vhostNet) shared['devices.kubevirt.io/vhost-net'] = deviceShares;
  return {
    capacity: { ...shared, memory: kib(machine.memoryBytes), 'ephemeral-storage': kib(machine.diskBytes) },
    allocatable: {
      ...shared,
      memory: kib(Math.max(0, machine.memoryBytes - facts.reservedMemoryBytes - hugeBytes)),
      // kubelet's default eviction threshold leaves a tenth of the file system.
      'ephemeral-storage': String(Math.floor(machine.diskBytes * 0.9)),
    },
  };
}

const memoryPressureBytes = 100 * 2 ** 20;
const diskPressureShare = 0.1;

/** Source: kubelet nodestatus setters, texts included. */
function renderConditions(
  before: readonly NodeCondition[] | undefined,
  facts: NodeFacts,
  now: string,
): NodeCondition[] {
  const { machine, accelerator, emulationReason } = facts;
  const lowMemory = machine.memoryAvailableBytes < memoryPressureBytes;
  const lowDisk = machine.diskFreeBytes < machine.diskBytes * diskPressureShare;
  const wanted: NodeCondition[] = [
    lowMemory
      ? {
          type: 'MemoryPressure',
          status: 'True',
          reason: 'KubeletHasInsufficientMemory',
          message: 'kubelet has insufficient memory available',
        }
      : {
          type: 'MemoryPressure',
          status: 'False',
          reason: 'KubeletHasSufficientMemory',
          message: 'kubelet has sufficient memory available',
        },
    lowDisk
      ? { type: 'DiskPressure', status: 'True', reason: 'KubeletHasDiskPressure', message: 'kubelet has disk pressure' }
      : {
          type: 'DiskPressure',
          status: 'False',
          reason: 'KubeletHasNoDiskPressure',
          message: 'kubelet has no disk pressure',
        },
    {
      type: 'PIDPressure',
      status: 'False',
      reason: 'KubeletHasSufficientPID',
      message: 'kubelet has sufficient PID available',
    },
    accelerator === 'kvm'
      ? { type: 'HardwareVirtualization', status: 'True', reason: 'KvmProved', message: 'guests run with KVM' }
      : {
          type: 'HardwareVirtualization',
          status: 'False',
          reason: 'Emulated',
          message: emulationText(emulationReason),
        },
    { type: 'Ready', status: 'True', reason: 'KubeletReady', message: 'kubelet is posting ready status' },
  ];
  let conditions: NodeCondition[] = [...(before ?? [])];
  for (const condition of wanted) conditions = setCondition(conditions, condition, now);
  return conditions.map((c) => (wanted.some((w) => w.type === c.type) ? { ...c, lastHeartbeatTime: now } : c));
}

export const emulationText = (reason: string | undefined): string =>
  `guests run under emulation (TCG), many times slower than with KVM${reason ? `: ${reason}` : ''}`;

/** Labels that the agent keeps; what others put on the node stays. */
export const nodeLabels = (
  facts: Pick<NodeFacts, 'name' | 'accelerator'>,
  schedulable: boolean,
): Record<string, string> => ({
  'kubernetes.io/hostname': facts.name,
  'kubernetes.io/arch': 'amd64',
  'kubernetes.io/os': 'linux',
  'beta.kubernetes.io/arch': 'amd64',
  'beta.kubernetes.io/os': 'linux',
  [label.schedulable]: String(schedulable),
  [label.accelerator]: facts.accelerator,
});

/** KubeVirt writes the heartbeat as a quoted JSON time. */
export const heartbeat = (nowMs: number): string => JSON.stringify(timestamp(nowMs));

/** The node with this agent's status. */
export function renderNodeStatus(node: Node, facts: NodeFacts, nowMs: number): Node {
  const now = timestamp(nowMs);
  const { machine } = facts;
  return {
    ...node,
    status: {
      ...node.status,
      ...quantities(facts),
      conditions: renderConditions(node.status?.conditions, facts, now),
      addresses: [
        { type: 'InternalIP', address: facts.address },
        { type: 'Hostname', address: facts.name },
      ],
      daemonEndpoints: { kubeletEndpoint: { Port: facts.port } },
      nodeInfo: {
        machineID: machine.machineId,
        systemUUID: machine.systemUuid,
        bootID: machine.bootId,
        kernelVersion: machine.kernelVersion,
        osImage: machine.osImage,
        containerRuntimeVersion: `virtplane://${facts.version}`,
        kubeletVersion: `v1.25.9+virtplane.${facts.version}`,
        kubeProxyVersion: '',
        operatingSystem: 'linux',
        architecture: 'amd64',
      },
    },
  };
}
