import { failure, methodNotAllowed, notFound, unknownResource } from '../errors.ts';
import type { ApiRequest } from '../http/request.ts';
import type { Operation, Registry } from './context.ts';
import { create } from './create.ts';
import { remove } from './delete.ts';
import { removeCollection } from './delete-collection.ts';
import { list } from './list.ts';
import type { Outcome } from './outcome.ts';
import { patch } from './patch.ts';
import { get, watch } from './read.ts';
import type { ResourceState } from './resource-state.ts';
import { runSubresource } from './subresources/run.ts';
import { update } from './update.ts';

/** What the request is about. Throws StatusError 404 where nothing is served. */
export function operationOf(registry: Registry, request: ApiRequest): Operation {
  const { info } = request;
  const state = registry.table.state(info.group, info.resource);
  if (state === undefined) throw unknownResource();
  const version = state.version(info.version);
  if (version === undefined) throw unknownResource();
  if (info.namespace !== '' && !state.definition.namespaced) throw unknownResource();
  // A list's name is only what its field selector asks for.
  const ofOne = !['list', 'watch', 'deletecollection'].includes(info.verb);
  if (ofOne && info.namespace === '' && info.name !== '' && state.definition.namespaced) throw unknownResource();
  if (version.deprecationWarning !== undefined) request.warn(version.deprecationWarning);
  return { registry, request, state, version: info.version };
}

function notSupported(state: ResourceState, action: string): Error {
  if (state.definition.builtIn) return methodNotAllowed();
  const { group, resource } = state.name;
  return failure(
    405,
    'MethodNotAllowed',
    `${action} is not supported on resources of kind ${JSON.stringify(state.qualified)}`,
    {
      ...(group !== '' && { group }),
      kind: resource,
    },
  );
}

/** Does what the request asks. Refusals are StatusErrors. */
export async function run(operation: Operation): Promise<Outcome> {
  const { request, state } = operation;
  const { info } = request;
  if (info.subresource !== '') {
    const declared = state.definition.subresources.find((s) => s.name === info.subresource);
    if (declared === undefined) throw state.definition.builtIn ? unknownResource() : notFound(state.name, info.name);
    if (!declared.verbs.includes(info.verb)) throw notSupported(state, info.verb);
    return runSubresource(operation);
  }
  if (!state.definition.verbs.some((v) => v === info.verb)) throw notSupported(state, info.verb);
  switch (info.verb) {
    case 'get':
      return get(operation);
    case 'list':
      return list(operation);
    case 'watch':
      return watch(operation);
    case 'create':
      if (info.name !== '') throw notSupported(state, 'create');
      return create(operation);
    case 'update':
      if (info.name === '') throw notSupported(state, 'update');
      return update(operation);
    case 'patch':
      if (info.name === '') throw notSupported(state, 'patch');
      return patch(operation);
    case 'delete':
      return remove(operation);
    case 'deletecollection':
      return removeCollection(operation);
    default:
      throw notSupported(state, info.verb);
  }
}
