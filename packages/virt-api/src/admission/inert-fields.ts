import { asObject, type JsonObject } from './json.ts';

/**
 * Fields of a machine that are declared and stored and that nothing acts on yet. Their authors are told so, once per write;
 * a row leaves this table in the change that makes its field work.
 */
export const INERT_FIELDS: readonly string[] = [
  'accessCredentials',
  'domain.cpu.realtime',
  'domain.devices.blockMultiQueue',
  'domain.devices.clientPassthrough',
  'domain.devices.filesystems',
  'domain.devices.gpus',
  'domain.devices.hostDevices',
  'domain.devices.networkInterfaceMultiqueue',
  'domain.devices.sound',
  'domain.devices.tpm',
  'domain.ioThreadsPolicy',
  'domain.launchSecurity',
  'livenessProbe',
  'readinessProbe',
];

const segments = INERT_FIELDS.map((path) => path.split('.'));

/** The sentences for what `spec` (path `p`) has of them. */
export function inertFieldWarnings(spec: JsonObject, p: string): string[] {
  const warnings: string[] = [];
  for (const path of segments) {
    let here: unknown = spec;
    for (const member of path) here = asObject(here)?.[member];
    if (here !== undefined && here !== null && here !== false)
      warnings.push(`${p}.${path.join('.')} is known but has no effect yet`);
  }
  return warnings;
}

/** The same for what stands beside a VirtualMachine's template. */
export function inertVmWarnings(spec: JsonObject): string[] {
  const warnings: string[] = [];
  for (const member of ['instancetype', 'preference'])
    if (asObject(spec[member])) warnings.push(`spec.${member} is known but has no effect yet`);
  return warnings;
}
