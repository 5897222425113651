import type { AdmissionConfig } from './config.ts';
import { asObject, type JsonObject } from './json.ts';

/** API versions that KubeVirt's own tools look up on its objects. */
export const OBSERVED_VERSION_ANNOTATIONS: Readonly<Record<string, string>> = {
  'kubevirt.io/latest-observed-api-version': 'v1',
  'kubevirt.io/storage-observed-api-version': 'v1',
};

export function withObservedVersions(object: JsonObject): JsonObject {
  const metadata = asObject(object.metadata) ?? {};
  const annotations = asObject(metadata.annotations) ?? {};
  let complete = true;
  for (const key in OBSERVED_VERSION_ANNOTATIONS)
    if (annotations[key] !== OBSERVED_VERSION_ANNOTATIONS[key]) complete = false;
  if (complete) return object;
  return { ...object, metadata: { ...metadata, annotations: { ...annotations, ...OBSERVED_VERSION_ANNOTATIONS } } };
}

/**
 * What is written into a VirtualMachine: the machine type and the kinds of its matchers. Every other default appears only on
 * the instance, so that a stored machine stays what its owner wrote.
 */
export function defaultVm(object: JsonObject, config: AdmissionConfig): JsonObject {
  const spec = asObject(object.spec);
  if (!spec) return object;
  let next = spec;
  const template = asObject(spec.template);
  const inner = asObject(template?.spec);
  const domain = asObject(inner?.domain);
  if (domain) {
    const machine = domain.machine === undefined ? {} : asObject(domain.machine);
    if (machine && !machine.type)
      next = {
        ...next,
        template: {
          ...template,
          spec: { ...inner, domain: { ...domain, machine: { ...machine, type: config.machineType } } },
        },
      };
  }
  for (const [name, kind] of [
    ['instancetype', 'VirtualMachineClusterInstancetype'],
    ['preference', 'VirtualMachineClusterPreference'],
  ] as const) {
    const matcher = asObject(spec[name]);
    if (matcher && !matcher.kind) next = { ...next, [name]: { ...matcher, kind } };
  }
  return next === spec ? object : { ...object, spec: next };
}
