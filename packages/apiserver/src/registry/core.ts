import type { KubeObject } from '@virtplane/resources';
import type { AdmissionPlugin, Clock, Logger, Transport, UserInfo } from '@virtplane/runtime';
import { builtInAdmission } from '../admission/built-in.ts';
import { AdmissionChain } from '../admission/chain.ts';
import type { AdmissionSources } from '../admission/sources.ts';
import { keyOf } from '../cache/item.ts';
import type { ObjectSource } from '../cache/object-source.ts';
import type { ApiHandler } from '../http/request.ts';
import type { Store } from '../store/store.ts';
import type { AlsoAllowed, Registry, TokenIssuer } from './context.ts';
import { EventExpiry } from './event-expiry.ts';
import { operationOf, run } from './handler.ts';
import { localTransport } from './local-transport.ts';
import type { PodLogReader } from './pod-log-reader.ts';
import { render } from './render.ts';
import type { ResourceTable, ServedResource } from './served-resource.ts';
import { RegistryTable } from './table.ts';
import { WatchHub } from './watch-hub.ts';
import { WriteQueue } from './write-queue.ts';

export interface CoreOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Logger;
  /** In the order in which they are asked; the built-in links come before them. */
  readonly admission?: readonly AdmissionPlugin[];
  /** Served from the start. */
  readonly builtIn: readonly ServedResource[];
  /** The disk did not confirm a write: what is stored is unknown, the process must end. */
  readonly onFatal: (error: Error) => void;
  readonly issueToken?: TokenIssuer;
  readonly alsoAllowed?: AlsoAllowed;
  /** Without it `pods/log` is refused. */
  readonly podLog?: PodLogReader;
}

export interface Core {
  readonly handler: ApiHandler;
  readonly table: ResourceTable;
  /** Committed objects of a served resource. Throws where it is not served. */
  source<T extends KubeObject = KubeObject>(group: string, plural: string): ObjectSource<T>;
  /** The API for parts of this process, as this user, who is authorized already. */
  transportFor(user: UserInfo): Transport;
  /** Resolves when everything stored is loaded. */
  ready(): Promise<void>;
  close(): Promise<void>;
}

const EVENTS = [
  ['', 'events'],
  ['events.k8s.io', 'events'],
] as const;
const HOUSEKEEPING_MS = 10_000;

export function createCore(options: CoreOptions): Core {
  const { store, clock, log } = options;
  const queue = new WriteQueue(store, clock, log, options.onFatal);
  const table = new RegistryTable(() => queue.published);
  for (const served of options.builtIn) table.install(served);
  const hub = new WatchHub(clock);
  const sources: AdmissionSources = {
    get: (group, plural, namespace, name) => table.state(group, plural)?.latest(keyOf(namespace, name))?.object,
    list: (group, plural, namespace) => table.state(group, plural)?.collection.source().list(namespace) ?? [],
    isServed: (group, plural) => table.state(group, plural) !== undefined,
  };
  const admission = new AdmissionChain([...builtInAdmission(sources), ...(options.admission ?? [])]);
  const registry: Registry = {
    table,
    queue,
    admission,
    clock,
    log,
    issueToken: options.issueToken,
    alsoAllowed: options.alsoAllowed,
    podLog: options.podLog,
  };
  const expiries: EventExpiry[] = [];
  const loaded = table.load(store).then(() => {
    for (const [group, plural] of EVENTS) {
      const state = table.state(group, plural);
      if (state !== undefined) expiries.push(new EventExpiry(state, queue, clock, log));
    }
  });
  let closed = false;
  let cancel = (): void => {};
  const housekeeping = (): void => {
    const now = clock.now();
    for (const state of table.states()) state.collection.sweep(now);
    if (!closed) cancel = clock.after(HOUSEKEEPING_MS, housekeeping);
  };
  housekeeping();

  return {
    table,
    async handler(request) {
      await loaded;
      const operation = operationOf(registry, request);
      return render(operation, await run(operation), hub);
    },
    source<T extends KubeObject>(group: string, plural: string) {
      const state = table.state(group, plural);
      if (state === undefined) throw new Error(`no resource ${plural} in group ${JSON.stringify(group)} is served`);
      return state.collection.source<T>();
    },
    transportFor: (user) => localTransport(registry, hub, loaded, user),
    ready: () => loaded,
    async close() {
      closed = true;
      cancel();
      for (const expiry of expiries) expiry.close();
      hub.close();
      await queue.settled();
      await store.close();
    },
  };
}
