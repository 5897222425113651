import type { FieldError } from '@virtplane/resources';
import { milliOf, parseQuantity, UNIT } from './quantity.ts';
import type { DomainSpec } from './virtual-machine-types.ts';
import { fault } from './webhooks.ts';

const MEGABYTE = 1_000_000n * UNIT;
const MEBIBYTE = 1_048_576n * UNIT;

/** The sentence of an instance without any memory; a VirtualMachine tells it at start. */
export const NO_MEMORY =
  "no memory requested, at least one of 'spec.domain.memory.guest', 'spec.domain.memory.hugepages.size' or 'spec.domain.resources.requests.memory' must be set";

/** Requests, limits and guest memory; `d` is the path of the domain. Quantities have passed the schema. */
export function validateResources(domain: DomainSpec, d: string): FieldError[] {
  const faults: FieldError[] = [];
  const requests = domain.resources?.requests ?? {};
  const limits = domain.resources?.limits ?? {};
  const r = `${d}.resources`;
  for (const [list, values] of [
    ['requests', requests],
    ['limits', limits],
  ] as const)
    for (const name of ['memory', 'cpu'] as const)
      if (milliOf(values[name]) < 0n)
        faults.push(
          fault(`${r}.${list}.${name}`, `${r}.${list}.${name} '${values[name]}': must be greater than or equal to 0.`),
        );
  const memory = milliOf(requests.memory);
  const memoryLimit = milliOf(limits.memory);
  if (memory > 0n && memory < MEGABYTE)
    faults.push(
      fault(`${r}.requests.memory`, `${r}.requests.memory '${requests.memory}': must be greater than or equal to 1M.`),
    );
  for (const name of ['memory', 'cpu'] as const)
    if (milliOf(limits[name]) > 0n && milliOf(requests[name]) > milliOf(limits[name]))
      faults.push(
        fault(
          `${r}.requests.${name}`,
          `${r}.requests.${name} '${requests[name]}' is greater than ${r}.limits.${name} '${limits[name]}'`,
        ),
      );
  const guest = domain.memory?.guest;
  if (guest !== undefined && memoryLimit !== 0n && memoryLimit < milliOf(guest))
    faults.push(
      fault(
        `${d}.memory.guest`,
        `${d}.memory.guest '${guest}' must be equal to or less than the memory limit ${r}.limits.memory '${limits.memory}'`,
      ),
    );
  validateHugepages(domain, d, faults);
  return faults;
}

function validateHugepages(domain: DomainSpec, d: string, faults: FieldError[]): void {
  const hugepages = domain.memory?.hugepages;
  if (!hugepages) return;
  const field = `${d}.memory.hugepages.pageSize`;
  const text = hugepages.pageSize ?? '';
  const parsed = parseQuantity(text);
  if ('error' in parsed) {
    faults.push(fault(field, `${field} '${text}': ${parsed.error}`));
    return;
  }
  const page = parsed.milli;
  if (page <= 0n) {
    faults.push(fault(field, `${field} '${text}' must be greater than 0`));
    return;
  }
  const requests = domain.resources?.requests?.memory;
  const guest = domain.memory?.guest;
  const given = requests ?? guest ?? domain.resources?.limits?.memory;
  const memory = milliOf(given);
  const request = `${d}.resources.requests.memory`;
  if (memory > 0n && memory < page)
    faults.push(fault(request, `${request} '${given}' must be equal to or larger than page size ${field} '${text}'`));
  else if (memory % page !== 0n)
    faults.push(fault(request, `${request} '${given}' is not a multiple of the page size ${field} '${text}'`));
  if (guest === undefined || requests === undefined) return;
  if (milliOf(guest) % page !== 0n)
    faults.push(
      fault(`${d}.memory.guest`, `${d}.memory.guest '${guest}' is not a multiple of the page size ${field} '${text}'`),
    );
  if (milliOf(guest) > memory)
    faults.push(
      fault(
        `${d}.memory.guest`,
        `${d}.memory.guest '${guest}' must not exceed ${request} '${requests}' when huge pages are used`,
      ),
    );
}

/** Advice of the documentation that no rule enforces: limits should leave room above the request. */
export function memoryLimitWarning(domain: DomainSpec, d: string): string | undefined {
  const { requests, limits } = domain.resources ?? {};
  if (!limits?.memory || domain.cpu?.dedicatedCpuPlacement) return undefined;
  const memoryLimit = milliOf(limits.memory);
  const memory = requests?.memory ? milliOf(requests.memory) : memoryLimit;
  const cpuLimit = milliOf(limits.cpu);
  const cpu = requests?.cpu ? milliOf(requests.cpu) : cpuLimit;
  const guaranteed = cpuLimit > 0n && cpu === cpuLimit && memory === memoryLimit;
  if (guaranteed || memoryLimit < memory || memoryLimit - memory >= 100n * MEBIBYTE) return undefined;
  return `${d}.resources.limits.memory should exceed requests.memory by at least 100Mi`;
}
