/** What the hypervisor can do, in its own words. */
import { callArguments, type LibvirtConnection } from './connection.ts';
import { procedure } from './protocol.ts';

export interface Version {
  major: number;
  minor: number;
  micro: number;
}

function version(number: bigint): Version {
  const n = Number(number);
  return { major: Math.floor(n / 1_000_000), minor: Math.floor(n / 1000) % 1000, micro: n % 1000 };
}

/** The hypervisor's version (QEMU's). The first call on a new cache directory makes libvirtd probe QEMU: seconds. */
export async function getHypervisorVersion(connection: LibvirtConnection): Promise<Version> {
  return version((await connection.call(procedure.connectGetVersion)).u64());
}

export async function getLibvirtVersion(connection: LibvirtConnection): Promise<Version> {
  return version((await connection.call(procedure.connectGetLibVersion)).u64());
}

export async function getHostname(connection: LibvirtConnection): Promise<string> {
  return (await connection.call(procedure.connectGetHostname)).string();
}

/** Host CPU, NUMA topology, guest architectures and machine types, as XML. */
export async function getCapabilities(connection: LibvirtConnection): Promise<string> {
  return (await connection.call(procedure.connectGetCapabilities)).string();
}

export interface CapabilityQuery {
  emulator?: string;
  arch?: string;
  machine?: string;
  virtType?: 'kvm' | 'qemu';
}

/** What a domain of this type can have (CPU modes and models, firmware, devices), as XML. */
export async function getDomainCapabilities(connection: LibvirtConnection, query: CapabilityQuery): Promise<string> {
  const args = callArguments()
    .optionalString(query.emulator)
    .optionalString(query.arch)
    .optionalString(query.machine)
    .optionalString(query.virtType)
    .u32(0);
  return (await connection.call(procedure.connectGetDomainCapabilities, args)).string();
}

/** virConnectBaselineCPUFlags */
export const baselineFlag = { expandFeatures: 1, migratable: 2 };

/** The richest CPU that all the given ones can run, computed with this hypervisor's abilities; CPU XML in and out. */
export async function baselineCpu(
  connection: LibvirtConnection,
  cpus: readonly string[],
  query: CapabilityQuery = {},
  flags = 0,
): Promise<string> {
  const args = callArguments()
    .optionalString(query.emulator)
    .optionalString(query.arch)
    .optionalString(query.machine)
    .optionalString(query.virtType)
    .u32(cpus.length);
  for (const cpu of cpus) args.string(cpu);
  return (await connection.call(procedure.connectBaselineHypervisorCpu, args.u32(flags))).string();
}
