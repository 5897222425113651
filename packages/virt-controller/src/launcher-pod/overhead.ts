import type { InstanceSpec } from '../instance-types.ts';
import { virtualCpus } from './cpu.ts';

const MEBIBYTE = 1_048_576n;

/** Resident memory of what runs beside the guest: launcher monitor, launcher, virtlogd, libvirtd, QEMU. */
const PROCESSES = (25n + 100n + 20n + 35n + 30n) * MEBIBYTE;
const PER_VCPU = 8n * MEBIBYTE;
const IO_THREAD = 8n * MEBIBYTE;
const VIDEO = 16n * MEBIBYTE;
const VFIO = 1024n * MEBIBYTE;
const EXEC_PROBE = 10n * MEBIBYTE;
const ANY_EXEC_PROBE = 100n * MEBIBYTE;

/** Kubernetes' ScaledValue: thousands, rounded up. */
const kilo = (bytes: bigint): bigint => (bytes + 999n) / 1000n;

/**
 * Memory in bytes that a launcher pod needs beyond the guest's own, by KubeVirt 0.58's estimate.
 * `requestBytes`: the memory request of the instance. `ratio`: configured factor on the result.
 */
export function memoryOverheadBytes(spec: InstanceSpec, requestBytes: bigint, ratio = 1): bigint {
  const { domain } = spec;
  const devices = domain?.devices;
  const pageTables = (1000n * kilo(requestBytes)) / 512n;
  let overhead = pageTables + PROCESSES + PER_VCPU * BigInt(virtualCpus(domain?.cpu) || 1) + IO_THREAD;
  if (devices?.autoattachGraphicsDevice !== false) overhead += VIDEO;
  const passthrough = devices?.gpus?.length || devices?.hostDevices?.length;
  if (passthrough || devices?.interfaces?.some((nic) => nic.sriov)) overhead += VFIO;
  if (spec.volumes?.some((volume) => volume.downwardMetrics)) overhead += MEBIBYTE;
  const execProbes = Number(!!spec.livenessProbe?.exec) + Number(!!spec.readinessProbe?.exec);
  if (execProbes > 0) overhead += ANY_EXEC_PROBE + EXEC_PROBE * BigInt(execProbes);
  if (domain?.launchSecurity?.sev) overhead += 256n * MEBIBYTE;
  if (devices?.tpm) overhead += 53n * MEBIBYTE;
  if (ratio !== 1) overhead += 1000n * BigInt(Math.trunc(Number(kilo(overhead)) * (ratio - 1)));
  return overhead;
}
