import type { KubeObject, ObjectMeta, ResourceDefinition } from '@virtplane/resources';
import { apiVersionOf } from '@virtplane/resources';
import type { Clock } from '../clock.ts';
import { refusal } from '../refusals.ts';
import type { Transport, TransportRequest, WatchEvent } from '../transport.ts';
import { type ApiPath, parsePath, pluralOf } from './api-path.ts';
import { discoveryAnswer } from './in-memory-discovery.ts';
import type { Change, Resource, Stored } from './in-memory-resource.ts';
import { follow, matcher } from './in-memory-watch.ts';
import { isOperations, jsonPatch, mergePatch } from './patches.ts';

const freeze = <T>(value: T): T => {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const part of Object.values(value)) freeze(part);
  }
  return value;
};
const copy = (object: unknown): Stored => structuredClone(object) as Stored;
const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);
const record = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};

/**
 * A Kubernetes API in memory for unit tests of controllers: create, get, list (paged), watch, update, patch, delete with
 * resource versions, conflicts, generated names, finalizers and deletion timestamps, the status subresource, bindings,
 * evictions, namespace finalization and discovery. No admission, validation or defaulting. Strategic merge and apply patches
 * act as merge patches. A resource has a status subresource unless its definition says otherwise. Objects handed out are frozen.
 */
export class InMemoryApi implements Transport {
  /** Every request in order: `PATCH /api/v1/namespaces/x/pods/y`. */
  readonly requests: string[] = [];
  /** Called before each request (watches too); throw to fail it. */
  intercept?: (request: TransportRequest) => void | Promise<void>;
  readonly #clock: Clock;
  readonly #resources = new Map<string, Resource>();
  #revision = 0;
  #uids = 0;
  #oldestRevision = 0;

  constructor(clock: Clock, definitions: readonly ResourceDefinition[] = []) {
    this.#clock = clock;
    for (const definition of definitions) this.define(definition);
  }

  get revision(): number {
    return this.#revision;
  }

  define(definition: ResourceDefinition): void {
    const resource = this.#resource(definition.group, definition.version, definition.plural);
    resource.definition = definition;
    resource.kind = definition.kind;
    resource.namespaced = definition.namespaced;
  }

  /** Creates or replaces an object as it is, status and uid included: how a test lays out its world. */
  put<T extends KubeObject>(object: T): T {
    const [group, version] = this.#groupVersion(object.apiVersion);
    const plural = this.#pluralFor(group, object.kind ?? '');
    const resource = this.#resource(group, version, plural);
    const old = resource.items.get(keyOf(object.metadata));
    const stored = copy(object);
    this.#complete(stored, old, resource);
    this.#commit(resource, old ? 'MODIFIED' : 'ADDED', stored, old);
    return resource.items.get(keyOf(stored.metadata)) as KubeObject as T;
  }

  objects<T extends KubeObject>(definition: ResourceDefinition<T>): T[] {
    const resource = this.#resources.get(`${definition.group}/${definition.plural}`);
    return resource ? ([...resource.items.values()] as KubeObject[] as T[]) : [];
  }

  /** Ends every open watch, as a server does when it restarts. */
  endWatches(): void {
    for (const resource of this.#resources.values()) for (const watcher of [...resource.watchers]) watcher.end();
  }

  /** Forgets history up to now: watches and continue tokens from earlier revisions are answered 410 Expired. */
  compact(): void {
    this.#oldestRevision = this.#revision;
    for (const resource of this.#resources.values()) resource.history = [];
  }

  close(): void {
    this.endWatches();
  }

  async request(request: TransportRequest): Promise<unknown> {
    this.requests.push(`${request.method} ${request.path}`);
    await this.intercept?.(request);
    request.signal?.throwIfAborted();
    const discovery =
      request.method === 'GET' ? discoveryAnswer(request.path, [...this.#resources.values()]) : undefined;
    if (discovery) return discovery;
    const path = parsePath(request.path);
    const resource = this.#resource(path.group, path.version, path.plural);
    switch (request.method) {
      case 'GET':
        return path.name === undefined ? this.#list(resource, path, request) : this.#get(resource, path);
      case 'POST':
        return path.subresource === undefined
          ? this.#create(resource, path, request)
          : this.#post(resource, path, request);
      case 'PUT':
        return this.#replace(resource, path, this.#get(resource, path), copy(request.body), request);
      case 'PATCH':
        return this.#patch(resource, path, request);
      case 'DELETE':
        return path.name === undefined
          ? this.#deleteCollection(resource, path, request)
          : this.#delete(resource, this.#get(resource, path), record(request.body), request);
    }
  }

  async *watch(request: TransportRequest): AsyncIterable<WatchEvent> {
    this.requests.push(`WATCH ${request.path}`);
    await this.intercept?.(request);
    if (request.signal?.aborted) return;
    const path = parsePath(request.path);
    const resource = this.#resource(path.group, path.version, path.plural);
    const matches = matcher(path, request);
    yield* follow(resource, matches, {
      from: request.query?.resourceVersion ?? '',
      oldest: this.#oldestRevision,
      signal: request.signal,
    });
  }

  #resource(group: string, version: string, plural: string): Resource {
    const id = `${group}/${plural}`;
    let resource = this.#resources.get(id);
    if (!resource) {
      resource = {
        group,
        version,
        plural,
        kind: '',
        namespaced: true,
        items: new Map(),
        history: [],
        watchers: new Set(),
      };
      this.#resources.set(id, resource);
    }
    return resource;
  }

  #groupVersion(apiVersion: string | undefined): [string, string] {
    if (apiVersion === undefined) throw new Error('the object has no apiVersion');
    const at = apiVersion.indexOf('/');
    return at < 0 ? ['', apiVersion] : [apiVersion.slice(0, at), apiVersion.slice(at + 1)];
  }

  #pluralFor(group: string, kind: string): string {
    for (const resource of this.#resources.values())
      if (resource.group === group && resource.kind === kind) return resource.plural;
    return pluralOf(kind);
  }

  #complete(object: Stored, old: Stored | undefined, resource: Resource): void {
    const meta = object.metadata;
    meta.uid ??= old?.metadata.uid ?? `00000000-0000-4000-8000-${String(++this.#uids).padStart(12, '0')}`;
    meta.creationTimestamp ??= old?.metadata.creationTimestamp ?? this.#time();
    meta.generation ??= old?.metadata.generation ?? 1;
    if (resource.kind === '' && object.kind) resource.kind = object.kind;
    if (!resource.definition) resource.namespaced = (meta.namespace ?? '') !== '';
  }

  #time(): string {
    return `${new Date(this.#clock.now()).toISOString().slice(0, 19)}Z`;
  }

  #commit(resource: Resource, type: Change['type'], object: Stored, old?: Stored): Stored {
    const revision = ++this.#revision;
    object.metadata.resourceVersion = String(revision);
    freeze(object);
    const key = keyOf(object.metadata);
    if (type === 'DELETED') resource.items.delete(key);
    else resource.items.set(key, object);
    const change: Change = { revision, type, object, ...(old && { old }) };
    resource.history.push(change);
    for (const watcher of resource.watchers) watcher.push(change);
    return object;
  }

  #get(resource: Resource, path: ApiPath): Stored {
    const found = resource.items.get(path.namespace === undefined ? `${path.name}` : `${path.namespace}/${path.name}`);
    if (found) return found;
    const label = resource.group === '' ? resource.plural : `${resource.plural}.${resource.group}`;
    throw refusal(404, 'NotFound', `${label} "${path.name}" not found`, {
      name: path.name ?? '',
      group: resource.group,
      kind: resource.plural,
    });
  }

  #list(resource: Resource, path: ApiPath, request: TransportRequest): unknown {
    const matches = matcher(path, request);
    const query = request.query ?? {};
    const items = [...resource.items.values()].filter(matches);
    items.sort((a, b) => (keyOf(a.metadata) < keyOf(b.metadata) ? -1 : 1));
    const token = query.continue;
    let revision = this.#revision;
    let rest = items;
    if (token) {
      const [at = '0', start = ''] = token.split(' ');
      if (Number(at) < this.#oldestRevision)
        throw refusal(
          410,
          'Expired',
          'The provided continue parameter is too old to display a consistent list result.',
        );
      revision = Number(at);
      rest = items.filter((item) => keyOf(item.metadata) > start);
    }
    const limit = Number(query.limit ?? 0);
    const page = limit > 0 ? rest.slice(0, limit) : rest;
    const last = page.at(-1);
    const more = last && page.length < rest.length;
    return {
      apiVersion: resource.group === '' ? resource.version : `${resource.group}/${resource.version}`,
      kind: `${resource.kind}List`,
      metadata: { resourceVersion: String(revision), ...(more && { continue: `${revision} ${keyOf(last.metadata)}` }) },
      items: page,
    };
  }

  #create(resource: Resource, path: ApiPath, request: TransportRequest): Stored {
    const object = copy(request.body);
    const meta: ObjectMeta = { ...object.metadata };
    const stored: Stored = { ...object, metadata: meta };
    stored.apiVersion ??= apiVersionOf({ group: resource.group, version: resource.version });
    if (resource.kind !== '') stored.kind ??= resource.kind;
    if (path.namespace !== undefined) meta.namespace = path.namespace;
    if (!meta.name && meta.generateName)
      meta.name = `${meta.generateName}${(++this.#uids).toString(36).padStart(5, '0')}`;
    if (!meta.name) throw refusal(422, 'Invalid', 'metadata.name: Required value: name or generateName is required');
    const existing = resource.items.get(keyOf(meta));
    if (existing)
      throw refusal(409, 'AlreadyExists', `${resource.plural} "${meta.name}" already exists`, {
        name: meta.name,
        kind: resource.plural,
      });
    delete meta.resourceVersion;
    delete meta.deletionTimestamp;
    delete meta.uid;
    delete meta.creationTimestamp;
    if (resource.group === '' && resource.plural === 'namespaces') {
      stored.spec = { finalizers: ['kubernetes'], ...record(stored.spec) };
      stored.status = { phase: 'Active' };
    }
    this.#complete(stored, undefined, resource);
    if (request.query?.dryRun) return freeze(stored);
    return this.#commit(resource, 'ADDED', stored);
  }

  #replace(resource: Resource, path: ApiPath, old: Stored, next: Stored, request: TransportRequest): Stored {
    const wanted = next.metadata?.resourceVersion;
    if (wanted !== undefined && wanted !== '' && wanted !== old.metadata.resourceVersion)
      throw refusal(
        409,
        'Conflict',
        `Operation cannot be fulfilled on ${resource.plural} "${old.metadata.name}": the object has been modified; please apply your changes to the latest version and try again`,
      );
    const merged: Stored =
      path.subresource === 'status'
        ? { ...copy(old), status: next.status }
        : path.subresource === 'finalize'
          ? { ...copy(old), spec: next.spec }
          : { ...next, metadata: { ...next.metadata } };
    if (path.subresource === undefined) {
      if (hasStatusSubresource(resource)) {
        if (old.status === undefined) delete merged.status;
        else merged.status = old.status;
      }
      merged.apiVersion ??= old.apiVersion ?? '';
      merged.kind ??= old.kind ?? '';
    } else if (path.subresource !== 'status' && path.subresource !== 'finalize') {
      throw refusal(404, 'NotFound', 'the server could not find the requested resource');
    }
    const meta = merged.metadata;
    for (const field of ['name', 'namespace', 'uid', 'creationTimestamp', 'deletionTimestamp'] as const) {
      const value = old.metadata[field];
      if (value === undefined) delete meta[field];
      else meta[field] = value;
    }
    if (old.metadata.generation !== undefined) meta.generation = old.metadata.generation;
    if (old.metadata.resourceVersion !== undefined) meta.resourceVersion = old.metadata.resourceVersion;
    if (same(sorted(merged), sorted(old))) return old;
    if (!same(sorted(withoutMeta(merged)), sorted(withoutMeta(old))))
      meta.generation = (old.metadata.generation ?? 0) + 1;
    if (request.query?.dryRun) return freeze(merged);
    if (meta.deletionTimestamp !== undefined && !this.#held(resource, merged))
      return this.#commit(resource, 'DELETED', merged, old);
    return this.#commit(resource, 'MODIFIED', merged, old);
  }

  #held(resource: Resource, object: Stored): boolean {
    if ((object.metadata.finalizers ?? []).length > 0) return true;
    if (resource.group !== '') return false;
    if (resource.plural === 'namespaces') return ((record(object.spec).finalizers as string[]) ?? []).length > 0;
    return resource.plural === 'pods' && (object.metadata.deletionGracePeriodSeconds ?? 0) > 0;
  }

  #patch(resource: Resource, path: ApiPath, request: TransportRequest): Stored {
    const apply = request.contentType?.includes('apply') === true;
    const key = path.namespace === undefined ? `${path.name}` : `${path.namespace}/${path.name}`;
    if (apply && !resource.items.has(key)) return this.#create(resource, path, request);
    const old = this.#get(resource, path);
    let next: unknown;
    try {
      next = isOperations(request.body) ? jsonPatch(old, request.body) : mergePatch(copy(old), request.body);
    } catch (error) {
      throw refusal(422, 'Invalid', error instanceof Error ? error.message : String(error));
    }
    return this.#replace(resource, path, old, copy(next), request);
  }

  #post(resource: Resource, path: ApiPath, request: TransportRequest): unknown {
    const old = this.#get(resource, path);
    if (path.subresource === 'binding') {
      if (record(old.spec).nodeName)
        throw refusal(
          409,
          'Conflict',
          `Operation cannot be fulfilled on pods/binding "${path.name}": pod ${path.name} is already assigned to node`,
        );
      const next = copy(old);
      const target = record(record(request.body).target);
      next.spec = { ...record(next.spec), nodeName: target.name };
      next.status = mergePatch(next.status, {
        conditions: [{ type: 'PodScheduled', status: 'True', lastTransitionTime: this.#time() }],
      });
      this.#commit(resource, 'MODIFIED', next, old);
      return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 };
    }
    if (path.subresource === 'eviction') {
      this.#delete(resource, old, record(record(request.body).deleteOptions), request);
      return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 };
    }
    throw refusal(404, 'NotFound', 'the server could not find the requested resource');
  }

  #delete(resource: Resource, old: Stored, options: Record<string, unknown>, request: TransportRequest): Stored {
    const preconditions = record(options.preconditions);
    for (const field of ['uid', 'resourceVersion'] as const) {
      const wanted = preconditions[field];
      if (wanted !== undefined && wanted !== old.metadata[field])
        throw refusal(
          409,
          'Conflict',
          `Operation cannot be fulfilled on ${resource.plural} "${old.metadata.name}": Precondition failed: ${field}`,
        );
    }
    if (request.query?.dryRun || options.dryRun) return old;
    const next = copy(old);
    const meta = next.metadata;
    const policy = options.propagationPolicy;
    const finalizer = policy === 'Foreground' ? 'foregroundDeletion' : policy === 'Orphan' ? 'orphan' : undefined;
    if (finalizer && !meta.finalizers?.includes(finalizer)) meta.finalizers = [...(meta.finalizers ?? []), finalizer];
    const podGrace = this.#podGrace(resource, next);
    if (podGrace !== undefined) {
      const given = options.gracePeriodSeconds;
      meta.deletionGracePeriodSeconds = typeof given === 'number' ? given : podGrace;
    }
    if (!this.#held(resource, next)) return this.#commit(resource, 'DELETED', next, old);
    meta.deletionTimestamp ??= this.#time();
    if (resource.group === '' && resource.plural === 'namespaces')
      next.status = { ...record(next.status), phase: 'Terminating' };
    if (same(sorted(next), sorted(old))) return old;
    return this.#commit(resource, 'MODIFIED', next, old);
  }

  /** Only a Pod that runs on a node is given time to end: its node agent deletes it with grace 0. */
  #podGrace(resource: Resource, object: Stored): number | undefined {
    if (resource.group !== '' || resource.plural !== 'pods') return undefined;
    const spec = record(object.spec);
    const phase = record(object.status).phase;
    if (!spec.nodeName || phase === 'Succeeded' || phase === 'Failed') return 0;
    return typeof spec.terminationGracePeriodSeconds === 'number' ? spec.terminationGracePeriodSeconds : 30;
  }

  #deleteCollection(resource: Resource, path: ApiPath, request: TransportRequest): unknown {
    const matches = matcher(path, request);
    for (const object of [...resource.items.values()].filter(matches))
      this.#delete(resource, object, record(request.body), request);
    return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 200 };
  }
}

const hasStatusSubresource = (resource: Resource): boolean =>
  resource.definition?.subresources.some((s) => s.name === 'status') ?? true;

const keyOf = (meta: ObjectMeta | undefined): string =>
  meta?.namespace ? `${meta.namespace}/${meta.name}` : `${meta?.name}`;

const withoutMeta = (object: Stored): unknown => ({ ...object, metadata: undefined, status: undefined });

/** Key order plays no part in whether two objects are the same. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([, v]) => v !== undefined);
  entries.sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([k, v]) => [k, sorted(v)]));
}
