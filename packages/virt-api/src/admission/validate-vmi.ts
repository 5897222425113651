import type { FieldError, VirtualMachineInstance } from '@virtplane/resources';
import type { AdmissionConfig } from './config.ts';
import { equalJson } from './json.ts';
import { validateChangedLabels, validateNewLabels } from './reserved-labels.ts';
import { validateInstanceSpec } from './validate-instance-spec.ts';
import { NO_MEMORY } from './validate-resources.ts';
import { HYPERV_DEPENDENCIES } from './vmi-defaults.ts';
import { fault } from './webhooks.ts';

/** All faults of a new instance that has its defaults. Components may set reserved labels. */
export function validateNewInstance(
  vmi: VirtualMachineInstance,
  config: AdmissionConfig,
  byComponent: boolean,
): FieldError[] {
  const faults = byComponent ? [] : validateNewLabels(vmi.metadata.labels, 'metadata.labels');
  faults.push(...validateInstanceSpec(vmi.spec, 'spec', config));
  const domain = vmi.spec.domain;
  const memory = domain?.resources?.requests?.memory ?? domain?.memory?.guest ?? domain?.memory?.hugepages?.pageSize;
  if (memory === undefined) faults.push(fault('', NO_MEMORY, 'FieldValueRequired'));
  const hyperv = domain?.features?.hyperv;
  if (hyperv)
    for (const [feature, needs] of HYPERV_DEPENDENCIES)
      if (hyperv[feature]?.enabled && hyperv[needs]?.enabled === false)
        faults.push(
          fault(
            `spec.domain.features.hyperv.${feature}`,
            `'spec.domain.features.hyperv.${feature}' requires 'spec.domain.features.hyperv.${needs}', which was disabled.`,
          ),
        );
  return faults;
}

/** A user may change an instance's metadata only; its spec is what the guest was started with. */
export function validateInstanceUpdate(vmi: VirtualMachineInstance, old: VirtualMachineInstance): FieldError[] {
  if (!equalJson(vmi.spec, old.spec))
    return [fault('', 'update of VMI object is restricted', 'FieldValueNotSupported')];
  return validateChangedLabels(vmi.metadata.labels, old.metadata.labels);
}
