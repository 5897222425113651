import { join } from 'node:path';
import {
  attribute,
  child,
  children,
  type Domain,
  type DomainEvent,
  type DomainState,
  destroyDomain,
  findDomainByUuid,
  getDomainState,
  getDomainXml,
  guestAgentCommand,
  isDomainGone,
  type LibvirtConnection,
  listDomains,
  parseLiveDomain,
  parseXml,
  resumeDomain,
  shutdownDomain,
  shutdownFlag,
  subscribeDomainEvents,
} from '@virtplane/libvirt';
import { type Pod, VirtualMachineInstance } from '@virtplane/resources';
import {
  type ControllerContext,
  type EventRecorder,
  type Informer,
  isConflict,
  type Logger,
  semanticallyEqual,
  WorkQueue,
} from '@virtplane/runtime';
import { guestFile, readGuestMetadata } from '../hypervisor/index.ts';
import { errorText } from '../images/errors.ts';
import { deleteTap, type PodSandbox } from '../network/index.ts';
import { SerialConsole } from '../streams/serial-console.ts';
import { AgentPoller } from './agent-poller.ts';
import { type GuestAgentFacts, readAgentAnswer } from './guest-agent.ts';
import { tapNames } from './guest-network.ts';
import type { GuestRecord } from './guest-record.ts';
import { isFinal, maxStartFailures, planGuest, type Step } from './plan.ts';
import {
  type GuestParts,
  isFatalStartError,
  prepareGuest,
  type StartContext,
  type StartTimes,
  startGuest,
  undefineGuest,
} from './start-guest.ts';
import { type GuestFacts, renderStatus, syncFailedReason } from './status.ts';

export interface GuestManagerOptions {
  readonly context: ControllerContext;
  readonly start: StartContext;
  readonly nodeName: string;
  readonly bootId: string;
  /** VMIs of this node. */
  readonly vmis: Informer<VirtualMachineInstance>;
  /** The launcher Pod of a VMI on this node. */
  podOf(vmiUid: string): Pod | undefined;
  /** Its sandbox once network and images are there. */
  sandboxOf(podUid: string): PodSandbox | undefined;
  /** A guest came, went or ended: its Pod has to be looked at. */
  onGuestChanged(podUid: string): void;
  /** Measured times of each start. */
  onStarted?(uid: string, times: StartTimes): void;
}

/** What is known of a guest while the agent runs and can be learned again after a restart. */
interface Live {
  serial?: SerialConsole;
  poller?: AgentPoller;
  agentConnected: boolean;
  agent: GuestAgentFacts;
  ioErrorEvents: Set<string>;
}

const stopReasons: Readonly<Record<string, DomainState>> = {
  shutdown: { state: 'shutoff', reason: 'shutdown' },
  destroyed: { state: 'shutoff', reason: 'destroyed' },
  crashed: { state: 'shutoff', reason: 'crashed' },
  migrated: { state: 'shutoff', reason: 'migrated' },
  saved: { state: 'shutoff', reason: 'saved' },
  failed: { state: 'shutoff', reason: 'failed' },
  fromSnapshot: { state: 'shutoff', reason: 'fromSnapshot' },
};

const workers = 8;
const agentTimeoutSeconds = 5;

/**
 * The virt-handler of one node: keeps every guest as its VMI wants it. Level-triggered by VMI UID; libvirt's events, changes of
 * VMIs and Pods, and timers only say whom to look at. A node that cannot reach the API goes on running its guests: what it has
 * to report is rendered anew from records and domains until it gets through.
 */
export class GuestManager {
  readonly #options: GuestManagerOptions;
  readonly #start: StartContext;
  readonly #log: Logger;
  readonly #events: EventRecorder;
  readonly #queue: WorkQueue;
  readonly #live = new Map<string, Live>();
  readonly #ahead = new Map<string, Promise<GuestParts | undefined>>();
  #running: Promise<void>[] = [];
  #stopped = false;
  #removeHandler: () => void = () => undefined;

  constructor(options: GuestManagerOptions) {
    const { context } = options;
    this.#options = options;
    this.#start = options.start;
    this.#log = context.log.child({ component: 'virt-handler' });
    this.#events = context.events('virt-handler');
    this.#queue = new WorkQueue({ clock: context.clock, maximumDelayMs: 10_000 });
  }

  /** Takes over what runs already, then keeps at it. VMIs must have been synced and records loaded. */
  async run(): Promise<void> {
    for (const record of this.#start.records.all()) this.#queue.add(record.uid);
    const enqueue = (vmi: VirtualMachineInstance): void => this.enqueue(vmi.metadata?.uid ?? '');
    this.#removeHandler = this.#options.vmis.addHandler({ onAdd: enqueue, onUpdate: enqueue, onDelete: enqueue });
    const listening = this.#listen();
    for (let i = 0; i < workers; i++) this.#running.push(this.#work());
    this.#running.push(listening);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#removeHandler();
    this.#closeStream();
    await this.#queue.stop();
    for (const uid of [...this.#live.keys()]) this.#forgetLive(uid);
    await Promise.all([...this.#running, ...this.#ahead.values()]);
  }

  enqueue(uid: string): void {
    if (uid !== '') this.#queue.add(uid);
  }

  /** The guest of a Pod, while anything of it is on this node. */
  recordOfPod(podUid: string): GuestRecord | undefined {
    return this.#start.records.ofPod(podUid);
  }

  serialOf(uid: string): SerialConsole | undefined {
    return this.#live.get(uid)?.serial;
  }

  agentOf(uid: string): { readonly connected: boolean; readonly facts: GuestAgentFacts } {
    const live = this.#live.get(uid);
    return { connected: live?.agentConnected ?? false, facts: live?.agent ?? {} };
  }

  /** Remembers the freeze state that a verb has made. */
  setFrozen(uid: string, frozen: boolean): void {
    const live = this.#live.get(uid);
    if (!live) return;
    const { fsFreezeStatus: _, ...others } = live.agent;
    live.agent = frozen ? { ...others, fsFreezeStatus: 'frozen' } : others;
    this.enqueue(uid);
  }

  #closeStream: () => void = () => undefined;

  /** libvirt's events, for ever: reconnects with growing delays, and looks at every guest after each reconnect. */
  async #listen(): Promise<void> {
    let delayMs = 50;
    while (!this.#stopped) {
      try {
        const connection = await this.#start.libvirtd.connect();
        const stream = await subscribeDomainEvents(connection);
        this.#closeStream = () => stream.close();
        if (this.#stopped) return stream.close();
        await this.#discover(connection);
        delayMs = 50;
        for await (const event of stream) await this.#onEvent(event);
      } catch (error) {
        if (!this.#stopped)
          this.#log.warn('the connection to libvirt is lost; guests run on, connecting again', {
            error: errorText(error),
          });
      }
      if (!this.#stopped) {
        const wait = delayMs;
        await new Promise<void>((resolve) => this.#options.context.clock.after(wait, resolve));
        delayMs = Math.min(delayMs * 2, 5_000);
      }
    }
  }

  async #discover(connection: LibvirtConnection): Promise<void> {
    for (const domain of await listDomains(connection)) {
      try {
        const metadata = readGuestMetadata(parseLiveDomain(await getDomainXml(connection, domain)));
        if (metadata) this.enqueue(metadata.uid);
      } catch (error) {
        if (!isDomainGone(error)) throw error;
      }
    }
    for (const record of this.#start.records.all()) this.enqueue(record.uid);
  }

  async #onEvent(event: DomainEvent): Promise<void> {
    const { uuid } = event.domain;
    const uid = event.domain.uuid;
    try {
      switch (event.kind) {
        case 'lifecycle':
          if (event.event === 'stopped') {
            const stop = stopReasons[event.detail] ?? { state: 'shutoff', reason: 'unknown' };
            await this.#start.records.change(uuid, { lastStop: stop });
          }
          if (event.event === 'crashed')
            await this.#start.records.change(uuid, { lastStop: { state: 'crashed', reason: 'panicked' } });
          break;
        case 'ioError':
          this.#reportIoError(uuid, event.sourcePath, event.reason);
          break;
        case 'agentLifecycle':
          this.#setAgent(uuid, event.state === 'connected');
          break;
        default:
          break;
      }
    } catch (error) {
      this.#log.error('a libvirt event could not be taken in; the guest is looked at all the same', { uid, error });
    }
    this.enqueue(uid);
  }

  #reportIoError(uid: string, path: string, reason: string): void {
    const vmi = this.#vmi(uid);
    const live = this.#live.get(uid);
    const volume =
      path
        .split('/')
        .at(-1)
        ?.replace(/\.[^.]*$/, '') ?? path;
    if (!vmi || live?.ioErrorEvents.has(volume)) return;
    live?.ioErrorEvents.add(volume);
    const why = reason === 'enospc' ? 'not enough space on volume' : 'IO error at the volume';
    this.#events.warning(vmi, 'IOerror', `VM Paused due to ${why}: ${volume}`);
  }

  async #work(): Promise<void> {
    for (let uid = await this.#queue.take(); uid !== undefined; uid = await this.#queue.take()) {
      try {
        const afterMs = await this.#sync(uid);
        this.#queue.forget(uid);
        if (afterMs !== undefined) this.#queue.addAfter(uid, afterMs);
      } catch (error) {
        if (isConflict(error)) this.#log.debug('will look at the guest again', { uid });
        else this.#log.warn('a guest could not be brought to what is wanted, will try again', { uid, error });
        this.#queue.addRateLimited(uid);
      } finally {
        this.#queue.done(uid);
      }
    }
  }

  #vmi(uid: string): VirtualMachineInstance | undefined {
    return this.#options.vmis.by('uid', uid)[0];
  }

  async #sync(uid: string): Promise<number | undefined> {
    const { nodeName, bootId, context, sandboxOf } = this.#options;
    const vmi = this.#vmi(uid);
    const pod = this.#options.podOf(uid);
    if (this.#isAwaited(uid, vmi, pod)) return undefined;
    if (vmi?.status?.phase !== 'Scheduled') await this.#takeAhead(uid);
    const record = this.#start.records.get(uid);
    const connection = await this.#start.libvirtd.connect();
    const domain = await findDomainByUuid(connection, uid);
    const state = domain && (await unlessGone(getDomainState(connection, domain)));
    const sandbox = pod?.metadata?.uid ? sandboxOf(pod.metadata.uid) : undefined;
    const nowMs = context.clock.now();
    const steps = planGuest({
      vmi,
      pod,
      record,
      domain: state,
      sandboxReady: sandbox !== undefined,
      nodeName,
      bootId,
      nowMs,
    });

    let afterMs: number | undefined;
    let unreported: unknown;
    for (const step of steps) {
      if (step.do === 'wait') {
        const ms = step.untilMs - nowMs;
        afterMs = afterMs === undefined ? ms : Math.min(afterMs, ms);
        continue;
      }
      try {
        await this.#carryOut(step, { uid, vmi, pod, sandbox, domain, state, connection });
      } catch (error) {
        // A server that is away must not keep a guest from being stopped in time; how it ended must be told before it is forgotten.
        if (step.do !== 'report' || step.phase !== 'Running') throw error;
        unreported = error;
      }
    }
    if (unreported) throw unreported;
    return afterMs;
  }

  async #carryOut(step: Exclude<Step, { do: 'wait' }>, found: Found): Promise<void> {
    const { uid, vmi, domain, state, connection } = found;
    const { records } = this.#start;
    const { clock } = this.#options.context;
    switch (step.do) {
      case 'start':
        if (vmi && found.pod && found.sandbox) await this.#startGuest(vmi, found.pod, found.sandbox);
        return;
      case 'adopt':
        if (vmi) await this.#adopt(vmi, found.pod);
        return;
      case 'resume':
        if (domain) await unlessGone(resumeDomain(connection, domain));
        return;
      case 'signalShutdown':
        if (!domain || !vmi) return;
        await records.change(uid, {
          shutdownSinceMs: records.get(uid)?.shutdownSinceMs ?? clock.now(),
          lastSignalMs: clock.now(),
        });
        await unlessGone(shutdownDomain(connection, domain, shutdownFlag.acpi));
        this.#events.normal(vmi, 'ShuttingDown', 'Signaled Graceful Shutdown');
        return;
      case 'destroy':
        // Nobody else may decide that a guest is an orphan than the API itself, asked now.
        if (step.because === 'orphaned' && !(await this.#isOrphan(uid, vmi)))
          throw new Error('the API still knows this guest; it is left running');
        if (domain) await unlessGone(destroyDomain(connection, domain));
        if (vmi && step.because !== 'incompleteStart')
          this.#events.normal(vmi, 'Deleted', 'VirtualMachineInstance stopping');
        if (step.because === 'incompleteStart') await this.#removeFrom(uid);
        return;
      case 'cleanUp':
        await this.#cleanUp(uid, vmi);
        return;
      case 'report':
        if (vmi) await this.#report(vmi, step, state);
        return;
    }
  }

  async #isOrphan(uid: string, cached: VirtualMachineInstance | undefined): Promise<boolean> {
    const record = this.#start.records.get(uid);
    const namespace = cached?.metadata?.namespace ?? record?.namespace;
    const name = cached?.metadata?.name ?? record?.name;
    if (!namespace || !name) return true;
    const vmi = await this.#options.context.client(VirtualMachineInstance).find({ namespace, name });
    return vmi?.metadata?.uid !== uid || isFinal(vmi) || vmi.status?.nodeName !== this.#options.nodeName;
  }

  async #startGuest(vmi: VirtualMachineInstance, pod: Pod, sandbox: PodSandbox): Promise<void> {
    const { records } = this.#start;
    const { context } = this.#options;
    const { uid = '', namespace = '', name = '' } = vmi.metadata ?? {};
    const failures = records.get(uid)?.failures ?? 0;
    const ahead = await this.#takeAhead(uid);
    await this.#announce(vmi, pod, failures);
    try {
      const { network, disks, paused, times } = await startGuest(vmi, sandbox, this.#start, ahead);
      this.#options.onStarted?.(uid, times);
      this.#log.info('guest started', { namespace, name, uid, ...rounded(times) });
      await records.change(uid, {
        stage: 'started',
        startedMs: context.clock.now(),
        interfaces: network.interfaces,
        disks,
        ...(paused && { pausedByUser: true }),
      });
      this.#attach(uid, vmi);
      this.#events.normal(vmi, 'Created', 'VirtualMachineInstance defined.');
      this.#events.normal(vmi, 'Started', 'VirtualMachineInstance started.');
      await this.#writeStatus(vmi, this.#facts(uid, 'Running', paused ? 'user' : undefined));
      this.#options.onGuestChanged(pod.metadata?.uid ?? '');
    } catch (error) {
      if (isConflict(error) && records.get(uid)?.stage === 'started') throw error;
      await this.#startFailed(vmi, failures + 1, error);
    }
  }

  /** What is about to be made belongs to this guest: whatever happens next, it can be found and removed. */
  #announce(vmi: VirtualMachineInstance, pod: Pod, failures: number): Promise<GuestRecord> {
    const { uid = '', namespace = '', name = '' } = vmi.metadata ?? {};
    return this.#start.records.put({
      uid,
      namespace,
      name,
      podUid: pod.metadata?.uid ?? '',
      podName: pod.metadata?.name ?? '',
      stage: 'starting',
      bootId: this.#options.bootId,
      failures,
      taps: tapNames(vmi, this.#start.network.podNetwork.key),
    });
  }

  /**
   * Makes disks and network of a guest while its Pod's readiness is still on its way to the controllers and back. What fails
   * here is tried again, and told, at the start itself.
   */
  prepareAhead(pod: Pod, sandbox: PodSandbox): void {
    const owner = pod.metadata?.ownerReferences?.find((reference) => reference.kind === 'VirtualMachineInstance');
    if (!owner || this.#stopped || this.#ahead.has(owner.uid) || this.#start.records.get(owner.uid)) return;
    const key = { namespace: pod.metadata?.namespace ?? '', name: owner.name };
    const make = async (): Promise<GuestParts | undefined> => {
      const vmi = await this.#options.context.client(VirtualMachineInstance).find(key);
      if (vmi?.metadata?.uid !== owner.uid || vmi.metadata.deletionTimestamp !== undefined || isFinal(vmi))
        return undefined;
      await this.#announce(vmi, pod, 0);
      return prepareGuest(vmi, sandbox, this.#start);
    };
    const made = make().catch((error: unknown) => {
      this.#log.debug('a guest could not be prepared ahead', { uid: owner.uid, error });
      return undefined;
    });
    this.#ahead.set(owner.uid, made);
  }

  async #takeAhead(uid: string): Promise<GuestParts | undefined> {
    const made = this.#ahead.get(uid);
    this.#ahead.delete(uid);
    return made;
  }

  /** Prepared, and waiting to become Scheduled: nothing is left over. */
  #isAwaited(uid: string, vmi: VirtualMachineInstance | undefined, pod: Pod | undefined): boolean {
    if (!this.#ahead.has(uid) || !pod || pod.metadata?.deletionTimestamp !== undefined) return false;
    const early = vmi === undefined || (vmi.status?.nodeName === undefined && !isFinal(vmi));
    return early && pod.status?.phase !== 'Failed' && pod.status?.phase !== 'Succeeded';
  }

  async #startFailed(vmi: VirtualMachineInstance, failures: number, error: unknown): Promise<void> {
    const uid = vmi.metadata?.uid ?? '';
    const message = errorText(error);
    this.#log.warn('a guest could not be started', { uid, failures, error });
    const fatal = isFatalStartError(error);
    await this.#removeFrom(uid);
    const delayMs = 1_000 * 2 ** (failures - 1);
    await this.#start.records.change(uid, {
      failures,
      lastError: message,
      fatal,
      retryAtMs: this.#options.context.clock.now() + delayMs,
    });
    this.#events.warning(vmi, 'SyncFailed', message);
    const final = fatal || failures >= maxStartFailures;
    await this.#writeStatus(vmi, { ...this.#facts(uid), syncError: { reason: syncFailedReason, message } });
    if (final) this.enqueue(uid);
    else this.#queue.addAfter(uid, delayMs);
  }

  /** The guest runs; the agent that started it did not live to say so. */
  async #adopt(vmi: VirtualMachineInstance, pod: Pod | undefined): Promise<void> {
    const { uid = '', namespace = '', name = '' } = vmi.metadata ?? {};
    const before = this.#start.records.get(uid);
    this.#log.info('a running guest is taken over', { namespace, name, uid });
    await this.#start.records.put({
      uid,
      namespace,
      name,
      podUid: pod?.metadata?.uid ?? '',
      podName: pod?.metadata?.name ?? '',
      bootId: this.#options.bootId,
      failures: 0,
      ...before,
      stage: 'started',
    });
  }

  async #report(
    vmi: VirtualMachineInstance,
    step: Step & { do: 'report' },
    state: DomainState | undefined,
  ): Promise<void> {
    const uid = vmi.metadata?.uid ?? '';
    const record = this.#start.records.get(uid);
    if (step.phase === 'Running') {
      this.#attach(uid, vmi);
      const paused =
        state?.state !== 'paused'
          ? undefined
          : state.reason === 'ioError'
            ? 'ioError'
            : record?.pausedByUser
              ? 'user'
              : undefined;
      if (paused !== 'ioError') this.#live.get(uid)?.ioErrorEvents.clear();
      await this.#writeStatus(vmi, this.#facts(uid, 'Running', paused));
      return;
    }
    const syncError =
      record?.lastError === undefined ? undefined : { reason: syncFailedReason, message: record.lastError };
    const { phase, reason } = step;
    await this.#writeStatus(vmi, {
      ...this.#facts(uid),
      phase,
      ...(reason && { reason }),
      ...(syncError && { syncError }),
    });
    if (record?.stage === 'started') {
      if (phase === 'Succeeded') this.#events.normal(vmi, 'Stopped', 'The VirtualMachineInstance was shut down.');
      else this.#events.warning(vmi, 'Stopped', 'The VirtualMachineInstance crashed.');
    }
  }

  #facts(uid: string, phase?: GuestFacts['phase'], paused?: GuestFacts['paused']): GuestFacts {
    const record = this.#start.records.get(uid);
    const live = this.#live.get(uid);
    return {
      ...(phase && { phase }),
      ...(paused && { paused }),
      agentConnected: live?.agentConnected ?? false,
      agent: live?.agent ?? {},
      interfaces: record?.interfaces ?? [],
      disks: new Map((record?.disks ?? []).map((disk) => [disk.name, disk])),
    };
  }

  /** Writes what has changed; a conflict is decided anew on what the server has. */
  async #writeStatus(vmi: VirtualMachineInstance, facts: GuestFacts): Promise<void> {
    const { client, clock } = this.#options.context;
    const resource = client(VirtualMachineInstance);
    let base = vmi;
    for (let attempt = 0; ; attempt++) {
      const wanted = renderStatus(base, facts, clock.now());
      if (semanticallyEqual(wanted.status, base.status)) return;
      try {
        await resource.update(wanted);
        return;
      } catch (error) {
        if (!isConflict(error) || attempt === 5) throw error;
        const fresh = await resource.find({ namespace: vmi.metadata?.namespace ?? '', name: vmi.metadata?.name ?? '' });
        if (!fresh || fresh.metadata?.uid !== vmi.metadata?.uid || isFinal(fresh)) return;
        base = fresh;
      }
    }
  }

  /** Console reader and agent channel of a running guest. */
  #attach(uid: string, vmi: VirtualMachineInstance): void {
    if (this.#live.has(uid) || this.#stopped) return;
    const live: Live = { agentConnected: false, agent: {}, ioErrorEvents: new Set() };
    this.#live.set(uid, live);
    if (vmi.spec.domain?.devices?.autoattachSerialConsole !== false) {
      const path = join(this.#start.libvirtd.guestDirectory(uid).path, guestFile.serial);
      live.serial = new SerialConsole(path, this.#options.context.clock, this.#log);
    }
    // An agent that connected before we listened sends no event.
    void this.#agentIsConnected(uid).then(
      (connected) => connected && this.#setAgent(uid, true),
      (error: unknown) => this.#log.debug('the agent channel could not be read', { uid, error }),
    );
  }

  async #agentIsConnected(uid: string): Promise<boolean> {
    const connection = await this.#start.libvirtd.connect();
    const domain = await findDomainByUuid(connection, uid);
    const xml = domain && (await unlessGone(getDomainXml(connection, domain)));
    if (!xml) return false;
    const channels = children(child(parseXml(xml, 'domain'), 'devices'), 'channel').map((channel) =>
      child(channel, 'target'),
    );
    return channels.some(
      (target) => attribute(target, 'name') === 'org.qemu.guest_agent.0' && attribute(target, 'state') === 'connected',
    );
  }

  #setAgent(uid: string, connected: boolean): void {
    const live = this.#live.get(uid);
    if (!live || live.agentConnected === connected) return;
    live.agentConnected = connected;
    live.poller?.stop();
    delete live.poller;
    if (connected)
      live.poller = new AgentPoller(this.#options.context.clock, (command) => this.#askAgent(uid, live, command));
    this.enqueue(uid);
  }

  async #askAgent(uid: string, live: Live, command: Parameters<typeof readAgentAnswer>[1]): Promise<void> {
    try {
      const connection = await this.#start.libvirtd.connect();
      const domain = await findDomainByUuid(connection, uid);
      if (!domain) return;
      const answer = await guestAgentCommand(connection, domain, { execute: command }, agentTimeoutSeconds);
      const facts = readAgentAnswer(live.agent, command, answer);
      if (semanticallyEqual(facts, live.agent)) return;
      live.agent = facts;
      this.enqueue(uid);
    } catch (error) {
      this.#log.debug('the guest agent did not answer', { uid, command, error: errorText(error) });
    }
  }

  /** Everything of a guest that is gone, the record last. */
  async #cleanUp(uid: string, vmi: VirtualMachineInstance | undefined): Promise<void> {
    const record = this.#start.records.get(uid);
    await this.#removeFrom(uid);
    await this.#start.records.remove(uid);
    if (record?.stage === 'started' && vmi) this.#events.normal(vmi, 'Deleted', 'Signaled Deletion');
    this.#options.onGuestChanged(record?.podUid ?? '');
  }

  /** Definition, sockets, disks and taps; the domain must have ended. */
  async #removeFrom(uid: string): Promise<void> {
    const { host, libvirtd, records } = this.#start;
    this.#forgetLive(uid);
    const connection = await libvirtd.connect();
    const domain = await findDomainByUuid(connection, uid);
    if (domain) await unlessGone(destroyDomain(connection, domain));
    await undefineGuest(connection, uid);
    // Taps that were moved went with QEMU; those that were not are still here.
    for (const tap of records.get(uid)?.taps ?? []) {
      if (await host.status(`/sys/class/net/${tap}`)) await deleteTap(host, tap);
    }
    await libvirtd.removeGuestDirectory(uid);
    await host.remove(records.directoryOf(uid));
  }

  #forgetLive(uid: string): void {
    const live = this.#live.get(uid);
    live?.serial?.close();
    live?.poller?.stop();
    this.#live.delete(uid);
  }
}

interface Found {
  readonly uid: string;
  readonly vmi: VirtualMachineInstance | undefined;
  readonly pod: Pod | undefined;
  readonly sandbox: PodSandbox | undefined;
  readonly domain: Domain | undefined;
  readonly state: DomainState | undefined;
  readonly connection: LibvirtConnection;
}

/** A domain that has just ended is no failure: the next look at it sees so. */
async function unlessGone<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    if (isDomainGone(error)) return undefined;
    throw error;
  }
}

const rounded = (times: StartTimes): Record<string, number> =>
  Object.fromEntries(Object.entries(times).map(([step, ms]) => [`${step}Ms`, Math.round(ms)]));
