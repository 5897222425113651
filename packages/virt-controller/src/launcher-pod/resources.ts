import { Quantity, type ResourceRequirements } from '@virtplane/resources';
import type { ControllerConfig } from '../config.ts';
import type { InstanceSpec } from '../instance-types.ts';
import { virtualCpus } from './cpu.ts';
import { memoryOverheadBytes } from './overhead.ts';

type Amounts = Record<string, string>;

const parse = (text: string | undefined): Quantity => (text === undefined ? Quantity.zero : Quantity.parse(text));
const EPHEMERAL_STORAGE = Quantity.parse('50M');

/** Requests and limits set and equal, for CPU and memory. */
export function isGuaranteed(spec: InstanceSpec): boolean {
  const { requests, limits } = spec.domain?.resources ?? {};
  return (['cpu', 'memory'] as const).every((name) => {
    const limit = parse(limits?.[name]);
    return !limit.isZero() && limit.equals(parse(requests?.[name]));
  });
}

const isExclusive = (spec: InstanceSpec): boolean => !!spec.domain?.cpu?.dedicatedCpuPlacement || isGuaranteed(spec);

/** Resources of the container `compute`, in which the guest runs. */
export function computeResources(
  spec: InstanceSpec,
  config: ControllerConfig,
): Required<Pick<ResourceRequirements, 'requests' | 'limits'>> {
  const requests: Amounts = { ...spec.domain?.resources?.requests };
  const limits: Amounts = { ...spec.domain?.resources?.limits };
  setCpu(spec, config, requests, limits);
  setMemory(spec, config, requests, limits);
  requests['ephemeral-storage'] = parse(requests['ephemeral-storage']).add(EPHEMERAL_STORAGE).toString();
  if (limits['ephemeral-storage'] !== undefined)
    limits['ephemeral-storage'] = parse(limits['ephemeral-storage']).add(EPHEMERAL_STORAGE).toString();
  for (const [device, wanted] of deviceRequests(spec, config)) if (wanted) limits[device] = '1';
  for (const device of [...(spec.domain?.devices?.gpus ?? []), ...(spec.domain?.devices?.hostDevices ?? [])])
    limits[device.deviceName] = String(Number(limits[device.deviceName] ?? 0) + 1);
  return { requests, limits };
}

function setCpu(spec: InstanceSpec, config: ControllerConfig, requests: Amounts, limits: Amounts): void {
  const cpu = spec.domain?.cpu;
  const vcpus = virtualCpus(cpu);
  if (cpu?.dedicatedCpuPlacement) {
    const wanted = limits.cpu ?? requests.cpu ?? String(vcpus || 1);
    const isolated = cpu.isolateEmulatorThread ? parse(wanted).add(Quantity.of(1)).toString() : wanted;
    requests.cpu = isolated;
    limits.cpu = isolated;
  } else if (parse(requests.cpu).isZero() && vcpus > 0) {
    requests.cpu = Quantity.ofMilli(Math.trunc((vcpus * 1000) / config.cpuAllocationRatio)).toString();
  }
}

function setMemory(spec: InstanceSpec, config: ControllerConfig, requests: Amounts, limits: Amounts): void {
  const { domain } = spec;
  const request = parse(requests.memory);
  const limit = limits.memory === undefined ? undefined : parse(limits.memory);
  const overhead = Quantity.of(memoryOverheadBytes(spec, request.value(), config.guestMemoryOverheadRatio), 'BinarySI');
  const pageSize = domain?.memory?.hugepages?.pageSize;
  if (pageSize) {
    // The guest's memory is counted in pages; ordinary memory carries what is beyond it and the overhead.
    const guest = domain?.memory?.guest === undefined ? undefined : parse(domain.memory.guest);
    const pages = guest && guest.cmp(request) < 0 ? guest : request;
    const beyond = (amount: Quantity): Quantity => {
      const rest = guest ? amount.sub(guest) : Quantity.zero;
      return (rest.sign() > 0 ? rest : Quantity.zero).add(overhead);
    };
    requests[`hugepages-${pageSize}`] = pages.toString();
    limits[`hugepages-${pageSize}`] = pages.toString();
    requests.memory = beyond(request).toString();
    if (limit) limits.memory = beyond(limit).toString();
  } else {
    const overcommit = domain?.resources?.overcommitGuestOverhead && !domain.cpu?.dedicatedCpuPlacement;
    requests.memory = overcommit ? request.toString() : request.add(overhead).toString();
    if (limit) limits.memory = limit.add(overhead).toString();
  }
  if (domain?.cpu?.dedicatedCpuPlacement) limits.memory = requests.memory;
}

function deviceRequests(spec: InstanceSpec, config: ControllerConfig): readonly (readonly [string, boolean])[] {
  const interfaces = spec.domain?.devices?.interfaces ?? [];
  const podNetwork = spec.networks?.some((network) => network.pod) ?? false;
  const virtioNic = interfaces.some((nic) => (nic.model || 'virtio') === 'virtio');
  return [
    ['devices.kubevirt.io/tun', podNetwork || interfaces.length > 0],
    ['devices.kubevirt.io/vhost-net', virtioNic && !config.useEmulation],
    ['devices.kubevirt.io/kvm', !config.useEmulation],
  ];
}

type ResourcesOf = (spec: InstanceSpec) => ResourceRequirements;

/** A container that only carries an image into the pod. */
const carrier =
  (storage: Amounts): ResourcesOf =>
  (spec) =>
    isExclusive(spec)
      ? { requests: { cpu: '10m', memory: '40M', ...storage }, limits: { cpu: '10m', memory: '40M' } }
      : { requests: { cpu: '10m', memory: '1M', ...storage }, limits: { cpu: '100m', memory: '40M' } };

/** Container disks and their init containers. */
export const containerDiskResources = carrier({ 'ephemeral-storage': '50M' });
/** The init container that hands the container disk binary over. */
export const diskBinaryResources = carrier({});
