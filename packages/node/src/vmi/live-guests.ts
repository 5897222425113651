import { join } from 'node:path';
import {
  attribute,
  child,
  children,
  findDomainByUuid,
  getDomainXml,
  guestAgentCommand,
  isDomainGone,
  parseXml,
} from '@virtplane/libvirt';
import type { VirtualMachineInstance } from '@virtplane/resources';
import { type Clock, type Logger, semanticallyEqual } from '@virtplane/runtime';
import { guestFile, type Libvirtd } from '../hypervisor/index.ts';
import { errorText } from '../images/errors.ts';
import { SerialConsole } from '../streams/serial-console.ts';
import { AgentPoller } from './agent-poller.ts';
import { type AgentCommand, type GuestAgentFacts, readAgentAnswer } from './guest-agent.ts';

interface Live {
  serial?: SerialConsole;
  poller?: AgentPoller;
  agentConnected: boolean;
  agent: GuestAgentFacts;
  /** Volumes whose I/O error has been told since the guest last ran. */
  readonly ioErrors: Set<string>;
}

export interface LiveGuestsOptions {
  readonly libvirtd: Libvirtd;
  readonly clock: Clock;
  readonly log: Logger;
  /** Something about the guest has become known that its status shows. */
  onChanged(uid: string): void;
}

const agentTimeoutSeconds = 5;
const agentChannel = 'org.qemu.guest_agent.0';

/** The threads to running guests, which a restarted agent spins anew: serial console and guest agent. */
export class LiveGuests {
  readonly #options: LiveGuestsOptions;
  readonly #live = new Map<string, Live>();
  #stopped = false;

  constructor(options: LiveGuestsOptions) {
    this.#options = options;
  }

  serialOf(uid: string): SerialConsole | undefined {
    return this.#live.get(uid)?.serial;
  }

  agentOf(uid: string): { readonly connected: boolean; readonly facts: GuestAgentFacts } {
    const live = this.#live.get(uid);
    return { connected: live?.agentConnected ?? false, facts: live?.agent ?? {} };
  }

  /** Connects to a guest that runs; again is nothing. */
  attach(uid: string, vmi: VirtualMachineInstance): void {
    if (this.#live.has(uid) || this.#stopped) return;
    const { libvirtd, clock, log } = this.#options;
    const live: Live = { agentConnected: false, agent: {}, ioErrors: new Set() };
    this.#live.set(uid, live);
    if (vmi.spec.domain?.devices?.autoattachSerialConsole !== false) {
      live.serial = new SerialConsole(join(libvirtd.guestDirectory(uid).path, guestFile.serial), clock, log);
    }
    // An agent that connected before we listened sends no event.
    void this.#isAgentConnected(uid).then(
      (connected) => connected && this.setAgent(uid, true),
      (error: unknown) => log.debug('the agent channel could not be read', { uid, error }),
    );
  }

  detach(uid: string): void {
    const live = this.#live.get(uid);
    live?.serial?.close();
    live?.poller?.stop();
    this.#live.delete(uid);
  }

  stop(): void {
    this.#stopped = true;
    for (const uid of [...this.#live.keys()]) this.detach(uid);
  }

  setAgent(uid: string, connected: boolean): void {
    const live = this.#live.get(uid);
    if (!live || live.agentConnected === connected) return;
    live.agentConnected = connected;
    live.poller?.stop();
    delete live.poller;
    if (connected) live.poller = new AgentPoller(this.#options.clock, (command) => this.#ask(uid, live, command));
    this.#options.onChanged(uid);
  }

  /** Remembers the freeze state that a verb has made. */
  setFrozen(uid: string, frozen: boolean): void {
    const live = this.#live.get(uid);
    if (!live) return;
    const { fsFreezeStatus: _, ...others } = live.agent;
    live.agent = frozen ? { ...others, fsFreezeStatus: 'frozen' } : others;
    this.#options.onChanged(uid);
  }

  /** Is this the first I/O error of the volume since the guest last ran? */
  isNewIoError(uid: string, volume: string): boolean {
    const errors = this.#live.get(uid)?.ioErrors;
    if (!errors || errors.has(volume)) return false;
    errors.add(volume);
    return true;
  }

  clearIoErrors(uid: string): void {
    this.#live.get(uid)?.ioErrors.clear();
  }

  async #isAgentConnected(uid: string): Promise<boolean> {
    const connection = await this.#options.libvirtd.connect();
    const domain = await findDomainByUuid(connection, uid);
    if (!domain) return false;
    try {
      const devices = child(parseXml(await getDomainXml(connection, domain), 'domain'), 'devices');
      const targets = children(devices, 'channel').map((channel) => child(channel, 'target'));
      return targets.some((t) => attribute(t, 'name') === agentChannel && attribute(t, 'state') === 'connected');
    } catch (error) {
      if (isDomainGone(error)) return false;
      throw error;
    }
  }

  async #ask(uid: string, live: Live, command: AgentCommand): Promise<void> {
    try {
      const connection = await this.#options.libvirtd.connect();
      const domain = await findDomainByUuid(connection, uid);
      if (!domain) return;
      const answer = await guestAgentCommand(connection, domain, { execute: command }, agentTimeoutSeconds);
      const facts = readAgentAnswer(live.agent, command, answer);
      if (semanticallyEqual(facts, live.agent)) return;
      live.agent = facts;
      this.#options.onChanged(uid);
    } catch (error) {
      this.#options.log.debug('the guest agent did not answer', { uid, command, error: errorText(error) });
    }
  }
}
