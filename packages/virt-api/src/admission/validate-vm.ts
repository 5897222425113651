import type { FieldError, VirtualMachine } from '@virtplane/resources';
import type { AdmissionConfig } from './config.ts';
import { validateNewLabels } from './reserved-labels.ts';
import { validateInstanceSpec } from './validate-instance-spec.ts';
import { fault } from './webhooks.ts';

const RUN_STRATEGIES = ['Always', 'Halted', 'Manual', 'RerunOnFailure', 'Once'];

/** All faults of a VirtualMachine, complete and of valid types. */
export function validateVm(vm: VirtualMachine, config: AdmissionConfig): FieldError[] {
  const spec = vm.spec;
  const faults: FieldError[] = [];
  if (!spec.template) return [fault('spec.template', 'missing virtual machine template.', 'FieldValueRequired')];
  if (spec.running !== undefined && spec.runStrategy)
    faults.push(fault('spec.running', 'Running and RunStrategy are mutually exclusive'));
  if (spec.running === undefined && !spec.runStrategy)
    faults.push(fault('spec.running', 'One of Running or RunStrategy must be specified'));
  if (spec.runStrategy && !RUN_STRATEGIES.includes(spec.runStrategy))
    faults.push(fault('spec.runStrategy', `Invalid RunStrategy (${spec.runStrategy})`));
  faults.push(
    ...validateNewLabels(labelsOf(spec.template.metadata), 'spec.template.metadata.labels'),
    ...validateInstanceSpec(spec.template.spec ?? { domain: { devices: {} } }, 'spec.template.spec', config),
  );
  // KubeVirt prints the singular here.
  for (const [i, template] of (spec.dataVolumeTemplates ?? []).entries()) {
    const entry = `spec.dataVolumeTemplate[${i}]`;
    const name = nameOf(template.metadata);
    if (!name)
      faults.push(
        fault(
          `${entry}.name`,
          `'name' field must not be empty for DataVolumeTemplate entry ${entry}.`,
          'FieldValueRequired',
        ),
      );
    const used = (spec.template.spec?.volumes ?? []).some(
      (volume) => volume.dataVolume?.name === name || volume.persistentVolumeClaim?.claimName === name,
    );
    if (!used)
      faults.push(
        fault(
          entry,
          `DataVolumeTemplate entry ${entry} must be referenced in the VMI template's 'volumes' list`,
          'FieldValueRequired',
        ),
      );
  }
  return faults;
}

interface EmbeddedMetadata {
  readonly name?: string;
  readonly labels?: Readonly<Record<string, string>>;
}
const labelsOf = (metadata: EmbeddedMetadata | undefined) => metadata?.labels;
const nameOf = (metadata: EmbeddedMetadata | undefined) => metadata?.name;
