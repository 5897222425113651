import { join } from 'node:path';
import {
  type Domain,
  findDomainByUuid,
  freezeFileSystems,
  getDomainState,
  isDomainGone,
  type LibvirtConnection,
  qemuMonitorCommand,
  rebootDomain,
  resetDomain,
  resumeDomain,
  screenshotDomain,
  setGuestTime,
  shutdownFlag,
  suspendDomain,
  thawFileSystems,
} from '@virtplane/libvirt';
import type { VirtualMachineInstance, VirtualMachineInstanceGuestAgentInfo } from '@virtplane/resources';
import type { Clock, EventRecorder, Informer, Logger } from '@virtplane/runtime';
import type { Host } from '../host/host.ts';
import { domainName, guestFile, type Libvirtd } from '../hypervisor/index.ts';
import type { GuestAccess, GuestEndpoint, GuestReport, GuestVerb } from '../streams/guest-access.ts';
import { pngFromPpm } from '../streams/png.ts';
import { badRequest, internal, notRunning, vmiConflict, vmiNotFound } from '../streams/refusals.ts';
import type { GuestManager } from './guest-manager.ts';
import type { GuestRecords } from './guest-records.ts';
import { isAcpiOn } from './plan.ts';

export interface GuestVerbsOptions {
  readonly host: Host;
  readonly libvirtd: Libvirtd;
  readonly records: GuestRecords;
  readonly manager: GuestManager;
  readonly vmis: Informer<VirtualMachineInstance>;
  readonly clock: Clock;
  readonly log: Logger;
  readonly events: EventRecorder;
}

interface Target {
  readonly name: string;
  readonly uid: string;
  readonly vmi: VirtualMachineInstance;
  readonly connection: LibvirtConnection;
  readonly domain: Domain;
  /** As libvirt says now: the VMI's condition may lag behind. */
  readonly paused: boolean;
}

const isPaused = (vmi: VirtualMachineInstance): boolean =>
  vmi.status?.conditions?.some((c) => c.type === 'Paused' && c.status === 'True') ?? false;

/** `5m`, `1h30m`, `0s` → milliseconds; `undefined`: not a Go duration. */
export function goDurationMs(text: string): number | undefined {
  if (text === '0') return 0;
  const units: Readonly<Record<string, number>> = { h: 3_600_000, m: 60_000, s: 1_000, ms: 1 };
  if (!/^(?:\d+(?:\.\d+)?(?:h|ms|m|s))+$/.test(text)) return undefined;
  let total = 0;
  for (const [, value, unit] of text.matchAll(/(\d+(?:\.\d+)?)(h|ms|m|s)/g))
    total += Number(value) * (units[unit ?? ''] ?? 0);
  return total;
}

/** What users ask of a running guest, through virt-api. */
export class GuestVerbs implements GuestAccess {
  readonly #options: GuestVerbsOptions;
  readonly #thaws = new Map<string, () => void>();

  constructor(options: GuestVerbsOptions) {
    this.#options = options;
  }

  find(namespace: string, name: string): GuestEndpoint | undefined {
    const vmi = this.#options.vmis.get({ namespace, name });
    const uid = vmi?.metadata?.uid;
    if (!vmi || !uid) return undefined;
    const { devices } = vmi.spec.domain ?? {};
    const serial = this.#options.manager.live.serialOf(uid);
    const [first] = vmi.status?.interfaces ?? [];
    return {
      uid,
      phase: vmi.status?.phase ?? '',
      paused: isPaused(vmi),
      ...(serial && { serial }),
      ...(devices?.autoattachGraphicsDevice !== false && {
        vncSocketPath: join(this.#options.libvirtd.guestDirectory(uid).path, guestFile.vnc),
      }),
      ...(first?.ipAddress && { ipAddress: first.ipAddress }),
      hasInterfaces: (devices?.interfaces ?? []).length > 0,
    };
  }

  async #target(namespace: string, name: string, wrongPhase: (phase: string) => Error): Promise<Target> {
    const vmi = this.#options.vmis.get({ namespace, name });
    const uid = vmi?.metadata?.uid;
    if (!vmi || !uid) throw vmiNotFound(name);
    if (vmi.status?.phase !== 'Running') throw wrongPhase(vmi.status?.phase ?? '');
    const connection = await this.#options.libvirtd.connect();
    const domain = await findDomainByUuid(connection, uid);
    if (!domain) throw wrongPhase('Failed');
    const paused = (await getDomainState(connection, domain)).state === 'paused';
    return { name, uid, vmi, connection, domain, paused };
  }

  async act(namespace: string, name: string, verb: GuestVerb, body: unknown): Promise<void> {
    const target = await this.#target(namespace, name, (phase) => {
      if (verb === 'unpause') return vmiConflict(name, 'VMI is not paused');
      if (verb === 'reset')
        return badRequest(`Failed to reset non-running VMI with phase ${phase}: ${notRunning(phase).message}`);
      return vmiConflict(name, verb === 'unfreeze' ? 'VMI is not running' : 'VM is not running');
    });
    try {
      await this.#carryOut(verb, target, body);
    } catch (error) {
      if (isDomainGone(error)) throw vmiConflict(name, 'VMI is not running');
      throw error;
    } finally {
      this.#options.manager.enqueue(target.uid);
    }
  }

  async #carryOut(verb: GuestVerb, target: Target, body: unknown): Promise<void> {
    const { name, uid, vmi, connection, domain, paused } = target;
    const { records, events, manager } = this.#options;
    switch (verb) {
      case 'pause':
        if (vmi.spec.livenessProbe) throw badRequest('Pausing VMIs with LivenessProbe is currently not supported');
        if (paused) throw vmiConflict(name, 'VMI is already paused');
        // Recorded first: a pause that nobody asked for is undone at the next look.
        await records.change(uid, { pausedByUser: true });
        await suspendDomain(connection, domain);
        return;
      case 'unpause':
        if (!paused) throw vmiConflict(name, 'VMI is not paused');
        await records.change(uid, { pausedByUser: false });
        await resumeDomain(connection, domain);
        void this.#setTime(target);
        return;
      case 'softreboot': {
        if (paused) throw vmiConflict(name, 'VMI is paused');
        const agent = manager.live.agentOf(uid).connected;
        if (!agent && !isAcpiOn(vmi))
          throw vmiConflict(name, 'VMI neither have the agent connected nor the ACPI feature enabled');
        // Both: libvirt presses the power button when the agent is there but cannot reboot its guest.
        const ways = (agent ? shutdownFlag.agent : 0) | (isAcpiOn(vmi) ? shutdownFlag.acpi : 0);
        await rebootDomain(connection, domain, ways);
        events.normal(vmi, 'SoftRebooted', 'VirtualMachineInstance soft rebooted');
        return;
      }
      case 'reset':
        await resetDomain(connection, domain);
        events.normal(vmi, 'Reset', 'VirtualMachineInstance reset');
        return;
      case 'freeze':
        return this.#freeze(target, body);
      case 'unfreeze':
        return this.#thaw(target);
    }
  }

  async #freeze(target: Target, body: unknown): Promise<void> {
    const { name, uid, connection, domain } = target;
    this.#requireAgent(target);
    const text =
      typeof body === 'object' && body !== null && 'unfreezeTimeout' in body ? String(body.unfreezeTimeout) : '';
    const timeoutMs = goDurationMs(text);
    if (timeoutMs === undefined)
      throw badRequest(`unfreezeTimeout is required and must be a duration such as 5m (0s: never), not "${text}"`);
    if (!this.#options.manager.live.agentOf(uid).facts.fsFreezeStatus) {
      await freezeFileSystems(connection, domain).catch((error: Error) => {
        throw internal(`the guest's file systems could not be frozen: ${error.message}`);
      });
      this.#options.manager.live.setFrozen(uid, true);
    }
    this.#thaws.get(uid)?.();
    if (timeoutMs === 0) return;
    const cancel = this.#options.clock.after(timeoutMs, () => {
      this.#thaw(target).catch((error: unknown) =>
        this.#options.log.warn('a guest could not be thawed after its time', { name, uid, error }),
      );
    });
    this.#thaws.set(uid, cancel);
  }

  async #thaw(target: Target): Promise<void> {
    const { uid, connection, domain } = target;
    this.#requireAgent(target);
    this.#thaws.get(uid)?.();
    this.#thaws.delete(uid);
    await thawFileSystems(connection, domain);
    this.#options.manager.live.setFrozen(uid, false);
  }

  #requireAgent({ name, uid }: Target): void {
    if (!this.#options.manager.live.agentOf(uid).connected)
      throw vmiConflict(name, 'VMI does not have guest agent connected');
  }

  /** A guest that was paused has a clock that stood still; best effort through the agent. */
  async #setTime({ uid, connection, domain }: Target): Promise<void> {
    if (!this.#options.manager.live.agentOf(uid).connected) return;
    try {
      await setGuestTime(connection, domain, this.#options.clock.now());
    } catch (error) {
      this.#options.log.debug("the guest's clock could not be set", { uid, error });
    }
  }

  async report(namespace: string, name: string, which: GuestReport): Promise<unknown> {
    const target = await this.#target(namespace, name, () => vmiConflict(name, 'VMI is not running'));
    this.#requireAgent(target);
    const { facts } = this.#options.manager.live.agentOf(target.uid);
    const kind = (name: string): { apiVersion: string; kind: string } => ({
      apiVersion: 'subresources.kubevirt.io/v1',
      kind: name,
    });
    switch (which) {
      case 'userlist':
        return { ...kind('VirtualMachineInstanceGuestOSUserList'), metadata: {}, items: facts.users ?? [] };
      case 'filesystemlist':
        return { ...kind('VirtualMachineInstanceFileSystemList'), metadata: {}, items: facts.fileSystems ?? [] };
      case 'guestosinfo': {
        const info: VirtualMachineInstanceGuestAgentInfo = {
          ...kind('VirtualMachineInstanceGuestAgentInfo'),
          guestAgentVersion: facts.version ?? '',
          supportedCommands: [...(facts.supportedCommands ?? [])],
          hostname: facts.hostname ?? '',
          os: facts.os ?? {},
          timezone: facts.timezone ?? '',
          userList: [...(facts.users ?? [])],
          fsInfo: { disks: [...(facts.fileSystems ?? [])] },
          ...(facts.fsFreezeStatus && { fsFreezeStatus: facts.fsFreezeStatus }),
        };
        return info;
      }
    }
  }

  async screenshot(namespace: string, name: string, moveCursor: boolean): Promise<Buffer> {
    const target = await this.#target(namespace, name, notRunning);
    const { vmi, connection, domain } = target;
    if (vmi.spec.domain?.devices?.autoattachGraphicsDevice === false)
      throw badRequest('No graphics devices are present.');
    if (moveCursor) {
      const move = (value: number) => ({ type: 'rel', data: { axis: 'x', value } });
      await qemuMonitorCommand(connection, domain, { execute: 'input-send-event', arguments: { events: [move(1)] } });
      await qemuMonitorCommand(connection, domain, { execute: 'input-send-event', arguments: { events: [move(-1)] } });
    }
    const { mimeType, data } = await screenshotDomain(connection, domain).catch((error: Error) => {
      throw internal(`failed to retrieve the VNC screen: ${error.message}`);
    });
    return mimeType === 'image/png' ? data : pngFromPpm(data);
  }

  async podLog(namespace: string, podName: string): Promise<string | undefined> {
    const record = this.#options.records.all().find((r) => r.namespace === namespace && r.podName === podName);
    if (!record) return undefined;
    const path = join(this.#options.libvirtd.directory, 'log', 'qemu', `${domainName(namespace, record.name)}.log`);
    return (await this.#options.host.readTextIfExists(path)) ?? '';
  }
}
