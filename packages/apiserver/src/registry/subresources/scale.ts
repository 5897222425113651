import { invalid as invalidField, type KubeObject, type ObjectMeta } from '@virtplane/resources';
import { keyOf } from '../../cache/item.ts';
import { badRequest, internal, invalid, notFound, unknownResource } from '../../errors.ts';
import type { Operation } from '../context.ts';
import { bodyValue } from '../decode.ts';
import { cloneJson } from '../json-value.ts';
import { writeOptions } from '../options.ts';
import type { Outcome } from '../outcome.ts';
import { applied, readPatch } from '../patch.ts';
import type { ScalePaths } from '../served-resource.ts';
import { change } from '../update.ts';

interface Scale extends KubeObject {
  spec?: { replicas?: unknown };
  status?: { replicas: number; selector?: string };
}

/** Workloads of the apps group all have these. */
const BUILT_IN_PATHS: ScalePaths = {
  specReplicas: '.spec.replicas',
  statusReplicas: '.status.replicas',
  labelSelector: '.spec.selector',
};

const steps = (path: string): string[] => path.replace(/^\./, '').split('.');

function read(object: unknown, path: string): unknown {
  let value = object;
  for (const step of steps(path)) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = (value as Record<string, unknown>)[step];
  }
  return value;
}

function write(object: KubeObject, path: string, value: unknown): void {
  const names = steps(path);
  const last = names.pop();
  let at = object as Record<string, unknown>;
  for (const name of names) {
    const next = at[name];
    if (typeof next !== 'object' || next === null) at[name] = {};
    at = at[name] as Record<string, unknown>;
  }
  if (last !== undefined) at[last] = value;
}

/** A selector in the text form that clients of Scale expect. */
function selectorText(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  if (typeof value !== 'object' || value === null) return undefined;
  const { matchLabels } = value as { matchLabels?: Record<string, string> };
  return Object.entries(matchLabels ?? {})
    .map(([k, v]) => `${k}=${v}`)
    .sort()
    .join(',');
}

function scaleOf(paths: ScalePaths, object: KubeObject): Scale {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata ?? {};
  const metadata: ObjectMeta = {};
  if (name !== undefined) metadata.name = name;
  if (namespace !== undefined) metadata.namespace = namespace;
  if (uid !== undefined) metadata.uid = uid;
  if (resourceVersion !== undefined) metadata.resourceVersion = resourceVersion;
  if (creationTimestamp !== undefined) metadata.creationTimestamp = creationTimestamp;
  const replicas = read(object, paths.specReplicas);
  const selector = paths.labelSelector === undefined ? undefined : selectorText(read(object, paths.labelSelector));
  const current = read(object, paths.statusReplicas);
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata,
    spec: typeof replicas === 'number' ? { replicas } : {},
    status: { replicas: typeof current === 'number' ? current : 0, ...(selector !== undefined && { selector }) },
  };
}

/** GET, PUT and PATCH of …/<name>/scale. Source: autoscaling/v1 Scale. */
export async function scale(operation: Operation): Promise<Outcome> {
  const { request, state } = operation;
  const { name, namespace, verb } = request.info;
  const paths = state.served.scale ?? (state.definition.builtIn ? BUILT_IN_PATHS : undefined);
  if (paths === undefined) throw unknownResource();
  if (verb === 'get') {
    const item = state.collection.get(keyOf(namespace, name));
    if (item === undefined) throw notFound(state.name, name);
    if (!state.definition.builtIn && read(item.object, paths.specReplicas) === undefined)
      throw internal(`the spec replicas field ${JSON.stringify(paths.specReplicas)} does not exist`);
    return { kind: 'other', code: 200, object: scaleOf(paths, item.object) };
  }
  const options = writeOptions(request, verb === 'patch' ? 'PatchOptions' : 'UpdateOptions');
  const wanted = verb === 'patch' ? readPatch(operation, options.fieldValidation) : undefined;
  const body = wanted === undefined ? bodyValue(operation, request.body).value : undefined;
  const outcome = await change(operation, options, {
    repeatable: wanted !== undefined || !(body as Scale | undefined)?.metadata?.resourceVersion,
    produce(old) {
      const before = scaleOf(paths, old);
      const after: Scale = wanted === undefined ? asScale(body) : applied(operation, wanted, before);
      if (after.metadata?.name !== undefined && after.metadata.name !== name)
        throw badRequest(
          `the name of the object (${after.metadata.name}) does not match the name on the URL (${name})`,
        );
      const replicas = after.spec?.replicas ?? 0;
      if (typeof replicas !== 'number' || !Number.isInteger(replicas) || replicas < 0)
        throw invalid({ group: 'autoscaling', kind: 'Scale' }, name, [
          invalidField('spec.replicas', replicas, 'must be greater than or equal to 0'),
        ]);
      const next = cloneJson(old);
      const { resourceVersion } = after.metadata ?? {};
      next.metadata = { ...next.metadata, ...(resourceVersion && { resourceVersion }) };
      write(next, paths.specReplicas, replicas);
      return next;
    },
  });
  const object = outcome.kind === 'item' ? outcome.item.object : outcome.kind === 'object' ? outcome.object : undefined;
  if (object === undefined) throw internal('a scale came to nothing');
  return { kind: 'other', code: 200, object: scaleOf(paths, object) };
}

function asScale(body: unknown): Scale {
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw badRequest('the request needs a body: an object of kind Scale');
  return body;
}
