import { join } from 'node:path';
import {
  type Domain,
  destroyDomain,
  getDomainState,
  isDomainGone,
  type LibvirtConnection,
  listDomains,
  listFlag,
  resumeDomain,
  shutdownDomain,
  shutdownFlag,
} from '@virtplane/libvirt';
import type { Logger } from '@virtplane/runtime';
import type { Host } from '../host/index.ts';
import { Libvirtd } from '../hypervisor/index.ts';
import { PodNetwork } from '../network/index.ts';

const lookEveryMs = 100;
/** A guest that missed the power button gets it again, as the agent does it. */
const pressEveryMs = 5_000;

export interface ShutDownOptions {
  /** How long guests get before they are switched off. */
  readonly graceSeconds: number;
  readonly log: Logger;
  /** Told whenever one more guest has ended. */
  onProgress?(ended: number, all: number): void;
}

/**
 * Shuts all guests of a node down by their power button, then ends libvirtd and removes networks; disks and records stay. No
 * agent may run. A paused guest is resumed first: libvirt refuses to shut it down otherwise.
 */
export async function shutDownNode(host: Host, dataDir: string, options: ShutDownOptions): Promise<void> {
  const directory = join(dataDir, 'libvirt');
  if (await host.status(directory)) {
    const libvirtd = await Libvirtd.start({ host, directory, accelerator: 'tcg', log: options.log });
    await endGuests(await libvirtd.connect(), host, options);
    await libvirtd.stop();
  }
  const network = join(dataDir, 'network');
  if (await host.status(network)) {
    const podNetwork = await PodNetwork.open({ host, directory: network, log: options.log });
    await podNetwork.wipe();
  }
}

async function endGuests(connection: LibvirtConnection, host: Host, options: ShutDownOptions): Promise<void> {
  const all = await listDomains(connection, listFlag.active);
  const deadlineMs = host.clock.now() + options.graceSeconds * 1000;
  let left: readonly Domain[] = all;
  let pressAtMs = 0;
  while (left.length > 0 && host.clock.now() < deadlineMs) {
    if (host.clock.now() >= pressAtMs) {
      pressAtMs = host.clock.now() + pressEveryMs;
      await Promise.all(left.map((domain) => unlessGone(pressPowerButton(connection, domain))));
    }
    await new Promise<void>((resolve) => setTimeout(resolve, lookEveryMs));
    left = await listDomains(connection, listFlag.active);
    options.onProgress?.(all.length - left.length, all.length);
  }
  if (left.length > 0)
    options.log.warn('guests did not shut down in time and are switched off', { guests: left.map((d) => d.name) });
  await Promise.all(left.map((domain) => unlessGone(destroyDomain(connection, domain))));
}

async function pressPowerButton(connection: LibvirtConnection, domain: Domain): Promise<void> {
  const { state } = await getDomainState(connection, domain);
  if (state === 'paused') await resumeDomain(connection, domain);
  await shutdownDomain(connection, domain, shutdownFlag.acpi);
}

async function unlessGone(action: Promise<void>): Promise<void> {
  try {
    await action;
  } catch (error) {
    if (!isDomainGone(error)) throw error;
  }
}
