import type { KubeVirt, VirtualMachine, VirtualMachineInstance } from '@virtplane/resources';
import type { AdmissionOutcome, AdmissionPlugin, AdmissionRequest } from '@virtplane/runtime';
import { type AdmissionConfig, admissionConfig } from './config.ts';
import { inertFieldWarnings, inertVmWarnings } from './inert-fields.ts';
import { isInstanceShaped } from './instance-shape.ts';
import { asObject, equalJson, type JsonObject } from './json.ts';
import { quantityError } from './quantities-in-manifest.ts';
import { complete, moveShorthand } from './shorthand.ts';
import { COMPONENT_USERS, isComponent } from './users.ts';
import { memoryLimitWarning } from './validate-resources.ts';
import { validateVm } from './validate-vm.ts';
import { validateInstanceUpdate, validateNewInstance } from './validate-vmi.ts';
import { defaultVm, withObservedVersions } from './vm-defaults.ts';
import { defaultInstance } from './vmi-defaults.ts';
import { denial, undecodable, webhook } from './webhooks.ts';

const GROUP = 'kubevirt.io';
const UNCHANGED: AdmissionOutcome = {};

export interface VirtApiAdmissionOptions {
  /** The KubeVirt object as it is now; asked on every write, so hand in an informer's cache. */
  readonly kubeVirt: () => KubeVirt | undefined;
  /** Users besides the built-in list that write to instances as components do. */
  readonly componentUsers?: readonly string[];
  /** Epoch milliseconds. */
  readonly now?: () => number;
}

/** Admission of kubevirt.io: shorthand, completion, defaults and validation of VirtualMachines and their instances. */
export function virtApiAdmission(options: VirtApiAdmissionOptions): AdmissionPlugin[] {
  const { now = Date.now } = options;
  const components: ReadonlySet<string> = new Set([...COMPONENT_USERS, ...(options.componentUsers ?? [])]);
  const config = cachedConfig(options.kubeVirt);
  return [
    vmMutator(config),
    vmiMutator(config, components, now),
    vmValidator(config),
    vmiValidator(config, components),
  ];
}

/** The configuration is read anew only when the KubeVirt object is another one. */
function cachedConfig(kubeVirt: () => KubeVirt | undefined): () => AdmissionConfig {
  let seen = kubeVirt();
  let config = admissionConfig(seen);
  return () => {
    const current = kubeVirt();
    if (current !== seen) {
      seen = current;
      config = admissionConfig(current);
    }
    return config;
  };
}

const writes = (request: AdmissionRequest, resource: string): boolean =>
  request.resource === resource &&
  request.group === GROUP &&
  request.subresource === undefined &&
  (request.operation === 'CREATE' || request.operation === 'UPDATE');

function vmMutator(config: () => AdmissionConfig): AdmissionPlugin {
  return {
    name: webhook.vmMutator,
    phase: 'mutating',
    handles: (request) => writes(request, 'virtualmachines'),
    admit(request) {
      const given = request.object as JsonObject | undefined;
      if (!given) return UNCHANGED;
      const moved = moveShorthand(given, request.oldObject as JsonObject | undefined);
      if (moved.faults.length > 0) return { denied: denial(webhook.vmMutator, moved.faults), warnings: moved.warnings };
      const completed = complete(moved.object);
      const object = withObservedVersions(defaultVm(completed.object, config()));
      const template = asObject(asObject(asObject(object.spec)?.template)?.spec);
      const error = quantityError(asObject(template?.domain));
      if (error !== undefined) return { denied: undecodable(webhook.vmMutator, error) };
      const warnings = [...moved.warnings, ...completed.warnings];
      if (object === given) return warnings.length > 0 ? { warnings } : UNCHANGED;
      return { object, warnings };
    },
  };
}

function vmValidator(config: () => AdmissionConfig): AdmissionPlugin {
  return {
    name: webhook.vmValidator,
    phase: 'validating',
    handles: (request) => writes(request, 'virtualmachines'),
    admit(request) {
      const vm = request.object as VirtualMachine | undefined;
      if (!vm) return UNCHANGED;
      const old = request.oldObject as VirtualMachine | undefined;
      // A controller's write of metadata does not make its author hear about the spec again.
      if (old && equalJson(vm.spec, old.spec)) return UNCHANGED;
      const faults = validateVm(vm, config());
      if (faults.length > 0) return { denied: denial(webhook.vmValidator, faults) };
      const warnings = vmWarnings(vm);
      return warnings.length > 0 ? { warnings } : UNCHANGED;
    },
  };
}

function vmWarnings(vm: VirtualMachine): string[] {
  const spec = vm.spec.template?.spec;
  const warnings = inertVmWarnings({ ...vm.spec });
  if (!spec) return warnings;
  warnings.push(...inertFieldWarnings({ ...spec }, 'spec.template.spec'));
  const memory = spec.domain && memoryLimitWarning(spec.domain, 'spec.template.spec.domain');
  if (memory) warnings.push(memory);
  const watchdog = spec.domain?.devices?.watchdog;
  if (watchdog?.i6300esb?.action === 'shutdown' && spec.domain?.features?.acpi?.enabled === false)
    warnings.push('watchdog action shutdown needs ACPI');
  if ((vm.metadata.name?.length ?? 0) > 63)
    warnings.push('name is longer than 63 characters: the VM cannot be live migrated');
  return warnings;
}

function vmiMutator(
  config: () => AdmissionConfig,
  components: ReadonlySet<string>,
  now: () => number,
): AdmissionPlugin {
  return {
    name: webhook.vmiMutator,
    phase: 'mutating',
    handles: (request) => writes(request, 'virtualmachineinstances'),
    admit(request) {
      const given = request.object;
      if (!given) return UNCHANGED;
      if (request.operation === 'CREATE') {
        const error = quantityError(asObject(asObject((given as JsonObject).spec)?.domain));
        if (error !== undefined) return { denied: undecodable(webhook.vmiMutator, error) };
        if (!isInstanceShaped(given)) return UNCHANGED;
        const byComponent = isComponent(request.user, components, undefined);
        const revisionName = byComponent ? given.status?.virtualMachineRevisionName : undefined;
        return { object: defaultInstance(given, config(), now(), revisionName) };
      }
      const old = request.oldObject as VirtualMachineInstance | undefined;
      if (!old || isComponent(request.user, components, old)) return UNCHANGED;
      // Instances have no status subresource: what anybody else writes there is taken back.
      if (equalJson((given as JsonObject).status, old.status)) return UNCHANGED;
      const reverted: VirtualMachineInstance = { ...(given as VirtualMachineInstance) };
      if (old.status === undefined) delete reverted.status;
      else reverted.status = old.status;
      return { object: reverted };
    },
  };
}

function vmiValidator(config: () => AdmissionConfig, components: ReadonlySet<string>): AdmissionPlugin {
  return {
    name: webhook.vmiCreateValidator,
    phase: 'validating',
    handles: (request) => writes(request, 'virtualmachineinstances'),
    admit(request) {
      const vmi = request.object as VirtualMachineInstance | undefined;
      if (!vmi) return UNCHANGED;
      const old = request.oldObject as VirtualMachineInstance | undefined;
      const byComponent = isComponent(request.user, components, old);
      if (request.operation === 'UPDATE') {
        if (!old || byComponent) return UNCHANGED;
        const faults = validateInstanceUpdate(vmi, old);
        return faults.length > 0 ? { denied: denial(webhook.vmiUpdateValidator, faults) } : UNCHANGED;
      }
      const faults = validateNewInstance(vmi, config(), byComponent);
      if (faults.length > 0) return { denied: denial(webhook.vmiCreateValidator, faults) };
      if (byComponent) return UNCHANGED;
      const warnings = inertFieldWarnings({ ...vmi.spec }, 'spec');
      const memory = vmi.spec.domain && memoryLimitWarning(vmi.spec.domain, 'spec.domain');
      if (memory) warnings.push(memory);
      return warnings.length > 0 ? { warnings } : UNCHANGED;
    },
  };
}
