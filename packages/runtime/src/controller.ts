import type { KubeObject, ResourceDefinition } from '@virtplane/resources';
import type { Client, ObjectKey } from './client.ts';
import type { Clock } from './clock.ts';
import type { Logger } from './log.ts';

/** Read-only view of an informer's cache. Objects are shared: never change them. */
export interface Lister<T extends KubeObject> {
  get(key: ObjectKey): T | undefined;
  list(namespace?: string): readonly T[];
  /** Objects whose index function returned `value`. Built-in indexes: `owner` (controller owner's uid), `namespace`,
   * `nodeName` (`spec.nodeName`, of Pods). */
  by(index: string, value: string): readonly T[];
}

export type IndexFunction<T extends KubeObject> = (object: T) => readonly string[];

export interface InformerHandler<T extends KubeObject> {
  onAdd?(object: T): void;
  onUpdate?(object: T, old: T): void;
  onDelete?(object: T): void;
}

/** A shared informer: one list and one watch per resource, whoever asks. */
export interface Informer<T extends KubeObject> extends Lister<T> {
  addIndex(name: string, index: IndexFunction<T>): void;
  /** The handler gets `onAdd` for everything that is already there. Returns: remove it. */
  addHandler(handler: InformerHandler<T>): () => void;
  /** Resolves when the first list has been taken in. */
  synced(): Promise<void>;
}

export interface InformerOptions {
  /** Server-side narrowing: an informer with a selector is another informer. */
  readonly fieldSelector?: string;
  readonly labelSelector?: string;
  readonly namespace?: string;
}

export interface InformerFactory {
  <T extends KubeObject>(definition: ResourceDefinition<T>, options?: InformerOptions): Informer<T>;
  stop(): void;
}

export interface EventRecorder {
  normal(about: KubeObject, reason: string, message: string): void;
  warning(about: KubeObject, reason: string, message: string): void;
}

/** What is handed to every controller. */
export interface ControllerContext {
  readonly client: Client;
  readonly informers: InformerFactory;
  /** Events whose source component is the given name (`virt-controller`, `virt-handler`, `default-scheduler`). */
  events(component: string): EventRecorder;
  readonly clock: Clock;
  readonly log: Logger;
}

/** `undefined`: done. `afterMs`: look again then, whatever happens before. Errors thrown are retried with back-off. */
export type ReconcileResult = undefined | { readonly afterMs: number };

/**
 * A level-triggered controller: `reconcile` reads the world, compares, acts, and may be called again at any time. Never two
 * calls for one key at once.
 */
export interface Controller {
  readonly name: string;
  /** Objects of this resource are enqueued under their own key. */
  readonly for: ResourceDefinition;
  /** Objects of these are enqueued under the key of their controller owner of kind `for`. */
  readonly owns?: readonly ResourceDefinition[];
  /** Others: each maps an object to the keys it concerns. */
  readonly watches?: readonly ControllerWatch[];
  /** How many keys at once; default 4. */
  readonly concurrency?: number;
  reconcile(key: ObjectKey): Promise<ReconcileResult>;
}

export interface ControllerWatch {
  readonly resource: ResourceDefinition;
  /** Narrows what is watched: `{ namespace: 'kube-node-lease' }`. */
  readonly options?: InformerOptions;
  map(object: KubeObject): readonly ObjectKey[];
}
