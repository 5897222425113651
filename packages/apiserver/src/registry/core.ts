import type { KubeObject } from '@virtplane/resources';
import type { AdmissionPlugin, Clock, Logger } from '@virtplane/runtime';
import { AdmissionChain } from '../admission/chain.ts';
import type { ObjectSource } from '../cache/object-source.ts';
import type { ApiHandler } from '../http/request.ts';
import type { Store } from '../store/store.ts';
import type { AlsoAllowed, Registry, TokenIssuer } from './context.ts';
import { operationOf, run } from './handler.ts';
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
}

export interface Core {
  readonly handler: ApiHandler;
  readonly table: ResourceTable;
  /** Committed objects of a served resource. Throws where it is not served. */
  source<T extends KubeObject = KubeObject>(group: string, plural: string): ObjectSource<T>;
  /** Resolves when everything stored is loaded. */
  ready(): Promise<void>;
  close(): Promise<void>;
}

const HOUSEKEEPING_MS = 10_000;

export function createCore(options: CoreOptions): Core {
  const { store, clock, log } = options;
  const queue = new WriteQueue(store, clock, log, options.onFatal);
  const table = new RegistryTable(() => queue.published);
  for (const served of options.builtIn) table.install(served);
  const hub = new WatchHub(clock);
  const admission = new AdmissionChain(options.admission ?? []);
  const registry: Registry = {
    table,
    queue,
    admission,
    clock,
    log,
    issueToken: options.issueToken,
    alsoAllowed: options.alsoAllowed,
  };
  const loaded = table.load(store);
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
    ready: () => loaded,
    async close() {
      closed = true;
      cancel();
      hub.close();
      await queue.settled();
      await store.close();
    },
  };
}
