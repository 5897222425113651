import {
  type Domain,
  type DomainEvent,
  type DomainState,
  destroyDomain,
  findDomainByUuid,
  getDomainState,
  getDomainXml,
  isDomainGone,
  type LibvirtConnection,
  listDomains,
  parseLiveDomain,
  resumeDomain,
  shutdownDomain,
  shutdownFlag,
} from '@virtplane/libvirt';
import { type Pod, VirtualMachineInstance } from '@virtplane/resources';
import {
  type ControllerContext,
  type EventRecorder,
  type Informer,
  isConflict,
  type Logger,
  WorkQueue,
} from '@virtplane/runtime';
import { readGuestMetadata } from '../hypervisor/index.ts';
import { errorText } from '../images/errors.ts';
import { deleteTap, type PodSandbox } from '../network/index.ts';
import { DomainWatch, stopOf } from './domain-watch.ts';
import { tapNames } from './guest-network.ts';
import type { GuestRecord } from './guest-record.ts';
import { LiveGuests } from './live-guests.ts';
import { isFinal, maxStartFailures, planGuest, type Step } from './plan.ts';
import { Preparations } from './preparations.ts';
import { isFatalStartError, type StartContext, type StartTimes, startGuest, undefineGuest } from './start-guest.ts';
import { type GuestFacts, syncFailedReason } from './status.ts';
import { writeStatus } from './status-writer.ts';

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

const workers = 8;

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
  /** Consoles and guest agents. */
  readonly live: LiveGuests;
  #watch: DomainWatch | undefined;
  /** Guests that are made ready before they may start. */
  readonly preparations: Preparations;
  #running: Promise<void>[] = [];
  #removeHandler: () => void = () => undefined;

  constructor(options: GuestManagerOptions) {
    const { context } = options;
    this.#options = options;
    this.#start = options.start;
    this.#log = context.log.child({ component: 'virt-handler' });
    this.#events = context.events('virt-handler');
    this.#queue = new WorkQueue({ clock: context.clock, maximumDelayMs: 10_000 });
    const { libvirtd } = options.start;
    this.live = new LiveGuests({
      libvirtd,
      clock: context.clock,
      log: this.#log,
      onChanged: (uid) => this.enqueue(uid),
    });
    this.preparations = new Preparations({
      client: context.client,
      start: options.start,
      log: this.#log,
      announce: (vmi, pod) => this.#announce(vmi, pod, 0),
    });
  }

  /** Takes over what runs already, then keeps at it. VMIs must have been synced and records loaded. */
  async run(): Promise<void> {
    for (const record of this.#start.records.all()) this.#queue.add(record.uid);
    const enqueue = (vmi: VirtualMachineInstance): void => this.enqueue(vmi.metadata?.uid ?? '');
    this.#removeHandler = this.#options.vmis.addHandler({ onAdd: enqueue, onUpdate: enqueue, onDelete: enqueue });
    const { libvirtd } = this.#start;
    const { clock } = this.#options.context;
    this.#watch = new DomainWatch({
      libvirtd,
      clock,
      log: this.#log,
      onConnected: (connection) => this.#discover(connection),
      onEvent: (event) => this.#onEvent(event),
    });
    for (let i = 0; i < workers; i++) this.#running.push(this.#work());
  }

  async stop(): Promise<void> {
    this.#removeHandler();
    await this.#watch?.stop();
    await this.#queue.stop();
    this.live.stop();
    await Promise.all([...this.#running, this.preparations.stop()]);
  }

  enqueue(uid: string): void {
    if (uid !== '') this.#queue.add(uid);
  }

  /** The guest of a Pod, while anything of it is on this node. */
  recordOfPod(podUid: string): GuestRecord | undefined {
    return this.#start.records.ofPod(podUid);
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
    try {
      const stop = stopOf(event);
      if (stop) await this.#start.records.change(uuid, { lastStop: stop });
      if (event.kind === 'ioError') this.#reportIoError(uuid, event.sourcePath, event.reason);
      if (event.kind === 'agentLifecycle') this.live.setAgent(uuid, event.state === 'connected');
    } catch (error) {
      this.#log.error('a libvirt event could not be taken in; the guest is looked at all the same', {
        uid: uuid,
        error,
      });
    }
    this.enqueue(uuid);
  }

  #reportIoError(uid: string, path: string, reason: string): void {
    const vmi = this.#vmi(uid);
    const volume =
      path
        .split('/')
        .at(-1)
        ?.replace(/\.[^.]*$/, '') ?? path;
    if (!vmi || !this.live.isNewIoError(uid, volume)) return;
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
    if (this.preparations.isAwaited(uid, vmi, pod)) return undefined;
    if (vmi?.status?.phase !== 'Scheduled') await this.preparations.take(uid);
    const connection = await this.#start.libvirtd.connect();
    const domain = await findDomainByUuid(connection, uid);
    const state = domain && (await unlessGone(getDomainState(connection, domain)));
    // After the state: a pause is recorded before it is made, so that it is never taken for one that nobody asked for.
    const record = this.#start.records.get(uid);
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
        if (step.because === 'orphaned' && !(await this.#isOrphan(uid, vmi, domain)))
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

  async #isOrphan(
    uid: string,
    cached: VirtualMachineInstance | undefined,
    domain: Domain | undefined,
  ): Promise<boolean> {
    const record = this.#start.records.get(uid);
    // A domain is called `<namespace>_<name>`, and neither part can hold an underscore.
    const [ofDomain, nameOfDomain] = (domain?.name ?? '').split('_');
    const namespace = cached?.metadata?.namespace ?? record?.namespace ?? ofDomain ?? '';
    const name = cached?.metadata?.name ?? record?.name ?? nameOfDomain ?? '';
    const vmi = await this.#options.context.client(VirtualMachineInstance).find({ namespace, name });
    return vmi?.metadata?.uid !== uid || isFinal(vmi) || vmi.status?.nodeName !== this.#options.nodeName;
  }

  async #startGuest(vmi: VirtualMachineInstance, pod: Pod, sandbox: PodSandbox): Promise<void> {
    const { records } = this.#start;
    const { context } = this.#options;
    const { uid = '', namespace = '', name = '' } = vmi.metadata ?? {};
    const failures = records.get(uid)?.failures ?? 0;
    const ahead = await this.preparations.take(uid);
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
      this.live.attach(uid, vmi);
      this.#events.normal(vmi, 'Created', 'VirtualMachineInstance defined.');
      this.#events.normal(vmi, 'Started', 'VirtualMachineInstance started.');
      await this.#write(vmi, this.#facts(uid, 'Running', paused ? 'user' : undefined));
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
    await this.#write(vmi, { ...this.#facts(uid), syncError: { reason: syncFailedReason, message } });
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
      this.live.attach(uid, vmi);
      const paused =
        state?.state !== 'paused'
          ? undefined
          : state.reason === 'ioError'
            ? 'ioError'
            : record?.pausedByUser
              ? 'user'
              : undefined;
      if (paused !== 'ioError') this.live.clearIoErrors(uid);
      await this.#write(vmi, this.#facts(uid, 'Running', paused));
      return;
    }
    const syncError =
      record?.lastError === undefined ? undefined : { reason: syncFailedReason, message: record.lastError };
    const { phase, reason } = step;
    await this.#write(vmi, {
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
    const agent = this.live.agentOf(uid);
    return {
      ...(phase && { phase }),
      ...(paused && { paused }),
      agentConnected: agent.connected,
      agent: agent.facts,
      interfaces: record?.interfaces ?? [],
      disks: new Map((record?.disks ?? []).map((disk) => [disk.name, disk])),
    };
  }

  #write(vmi: VirtualMachineInstance, facts: GuestFacts): Promise<void> {
    const { client, clock } = this.#options.context;
    return writeStatus(client, clock, vmi, facts);
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
    this.live.detach(uid);
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
