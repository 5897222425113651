import {
  apiVersionOf,
  isStatusError,
  type KubeObject,
  type OwnerReference,
  qualifiedName,
  type ResourceDefinition,
} from '@virtplane/resources';
import {
  type ControllerContext,
  isConflict,
  pause,
  type ReflectorSink,
  type RunningController,
  runReflector,
  WorkQueue,
} from '@virtplane/runtime';
import { can, Discovery } from '../discovery/discovery.ts';
import { type Owned, OwnerGraph, ownedFrom } from './graph.ts';
import { type Knowledge, planCollection, type Step } from './plan.ts';

/** Events are not collected: they own nothing, expire by themselves, and are many. */
const ignored = new Set(['events', 'events.events.k8s.io']);
/** When one of these changes, other resources are served. */
const announcers = new Set(['customresourcedefinitions.apiextensions.k8s.io', 'apiservices.apiregistration.k8s.io']);
const workers = 8;
const remembered = 10_000;
const settleMs = 200;
const watchLagMs = 1000;
const unwatchedCheckMs = 60_000;
const discoveryRetryMs = 5_000;
const syncLimitMs = 30_000;

interface Monitor {
  readonly definition: ResourceDefinition;
  readonly abort: AbortController;
  readonly synced: Promise<void>;
  readonly uids: Set<string>;
}

/**
 * Deletes what its owners left behind: watches every resource that the server discovers (names, owners and finalizers are
 * kept, nothing else), and follows CustomResourceDefinitions as they come and go.
 */
export function startGarbageCollector(context: ControllerContext): RunningController {
  const collector = new Collector(context);
  collector.start();
  return collector;
}

class Collector implements RunningController {
  readonly #context: ControllerContext;
  readonly #log: ControllerContext['log'];
  readonly #discovery: Discovery;
  readonly #graph = new OwnerGraph();
  readonly #queue: WorkQueue;
  readonly #monitors = new Map<string, Monitor>();
  readonly #absent = new Set<string>();
  readonly #reported = new Set<string>();
  readonly #byKind = new Map<string, ResourceDefinition>();
  readonly #stopping = new AbortController();
  readonly #working: Promise<void>[] = [];
  #cancelDiscovery: (() => void) | undefined;
  /** Resolves when the monitors have their first list, or have had their time for it. */
  #ready: Promise<unknown>;
  #markDiscovered: () => void = () => {};

  readonly #knowledge: Knowledge;

  constructor(context: ControllerContext) {
    this.#context = context;
    this.#log = context.log.child({ controller: 'garbage-collector' });
    this.#discovery = new Discovery(context.client);
    this.#queue = new WorkQueue({ clock: context.clock });
    this.#ready = new Promise<void>((resolve) => {
      this.#markDiscovered = resolve;
    });
    this.#knowledge = {
      graph: this.#graph,
      isAbsent: (uid) => this.#absent.has(uid),
      resourceOf: (owner) => this.#byKind.get(kindOf(owner)),
    };
  }

  start(): void {
    this.#rediscoverAfter(0);
    for (let i = 0; i < workers; i++) this.#working.push(this.#work());
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#markDiscovered();
    this.#cancelDiscovery?.();
    for (const { abort } of this.#monitors.values()) abort.abort();
    await this.#queue.stop();
    await Promise.all(this.#working);
  }

  /** Several changes at once make one discovery. */
  #rediscoverAfter(delayMs: number): void {
    if (this.#stopping.signal.aborted || this.#cancelDiscovery) return;
    this.#cancelDiscovery = this.#context.clock.after(delayMs, () => {
      this.#cancelDiscovery = undefined;
      void this.#rediscover();
    });
  }

  async #rediscover(): Promise<void> {
    try {
      const { resources, failures } = await this.#discovery.discover();
      if (this.#stopping.signal.aborted) return;
      const failed = new Set(failures.map((f) => f.groupVersion));
      const wanted = new Map<string, ResourceDefinition>();
      this.#byKind.clear();
      for (const definition of resources) {
        this.#byKind.set(kindOf({ apiVersion: apiVersionOf(definition), kind: definition.kind }), definition);
        if (can(definition, 'list', 'watch', 'delete') && !ignored.has(qualifiedName(definition)))
          wanted.set(qualifiedName(definition), definition);
      }
      for (const [id, monitor] of this.#monitors) {
        if (failed.has(apiVersionOf(monitor.definition)))
          this.#byKind.set(
            kindOf({ apiVersion: apiVersionOf(monitor.definition), kind: monitor.definition.kind }),
            monitor.definition,
          );
        else if (wanted.get(id) !== monitor.definition) this.#endMonitor(id, monitor);
      }
      for (const [id, definition] of wanted)
        if (!this.#monitors.has(id)) this.#monitors.set(id, this.#monitor(definition));
      const synced = Promise.all([...this.#monitors.values()].map((monitor) => monitor.synced));
      // A resource that cannot be listed must not keep the others' garbage.
      this.#ready = Promise.race([synced, pause(this.#context.clock, syncLimitMs, this.#stopping.signal)]);
      this.#markDiscovered();
      if (failures.length > 0) {
        this.#log.warn('some API groups cannot be discovered; their objects are left alone', {
          groups: [...failed],
          error: failures[0]?.error,
        });
        this.#rediscoverAfter(discoveryRetryMs);
      }
    } catch (error) {
      this.#log.warn('cannot discover resources, will try again', { error });
      this.#rediscoverAfter(discoveryRetryMs);
    }
  }

  #monitor(definition: ResourceDefinition): Monitor {
    const abort = new AbortController();
    const uids = new Set<string>();
    let markSynced: () => void = () => {};
    const synced = new Promise<void>((resolve) => {
      markSynced = resolve;
    });
    abort.signal.addEventListener('abort', markSynced);
    const look = (list: readonly string[]): void => {
      for (const uid of list) this.#queue.add(uid);
    };
    const changed = announcers.has(qualifiedName(definition)) ? () => this.#rediscoverAfter(settleMs) : () => {};
    const gone = (uid: string): void => {
      changed();
      uids.delete(uid);
      this.#remember(this.#absent, uid);
      look(this.#graph.remove(uid));
    };
    const sink: ReflectorSink<KubeObject> = {
      replace: (objects) => {
        const present = new Set(objects.map((object) => object.metadata?.uid ?? ''));
        for (const uid of [...uids]) if (!present.has(uid)) gone(uid);
        for (const object of objects) sink.upsert(object);
        markSynced();
      },
      upsert: (object) => {
        const owned = ownedFrom(definition, object);
        if (owned.uid === '') return;
        changed();
        uids.add(owned.uid);
        look(this.#graph.set(owned));
      },
      remove: (object) => gone(object.metadata?.uid ?? ''),
    };
    void runReflector<KubeObject>({
      name: qualifiedName(definition),
      source: this.#context.client(definition),
      sink,
      clock: this.#context.clock,
      log: this.#log,
      signal: abort.signal,
      transform: onlyMetadata,
    });
    return { definition, abort, synced, uids };
  }

  /** Its objects are no longer known; that does not make them absent. */
  #endMonitor(id: string, monitor: Monitor): void {
    monitor.abort.abort();
    this.#monitors.delete(id);
    for (const uid of monitor.uids) this.#graph.remove(uid);
  }

  async #untilReady(): Promise<void> {
    for (let ready: unknown; ready !== this.#ready; ) {
      ready = this.#ready;
      await ready;
    }
  }

  async #work(): Promise<void> {
    for (let uid = await this.#queue.take(); uid !== undefined; uid = await this.#queue.take()) {
      try {
        await this.#untilReady();
        if (this.#stopping.signal.aborted) return;
        await this.#collect(uid);
        this.#queue.forget(uid);
      } catch (error) {
        const object = this.#graph.get(uid);
        const fields = {
          resource: object && qualifiedName(object.resource),
          namespace: object?.namespace,
          name: object?.name,
          error,
        };
        if (isConflict(error)) this.#log.debug('object changed meanwhile, will look again', fields);
        else this.#log.error('cannot collect, will try again', fields);
        this.#queue.addRateLimited(uid);
      } finally {
        this.#queue.done(uid);
      }
    }
  }

  async #collect(uid: string): Promise<void> {
    let steps = planCollection(uid, this.#knowledge);
    // Each round answers what the former asked; an object has few owners.
    while (steps[0]?.do === 'verify') {
      for (const step of steps) await this.#act(step);
      steps = planCollection(uid, this.#knowledge);
      const unknown = steps.find((step) => step.do === 'verify');
      if (unknown?.do === 'verify') {
        // The server has the owner: our watch will tell soon, or there is none for its resource.
        const watched = this.#monitors.has(qualifiedName(unknown.resource));
        this.#queue.addAfter(uid, watched ? watchLagMs : unwatchedCheckMs);
        return;
      }
    }
    for (const step of steps) await this.#act(step);
  }

  async #act(step: Step): Promise<void> {
    switch (step.do) {
      case 'look':
        this.#queue.add(step.uid);
        return;
      case 'verify':
        return this.#verify(step.object, step.owner, step.resource);
      case 'report':
        this.#report(step.object, step.owner);
        return;
      case 'delete': {
        const { object, propagation } = step;
        this.#log.info('deleting: its owners are gone', {
          resource: qualifiedName(object.resource),
          namespace: object.namespace,
          name: object.name,
          propagation,
        });
        return this.#unlessGone(async () => {
          await this.#context.client(object.resource).delete(object, {
            uid: object.uid,
            // The version too: an owner may have been added since.
            resourceVersion: object.resourceVersion,
            propagationPolicy: propagation,
          });
          // Until the watch tells: not to be deleted twice. Nobody need look, the watch brings that too.
          if (this.#graph.get(object.uid) === object) this.#graph.set({ ...object, deleting: true });
        });
      }
      case 'disown': {
        const { object } = step;
        return this.#patch(object, {
          ownerReferences: object.owners.filter((owner) => !step.owners.includes(owner.uid)),
        });
      }
      case 'unblock': {
        const { object } = step;
        return this.#patch(object, {
          ownerReferences: object.owners.map((owner) => ({ ...owner, blockOwnerDeletion: false })),
        });
      }
      case 'finalize': {
        const { object, finalizer } = step;
        return this.#patch(object, { finalizers: object.finalizers.filter((f) => f !== finalizer) });
      }
    }
  }

  /** With uid and version in it the patch is refused as a conflict when the object is not the one that was judged. */
  #patch(object: Owned, metadata: Record<string, unknown>): Promise<void> {
    const patch = { metadata: { uid: object.uid, resourceVersion: object.resourceVersion, ...metadata } };
    return this.#unlessGone(async () => {
      const next = await this.#context.client(object.resource).patch(object, 'merge', patch);
      // The graph learns at once what the watch will tell soon, so that the next step does not act on the old version.
      if (this.#graph.get(object.uid)?.resourceVersion !== object.resourceVersion) return;
      const gone = next.metadata?.deletionTimestamp !== undefined && !next.metadata.finalizers?.length;
      if (!gone && next.metadata?.uid === object.uid)
        for (const uid of this.#graph.set(ownedFrom(object.resource, onlyMetadata(next)))) this.#queue.add(uid);
    });
  }

  async #verify(object: Owned, owner: OwnerReference, resource: ResourceDefinition): Promise<void> {
    const key = resource.namespaced ? { namespace: object.namespace, name: owner.name } : { name: owner.name };
    const found = await this.#context.client(resource).find(key);
    if (found?.metadata?.uid !== owner.uid) this.#remember(this.#absent, owner.uid);
  }

  #report(object: Owned, owner: OwnerReference): void {
    const id = `${object.uid}/${owner.uid}`;
    if (this.#reported.has(id)) return;
    this.#remember(this.#reported, id);
    const about: KubeObject = {
      apiVersion: apiVersionOf(object.resource),
      kind: object.resource.kind,
      metadata: { name: object.name, uid: object.uid, ...(object.namespace && { namespace: object.namespace }) },
    };
    const where =
      object.namespace === ''
        ? 'a cluster-scoped object cannot be owned by a namespaced one'
        : `does not exist in namespace ${JSON.stringify(object.namespace)}`;
    this.#context
      .events('garbage-collector-controller')
      .warning(
        about,
        'OwnerRefInvalidNamespace',
        `ownerRef [${owner.apiVersion}/${owner.kind}, name: ${owner.name}, uid: ${owner.uid}] ${where}`,
      );
  }

  async #unlessGone(act: () => Promise<unknown>): Promise<void> {
    try {
      await act();
    } catch (error) {
      if (!isStatusError(error, 'NotFound')) throw error;
    }
  }

  #remember(set: Set<string>, id: string): void {
    if (set.size >= remembered)
      for (const oldest of set) {
        set.delete(oldest);
        break;
      }
    set.add(id);
  }
}

const kindOf = (reference: { apiVersion: string; kind: string }): string => {
  const slash = reference.apiVersion.indexOf('/');
  return `${slash < 0 ? '' : reference.apiVersion.slice(0, slash)}/${reference.kind}`;
};

function onlyMetadata(object: KubeObject): KubeObject {
  const { name, namespace, uid, resourceVersion, ownerReferences, finalizers, deletionTimestamp } =
    object.metadata ?? {};
  return {
    metadata: {
      ...(name && { name }),
      ...(namespace && { namespace }),
      ...(uid && { uid }),
      ...(resourceVersion && { resourceVersion }),
      ...(ownerReferences?.length && { ownerReferences }),
      ...(finalizers?.length && { finalizers }),
      ...(deletionTimestamp && { deletionTimestamp }),
    },
  };
}
