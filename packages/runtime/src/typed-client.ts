import type { KubeList, KubeObject, ResourceDefinition } from '@virtplane/resources';
import { apiVersionOf, isStatusError, qualifiedName } from '@virtplane/resources';
import type { Client, DeleteOptions, ListOptions, ResourceClient, WatchOptions, WriteOptions } from './client.ts';
import { keyOf } from './object-key.ts';
import { collectionPath, objectPath } from './resource-path.ts';
import type { Transport, WatchEvent } from './transport.ts';
import { patchContentType } from './transport.ts';

type Query = Record<string, string>;

function listQuery(options: ListOptions): Query {
  const query: Query = {};
  if (options.labelSelector) query.labelSelector = options.labelSelector;
  if (options.fieldSelector) query.fieldSelector = options.fieldSelector;
  if (options.limit) query.limit = String(options.limit);
  if (options.continue) query.continue = options.continue;
  if (options.resourceVersion !== undefined) query.resourceVersion = options.resourceVersion;
  if (options.resourceVersionMatch) query.resourceVersionMatch = options.resourceVersionMatch;
  return query;
}

function watchQuery(options: WatchOptions): Query {
  const query: Query = { watch: 'true' };
  if (options.labelSelector) query.labelSelector = options.labelSelector;
  if (options.fieldSelector) query.fieldSelector = options.fieldSelector;
  if (options.resourceVersion !== undefined) query.resourceVersion = options.resourceVersion;
  if (options.allowWatchBookmarks) query.allowWatchBookmarks = 'true';
  if (options.timeoutSeconds !== undefined) query.timeoutSeconds = String(options.timeoutSeconds);
  if (options.sendInitialEvents) {
    query.sendInitialEvents = 'true';
    query.resourceVersionMatch = 'NotOlderThan';
  }
  return query;
}

function writeQuery(options: WriteOptions & { readonly force?: boolean }): Query {
  const query: Query = {};
  if (options.dryRun) query.dryRun = 'All';
  if (options.fieldManager) query.fieldManager = options.fieldManager;
  if (options.force) query.force = 'true';
  return query;
}

function deleteBody(options: DeleteOptions): unknown {
  const preconditions = {
    ...(options.uid !== undefined && { uid: options.uid }),
    ...(options.resourceVersion !== undefined && { resourceVersion: options.resourceVersion }),
  };
  return {
    kind: 'DeleteOptions',
    apiVersion: 'v1',
    ...(options.gracePeriodSeconds !== undefined && { gracePeriodSeconds: options.gracePeriodSeconds }),
    ...(options.propagationPolicy && { propagationPolicy: options.propagationPolicy }),
    ...(Object.keys(preconditions).length > 0 && { preconditions }),
    ...(options.dryRun && { dryRun: ['All'] }),
  };
}

function resourceClient<T extends KubeObject>(
  transport: Transport,
  definition: ResourceDefinition<T>,
): ResourceClient<T> {
  const apiVersion = apiVersionOf(definition);
  const { kind } = definition;

  const write = async (method: 'POST' | 'PUT', path: string, object: T, options: WriteOptions): Promise<T> => {
    const body = object.apiVersion && object.kind ? object : { ...object, apiVersion, kind };
    return (await transport.request({ method, path, query: writeQuery(options), body })) as T;
  };

  const get: ResourceClient<T>['get'] = async (key) =>
    (await transport.request({ method: 'GET', path: objectPath(definition, key) })) as T;

  return {
    get,
    async find(key) {
      try {
        return await get(key);
      } catch (error) {
        if (isStatusError(error, 'NotFound')) return undefined;
        throw error;
      }
    },
    async list(options = {}) {
      const list = (await transport.request({
        method: 'GET',
        path: collectionPath(definition, options.namespace),
        query: listQuery(options),
        ...(options.signal && { signal: options.signal }),
      })) as KubeList<T>;
      // Servers leave apiVersion and kind out of the items of a typed list.
      const bare = (list.items ?? []).some((item) => item.kind === undefined);
      if (!bare && list.items) return list;
      return {
        ...list,
        items: (list.items ?? []).map((item) => (item.kind === undefined ? { apiVersion, kind, ...item } : item)),
      };
    },
    watch(options = {}) {
      return transport.watch({
        method: 'GET',
        path: collectionPath(definition, options.namespace),
        query: watchQuery(options),
        ...(options.signal && { signal: options.signal }),
      }) as AsyncIterable<WatchEvent<T>>;
    },
    async create(object, options = {}) {
      const namespace = object.metadata?.namespace;
      if (definition.namespaced && !namespace)
        throw new Error(
          `${qualifiedName(definition)} "${object.metadata?.name}": metadata.namespace is needed to create it`,
        );
      return write('POST', collectionPath(definition, namespace), object, options);
    },
    async update(object, options = {}) {
      return write('PUT', objectPath(definition, keyOf(object)), object, options);
    },
    async updateStatus(object, options = {}) {
      return write('PUT', objectPath(definition, keyOf(object), 'status'), object, options);
    },
    async patch(key, type, patch, options = {}) {
      return (await transport.request({
        method: 'PATCH',
        path: objectPath(definition, key, options.subresource),
        query: writeQuery(options),
        contentType: patchContentType[type],
        body: patch,
      })) as T;
    },
    async delete(key, options = {}) {
      await transport.request({ method: 'DELETE', path: objectPath(definition, key), body: deleteBody(options) });
    },
    async deleteCollection(options) {
      await transport.request({
        method: 'DELETE',
        path: collectionPath(definition, options.namespace),
        query: listQuery({ ...options, resourceVersion: undefined } as ListOptions),
        body: deleteBody(options),
        ...(options.signal && { signal: options.signal }),
      });
    },
    async subresource(key, name, method, body) {
      return transport.request({
        method,
        path: objectPath(definition, key, name),
        ...(body !== undefined && { body }),
      });
    },
  };
}

/** The typed verbs over any transport. Costs nothing per resource until it is asked for; then one small object. */
export function createClient(transport: Transport): Client {
  const made = new Map<ResourceDefinition, ResourceClient<KubeObject>>();
  const client = <T extends KubeObject>(definition: ResourceDefinition<T>): ResourceClient<T> => {
    let found = made.get(definition);
    if (!found) {
      found = resourceClient<KubeObject>(transport, definition);
      made.set(definition, found);
    }
    return found as ResourceClient<KubeObject> as ResourceClient<T>;
  };
  return Object.assign(client, {
    raw: (method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE', path: string, body?: unknown) => {
      const mark = path.indexOf('?');
      return transport.request({
        method,
        path: mark < 0 ? path : path.slice(0, mark),
        ...(mark >= 0 && { query: Object.fromEntries(new URLSearchParams(path.slice(mark + 1))) }),
        ...(body !== undefined && { body }),
      });
    },
  });
}
