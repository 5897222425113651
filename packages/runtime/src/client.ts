import type { KubeList, KubeObject, ResourceDefinition } from '@virtplane/resources';
import type { PatchType, WatchEvent } from './transport.ts';

export interface ListOptions {
  /** Absent: all namespaces. */
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  readonly limit?: number;
  readonly continue?: string;
  readonly resourceVersion?: string;
  readonly resourceVersionMatch?: 'Exact' | 'NotOlderThan';
  readonly signal?: AbortSignal;
}

export interface WatchOptions {
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  readonly resourceVersion?: string;
  readonly allowWatchBookmarks?: boolean;
  readonly timeoutSeconds?: number;
  readonly sendInitialEvents?: boolean;
  readonly signal?: AbortSignal;
}

export interface WriteOptions {
  readonly dryRun?: boolean;
  readonly fieldManager?: string;
}

export interface DeleteOptions {
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly gracePeriodSeconds?: number;
  readonly propagationPolicy?: 'Background' | 'Foreground' | 'Orphan';
  readonly dryRun?: boolean;
}

export interface ObjectKey {
  /** Absent or empty for cluster-scoped objects. */
  readonly namespace?: string;
  readonly name: string;
}

/** Verbs on one resource. Every refusal rejects with StatusError. Objects returned must not be changed: copy first. */
export interface ResourceClient<T extends KubeObject> {
  get(key: ObjectKey): Promise<T>;
  /** `undefined` instead of a NotFound refusal. */
  find(key: ObjectKey): Promise<T | undefined>;
  list(options?: ListOptions): Promise<KubeList<T>>;
  watch(options?: WatchOptions): AsyncIterable<WatchEvent<T>>;
  create(object: T, options?: WriteOptions): Promise<T>;
  update(object: T, options?: WriteOptions): Promise<T>;
  updateStatus(object: T, options?: WriteOptions): Promise<T>;
  patch(
    key: ObjectKey,
    type: PatchType,
    patch: unknown,
    options?: WriteOptions & { readonly subresource?: string; readonly force?: boolean },
  ): Promise<T>;
  delete(key: ObjectKey, options?: DeleteOptions): Promise<void>;
  deleteCollection(options: ListOptions & DeleteOptions): Promise<void>;
  /** POST or PUT of another kind on a subresource: `binding`, `eviction`, `token`, `scale`. */
  subresource(key: ObjectKey, name: string, method: 'GET' | 'POST' | 'PUT', body?: unknown): Promise<unknown>;
}

export interface Client {
  <T extends KubeObject>(definition: ResourceDefinition<T>): ResourceClient<T>;
  /** Anything the typed verbs do not cover: discovery, `/readyz`, subresources.kubevirt.io. */
  raw(method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE', path: string, body?: unknown): Promise<unknown>;
}
