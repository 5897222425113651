import { randomUUID } from 'node:crypto';
import type { KubeObject, ObjectMeta } from '@virtplane/resources';
import { keyOf } from '../cache/item.ts';
import { alreadyExists, badRequest, failure, invalid } from '../errors.ts';
import { admissionRequest, mutated, validated } from './admit.ts';
import type { Operation } from './context.ts';
import { decodeObject, servedVersion } from './decode.ts';
import { generatedName, subdomainFaults } from './names.ts';
import { labelNamespace } from './namespaces.ts';
import { validateMeta } from './object-meta.ts';
import { type WriteOptions, writeOptions } from './options.ts';
import type { Outcome } from './outcome.ts';
import type { ResourceState } from './resource-state.ts';

/** A second try finds a free name unless nearly all are taken. */
const GENERATE_ATTEMPTS = 8;

export const timestamp = (nowMs: number): string => `${new Date(nowMs).toISOString().slice(0, 19)}Z`;

export const hasSubresource = (state: ResourceState, name: string): boolean =>
  state.definition.subresources.some((s) => s.name === name);

/** Does the kind count changes of its specification? Custom resources do, built-in kinds say so. */
export const hasGeneration = (state: ResourceState): boolean =>
  (state.served.strategy.generation ?? (state.definition.builtIn ? 'none' : 'spec')) === 'spec';

/** Events and renewals of leases are cheap to lose: they are answered before the disk has them. */
export const isRelaxed = ({ definition }: ResourceState): boolean =>
  definition.builtIn && (definition.plural === 'events' || definition.plural === 'leases');

const nameFaultsOf =
  (state: ResourceState) =>
  (name: string, prefix: boolean): string[] =>
    state.served.strategy.validateName?.(name, prefix) ?? subdomainFaults(name, prefix);

/** The body's namespace must be the URL's; cluster-scoped objects lose theirs. */
function settleNamespace(operation: Operation, meta: ObjectMeta): void {
  const { namespace } = operation.request.info;
  if (!operation.state.definition.namespaced) {
    delete meta.namespace;
    return;
  }
  if (meta.namespace && meta.namespace !== namespace)
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
  meta.namespace = namespace;
}

export async function create(operation: Operation): Promise<Outcome> {
  const { request, state } = operation;
  const options = writeOptions(request, 'CreateOptions');
  if (state.served.terminating)
    throw failure(405, 'MethodNotAllowed', 'create not allowed while custom resource definition is terminating', {
      ...(state.name.group !== '' && { group: state.name.group }),
      kind: state.name.resource,
    });
  if (state.definition.namespaced && request.info.namespace === '')
    throw badRequest('an empty namespace may not be set during creation');
  const object = decodeObject(operation, request.body, options.fieldValidation);
  return createObject(operation, object, options);
}

/** From a decoded object on: also creation by PUT. */
export async function createObject(operation: Operation, decoded: KubeObject, options: WriteOptions): Promise<Outcome> {
  const { registry, state } = operation;
  const { definition, served } = state;
  const meta = decoded.metadata ?? {};
  settleNamespace(operation, meta);
  if (meta.resourceVersion) throw badRequest('resourceVersion should not be set on objects to be created');
  const names = { name: meta.name ?? '', namespace: meta.namespace ?? '' };
  const asked = admissionRequest(operation, 'CREATE', names, decoded, undefined, options.dryRun);
  const object = await mutated(operation, asked);
  const stored = state.codec.ordered(object);
  const nameFaults = nameFaultsOf(state);
  initialise(stored.metadata, registry.clock.now(), state);
  if (served.strategy.prepareForCreate !== undefined) served.strategy.prepareForCreate(stored);
  else if (hasSubresource(state, 'status')) delete (stored as { status?: unknown }).status;
  const generated = !stored.metadata.name && !!stored.metadata.generateName;

  for (let attempt = 1; ; attempt++) {
    if (generated) stored.metadata.name = generatedName(stored.metadata.generateName ?? '');
    if (definition.group === '' && definition.plural === 'namespaces') labelNamespace(stored);
    if (attempt === 1) {
      const faults = validateMeta(stored.metadata, definition.namespaced, nameFaults);
      faults.push(...servedVersion(operation).schema.validate(stored), ...(served.strategy.validate?.(stored) ?? []));
      if (faults.length > 0) throw invalid(definition, stored.metadata.name ?? '', faults);
      for (const text of served.strategy.warnings?.(stored) ?? []) operation.request.warn(text);
    }
    const name = stored.metadata.name ?? '';
    const finalRequest = { ...asked, name, object: stored };
    await validated(operation, finalRequest);

    // From here to the enqueueing nothing is awaited: what is compared now holds when it is written.
    const existing = state.latest(keyOf(stored.metadata.namespace ?? '', name));
    if (existing === undefined) break;
    if (!generated) throw alreadyExists(state.name, name, existing.object.metadata?.deletionTimestamp !== undefined);
    if (attempt >= GENERATE_ATTEMPTS) throw noFreeName(state, name);
  }
  if (options.dryRun) return { kind: 'object', code: 201, object: withoutRevision(stored) };
  const item = await registry.queue.put(state, stored, undefined, isRelaxed(state) && definition.plural === 'events');
  return { kind: 'item', code: 201, item };
}

/** What only the server says about an object. */
function initialise(meta: ObjectMeta, nowMs: number, state: ResourceState): void {
  meta.uid = randomUUID();
  meta.creationTimestamp = timestamp(nowMs);
  delete meta.deletionTimestamp;
  delete meta.deletionGracePeriodSeconds;
  if (hasGeneration(state)) meta.generation = 1;
  else delete meta.generation;
  if (!meta.name) delete meta.name;
  if (!meta.generateName) delete meta.generateName;
}

export function withoutRevision(object: KubeObject): KubeObject {
  const { resourceVersion: _, ...metadata } = object.metadata ?? {};
  return { ...object, metadata };
}

const noFreeName = (state: ResourceState, name: string): Error => {
  const { group, resource } = state.name;
  return failure(
    409,
    'AlreadyExists',
    `${state.qualified} ${JSON.stringify(name)} already exists, the server was not able to generate a unique name for the object`,
    { name, ...(group !== '' && { group }), kind: resource, retryAfterSeconds: 1 },
  );
};
