import { Lease, Node } from '@virtplane/resources';
import { type ControllerContext, isConflict, type Logger, microTimestamp } from '@virtplane/runtime';
import type { Host } from '../host/host.ts';
import { type Machine, readMachine } from './machine.ts';
import {
  emulationText,
  heartbeat,
  heartbeatAnnotation,
  type NodeFacts,
  nodeLabels,
  renderNodeStatus,
} from './node-object.ts';

export interface RegistrationOptions extends Omit<NodeFacts, 'machine'> {
  readonly context: ControllerContext;
  readonly host: Host;
  readonly dataDirectory: string;
}

const leaseMs = 10_000;
const leaseDurationSeconds = 40;
const statusMs = 10_000;
/** kubelet writes an unchanged status every five minutes. */
const unchangedStatusMs = 300_000;
const heartbeatMs = 60_000;
const leaseNamespace = 'kube-node-lease';

/** Everything of the machine whose change is worth a write at once. */
const substance = (machine: Machine): string =>
  JSON.stringify([
    machine.cpus,
    machine.memoryBytes,
    machine.diskBytes,
    [...machine.hugepages],
    machine.devices,
    machine.bootId,
  ]);

/**
 * The Node object, its Lease (every 10 s) and KubeVirt's heartbeat (every 60 s). Failures are logged and tried again: a server
 * that is away does not concern the guests.
 */
export class NodeRegistration {
  readonly #options: RegistrationOptions;
  readonly #log: Logger;
  #cancels: (() => void)[] = [];
  #stopped = false;
  #failing = false;
  #written: { substance: string; pressed: boolean; atMs: number } | undefined;

  constructor(options: RegistrationOptions) {
    this.#options = options;
    this.#log = options.context.log.child({ component: 'kubelet' });
  }

  /** Creates or takes over the Node object and keeps it alive. Rejects when the first registration is refused. */
  async start(): Promise<void> {
    const node = await this.#register();
    if (this.#options.accelerator === 'tcg') {
      this.#options.context
        .events('virt-handler')
        .warning(node, 'HardwareVirtualizationUnavailable', emulationText(this.#options.emulationReason));
    }
    await this.#renewLease();
    this.#every(leaseMs, () => this.#renewLease());
    this.#every(statusMs, () => this.#refreshStatus());
    this.#every(heartbeatMs, () => this.#heartbeat(true));
  }

  /** Nothing new is placed here; what runs, runs on. */
  async stop(): Promise<void> {
    this.#stopped = true;
    for (const cancel of this.#cancels) cancel();
    try {
      await this.#heartbeat(false);
    } catch (error) {
      this.#log.warn('the node could not be marked as not schedulable', { error });
    }
  }

  #every(ms: number, act: () => Promise<void>): void {
    const turn = (): void => {
      const cancel = this.#options.context.clock.after(ms, () => {
        this.#cancels = this.#cancels.filter((other) => other !== cancel);
        act()
          .then(
            () => {
              if (this.#failing) this.#log.info('the API server is reached again');
              this.#failing = false;
            },
            (error: unknown) => {
              if (!this.#failing) this.#log.warn('the API server is not reached; guests run on', { error });
              this.#failing = true;
            },
          )
          .finally(() => {
            if (!this.#stopped) turn();
          });
      });
      this.#cancels.push(cancel);
    };
    turn();
  }

  async #register(): Promise<Node> {
    const { context, name } = this.#options;
    const nodes = context.client(Node);
    const existing = await nodes.find({ name });
    const labels = { ...existing?.metadata?.labels, ...nodeLabels(this.#options, true) };
    const annotations = { ...existing?.metadata?.annotations, [heartbeatAnnotation]: heartbeat(context.clock.now()) };
    const metadata = { ...existing?.metadata, name, labels, annotations };
    const wanted: Node = { ...existing, apiVersion: 'v1', kind: 'Node', metadata };
    const node = existing ? await nodes.update(wanted) : await nodes.create(wanted);
    return this.#writeStatus(node);
  }

  async #writeStatus(node: Node, machine?: Machine): Promise<Node> {
    const { context, host, dataDirectory } = this.#options;
    const now = context.clock.now();
    const facts = { ...this.#options, machine: machine ?? (await readMachine(host, dataDirectory)) };
    const wanted = renderNodeStatus(node, facts, now);
    const written = await context.client(Node).updateStatus(wanted);
    this.#written = { substance: substance(facts.machine), pressed: isPressed(wanted), atMs: now };
    return written;
  }

  async #refreshStatus(): Promise<void> {
    const { context, host, dataDirectory, name } = this.#options;
    const machine = await readMachine(host, dataDirectory);
    const before = this.#written;
    const pressed = isPressed(
      renderNodeStatus({ metadata: { name } }, { ...this.#options, machine }, context.clock.now()),
    );
    const due = !before || context.clock.now() - before.atMs >= unchangedStatusMs;
    if (!due && before.substance === substance(machine) && before.pressed === pressed) return;
    const node = await context.client(Node).find({ name });
    if (!node) await this.#register();
    else {
      await this.#writeStatus(node, machine).catch((error: unknown) => {
        // Somebody labelled the node meanwhile; the next turn writes.
        if (!isConflict(error)) throw error;
        this.#written = undefined;
      });
    }
  }

  async #heartbeat(schedulable: boolean): Promise<void> {
    const { context, name } = this.#options;
    await context.client(Node).patch({ name }, 'merge', {
      metadata: {
        labels: nodeLabels(this.#options, schedulable),
        annotations: { [heartbeatAnnotation]: heartbeat(context.clock.now()) },
      },
    });
  }

  async #renewLease(): Promise<void> {
    const { context, name } = this.#options;
    const leases = context.client(Lease);
    const renewTime = microTimestamp(context.clock.now());
    const key = { namespace: leaseNamespace, name };
    if (await leases.find(key)) {
      await leases.patch(key, 'merge', { spec: { holderIdentity: name, leaseDurationSeconds, renewTime } });
      return;
    }
    const node = await context.client(Node).find({ name });
    const owner = node?.metadata?.uid && {
      ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name, uid: node.metadata.uid }],
    };
    await leases.create({
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { ...key, ...owner },
      spec: { holderIdentity: name, leaseDurationSeconds, renewTime },
    });
  }
}

const isPressed = (node: Node): boolean =>
  (node.status?.conditions ?? []).some((c) => c.type.endsWith('Pressure') && c.status === 'True');
