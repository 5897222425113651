/**
 * VMI + what the agent has prepared → libvirt domain. Pure: the same input gives the same XML. Follows KubeVirt's
 * converter, with these deliberate differences: the domain's uuid is the VMI's UID (several namespaces share one
 * libvirtd), the firmware uuid reaches the guest by a QEMU argument, CPU features are checked (`check='partial'`).
 */
import { join } from 'node:path';
import {
  type Devices,
  type DomainDescription,
  element,
  type Interface,
  type LiveDomain,
  parsePciAddress,
  renderDomain,
  type Sysinfo,
  userAlias,
  type XmlElement,
} from '@virtplane/libvirt';
import type { DomainSpec, Interface as KubevirtInterface, VirtualMachineInstance } from '@virtplane/resources';
import { describeCpu, guestMemoryBytes, memoryBacking, vcpuCount, vcpuTopology } from './domain-cpu.ts';
import { assignIoThreads, describeDisks, diskControllers } from './domain-disks.ts';
import { describeClock, describeFeatures, efiSecureBoot } from './domain-features.ts';
import { guestFile, type PreparedGuest } from './prepared-guest.ts';

/** Everything that keeps a VMI from becoming a domain, all at once. */
export class DomainSpecError extends Error {
  override name = 'DomainSpecError';
  readonly faults: readonly string[];

  constructor(vmi: VirtualMachineInstance, faults: readonly string[]) {
    super(`${vmi.metadata?.namespace}/${vmi.metadata?.name} cannot be started: ${faults.join('; ')}`);
    this.faults = faults;
  }
}

export const defaultGracePeriodSeconds = 30;

/** `<namespace>_<name>`: unique, for neither part can hold an underscore. */
export function domainName(namespace: string, name: string): string {
  return `${namespace}_${name}`;
}

/** @throws DomainSpecError, XmlValueError */
export function renderDomainXml(vmi: VirtualMachineInstance, guest: PreparedGuest): string {
  return renderDomain(describeDomain(vmi, guest));
}

/** @throws DomainSpecError */
export function describeDomain(vmi: VirtualMachineInstance, guest: PreparedGuest): DomainDescription {
  const faults: string[] = [];
  const { namespace = '', name = '', uid = '' } = vmi.metadata ?? {};
  const domain = vmi.spec.domain ?? {};
  const topology = vcpuTopology(domain);
  const vcpus = vcpuCount(topology);
  const memoryBytes = guestMemoryBytes(domain);
  if (memoryBytes === undefined) {
    faults.push('no memory requested: set domain.memory.guest or domain.resources.requests.memory');
  }
  const backing = memoryBacking(domain);
  const clock = describeClock(domain.clock);
  const { count: ioThreads, threadOf } = assignIoThreads(domain.devices?.disks ?? [], domain.ioThreadsPolicy, vcpus);
  const description: DomainDescription = {
    type: guest.accelerator === 'kvm' ? 'kvm' : 'qemu',
    name: domainName(namespace, name),
    uuid: uid,
    metadata: [guestMetadata(vmi)],
    memoryBytes: memoryBytes ?? 0,
    ...(backing && { memoryBacking: backing }),
    vcpus,
    ...(ioThreads > 0 && { ioThreads }),
    ...(guest.cpuTune && { cpuTune: guest.cpuTune }),
    sysinfo: describeSysinfo(domain, guest),
    os: describeOs(domain, guest, faults),
    features: describeFeatures(domain),
    cpu: describeCpu(domain, topology, guest.accelerator, faults),
    ...(clock && { clock }),
    onPoweroff: 'destroy',
    onReboot: 'restart',
    onCrash: 'destroy',
    devices: describeDevices(domain, guest, { vcpus, threadOf }, faults),
    qemuArguments: ['-smbios', `type=1,uuid=${firmwareUuid(vmi, faults)}`],
  };
  if (faults.length > 0) throw new DomainSpecError(vmi, faults);
  return description;
}

const uuidPattern = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

function firmwareUuid(vmi: VirtualMachineInstance, faults: string[]): string {
  const uuid = vmi.spec.domain?.firmware?.uuid || vmi.metadata?.uid || '';
  // It goes into a comma-separated QEMU option: nothing but a UUID may stand there.
  if (!uuidPattern.test(uuid)) faults.push(`firmware.uuid "${uuid}" is not a UUID`);
  return uuid;
}

function describeSysinfo(domain: DomainSpec, guest: PreparedGuest): Sysinfo {
  const { manufacturer, product, family, version, sku } = guest.smbios;
  const { chassis } = domain;
  return {
    system: { manufacturer, product, version, serial: domain.firmware?.serial, sku, family },
    ...(chassis && {
      chassis: {
        manufacturer: chassis.manufacturer,
        version: chassis.version,
        serial: chassis.serial,
        asset: chassis.asset,
        sku: chassis.sku,
      },
    }),
  };
}

function describeOs(domain: DomainSpec, guest: PreparedGuest, faults: string[]): DomainDescription['os'] {
  const { bootloader, kernelBoot } = domain.firmware ?? {};
  const secureBoot = efiSecureBoot(domain);
  if (secureBoot !== undefined && !guest.firmware) {
    faults.push('UEFI firmware is not available on this node; on Debian install the package ovmf');
  }
  if (kernelBoot?.container && !guest.kernelBoot)
    faults.push('the kernelBoot container has not been prepared on this node');
  return {
    arch: guest.arch,
    machine: guest.machine,
    ...(secureBoot !== undefined &&
      guest.firmware && {
        loader: { path: guest.firmware.code, secure: secureBoot },
        nvram: { path: guest.firmware.variables, template: guest.firmware.variablesTemplate },
      }),
    ...(guest.kernelBoot?.kernel && { kernel: guest.kernelBoot.kernel }),
    ...(guest.kernelBoot?.initrd && { initrd: guest.kernelBoot.initrd }),
    ...(kernelBoot?.kernelArgs && { commandLine: kernelBoot.kernelArgs }),
    ...(bootloader?.bios?.useSerial && { biosUseSerial: true }),
    smbiosFromSysinfo: true,
  };
}

function describeDevices(
  domain: DomainSpec,
  guest: PreparedGuest,
  cpu: { vcpus: number; threadOf: ReadonlyMap<string, number> },
  faults: string[],
): Devices {
  const devices = domain.devices ?? {};
  const virtioModel = devices.useVirtioTransitional ? 'virtio-transitional' : 'virtio-non-transitional';
  const disks = describeDisks(
    devices.disks ?? [],
    guest.disks,
    {
      vcpus: cpu.vcpus,
      virtioModel,
      blockMultiQueue: devices.blockMultiQueue === true,
      ioThreadOf: cpu.threadOf,
    },
    faults,
  );
  const inputs = describeInputs(domain);
  const socket = (name: string) => join(guest.guestDirectory, name);
  const efi = efiSecureBoot(domain) !== undefined;
  const action = devices.watchdog?.i6300esb?.action;
  const watchdogAction = action === 'poweroff' || action === 'shutdown' ? action : 'reset';
  return {
    emulator: guest.emulator,
    disks,
    controllers: diskControllers(disks, {
      usbInput: inputs.some((input) => input.bus === 'usb'),
      hotplug: devices.disableHotplug !== true,
      virtioModel,
    }),
    interfaces: (devices.interfaces ?? []).flatMap((nic) => describeInterface(nic, guest, virtioModel, faults)),
    ...(devices.autoattachSerialConsole !== false && {
      serial: { path: socket(guestFile.serial), logFile: socket(guestFile.serialLog) },
    }),
    channels: [{ name: 'org.qemu.guest_agent.0', path: socket(guestFile.agent) }],
    ...(devices.autoattachGraphicsDevice !== false && {
      vnc: { socket: socket(guestFile.vnc) },
      // OVMF drives bochs by itself; SeaBIOS and old guests want a VGA.
      video: efi ? { model: 'bochs', vramKibibytes: 16384 } : { model: 'vga', vramKibibytes: 16384 },
    }),
    inputs,
    balloon:
      devices.autoattachMemBalloon === false ? { model: 'none' } : { model: virtioModel, statsPeriodSeconds: 10 },
    ...(devices.rng && { rng: { model: virtioModel } }),
    ...(devices.watchdog && {
      watchdog: { model: 'i6300esb', action: watchdogAction, ...aliasOf(devices.watchdog.name) },
    }),
    ...(devices.sound && {
      sound: { model: devices.sound.model === 'ac97' ? 'ac97' : 'ich9', ...aliasOf(devices.sound.name) },
    }),
    ...(devices.tpm && { tpm: { model: 'tpm-tis' } }),
    ...(guest.hostDevices && { hostDevices: guest.hostDevices }),
  };
}

function aliasOf(name: string): { alias?: string } {
  const alias = userAlias(name);
  return alias === undefined ? {} : { alias };
}

function describeInputs(domain: DomainSpec): NonNullable<Devices['inputs']>[number][] {
  return (domain.devices?.inputs ?? []).map(({ name, type, bus }) => ({
    type: type === 'keyboard' ? 'keyboard' : 'tablet',
    bus: bus === 'virtio' ? 'virtio' : 'usb',
    ...(bus === 'virtio' && { model: 'virtio' }),
    ...aliasOf(name),
  }));
}

function describeInterface(
  nic: KubevirtInterface,
  guest: PreparedGuest,
  virtioModel: string,
  faults: string[],
): Interface[] {
  // An SR-IOV interface is a host device, prepared with the others.
  if (nic.sriov) return [];
  const prepared = guest.interfaces[nic.name];
  if (!prepared || (prepared.type === 'ethernet' && !prepared.tap)) {
    faults.push(`interface ${nic.name}: it has not been prepared on this node`);
    return [];
  }
  const address = nic.pciAddress ? parsePciAddress(nic.pciAddress) : undefined;
  if (nic.pciAddress && !address) {
    faults.push(`interface ${nic.name}: "${nic.pciAddress}" is not a PCI address such as 0000:81:01.0`);
  }
  const isVirtio = !nic.model || nic.model === 'virtio';
  return [
    {
      type: prepared.type,
      ...(prepared.type === 'ethernet' && prepared.tap && { tap: prepared.tap }),
      mac: prepared.mac,
      model: isVirtio ? virtioModel : nic.model!,
      ...(prepared.mtu !== undefined && { mtu: prepared.mtu }),
      ...(nic.bootOrder === undefined ? { rom: false } : { bootOrder: nic.bootOrder }),
      ...(prepared.queues !== undefined && isVirtio && { queues: prepared.queues }),
      ...aliasOf(nic.name),
      ...(address && { address }),
    },
  ];
}

const metadataNamespace = 'http://kubevirt.io';

/** Identifies a running guest to an agent that has just started. */
export interface GuestMetadata {
  uid: string;
  namespace: string;
  name: string;
  gracePeriodSeconds: number;
}

function guestMetadata(vmi: VirtualMachineInstance): XmlElement {
  const { uid = '', namespace = '', name = '' } = vmi.metadata ?? {};
  const gracePeriodSeconds = vmi.spec.terminationGracePeriodSeconds ?? defaultGracePeriodSeconds;
  const values = { uid, namespace, name, gracePeriodSeconds: String(gracePeriodSeconds) };
  return element(
    'kubevirt:kubevirt',
    { 'xmlns:kubevirt': metadataNamespace },
    ...Object.entries(values).map(([key, value]) => element(`kubevirt:${key}`, {}, value)),
  );
}

/** @returns undefined for a domain that is not one of our guests. */
export function readGuestMetadata(domain: LiveDomain): GuestMetadata | undefined {
  const values = domain.metadata(metadataNamespace);
  if (!values?.uid || !values.namespace || !values.name) return undefined;
  const seconds = Number(values.gracePeriodSeconds);
  return {
    uid: values.uid,
    namespace: values.namespace,
    name: values.name,
    gracePeriodSeconds: Number.isFinite(seconds) ? seconds : defaultGracePeriodSeconds,
  };
}
