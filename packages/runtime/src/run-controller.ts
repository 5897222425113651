import type { KubeObject, ResourceDefinition } from '@virtplane/resources';
import type { ObjectKey } from './client.ts';
import type { Controller, ControllerContext, ControllerWatch, Informer, InformerOptions } from './controller.ts';
import type { Logger } from './log.ts';
import { metrics } from './metrics.ts';
import { keyOf, keyText, keyTextOf, parseKey } from './object-key.ts';
import { controllerOf, refersTo } from './owner-references.ts';
import { isConflict, isNamespaceTerminating } from './refusals.ts';
import { WorkQueue, type WorkQueueMetrics } from './work-queue.ts';

export interface RunningController {
  /** No further call of `reconcile`; resolves when the calls in hand have ended. */
  stop(): Promise<void>;
}

const reconcileTotal = metrics.counter(
  'controller_runtime_reconcile_total',
  'Reconciliations per controller and result (success, requeue_after, conflict, error).',
  ['controller', 'result'],
);
const reconcileSeconds = metrics.histogram(
  'controller_runtime_reconcile_time_seconds',
  'Length of time per reconciliation.',
  ['controller'],
);
const queueDepth = metrics.gauge('workqueue_depth', 'Keys waiting in a work queue.', ['name']);
const queueAdds = metrics.counter('workqueue_adds_total', 'Keys added to a work queue.', ['name']);
const queueRetries = metrics.counter('workqueue_retries_total', 'Keys added again after a failure.', ['name']);
const queueSeconds = metrics.histogram('workqueue_queue_duration_seconds', 'How long keys wait in a work queue.', [
  'name',
]);

const queueMetrics = (name: string): WorkQueueMetrics => ({
  depth: (items) => queueDepth.set([name], items),
  added: () => queueAdds.add([name]),
  retried: () => queueRetries.add([name]),
  waited: (seconds) => queueSeconds.observe([name], seconds),
});

type Enqueue = (key: ObjectKey) => void;
type Tell = (object: KubeObject, old?: KubeObject) => void;

/**
 * Runs a controller: enqueues what its informers tell, waits for all of them to be synced, then reconciles key by key. Errors
 * are logged with the key and retried with back-off; conflicts (the cache was behind) are retried without noise.
 */
export function runController(controller: Controller, context: ControllerContext): RunningController {
  const { informers, clock } = context;
  const log = context.log.child({ controller: controller.name });
  const queue = new WorkQueue({ clock, metrics: queueMetrics(controller.name) });
  const enqueue: Enqueue = (key) => queue.add(keyText(key));
  const sources: Informer<KubeObject>[] = [];
  const removers: (() => void)[] = [];

  const listen = (resource: ResourceDefinition, tell: Tell, options?: InformerOptions): void => {
    const informer = informers(resource, options);
    sources.push(informer);
    removers.push(informer.addHandler({ onAdd: (o) => tell(o), onUpdate: tell, onDelete: (o) => tell(o) }));
  };
  listen(controller.for, (object) => queue.add(keyTextOf(object)));
  for (const resource of controller.owns ?? []) listen(resource, ownedBy(controller.for, enqueue));
  for (const watch of controller.watches ?? []) listen(watch.resource, mapped(watch, enqueue), watch.options);

  const workers: Promise<void>[] = [];
  let stopped = false;
  const started = Promise.all(sources.map((informer) => informer.synced())).then(() => {
    if (stopped) return;
    for (let i = 0; i < (controller.concurrency ?? 4); i++) workers.push(work(controller, queue, log));
  });
  started.catch((error: unknown) => log.error('the controller could not start', { error }));

  return {
    async stop() {
      stopped = true;
      for (const remove of removers) remove();
      await queue.stop();
      await Promise.all(workers);
    },
  };
}

/** `old` too: a dependent that changed its owner concerns both. */
const ownedBy =
  (definition: ResourceDefinition, enqueue: Enqueue) =>
  (object: KubeObject, old?: KubeObject): void => {
    const owner = controllerOf(object);
    const tell = (of: KubeObject, reference: typeof owner): void => {
      if (!reference || !refersTo(reference, definition)) return;
      const namespace = definition.namespaced ? of.metadata?.namespace : undefined;
      enqueue(namespace ? { namespace, name: reference.name } : { name: reference.name });
    };
    tell(object, owner);
    const former = old && controllerOf(old);
    if (old && former && former.uid !== owner?.uid) tell(old, former);
  };

const mapped =
  (watch: ControllerWatch, enqueue: Enqueue) =>
  (object: KubeObject, old?: KubeObject): void => {
    for (const key of watch.map(object)) enqueue(key);
    if (old) for (const key of watch.map(old)) enqueue(key);
  };

async function work(controller: Controller, queue: WorkQueue, log: Logger): Promise<void> {
  const { name } = controller;
  for (let key = await queue.take(); key !== undefined; key = await queue.take()) {
    const started = performance.now();
    try {
      const result = await controller.reconcile(parseKey(key));
      queue.forget(key);
      if (result) queue.addAfter(key, result.afterMs);
      reconcileTotal.add([name, result ? 'requeue_after' : 'success']);
    } catch (error) {
      const quiet = isConflict(error) || isNamespaceTerminating(error);
      reconcileTotal.add([name, isConflict(error) ? 'conflict' : 'error']);
      if (quiet) log.debug('will reconcile again', { key, error });
      else log.error('reconciliation failed, will try again', { key, failures: queue.failures(key) + 1, error });
      queue.addRateLimited(key);
    } finally {
      reconcileSeconds.observe([name], (performance.now() - started) / 1000);
      queue.done(key);
    }
  }
}

/** The key of the object itself, for `ControllerWatch.map`. */
export const ownKey = (object: KubeObject): readonly ObjectKey[] => [keyOf(object)];
