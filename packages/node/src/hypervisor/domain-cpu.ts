import type { Cpu, CpuFeaturePolicy, MemoryBacking } from '@virtplane/libvirt';
import { type DomainSpec, quantityBytes, quantityMilli } from '@virtplane/resources';
import type { Accelerator } from './kvm-probe.ts';

export interface Topology {
  sockets: number;
  cores: number;
  threads: number;
}

/** `domain.cpu`, or one core a socket for the CPU limit or request when no topology is given. */
export function vcpuTopology(domain: DomainSpec): Topology {
  const { sockets, cores, threads } = domain.cpu ?? {};
  if (sockets || cores || threads) return { sockets: sockets || 1, cores: cores || 1, threads: threads || 1 };
  const amount = domain.resources?.limits?.cpu ?? domain.resources?.requests?.cpu;
  const whole = amount === undefined ? 1 : Math.ceil(quantityMilli(amount) / 1000);
  return { sockets: Math.max(1, whole), cores: 1, threads: 1 };
}

export function vcpuCount({ sockets, cores, threads }: Topology): number {
  return sockets * cores * threads;
}

/** The guest's memory: `memory.guest`, else the request, else the limit. @returns undefined when none is given. */
export function guestMemoryBytes(domain: DomainSpec): number | undefined {
  const { memory, resources } = domain;
  const text = memory?.guest ?? resources?.requests?.memory ?? resources?.limits?.memory;
  return text === undefined ? undefined : Math.ceil(quantityBytes(text));
}

/** Huge pages come from a memfd of the page size: that needs no hugetlbfs mount, and fails at once when too few are free. */
export function memoryBacking(domain: DomainSpec): MemoryBacking | undefined {
  const pageSize = domain.memory?.hugepages?.pageSize;
  if (!pageSize) return undefined;
  return { hugepageBytes: quantityBytes(pageSize), source: 'memfd', immediateAllocation: true };
}

const policies: readonly string[] = ['force', 'require', 'optional', 'disable', 'forbid'] satisfies CpuFeaturePolicy[];

export function describeCpu(domain: DomainSpec, topology: Topology, accelerator: Accelerator, faults: string[]): Cpu {
  const features = (domain.cpu?.features ?? []).map(({ name, policy }) => {
    const wanted = policy || 'require';
    if (!policies.includes(wanted)) faults.push(`CPU feature ${name}: unknown policy ${wanted}`);
    return { name, policy: wanted as CpuFeaturePolicy };
  });
  const model = domain.cpu?.model || 'host-model';
  const rest = { topology, ...(features.length > 0 && { features }) };
  if (model === 'host-model') return { mode: 'host-model', ...rest };
  if (model === 'host-passthrough') {
    // An emulated CPU is not the host's: the nearest is everything that the emulator can do.
    return { mode: accelerator === 'kvm' ? 'host-passthrough' : 'maximum', ...rest };
  }
  return { mode: 'custom', model, ...rest };
}
