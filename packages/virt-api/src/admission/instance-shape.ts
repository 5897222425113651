import type { VirtualMachineInstance } from '@virtplane/resources';
import { asArray, asObject, isUnset } from './json.ts';

type Shape = 'object' | 'list' | { readonly [member: string]: Shape };

/** The parts that defaults read, and of which kind each must be. */
const INSTANCE: Shape = {
  metadata: { labels: 'object', annotations: 'object' },
  spec: {
    domain: {
      cpu: 'object',
      memory: { hugepages: 'object' },
      machine: 'object',
      firmware: 'object',
      resources: { requests: 'object', limits: 'object' },
      features: {
        acpi: 'object',
        apic: 'object',
        smm: 'object',
        pvspinlock: 'object',
        hyperv: 'object',
        kvm: 'object',
      },
      clock: { timer: 'object' },
      devices: {
        disks: 'list',
        interfaces: 'list',
        inputs: 'list',
        watchdog: { i6300esb: 'object' },
      },
    },
    networks: 'list',
    volumes: 'list',
    livenessProbe: 'object',
    readinessProbe: 'object',
  },
};

function fits(value: unknown, shape: Shape): boolean {
  if (value === undefined) return true;
  if (shape === 'list') return asArray(value)?.every((item) => asObject(item) !== undefined) ?? false;
  const object = asObject(value);
  if (!object) return false;
  if (shape === 'object') return true;
  for (const member in shape) {
    const part = shape[member];
    if (part && !isUnset(object[member]) && !fits(object[member], part)) return false;
    if (object[member] === null) return false;
  }
  return true;
}

/**
 * Whether defaults can be filled in. Mutating admission runs before the schema is checked; an object of another shape is left
 * alone, and the schema refuses it with better words.
 */
export const isInstanceShaped = (object: unknown): object is VirtualMachineInstance => {
  const spec = asObject(asObject(object)?.spec);
  return spec !== undefined && asObject(spec.domain) !== undefined && fits(object, INSTANCE);
};
