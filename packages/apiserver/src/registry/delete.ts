import type { KubeObject, ObjectMeta, Status } from '@virtplane/resources';
import { type Item, keyOf } from '../cache/item.ts';
import { conflict, forbidden, notFound, staleObject } from '../errors.ts';
import { decodeBody } from '../schema/body.ts';
import { admissionRequest, validated } from './admit.ts';
import type { Operation } from './context.ts';
import { isRelaxed, timestamp, withoutRevision } from './create.ts';
import type { NamespaceObject } from './namespaces.ts';
import { FOREGROUND, ORPHAN } from './object-meta.ts';
import { type DeleteOptions, deleteOptions } from './options.ts';
import type { Outcome } from './outcome.ts';
import type { ResourceState } from './resource-state.ts';

const MAX_ATTEMPTS = 1000;
const PROTECTED_NAMESPACES: ReadonlySet<string> = new Set(['default', 'kube-system', 'kube-public']);

export function readDeleteOptions(operation: Operation): DeleteOptions {
  const { body, query } = operation.request;
  const empty = body.kind === 'none' || (body.kind === 'bytes' && body.bytes.length === 0);
  const value = empty
    ? undefined
    : body.kind === 'value'
      ? body.value
      : decodeBody(body, { kind: 'DeleteOptions' }).value;
  return deleteOptions(value, query);
}

export async function remove(operation: Operation): Promise<Outcome> {
  const { name, namespace } = operation.request.info;
  return removeOne(operation, keyOf(namespace, name), name, readDeleteOptions(operation));
}

const isNamespace = (state: ResourceState): boolean =>
  state.definition.group === '' && state.definition.plural === 'namespaces';

/** Deletes one object, or begins to: finalizers and graceful deletion keep it for a while. */
export async function removeOne(
  operation: Operation,
  key: string,
  name: string,
  options: DeleteOptions,
): Promise<Outcome> {
  const { registry, state } = operation;
  for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
    const base = state.latest(key);
    if (base === undefined) throw notFound(state.name, name);
    const old = base.object;
    checkPreconditions(state, base, options);
    if (isNamespace(state) && PROTECTED_NAMESPACES.has(name))
      throw forbidden(state.name, name, 'this namespace may not be deleted');
    const names = { name, namespace: base.namespace };
    await validated(operation, admissionRequest(operation, 'DELETE', names, undefined, old, options.dryRun));
    if (state.latest(key) !== base) continue;

    const step = isNamespace(state)
      ? namespaceStep(old, registry.clock.now())
      : deletionStep(state, old, options, registry.clock.now());
    if (step.kind === 'remove') {
      if (options.dryRun) return removed(state, base, withoutRevision(old));
      const revision = await registry.queue.remove(state, base);
      return removed(state, base, state.codec.inVersion(old, state.codec.version, revision));
    }
    if (step.kind === 'nothing') return { kind: 'item', code: 200, item: base };
    const next = state.codec.ordered(step.object);
    const code = options.orphanDependents === false ? 202 : 200;
    if (options.dryRun) return { kind: 'object', code, object: withoutRevision(next) };
    return { kind: 'item', code, item: await registry.queue.put(state, next, base, isRelaxed(state)) };
  }
  throw staleObject(state.name, name);
}

type Step =
  | { readonly kind: 'remove' }
  | { readonly kind: 'nothing' }
  | { readonly kind: 'update'; readonly object: KubeObject };

/** A namespace stays, Terminating, until what it contains is gone (`finalize` then empties spec.finalizers). */
function namespaceStep(old: NamespaceObject, nowMs: number): Step {
  const meta = old.metadata ?? {};
  if ((old.spec?.finalizers?.length ?? 0) === 0 && (meta.finalizers?.length ?? 0) === 0) return { kind: 'remove' };
  if (meta.deletionTimestamp !== undefined) return { kind: 'nothing' };
  const object: NamespaceObject = {
    ...old,
    metadata: { ...meta, deletionTimestamp: timestamp(nowMs) },
    status: { ...old.status, phase: 'Terminating' },
  };
  return { kind: 'update', object };
}

/** Source: apiserver registry Store.Delete with rest.BeforeDelete and deletionFinalizersForGarbageCollection. */
function deletionStep(state: ResourceState, old: KubeObject, options: DeleteOptions, nowMs: number): Step {
  const was = old.metadata ?? {};
  const meta: ObjectMeta = { ...was };
  let changed = false;
  const finalizers = gcFinalizers(was.finalizers ?? [], options);
  if (finalizers !== undefined) {
    changed = true;
    if (finalizers.length > 0) meta.finalizers = finalizers;
    else delete meta.finalizers;
  }
  const requested = options.gracePeriodSeconds === undefined ? undefined : Math.max(0, options.gracePeriodSeconds);
  const negative = (options.gracePeriodSeconds ?? 0) < 0;
  const graceSeconds = state.served.strategy.gracePeriodSeconds?.(old, negative ? 1 : requested) ?? 0;
  const left = meta.finalizers?.length ?? 0;

  if (was.deletionTimestamp !== undefined) {
    // A repeated deletion can shorten the time, never lengthen it.
    const running = was.deletionGracePeriodSeconds ?? 0;
    const shorter =
      running > 0 && (options.gracePeriodSeconds !== undefined || graceSeconds === 0) && graceSeconds < running;
    if (graceSeconds === 0 && left === 0 && (shorter || running === 0)) return { kind: 'remove' };
    if (shorter) {
      const startMs = Date.parse(was.deletionTimestamp) - running * 1000;
      meta.deletionTimestamp = timestamp(startMs + graceSeconds * 1000);
      meta.deletionGracePeriodSeconds = graceSeconds;
      changed = true;
    }
    return changed ? { kind: 'update', object: { ...old, metadata: meta } } : { kind: 'nothing' };
  }
  if (graceSeconds === 0 && left === 0) return { kind: 'remove' };
  meta.deletionTimestamp = timestamp(nowMs + graceSeconds * 1000);
  meta.deletionGracePeriodSeconds = graceSeconds;
  if (was.generation !== undefined && was.generation > 0) meta.generation = was.generation + 1;
  return { kind: 'update', object: { ...old, metadata: meta } };
}

/** The finalizers that the garbage collector acts on; `undefined`: they stay as they are. */
function gcFinalizers(current: readonly string[], options: DeleteOptions): string[] | undefined {
  const { propagationPolicy: policy, orphanDependents } = options;
  const orphan = policy !== undefined ? policy === 'Orphan' : (orphanDependents ?? current.includes(ORPHAN));
  const foreground =
    policy !== undefined ? policy === 'Foreground' : orphanDependents === undefined && current.includes(FOREGROUND);
  const next = current.filter((f) => f !== ORPHAN && f !== FOREGROUND);
  if (orphan) next.push(ORPHAN);
  if (foreground) next.push(FOREGROUND);
  const same = next.length === current.length && next.every((f) => current.includes(f));
  return same ? undefined : next;
}

function checkPreconditions(state: ResourceState, base: Item, options: DeleteOptions): void {
  const { definition } = state;
  const plural = isNamespace(state) || definition.plural === 'customresourcedefinitions';
  const { uid, resourceVersion } = options;
  const revision = String(base.revision);
  if (uid !== undefined && uid !== base.uid) {
    if (plural)
      throw conflict(
        state.name,
        base.name,
        `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${base.uid}`,
      );
    throw kindConflict(
      state,
      base.name,
      `the UID in the precondition (${uid}) does not match the UID in record (${base.uid}). The object might have been deleted and then recreated`,
    );
  }
  if (resourceVersion !== undefined && resourceVersion !== revision) {
    if (plural)
      throw conflict(
        state.name,
        base.name,
        `Precondition failed: ResourceVersion in precondition: ${resourceVersion}, ResourceVersion in object meta: ${revision}`,
      );
    throw kindConflict(
      state,
      base.name,
      `the ResourceVersion in the precondition (${resourceVersion}) does not match the ResourceVersion in record (${revision}). The object might have been modified`,
    );
  }
}

/** Here the real server names the kind where it names the plural elsewhere. */
const kindConflict = (state: ResourceState, name: string, text: string): Error =>
  conflict({ group: state.definition.group, resource: state.definition.kind }, name, text);

function removed(state: ResourceState, base: Item, object: KubeObject): Outcome {
  if (state.served.strategy.returnsDeletedObject) return { kind: 'object', code: 200, object };
  const { group, resource } = state.name;
  const status: Omit<Status, 'code'> = {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Success',
    details: { name: base.name, ...(group !== '' && { group }), kind: resource, uid: base.uid },
  };
  return { kind: 'other', code: 200, object: status };
}
