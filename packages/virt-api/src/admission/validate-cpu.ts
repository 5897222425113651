import type { FieldError } from '@virtplane/resources';
import { isQualifiedName } from '@virtplane/resources';
import { milliOf, UNIT } from './quantity.ts';
import type { DomainSpec } from './virtual-machine-types.ts';
import { fault } from './webhooks.ts';

const POLICIES = ['force', 'require', 'optional', 'disable', 'forbid'];

/** CPU model, features and dedicated placement; `p` is the path of the machine's spec. */
export function validateCpu(domain: DomainSpec, p: string): FieldError[] {
  const cpu = domain.cpu;
  if (!cpu) return [];
  const faults: FieldError[] = [];
  const c = `${p}.domain.cpu`;
  const r = `${p}.domain.resources`;
  if (cpu.model) for (const text of isQualifiedName(cpu.model)) faults.push(fault(`${c}.model`, text));
  const seen = new Set<string>();
  for (const [i, feature] of (cpu.features ?? []).entries()) {
    const f = `${c}.features[${i}]`;
    if (feature.policy && !POLICIES.includes(feature.policy))
      faults.push(
        fault(
          `${f}.policy`,
          `CPU feature ${feature.name} uses policy ${feature.policy} that is not supported.`,
          'FieldValueNotSupported',
        ),
      );
    if (seen.has(feature.name))
      faults.push(
        fault(`${f}.name`, `CPU feature ${feature.name} is specified more than once.`, 'FieldValueDuplicate'),
      );
    seen.add(feature.name);
    for (const text of isQualifiedName(feature.name)) faults.push(fault(`${f}.name`, text));
  }
  if (cpu.isolateEmulatorThread && !cpu.dedicatedCpuPlacement)
    faults.push(
      fault(
        `${c}.isolateEmulatorThread`,
        'IsolateEmulatorThread should be only set in combination with DedicatedCPUPlacement',
      ),
    );
  const numa = `${c}.numa.guestMappingPassthrough`;
  if (cpu.numa?.guestMappingPassthrough) {
    if (!cpu.dedicatedCpuPlacement)
      faults.push(
        fault(numa, `${c}.dedicatedCpuPlacement must be set to true when NUMA topology strategy is set in ${numa}`),
      );
    if (!domain.memory?.hugepages)
      faults.push(
        fault(numa, `${p}.domain.memory.hugepages must be requested when NUMA topology strategy is set in ${numa}`),
      );
  }
  if (cpu.realtime) {
    if (!cpu.dedicatedCpuPlacement)
      faults.push(
        fault(
          `${c}.dedicatedCpuPlacement`,
          `${c}.dedicatedCpuPlacement must be set to true when ${c}.realtime is used`,
          'FieldValueRequired',
        ),
      );
    if (!cpu.numa?.guestMappingPassthrough)
      faults.push(fault(numa, `${numa} must be defined when ${c}.realtime is used`, 'FieldValueRequired'));
  }
  if (cpu.dedicatedCpuPlacement) validateDedicated(domain, c, r, `${p}.domain`, faults);
  return faults;
}

/** Trailing blanks and spelling are KubeVirt's. */
function validateDedicated(domain: DomainSpec, c: string, r: string, d: string, faults: FieldError[]): void {
  const cpu = domain.cpu ?? {};
  const requests = domain.resources?.requests ?? {};
  const limits = domain.resources?.limits ?? {};
  const field = `${c}.dedicatedCpuPlacement`;
  if (!requests.memory && !limits.memory && !domain.memory?.hugepages && !domain.memory?.guest)
    faults.push(
      fault(
        `${r}.limits.memory`,
        `${r}.requests.memory, ${r}.limits.memory, ${d}.memory.hugepages or ${d}.memory.guest should be provided`,
      ),
    );
  const request = milliOf(requests.cpu);
  const limit = milliOf(limits.cpu);
  if (request % UNIT !== 0n)
    faults.push(fault(`${r}.requests.cpu`, 'provided resources CPU requests must be an interger'));
  if (limit % UNIT !== 0n) faults.push(fault(`${r}.limits.cpu`, 'provided resources CPU limits must be an interger'));
  if (requests.memory && limits.memory && milliOf(requests.memory) !== milliOf(limits.memory))
    faults.push(fault(`${r}.requests.memory`, `${r}.requests.memory must be equal to ${r}.limits.memory`));
  const topology = !!(cpu.cores || cpu.sockets || cpu.threads);
  const vcpus = BigInt((cpu.cores || 1) * (cpu.sockets || 1) * (cpu.threads || 1)) * UNIT;
  if (request === 0n && limit === 0n && !topology)
    faults.push(
      fault(
        field,
        `either ${r}.requests.cpu or ${r}.limits.cpu or ${c}.cores must be provided when DedicatedCPUPlacement is true `,
      ),
    );
  if (request !== 0n && limit !== 0n && request !== limit)
    faults.push(fault(field, `${r}.requests.cpu or ${r}.limits.cpu must be equal when DedicatedCPUPlacement is true `));
  if ((request !== 0n || limit !== 0n) && topology && request !== vcpus && limit !== vcpus)
    faults.push(
      fault(
        field,
        `${r}.requests.cpu or ${r}.limits.cpu must not be provided at the same time with ${c}.cores when DedicatedCPUPlacement is true `,
      ),
    );
  if ((cpu.threads ?? 0) > 2)
    faults.push(
      fault(
        field,
        `Not more than two threads must be provided at ${c}.threads (got ${cpu.threads}) when DedicatedCPUPlacement is true`,
      ),
    );
}
