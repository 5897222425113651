import { statfs } from 'node:fs/promises';
import { availableParallelism, networkInterfaces } from 'node:os';
import type { Host } from '../host/host.ts';

/** What this machine has, as the Node object tells it. */
export interface Machine {
  readonly cpus: number;
  readonly memoryBytes: number;
  readonly memoryAvailableBytes: number;
  readonly diskBytes: number;
  readonly diskFreeBytes: number;
  /** Page size in KiB → pages; every size that the kernel supports is a key. */
  readonly hugepages: ReadonlyMap<number, number>;
  readonly devices: { readonly tun: boolean; readonly vhostNet: boolean };
  readonly machineId: string;
  readonly systemUuid: string;
  readonly bootId: string;
  readonly kernelVersion: string;
  readonly osImage: string;
}

const line = async (host: Host, path: string): Promise<string> => ((await host.readTextIfExists(path)) ?? '').trim();

const meminfoBytes = (text: string, key: string): number =>
  Number(new RegExp(`^${key}:\\s+(\\d+) kB`, 'm').exec(text)?.[1] ?? 0) * 1024;

export async function readHugepages(host: Host): Promise<Map<number, number>> {
  const directory = '/sys/kernel/mm/hugepages';
  const pages = new Map<number, number>();
  for (const name of await host.list(directory)) {
    const sizeKib = /^hugepages-(\d+)kB$/.exec(name)?.[1];
    if (sizeKib) pages.set(Number(sizeKib), Number(await line(host, `${directory}/${name}/nr_hugepages`)));
  }
  return pages;
}

export const readBootId = (host: Host): Promise<string> => line(host, '/proc/sys/kernel/random/boot_id');

export async function readMachine(host: Host, dataDirectory: string): Promise<Machine> {
  const [meminfo, disk, hugepages, osRelease, machineId, productUuid, bootId, kernelVersion, tun, vhostNet] =
    await Promise.all([
      host.readText('/proc/meminfo'),
      statfs(dataDirectory),
      readHugepages(host),
      host.readTextIfExists('/etc/os-release'),
      line(host, '/etc/machine-id'),
      // Readable by root only, and absent in containers.
      line(host, '/sys/class/dmi/id/product_uuid').catch(() => ''),
      readBootId(host),
      line(host, '/proc/sys/kernel/osrelease'),
      host.status('/dev/net/tun'),
      host.status('/dev/vhost-net'),
    ]);
  return {
    cpus: availableParallelism(),
    memoryBytes: meminfoBytes(meminfo, 'MemTotal'),
    memoryAvailableBytes: meminfoBytes(meminfo, 'MemAvailable'),
    diskBytes: disk.blocks * disk.bsize,
    diskFreeBytes: disk.bavail * disk.bsize,
    hugepages,
    devices: { tun: tun !== undefined, vhostNet: vhostNet !== undefined },
    machineId,
    systemUuid: productUuid || machineId,
    bootId,
    kernelVersion,
    osImage: /^PRETTY_NAME="?([^"\n]*)"?$/m.exec(osRelease ?? '')?.[1] ?? 'Linux',
  };
}

/** The first IPv4 address of the machine that others can reach, else loopback. */
export function machineAddress(): string {
  for (const addresses of Object.values(networkInterfaces())) {
    for (const { family, internal, address } of addresses ?? []) if (family === 'IPv4' && !internal) return address;
  }
  return '127.0.0.1';
}
