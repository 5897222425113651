import { randomUUID } from 'node:crypto';
import type { VirtualMachineInstance } from '@virtplane/resources';
import { timestamp } from '@virtplane/runtime';
import type { AdmissionConfig } from './config.ts';
import { defaultPullPolicy } from './image-reference.ts';
import { ceilUnits, milliOf, UNIT } from './quantity.ts';
import type {
  Devices,
  Disk,
  DomainSpec,
  Features,
  InstanceSpec,
  Interface,
  Network,
  Probe,
  Volume,
} from './virtual-machine-types.ts';
import { OBSERVED_VERSION_ANNOTATIONS } from './vm-defaults.ts';

/** Holds a deleted instance until its launcher pods are gone. */
export const INSTANCE_FINALIZER = 'foregroundDeleteVirtualMachine';

/**
 * A new instance with every default, before its schema is checked. The given object is not changed; of its status only
 * `revisionName` stays, by which a controller tells from which state of a VirtualMachine it was made.
 */
export function defaultInstance(
  vmi: VirtualMachineInstance,
  config: AdmissionConfig,
  nowMs: number,
  revisionName?: string,
): VirtualMachineInstance {
  const finalizers = vmi.metadata.finalizers ?? [];
  return {
    ...vmi,
    metadata: {
      ...vmi.metadata,
      annotations: { ...vmi.metadata.annotations, ...OBSERVED_VERSION_ANNOTATIONS },
      finalizers: finalizers.includes(INSTANCE_FINALIZER) ? finalizers : [...finalizers, INSTANCE_FINALIZER],
    },
    spec: defaultSpec(vmi.spec, config),
    status: {
      phase: 'Pending',
      phaseTransitionTimestamps: [{ phase: 'Pending', phaseTransitionTimestamp: timestamp(nowMs) }],
      ...(revisionName !== undefined && { virtualMachineRevisionName: revisionName }),
    },
  };
}

export function defaultSpec(spec: InstanceSpec, config: AdmissionConfig): InstanceSpec {
  const domain: DomainSpec = spec.domain ?? { devices: {} };
  const devices = domain.devices ?? {};
  const next: InstanceSpec = { ...spec };
  const nextDevices: Devices = { ...devices };
  if (spec.volumes) {
    next.volumes = spec.volumes.map(defaultVolume);
    const disks = withImplicitDisks(devices.disks ?? [], spec.volumes);
    if (disks.length > 0) nextDevices.disks = disks.map(defaultDisk);
  } else if (devices.disks) {
    nextDevices.disks = devices.disks.map(defaultDisk);
  }
  if (!devices.interfaces?.length && !spec.networks?.length && devices.autoattachPodInterface !== false) {
    const binding = interfaceBinding(config.defaultNetworkInterface);
    nextDevices.interfaces = [binding];
    next.networks = [podNetwork];
  }
  if (devices.inputs?.length)
    nextDevices.inputs = devices.inputs.map((input) => ({
      ...input,
      bus: input.bus || 'usb',
      type: input.type || 'tablet',
    }));
  else if (devices.autoattachInputDevice) nextDevices.inputs = [{ name: 'default-0', bus: 'usb', type: 'tablet' }];
  if (devices.watchdog)
    nextDevices.watchdog = {
      ...devices.watchdog,
      i6300esb: { ...devices.watchdog.i6300esb, action: devices.watchdog.i6300esb?.action || 'reset' },
    };
  if (spec.livenessProbe) next.livenessProbe = defaultProbe(spec.livenessProbe);
  if (spec.readinessProbe) next.readinessProbe = defaultProbe(spec.readinessProbe);
  next.domain = defaultDomain(domain, nextDevices, config);
  return next;
}

const podNetwork: Network = { name: 'default', pod: {} };

function interfaceBinding(binding: string): Interface {
  if (binding === 'bridge') return { name: 'default', bridge: {} };
  if (binding === 'slirp') return { name: 'default', slirp: {} };
  return { name: 'default', masquerade: {} };
}

function defaultDomain(domain: DomainSpec, devices: Devices, config: AdmissionConfig): DomainSpec {
  const resources = defaultResources(domain, config);
  const cpu = defaultCpu(domain.cpu, resources, config);
  const firmware = domain.firmware ?? {};
  const next: DomainSpec = {
    ...domain,
    devices,
    resources,
    cpu,
    machine: { ...domain.machine, type: domain.machine?.type || config.machineType },
    firmware: firmware.uuid ? firmware : { ...firmware, uuid: randomUUID() },
    features: defaultFeatures(domain.features ?? {}),
  };
  const timer = domain.clock?.timer;
  if (timer)
    next.clock = {
      ...domain.clock,
      timer: {
        ...timer,
        ...(timer.hpet && { hpet: present(timer.hpet) }),
        ...(timer.hyperv && { hyperv: present(timer.hyperv) }),
        ...(timer.kvm && { kvm: present(timer.kvm) }),
        ...(timer.pit && { pit: present(timer.pit) }),
        ...(timer.rtc && { rtc: present(timer.rtc) }),
      },
    };
  return next;
}

const present = <T extends { present?: boolean }>(entry: T): T =>
  entry.present === undefined ? { ...entry, present: true } : entry;
const enabled = <T extends { enabled?: boolean }>(entry: T): T =>
  entry.enabled === undefined ? { ...entry, enabled: true } : entry;

/** In KubeVirt's order: limits become requests, then guest memory does, then the configured CPU request. */
function defaultResources(domain: DomainSpec, config: AdmissionConfig): NonNullable<DomainSpec['resources']> {
  const resources = domain.resources ?? {};
  const requests = { ...resources.requests };
  const limits = resources.limits;
  for (const name of ['cpu', 'memory'] as const) if (limits?.[name] && !requests[name]) requests[name] = limits[name];
  if (!requests.memory) {
    const source = domain.memory?.guest ?? domain.memory?.hugepages?.pageSize;
    if (source !== undefined) requests.memory = overcommitted(source, config.memoryOvercommitPercent);
  }
  if (config.cpuRequest && config.cpuRequest !== '100m' && !domain.cpu?.dedicatedCpuPlacement && !requests.cpu)
    requests.cpu = config.cpuRequest;
  return Object.keys(requests).length > 0 ? { ...resources, requests } : resources;
}

function overcommitted(memory: string, percent: number): string {
  return percent === 100 ? memory : String(((milliOf(memory) / UNIT) * 100n) / BigInt(percent));
}

function defaultCpu(
  cpu: DomainSpec['cpu'],
  resources: NonNullable<DomainSpec['resources']>,
  config: AdmissionConfig,
): NonNullable<DomainSpec['cpu']> {
  const next = { ...cpu, model: cpu?.model || config.cpuModel || 'host-model' };
  if (!next.cores && !next.sockets && !next.threads) {
    const wanted = resources.limits?.cpu ?? resources.requests?.cpu;
    next.sockets = wanted ? Math.max(1, Number(ceilUnits(milliOf(wanted)))) : 1;
    next.cores = 1;
    next.threads = 1;
  }
  return next;
}

/** What each Hyper-V enlightenment cannot do without. */
export const HYPERV_DEPENDENCIES = [
  ['synictimer', 'synic'],
  ['synic', 'vpindex'],
  ['tlbflush', 'vpindex'],
  ['ipi', 'vpindex'],
  ['evmcs', 'vapic'],
] as const;

function defaultFeatures(features: Features): Features {
  const next: Features = { ...features, acpi: enabled(features.acpi ?? {}) };
  if (features.apic) next.apic = enabled(features.apic);
  if (features.smm) next.smm = enabled(features.smm);
  if (features.pvspinlock) next.pvspinlock = enabled(features.pvspinlock);
  if (features.hyperv) next.hyperv = defaultHyperv(features.hyperv);
  return next;
}

function defaultHyperv(given: NonNullable<Features['hyperv']>): NonNullable<Features['hyperv']> {
  const next = { ...given };
  for (const name of [
    'evmcs',
    'frequencies',
    'ipi',
    'reenlightenment',
    'relaxed',
    'reset',
    'runtime',
    'synic',
    'tlbflush',
    'vapic',
    'vpindex',
  ] as const) {
    const state = next[name];
    if (state) next[name] = enabled(state);
  }
  if (next.synictimer) next.synictimer = enabled(next.synictimer);
  if (next.vendorid) next.vendorid = enabled(next.vendorid);
  if (next.spinlocks) next.spinlocks = { ...enabled(next.spinlocks), spinlocks: next.spinlocks.spinlocks ?? 4096 };
  for (const [feature, needs] of HYPERV_DEPENDENCIES) {
    if (!next[feature]?.enabled) continue;
    next[needs] ??= { enabled: true };
  }
  return next;
}

function withImplicitDisks(disks: readonly Disk[], volumes: readonly Volume[]): Disk[] {
  const named = new Set(disks.map((disk) => disk.name));
  const all = [...disks];
  for (const volume of volumes) if (!named.has(volume.name) && !volume.memoryDump) all.push({ name: volume.name });
  return all;
}

function defaultDisk(disk: Disk): Disk {
  if (disk.cdrom)
    return {
      ...disk,
      cdrom: {
        ...disk.cdrom,
        bus: disk.cdrom.bus || 'sata',
        readonly: disk.cdrom.readonly ?? true,
        tray: disk.cdrom.tray || 'closed',
      },
    };
  if (disk.lun) return { ...disk, lun: { ...disk.lun, bus: disk.lun.bus || 'sata' } };
  return { ...disk, disk: { ...disk.disk, bus: disk.disk?.bus || 'sata' } };
}

function defaultVolume(volume: Volume): Volume {
  const container = volume.containerDisk;
  if (!container || container.imagePullPolicy || typeof container.image !== 'string') return volume;
  return { ...volume, containerDisk: { ...container, imagePullPolicy: defaultPullPolicy(container.image) } };
}

const defaultProbe = (probe: Probe): Probe => ({
  ...probe,
  timeoutSeconds: probe.timeoutSeconds || 1,
  periodSeconds: probe.periodSeconds || 10,
  successThreshold: probe.successThreshold || 1,
  failureThreshold: probe.failureThreshold || 3,
});
