import { invalid as invalidField, type KubeObject, type ObjectMeta } from '@virtplane/resources';
import type { StoredObject } from '../cache/codec.ts';
import { type Item, keyOf } from '../cache/item.ts';
import { badRequest, conflict, invalid, notFound, staleObject } from '../errors.ts';
import { admissionRequest, mutated, validated } from './admit.ts';
import type { Operation } from './context.ts';
import { createObject, hasGeneration, hasSubresource, isRelaxed, withoutRevision } from './create.ts';
import { decodeObject, servedVersion } from './decode.ts';
import { cloneJson, equalJson } from './json-value.ts';
import { labelNamespace, type NamespaceObject } from './namespaces.ts';
import { validateMetaUpdate } from './object-meta.ts';
import { type WriteOptions, writeOptions } from './options.ts';
import type { Outcome } from './outcome.ts';
import type { ResourceState } from './resource-state.ts';

/** Tries of a write that names no version; each lost race means that somebody else's write went through. */
const MAX_ATTEMPTS = 1000;

export interface Change {
  /**
   * The new object, decoded and its caller's own; asked again when another write came between. `item` is what it will be
   * compared with.
   */
  produce(old: KubeObject, item: Item): KubeObject;
  /** May a lost race be repeated? Only where the client named no version. */
  readonly repeatable: boolean;
}

export async function update(operation: Operation): Promise<Outcome> {
  const { request, state } = operation;
  const options = writeOptions(request, 'UpdateOptions');
  const decoded = decodeObject(operation, request.body, options.fieldValidation);
  const meta = decoded.metadata ?? {};
  checkName(operation, meta);
  const { name, namespace } = request.info;
  if (state.latest(keyOf(namespace, name)) === undefined && state.served.strategy.allowCreateOnUpdate) {
    const refusal = await operation.registry.alsoAllowed?.(request, 'create');
    if (refusal) throw refusal;
    delete meta.resourceVersion;
    return createObject(operation, decoded, options);
  }
  const unconditional = !meta.resourceVersion || meta.resourceVersion === '0';
  if (unconditional && !(state.served.strategy.allowUnconditionalUpdate ?? state.definition.builtIn))
    throw missingVersion(state, name);
  return change(operation, options, {
    produce: () => (unconditional ? cloneJson(decoded) : decoded),
    repeatable: unconditional,
  });
}

function checkName(operation: Operation, meta: ObjectMeta): void {
  const { name, namespace } = operation.request.info;
  if (!meta.name)
    throw badRequest(`the name of the object (${name} based on URL) was undeterminable: name must be provided`);
  if (meta.name !== name)
    throw badRequest(`the name of the object (${meta.name}) does not match the name on the URL (${name})`);
  if (!operation.state.definition.namespaced) delete meta.namespace;
  else if (meta.namespace && meta.namespace !== namespace)
    throw badRequest(
      `the namespace of the object (${meta.namespace}) does not match the namespace on the request (${namespace})`,
    );
}

function missingVersion(state: ResourceState, name: string): Error {
  // The real server names the plural here, not the kind.
  return invalid({ group: state.definition.group, kind: state.definition.plural }, name, [
    {
      ...invalidField('metadata.resourceVersion', '', ''),
      message: 'Invalid value: 0x0: must be specified for an update',
    },
  ]);
}

/** The common path of PUT, PATCH and their subresources: produce, admit, prepare, validate, compare and enqueue. */
export async function change(operation: Operation, options: WriteOptions, wanted: Change): Promise<Outcome> {
  const { registry, request, state } = operation;
  const { name, namespace, subresource } = request.info;
  const key = keyOf(namespace, name);
  for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
    if (request.signal.aborted) throw request.signal.reason;
    const base = state.latest(key);
    if (base === undefined) throw notFound(state.name, name);
    const old = base.object;
    const produced = wanted.produce(old, base);
    const meta = produced.metadata ?? {};
    produced.metadata = meta;
    checkName(operation, meta);
    compareIdentity(state, meta, base);

    const names = { name, namespace };
    const asked = admissionRequest(operation, 'UPDATE', names, restored(produced, old), old, options.dryRun);
    const admitted = await mutated(operation, asked);
    const next = prepared(state, admitted, old, subresource);
    const faults = updateFaults(operation, next, old, subresource);
    if (faults.length > 0) throw invalid(state.definition, name, faults);
    if (subresource === '')
      for (const text of state.served.strategy.warnings?.(next) ?? []) operation.request.warn(text);
    await validated(operation, { ...asked, object: next });

    if (state.latest(key) !== base) {
      if (!wanted.repeatable) throw staleObject(state.name, name);
      continue;
    }
    if (isFinished(state, next, old)) {
      if (options.dryRun) return { kind: 'object', code: 200, object: withoutRevision(next) };
      const revision = await registry.queue.remove(state, base);
      next.metadata.resourceVersion = String(revision);
      return { kind: 'object', code: 200, object: next };
    }
    next.metadata.resourceVersion = String(base.revision);
    // What changes nothing is not written: the resourceVersion stays.
    if (equalJson(next, old)) return { kind: 'item', code: 200, item: base };
    if (options.dryRun) return { kind: 'object', code: 200, object: next };
    return { kind: 'item', code: 200, item: await registry.queue.put(state, next, base, isRelaxed(state)) };
  }
  throw staleObject(state.name, name);
}

/** resourceVersion and uid of the body against what is stored. */
function compareIdentity(state: ResourceState, meta: ObjectMeta, base: Item): void {
  const version = meta.resourceVersion ?? '';
  if (version !== '' && version !== '0' && version !== String(base.revision)) {
    if (!/^\d+$/.test(version))
      throw badRequest(`strconv.ParseUint: parsing ${JSON.stringify(version)}: invalid syntax`);
    throw staleObject(state.name, base.name);
  }
  if (meta.uid && meta.uid !== base.uid) {
    const prefix = state.definition.builtIn ? '' : `${state.name.group}/`;
    throw conflict(
      state.name,
      base.name,
      `StorageError: invalid object, Code: 4, Key: /registry/${prefix}${state.name.resource}/${base.key}, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: ${meta.uid}, UID in object meta: ${base.uid}`,
    );
  }
}

/** What a client can't change is put back, silently, as the real server does. Source: apiserver rest.BeforeUpdate. */
function restored(object: KubeObject, old: KubeObject): KubeObject {
  const meta: ObjectMeta = { ...object.metadata };
  const was = old.metadata ?? {};
  set(meta, 'namespace', was.namespace);
  set(meta, 'uid', was.uid);
  set(meta, 'resourceVersion', was.resourceVersion);
  set(meta, 'creationTimestamp', was.creationTimestamp);
  set(meta, 'generation', was.generation);
  if (was.deletionTimestamp !== undefined) {
    set(meta, 'deletionTimestamp', was.deletionTimestamp);
    set(meta, 'deletionGracePeriodSeconds', was.deletionGracePeriodSeconds);
  }
  return { ...object, metadata: meta };
}

function set<K extends keyof ObjectMeta>(meta: ObjectMeta, field: K, value: ObjectMeta[K] | undefined): void {
  if (value === undefined) delete meta[field];
  else meta[field] = value;
}

interface Parts extends StoredObject {
  spec?: unknown;
  status?: unknown;
}

/** Resets by main resource or subresource, then the generation. */
function prepared(state: ResourceState, object: KubeObject, old: KubeObject, subresource: string): StoredObject {
  const { strategy, definition } = state.served;
  const was: Parts = state.codec.ordered(old);
  let next: Parts = state.codec.ordered(object);
  if (subresource === 'status') {
    if (strategy.prepareForStatusUpdate !== undefined) strategy.prepareForStatusUpdate(next, old);
    else if (definition.builtIn) keep(next, was, 'spec');
    else {
      const { status } = next;
      next = { ...was };
      if (status === undefined) delete next.status;
      else next.status = status;
    }
  } else if (subresource !== '') {
    // binding, finalize, scale: made from the stored object by the server itself.
  } else if (strategy.prepareForUpdate !== undefined) strategy.prepareForUpdate(next, old);
  else if (hasSubresource(state, 'status')) keep(next, was, 'status');
  if (definition.group === '' && definition.plural === 'namespaces') labelNamespace(next);
  if (hasGeneration(state)) {
    const generation = old.metadata?.generation ?? 1;
    const statusCounts = !definition.builtIn && !hasSubresource(state, 'status');
    next.metadata.generation = specChanged(next, was, statusCounts) ? generation + 1 : generation;
  }
  return next;
}

function keep(next: Parts, old: Parts, field: 'spec' | 'status'): void {
  if (old[field] === undefined) delete next[field];
  else next[field] = old[field];
}

/** Anything but metadata (and status, where it is written by itself). */
function specChanged(next: Parts, old: Parts, statusCounts: boolean): boolean {
  const strip = ({ metadata: _m, status, ...rest }: Parts) => (statusCounts ? { ...rest, status } : rest);
  return !equalJson(strip(next), strip(old));
}

function updateFaults(operation: Operation, next: StoredObject, old: KubeObject, subresource: string) {
  const { strategy } = operation.state.served;
  const faults = validateMetaUpdate(next.metadata, old.metadata ?? {});
  faults.push(...servedVersion(operation).schema.validate(next, old));
  if (subresource === 'status') faults.push(...(strategy.validateStatusUpdate?.(next, old) ?? []));
  else if (subresource === '') {
    faults.push(...(strategy.validate?.(next) ?? []));
    faults.push(...(strategy.validateUpdate?.(next, old) ?? []));
  }
  return faults;
}

/** Deletion waited only for finalizers, and the last one is gone. */
function isFinished(state: ResourceState, next: KubeObject, old: KubeObject): boolean {
  const meta = next.metadata ?? {};
  if (meta.deletionTimestamp === undefined || (meta.finalizers?.length ?? 0) > 0) return false;
  if ((old.metadata?.deletionGracePeriodSeconds ?? 0) > 0) return false;
  const isNamespace = state.definition.group === '' && state.definition.plural === 'namespaces';
  return !isNamespace || ((next as NamespaceObject).spec?.finalizers?.length ?? 0) === 0;
}
