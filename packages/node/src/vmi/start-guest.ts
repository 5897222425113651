import {
  createDomain,
  createFlag,
  defineDomain,
  findDomainByUuid,
  getDomainCapabilities,
  type LibvirtConnection,
  parseDomainCapabilities,
  renderDomain,
  resumeDomain,
  undefineDomain,
  undefineFlag,
} from '@virtplane/libvirt';
import { ConfigMap, type KubevirtVolume, Secret, type VirtualMachineInstance } from '@virtplane/resources';
import type { Client } from '@virtplane/runtime';
import { prepareDisks, VolumeError } from '../disks/prepare.ts';
import type { Host } from '../host/host.ts';
import {
  type Accelerator,
  DomainSpecError,
  defaultSmbios,
  describeDomain,
  efiSecureBoot,
  type Libvirtd,
  type PreparedGuest,
} from '../hypervisor/index.ts';
import { ImageError } from '../images/errors.ts';
import type { ImageDisk, ImageStore, PulledImage } from '../images/image-store.ts';
import type { PodSandbox } from '../network/index.ts';
import { findFirmware } from './firmware.ts';
import { connectTaps, type GuestNetwork, type GuestNetworkOptions, prepareNetwork } from './guest-network.ts';
import type { GuestRecord } from './guest-record.ts';
import type { GuestRecords } from './guest-records.ts';

export interface StartContext {
  readonly host: Host;
  readonly client: Client;
  readonly libvirtd: Libvirtd;
  readonly network: GuestNetworkOptions;
  readonly images: ImageStore;
  readonly records: GuestRecords;
  readonly accelerator: Accelerator;
  readonly directIo: boolean;
  /** At most two starts at a time. */
  readonly starts: Turnstile;
}

/** Lets so many in at once; the others wait in their order. */
export class Turnstile {
  #free: number;
  readonly #waiting: (() => void)[] = [];

  constructor(places: number) {
    this.#free = places;
  }

  async pass<T>(work: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free--;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#free++;
    }
  }
}

/** Milliseconds since the start began, by what had been done by then. */
export interface StartTimes {
  prepared: number;
  defined: number;
  created: number;
  connected: number;
}

export interface StartedGuest {
  readonly network: GuestNetwork;
  readonly disks: NonNullable<GuestRecord['disks']>;
  readonly paused: boolean;
  readonly times: StartTimes;
}

/** Will trying again never help, as long as the VMI is what it is? */
export const isFatalStartError = (error: unknown): boolean =>
  error instanceof VolumeError ||
  error instanceof DomainSpecError ||
  (error instanceof ImageError && error.reason === 'UnusableDisk');

interface Hypervisor {
  readonly emulator: string;
  readonly machine: string;
}

const hypervisors = new WeakMap<Libvirtd, Map<string, Promise<Hypervisor>>>();

/** What libvirt makes of a machine type here; asked once for each. */
export function resolveMachine(libvirtd: Libvirtd, accelerator: Accelerator, machine: string): Promise<Hypervisor> {
  let known = hypervisors.get(libvirtd);
  if (!known) {
    known = new Map();
    hypervisors.set(libvirtd, known);
  }
  let answer = known.get(machine);
  if (!answer) {
    answer = askMachine(libvirtd, accelerator, machine);
    known.set(machine, answer);
    const asked = known;
    answer.catch(() => asked.delete(machine));
  }
  return answer;
}

async function askMachine(libvirtd: Libvirtd, accelerator: Accelerator, machine: string): Promise<Hypervisor> {
  const xml = await getDomainCapabilities(await libvirtd.connect(), {
    arch: 'x86_64',
    machine,
    virtType: accelerator === 'kvm' ? 'kvm' : 'qemu',
  });
  const { emulator, machine: resolved } = parseDomainCapabilities(xml);
  return { emulator: emulator ?? '/usr/bin/qemu-system-x86_64', machine: resolved ?? machine };
}

/** What has been made ready for one guest on this machine. */
export interface GuestParts {
  readonly guest: PreparedGuest;
  readonly network: GuestNetwork;
  /** Virtual sizes of container disks in bytes, by volume. */
  readonly sizes: ReadonlyMap<string, number>;
}

/**
 * Definition and start, after disks and network unless those have been prepared ahead. What it makes is announced by the
 * caller's record and removed by its clean-up.
 */
export async function startGuest(
  vmi: VirtualMachineInstance,
  sandbox: PodSandbox,
  context: StartContext,
  ahead: GuestParts | undefined,
): Promise<StartedGuest> {
  const began = performance.now();
  const times: StartTimes = { prepared: 0, defined: 0, created: 0, connected: 0 };
  const { guest, network, sizes } = ahead ?? (await prepareGuest(vmi, sandbox, context));
  times.prepared = performance.now() - began;
  const description = describeDomain(vmi, guest);
  const pausedByUser = vmi.spec.startStrategy === 'Paused';
  const paused = pausedByUser || network.taps.length > 0;
  await context.starts.pass(async () => {
    const connection = await context.libvirtd.connect();
    const domain = await defineDomain(connection, renderDomain(description));
    times.defined = performance.now() - began;
    const started = await createDomain(connection, domain, paused ? createFlag.paused : createFlag.none);
    times.created = performance.now() - began;
    await connectTaps(context.host, sandbox, network);
    if (paused && !pausedByUser) await resumeDomain(connection, started);
    times.connected = performance.now() - began;
  });
  const disks = (vmi.spec.domain?.devices?.disks ?? []).map(({ name }, i) => {
    const sizeBytes = sizes.get(name);
    return {
      name,
      target: description.devices.disks?.[i]?.target.dev ?? '',
      ...(sizeBytes !== undefined && { sizeBytes }),
    };
  });
  return { network, disks, paused: pausedByUser, times };
}

/** Disks, network, sockets. May be called again for the same guest. */
export async function prepareGuest(
  vmi: VirtualMachineInstance,
  sandbox: PodSandbox,
  context: StartContext,
): Promise<GuestParts> {
  const { host, libvirtd, records, accelerator } = context;
  const uid = vmi.metadata?.uid ?? '';
  const domain = vmi.spec.domain;
  const directory = records.directoryOf(uid);
  await host.makeDirectory(directory, { mode: 0o711 });
  const secureBoot = efiSecureBoot(domain ?? {});
  const sizes = new Map<string, number>();
  const containerDisk = async (volume: KubevirtVolume): Promise<ImageDisk> => {
    const disk = await diskOfImage(volume.containerDisk?.image ?? '', volume.containerDisk?.path, context);
    sizes.set(volume.name, disk.virtualSizeBytes);
    return disk;
  };
  const sources = {
    host,
    directory,
    owner: libvirtd.mode === 'system' ? libvirtd.qemuUser : undefined,
    containerDisk,
    secret: (namespace: string, name: string) => readData(context.client, 'Secret', namespace, name),
    configMap: (namespace: string, name: string) => readData(context.client, 'ConfigMap', namespace, name),
  };
  // All of them run to their end before an error is reported: what is still being made could not be cleaned up.
  const results = await Promise.allSettled([
    prepareDisks(vmi, sources, context.directIo),
    prepareNetwork(vmi, sandbox, context.network),
    libvirtd.prepareGuestDirectory(uid),
    resolveMachine(libvirtd, accelerator, domain?.machine?.type || 'q35'),
    secureBoot === undefined ? undefined : findFirmware(host, secureBoot, libvirtd.guestDirectory(uid).insidePath),
    kernelBootFiles(vmi, context),
  ]);
  for (const result of results) if (result.status === 'rejected') throw result.reason;
  const [disks, network, guestDirectory, machine, firmware, kernelBoot] = results.map((result) =>
    result.status === 'fulfilled' ? result.value : undefined,
  ) as [
    Awaited<ReturnType<typeof prepareDisks>>,
    GuestNetwork,
    Awaited<ReturnType<Libvirtd['prepareGuestDirectory']>>,
    Hypervisor,
    Awaited<ReturnType<typeof findFirmware>>,
    PreparedGuest['kernelBoot'],
  ];
  const guest: PreparedGuest = {
    accelerator,
    ...machine,
    arch: 'x86_64',
    disks,
    interfaces: network.prepared,
    guestDirectory: guestDirectory.insidePath,
    smbios: defaultSmbios,
    ...(firmware && { firmware }),
    ...(kernelBoot && { kernelBoot }),
  };
  return { guest, network, sizes };
}

/** The Pod has pulled it: only what is present counts here. */
async function diskOfImage(image: string, path: string | undefined, { images }: StartContext): Promise<ImageDisk> {
  const pulled: PulledImage = await images.pull({ image, policy: 'Never' });
  return images.disk(pulled, path);
}

async function kernelBootFiles(
  vmi: VirtualMachineInstance,
  context: StartContext,
): Promise<PreparedGuest['kernelBoot']> {
  const container = vmi.spec.domain?.firmware?.kernelBoot?.container;
  if (!container) return undefined;
  const file = async (path: string | undefined): Promise<string | undefined> =>
    path ? (await diskOfImage(container.image, path, context)).path : undefined;
  const [kernel, initrd] = await Promise.all([file(container.kernelPath), file(container.initrdPath)]);
  return { ...(kernel && { kernel }), ...(initrd && { initrd }) };
}

async function readData(
  client: Client,
  kind: 'Secret' | 'ConfigMap',
  namespace: string,
  name: string,
): Promise<ReadonlyMap<string, Buffer> | undefined> {
  if (kind === 'Secret') {
    const secret = await client(Secret).find({ namespace, name });
    return (
      secret &&
      new Map(Object.entries(secret.data ?? {}).map(([key, value]) => [key, Buffer.from(String(value), 'base64')]))
    );
  }
  const configMap = await client(ConfigMap).find({ namespace, name });
  if (!configMap) return undefined;
  const text = Object.entries(configMap.data ?? {}).map(([key, value]) => [key, Buffer.from(String(value))] as const);
  const binary = Object.entries(configMap.binaryData ?? {}).map(
    ([key, value]) => [key, Buffer.from(String(value), 'base64')] as const,
  );
  return new Map([...text, ...binary]);
}

/** Forgets the definition with its variable store; nothing happens when there is none. */
export async function undefineGuest(connection: LibvirtConnection, uid: string): Promise<void> {
  const domain = await findDomainByUuid(connection, uid);
  if (domain)
    await undefineDomain(
      connection,
      domain,
      undefineFlag.nvram | undefineFlag.managedSave | undefineFlag.snapshotsMetadata,
    );
}
