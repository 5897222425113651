import type { FieldError } from '@virtplane/resources';
import { isDns1123Label, isDns1123Subdomain } from '@virtplane/resources';
import type { AdmissionConfig } from './config.ts';
import { validateCpu } from './validate-cpu.ts';
import { LIST_LIMIT, listLimitFaults, validateBootOrders, validateDisks } from './validate-disks.ts';
import { validateInterfaces, validateNetworks } from './validate-interfaces.ts';
import { validatePlacement } from './validate-placement.ts';
import { validateResources } from './validate-resources.ts';
import { validateVolumes } from './validate-volumes.ts';
import type { DomainSpec, InstanceSpec, Probe } from './virtual-machine-types.ts';
import { fault } from './webhooks.ts';

const EVICTION_STRATEGIES = ['LiveMigrate', 'LiveMigrateIfPossible', 'None', 'External'];
const DNS_POLICIES = ['ClusterFirstWithHostNet', 'ClusterFirst', 'Default', 'None'];
const NOTHING: readonly never[] = [];

/**
 * All faults of what an instance is made of: of `spec.template.spec` of a VirtualMachine and of `spec` of an instance alike;
 * `p` is that path.
 */
export function validateInstanceSpec(spec: InstanceSpec, p: string, config: AdmissionConfig): FieldError[] {
  const domain: DomainSpec = spec.domain ?? { devices: {} };
  const disks = domain.devices?.disks ?? NOTHING;
  const interfaces = domain.devices?.interfaces ?? NOTHING;
  const volumes = spec.volumes ?? NOTHING;
  const networks = spec.networks ?? NOTHING;
  const gates = config.featureGates;
  const faults: FieldError[] = [];
  if (disks.length > 0) faults.push(...validateDisks(disks, volumes, p));
  if (volumes.length > 0)
    faults.push(...validateVolumes(volumes, p, { hostDisk: gates.has('HostDisk'), dataVolumes: true }));
  if (networks.length > 0) faults.push(...validateNetworks(networks, interfaces, p));
  if (interfaces.length > 0)
    faults.push(
      ...validateInterfaces(interfaces, networks, p, {
        permitBridgeOnPodNetwork: config.permitBridgeOnPodNetwork,
        permitSlirp: config.permitSlirp,
        macvtap: gates.has('Macvtap'),
        passt: gates.has('Passt'),
      }),
    );
  faults.push(...validateBootOrders(disks, interfaces, p), ...validateResources(domain, `${p}.domain`));
  faults.push(...validateCpu(domain, p), ...validatePlacement(spec, p));
  validateMachine(domain, p, config, faults);
  validateFirmware(domain, p, faults);
  validateDevices(domain, p, faults);
  validateIdentity(spec, p, faults);
  validateStrategies(spec, p, faults);
  for (const name of ['livenessProbe', 'readinessProbe'] as const) {
    const probe = spec[name];
    if (probe) validateProbe(probe, `${p}.${name}`, onPodNetwork(spec), faults);
  }
  const credentials = spec.accessCredentials?.length;
  if (credentials && credentials > LIST_LIMIT) faults.push(...listLimitFaults(`${p}.accessCredentials`, credentials));
  return faults;
}

/** An instance without networks gets the pod network by default. */
const onPodNetwork = (spec: InstanceSpec): boolean =>
  spec.networks?.length
    ? spec.networks.some((network) => network.pod !== undefined)
    : spec.domain?.devices?.autoattachPodInterface !== false;

const machinePatterns = new WeakMap<readonly string[], readonly RegExp[]>();

function patternsOf(entries: readonly string[]): readonly RegExp[] {
  let patterns = machinePatterns.get(entries);
  if (!patterns) {
    patterns = entries.map((entry) => new RegExp(entry));
    machinePatterns.set(entries, patterns);
  }
  return patterns;
}

function validateMachine(domain: DomainSpec, p: string, config: AdmissionConfig, faults: FieldError[]): void {
  const type = domain.machine?.type;
  if (!type || patternsOf(config.emulatedMachines).some((pattern) => pattern.test(type))) return;
  const f = `${p}.domain.machine.type`;
  faults.push(fault(f, `${f} is not supported: ${type} (allowed values: [${config.emulatedMachines.join(' ')}])`));
}

const SERIAL = /^[A-Za-z0-9_.+-]+$/;

function validateFirmware(domain: DomainSpec, p: string, faults: FieldError[]): void {
  const firmware = domain.firmware;
  if (!firmware) return;
  const d = `${p}.domain`;
  const f = `${d}.firmware`;
  const efi = firmware.bootloader?.efi;
  if (efi) {
    const smm = domain.features?.smm;
    if (efi.secureBoot !== false && (!smm || smm.enabled === false))
      faults.push(fault(d, `${d} has EFI SecureBoot enabled. SecureBoot requires SMM, which is currently disabled.`));
    if (firmware.bootloader?.bios)
      faults.push(
        fault(`${f}.bootloader`, `${f}.bootloader has both EFI and BIOS configured, but they are mutually exclusive.`),
      );
    if (domain.features?.acpi?.enabled === false)
      faults.push(
        fault(
          `${d}.features.acpi.enabled`,
          `${f}.bootloader.efi requires ACPI, which is disabled by ${d}.features.acpi.enabled.`,
        ),
      );
  }
  if (firmware.serial) {
    if (firmware.serial.length > 256)
      faults.push(fault(`${f}.serial`, `${f}.serial must be less than or equal to 256 in length, if specified`));
    if (!SERIAL.test(firmware.serial))
      faults.push(
        fault(`${f}.serial`, `${f}.serial must be made up of the following characters [A-Za-z0-9_.+-], if specified`),
      );
  }
  const kernel = firmware.kernelBoot;
  if (!kernel) return;
  const k = `${f}.kernelBoot`;
  if (!kernel.container) {
    if (kernel.kernelArgs)
      faults.push(fault(`${k}.kernelArgs`, 'kernel arguments cannot be provided without an external kernel'));
    return;
  }
  if (!kernel.container.image)
    faults.push(fault(`${k}.container.image`, `${k}.container must be defined with an image`, 'FieldValueRequired'));
  if (!kernel.container.kernelPath && !kernel.container.initrdPath)
    faults.push(
      fault(
        `${k}.container`,
        `${k}.container must be defined with at least one of the following: kernelPath, initrdPath`,
        'FieldValueRequired',
      ),
    );
}

const WATCHDOG_ACTIONS = ['poweroff', 'reset', 'shutdown'];

function validateDevices(domain: DomainSpec, p: string, faults: FieldError[]): void {
  const d = `${p}.domain.devices`;
  for (const [i, input] of (domain.devices?.inputs ?? NOTHING).entries()) {
    if (input.bus && input.bus !== 'virtio' && input.bus !== 'usb')
      faults.push(fault(`${d}.inputs[${i}].bus`, 'Input device can have only virtio or usb bus.'));
    if (input.type !== 'tablet')
      faults.push(fault(`${d}.inputs[${i}].type`, 'Input device can have only tablet type.'));
  }
  const action = domain.devices?.watchdog?.i6300esb?.action;
  if (action && !WATCHDOG_ACTIONS.includes(action)) {
    const f = `${d}.watchdog.i6300esb.action`;
    faults.push(
      fault(
        f,
        `${f} is set with an unrecognized action ${action}, must be one of: [${WATCHDOG_ACTIONS.join(' ')}]`,
        'FieldValueNotSupported',
      ),
    );
  }
}

function validateIdentity(spec: InstanceSpec, p: string, faults: FieldError[]): void {
  if (spec.hostname) {
    const texts = isDns1123Label(spec.hostname);
    if (texts.length > 0)
      faults.push(
        fault(
          `${p}.hostname`,
          `${p}.hostname does not conform to the kubernetes DNS_LABEL rules : ${texts.join(', ')}`,
        ),
      );
  }
  if (spec.subdomain) {
    const texts = isDns1123Subdomain(spec.subdomain);
    if (texts.length > 0)
      faults.push(
        fault(
          `${p}.subdomain`,
          `${p}.subdomain does not conform to the kubernetes DNS_SUBDOMAIN rules : ${texts.join(', ')}`,
        ),
      );
  }
  if (spec.dnsPolicy && !DNS_POLICIES.includes(spec.dnsPolicy))
    faults.push(
      fault(
        `${p}.dnsPolicy`,
        `Unsupported value: ${JSON.stringify(spec.dnsPolicy)}: supported values: ${DNS_POLICIES.map((s) => JSON.stringify(s)).join(', ')}`,
        'FieldValueNotSupported',
      ),
    );
  if (spec.dnsPolicy === 'None' && !spec.dnsConfig?.nameservers?.length)
    faults.push(
      fault(
        `${p}.dnsConfig.nameservers`,
        'Required value: must provide at least one DNS nameserver when `dnsPolicy` is None',
        'FieldValueRequired',
      ),
    );
}

function validateStrategies(spec: InstanceSpec, p: string, faults: FieldError[]): void {
  const unrecognized = (field: string, value: string): void => {
    faults.push(fault(field, `${field} is set with an unrecognized option: ${value}`));
  };
  if (spec.evictionStrategy && !EVICTION_STRATEGIES.includes(spec.evictionStrategy))
    unrecognized(`${p}.evictionStrategy`, spec.evictionStrategy);
  if (!spec.startStrategy) return;
  if (spec.startStrategy !== 'Paused') unrecognized(`${p}.startStrategy`, spec.startStrategy);
  else if (spec.livenessProbe)
    faults.push(
      fault(
        `${p}.startStrategy`,
        `either ${p}.startStrategy or ${p}.livenessProbe should be provided.Pausing VMI with LivenessProbe is not supported`,
      ),
    );
}

function validateProbe(probe: Probe, f: string, podNetwork: boolean, faults: FieldError[]): void {
  let types = 0;
  for (const type of ['exec', 'tcpSocket', 'httpGet', 'guestAgentPing'] as const) if (probe[type]) types++;
  if (types > 1) faults.push(fault(f, `${f} must have exactly one probe type set`));
  if (types === 0)
    faults.push(
      fault(
        f,
        `either ${f}.tcpSocket, ${f}.exec or ${f}.httpGet must be set if a ${f} is specified`,
        'FieldValueRequired',
      ),
    );
  for (const type of ['httpGet', 'tcpSocket'] as const)
    if (probe[type] && !podNetwork)
      faults.push(fault(`${f}.${type}`, `${f}.${type} is only allowed if the Pod Network is attached`));
}
