import { setImmediate } from 'node:timers/promises';
import { isStatusError, Node, Pod } from '@virtplane/resources';
import {
  type ControllerContext,
  type EventRecorder,
  keyOf,
  keyTextOf,
  type ObjectKey,
  setCondition,
  timestamp,
} from '@virtplane/runtime';
import { NodeInfo } from './node-info.ts';
import { type PlaceOptions, placePod } from './place.ts';
import { SchedulingQueue, type TakenPod } from './scheduling-queue.ts';

export interface SchedulerOptions extends PlaceOptions {
  /** Only Pods whose `spec.schedulerName` is this. */
  readonly schedulerName?: string;
}

const maxEventMessageLength = 1024;
const decisionsPerTurn = 16;

/**
 * Binds Pods to Nodes. Decisions are pure (`placePod`); this shell keeps the picture of the cluster, takes Pods off the queue
 * one by one, assumes each placement at once and binds in the background, so the next decision does not wait for the API.
 */
export function startScheduler(context: ControllerContext, options: SchedulerOptions = {}): { stop(): Promise<void> } {
  const scheduler = new Scheduler(context, options);
  return { stop: () => scheduler.stop() };
}

const isFinal = (pod: Pod): boolean => pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed';

class Scheduler {
  private readonly context: ControllerContext;
  private readonly options: SchedulerOptions;
  private readonly name: string;
  private readonly events: EventRecorder;
  private readonly nodes = new Map<string, NodeInfo>();
  /** The same nodes as an array, rebuilt only when nodes come and go. */
  private nodeList: NodeInfo[] = [];
  /** Pod uid → node, both bound and assumed. */
  private readonly placed = new Map<string, string>();
  private readonly assumed = new Set<string>();
  private readonly waiting = new Map<string, Pod>();
  private readonly queue: SchedulingQueue;
  private readonly bindings = new Set<Promise<void>>();
  private readonly unsubscribe: (() => void)[] = [];
  private nextStart = 0;
  private running = false;
  private stopped = false;

  constructor(context: ControllerContext, options: SchedulerOptions) {
    this.context = context;
    this.options = options;
    this.name = options.schedulerName ?? 'default-scheduler';
    this.events = context.events(this.name);
    this.queue = new SchedulingQueue(context.clock, () => this.wake());
    this.unsubscribe.push(
      context.informers(Node).addHandler({
        onAdd: (node) => this.setNode(node),
        onUpdate: (node, old) => this.setNode(node, old),
        onDelete: (node) => this.removeNode(node),
      }),
      context.informers(Pod).addHandler({
        onAdd: (pod) => this.setPod(pod),
        onUpdate: (pod) => this.setPod(pod),
        onDelete: (pod) => this.removePod(pod),
      }),
    );
  }

  async stop(): Promise<void> {
    this.stopped = true;
    this.queue.close();
    for (const unsubscribe of this.unsubscribe) unsubscribe();
    await Promise.all(this.bindings);
  }

  private setNode(node: Node, old?: Node): void {
    const name = node.metadata.name ?? '';
    const known = this.nodes.get(name);
    if (known) known.setNode(node);
    else {
      const info = new NodeInfo(node);
      this.nodes.set(name, info);
      this.nodeList = [...this.nodes.values()];
      // Pods may have been seen before their node.
      for (const pod of this.context.informers(Pod).list()) {
        if (pod.spec?.nodeName === name && !isFinal(pod)) this.placeOn(name, pod);
      }
    }
    if (!old || placementChanged(old, node)) this.queue.moveAll();
  }

  private removeNode(node: Node): void {
    this.nodes.delete(node.metadata.name ?? '');
    this.nodeList = [...this.nodes.values()];
  }

  private setPod(pod: Pod): void {
    const uid = pod.metadata.uid ?? '';
    const key = keyTextOf(pod);
    if (isFinal(pod)) {
      this.removePod(pod);
      return;
    }
    if (pod.spec?.nodeName) {
      this.waiting.delete(key);
      this.queue.remove(key);
      this.assumed.delete(uid);
      this.placeOn(pod.spec.nodeName, pod);
      return;
    }
    if ((pod.spec?.schedulerName ?? this.name) !== this.name || pod.metadata.deletionTimestamp) {
      this.waiting.delete(key);
      this.queue.remove(key);
      return;
    }
    if (this.assumed.has(uid)) return;
    const known = this.waiting.get(key);
    this.waiting.set(key, pod);
    // Our own condition comes back as an update: only a changed spec or changed labels are a reason to try again.
    if (!known || known.metadata.uid !== uid || requirementsChanged(known, pod)) {
      this.queue.add(key, pod.spec?.priority ?? 0);
    }
  }

  private removePod(pod: Pod): void {
    const key = keyTextOf(pod);
    const uid = pod.metadata.uid ?? '';
    if (this.waiting.get(key)?.metadata.uid === uid) {
      this.waiting.delete(key);
      this.queue.remove(key);
    }
    this.assumed.delete(uid);
    if (this.takeOff(uid)) this.queue.moveAll();
  }

  private placeOn(node: string, pod: Pod): void {
    const uid = pod.metadata.uid ?? '';
    const before = this.placed.get(uid);
    if (before !== undefined && before !== node) this.nodes.get(before)?.removePod(uid);
    this.placed.set(uid, node);
    this.nodes.get(node)?.addPod(uid, pod);
  }

  private takeOff(uid: string): boolean {
    const node = this.placed.get(uid);
    if (node === undefined) return false;
    this.placed.delete(uid);
    this.nodes.get(node)?.removePod(uid);
    return true;
  }

  private wake(): void {
    if (this.running || this.stopped) return;
    this.running = true;
    void this.drain().finally(() => {
      this.running = false;
      // A Pod may have come between the last look at the queue and here.
      if (this.queue.size.active > 0) this.wake();
    });
  }

  private async drain(): Promise<void> {
    await Promise.all([this.context.informers(Node).synced(), this.context.informers(Pod).synced()]);
    let decisions = 0;
    for (let taken = this.queue.take(); taken && !this.stopped; taken = this.queue.take()) {
      const pod = this.waiting.get(taken.key);
      if (!pod) continue;
      const placement = placePod(pod, this.nodeList, { ...this.options, startAt: this.nextStart });
      if (placement.node === undefined) {
        this.queue.failed(taken);
        await this.reportUnschedulable(pod, placement.message);
        continue;
      }
      this.nextStart = (this.nextStart + placement.evaluated) % Math.max(1, this.nodeList.length);
      this.bindInBackground(pod, placement.node, taken);
      // Others get their turn: one decision is short, a thousand in a row are not.
      if (++decisions % decisionsPerTurn === 0) await setImmediate();
    }
  }

  private bindInBackground(pod: Pod, node: string, taken: TakenPod): void {
    const uid = pod.metadata.uid ?? '';
    this.assumed.add(uid);
    this.placeOn(node, pod);
    const binding = this.bind(pod, node).catch(async (error: unknown) => {
      this.assumed.delete(uid);
      this.takeOff(uid);
      if (isStatusError(error, 'NotFound') || this.stopped) return;
      this.context.log.warn('binding failed', { pod: keyTextOf(pod), node, error });
      if (this.waiting.get(keyTextOf(pod))?.metadata.uid === uid) this.queue.retry(taken);
      await this.reportUnschedulable(
        pod,
        `binding rejected: ${error instanceof Error ? error.message : String(error)}`,
        'SchedulerError',
      );
    });
    this.bindings.add(binding);
    void binding.finally(() => this.bindings.delete(binding));
  }

  private async bind(pod: Pod, node: string): Promise<void> {
    const key: ObjectKey = keyOf(pod);
    await this.context.client(Pod).subresource(key, 'binding', 'POST', {
      apiVersion: 'v1',
      kind: 'Binding',
      metadata: { name: key.name, namespace: key.namespace, uid: pod.metadata.uid },
      target: { apiVersion: 'v1', kind: 'Node', name: node },
    });
    this.events.normal(pod, 'Scheduled', `Successfully assigned ${key.namespace}/${key.name} to ${node}`);
  }

  private async reportUnschedulable(pod: Pod, message: string, reason = 'Unschedulable'): Promise<void> {
    this.events.warning(pod, 'FailedScheduling', message.slice(0, maxEventMessageLength));
    const current = this.waiting.get(keyTextOf(pod)) ?? pod;
    const before = current.status?.conditions;
    const conditions = setCondition(
      before,
      { type: 'PodScheduled', status: 'False', reason, message },
      timestamp(this.context.clock.now()),
    );
    if (conditions === before) return;
    const condition = conditions.find((c) => c.type === 'PodScheduled');
    try {
      await this.context
        .client(Pod)
        .patch(
          keyOf(pod),
          'strategic',
          { metadata: { uid: pod.metadata.uid }, status: { conditions: [condition] } },
          { subresource: 'status' },
        );
    } catch (error) {
      // Gone or replaced meanwhile: nothing to tell.
      if (!isStatusError(error, 'NotFound') && !isStatusError(error, 'Conflict')) {
        this.context.log.warn('the scheduling condition could not be written', { pod: keyTextOf(pod), error });
      }
    }
  }
}

const placementChanged = (old: Node, node: Node): boolean =>
  JSON.stringify([old.spec, old.metadata.labels, old.status?.allocatable]) !==
  JSON.stringify([node.spec, node.metadata.labels, node.status?.allocatable]);

const requirementsChanged = (old: Pod, pod: Pod): boolean =>
  JSON.stringify([old.spec, old.metadata.labels]) !== JSON.stringify([pod.spec, pod.metadata.labels]);
