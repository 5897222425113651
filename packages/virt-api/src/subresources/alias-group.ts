import { apiVersionOf, VirtualMachine } from '@virtplane/resources';
import {
  type ApiExtension,
  type Client,
  type ExtensionAnswer,
  type ExtensionRequest,
  type PatchType,
  patchContentType,
  refusal,
  type UserInfo,
} from '@virtplane/runtime';
import { readOptions } from './body.ts';
import { badRequest, unknownPath, wrongMethod } from './refusals.ts';

const ALIAS = 'kubevirt/v1alpha3';
const WARNING = `${ALIAS} is not a KubeVirt API group; stored as ${apiVersionOf(VirtualMachine)}`;
const VERBS = ['create', 'delete', 'get', 'list', 'patch', 'update'];

/**
 * The group `kubevirt`, version v1alpha3, that some documentation names by mistake: its machines are those of kubevirt.io.
 * `clientAs` acts as the given user, so that the rules of kubevirt.io decide what may be done.
 */
export function aliasGroupExtension(clientAs: (user: UserInfo) => Client): ApiExtension {
  return {
    group: 'kubevirt',
    versions: ['v1alpha3'],
    resources: () => [
      {
        name: VirtualMachine.plural,
        singularName: VirtualMachine.singular,
        namespaced: true,
        kind: VirtualMachine.kind,
        verbs: VERBS,
      },
    ],
    async handle(request) {
      const answer = await forward(clientAs(request.user), request);
      return { ...answer, headers: { ...answer.headers, warning: `299 - "${WARNING}"` } };
    },
  };
}

async function forward(client: Client, request: ExtensionRequest): Promise<ExtensionAnswer> {
  const { segments, method, query } = request;
  const machines = client(VirtualMachine);
  const namespaced = segments[0] === 'namespaces';
  const [resource, name, ...rest] = namespaced ? segments.slice(2) : segments;
  const namespace = namespaced ? segments[1] : undefined;
  if (resource !== VirtualMachine.plural || rest.length > 0) throw unknownPath();
  const options = {
    dryRun: query.get('dryRun') === 'All',
    ...(query.get('fieldManager') && { fieldManager: query.get('fieldManager') ?? '' }),
  };
  if (name === undefined || namespace === undefined) {
    if (name !== undefined) throw unknownPath();
    if (method === 'GET') {
      if (query.get('watch') === 'true')
        throw badRequest(`${ALIAS} cannot be watched: watch ${apiVersionOf(VirtualMachine)}`);
      const list = await machines.list({
        ...(namespace !== undefined && { namespace }),
        ...(query.get('labelSelector') && { labelSelector: query.get('labelSelector') ?? '' }),
        ...(query.get('fieldSelector') && { fieldSelector: query.get('fieldSelector') ?? '' }),
      });
      return answer(200, { ...list, apiVersion: ALIAS, items: list.items.map(renamed) });
    }
    if (method !== 'POST' || namespace === undefined) throw wrongMethod();
    const vm = stored(await readOptions(request.body));
    return answer(201, renamed(await machines.create({ ...vm, metadata: { ...vm.metadata, namespace } }, options)));
  }
  const key = { namespace, name };
  switch (method) {
    case 'GET':
      return answer(200, renamed(await machines.get(key)));
    case 'PUT': {
      const vm = stored(await readOptions(request.body));
      return answer(200, renamed(await machines.update({ ...vm, metadata: { ...vm.metadata, ...key } }, options)));
    }
    case 'PATCH': {
      const patch = parsePatch(request.body);
      return answer(200, renamed(await machines.patch(key, patchType(request), withoutVersion(patch), options)));
    }
    case 'DELETE': {
      const given = await readOptions(request.body);
      const policy = given.propagationPolicy;
      await machines.delete(key, {
        dryRun: options.dryRun,
        ...((policy === 'Background' || policy === 'Foreground' || policy === 'Orphan') && {
          propagationPolicy: policy,
        }),
      });
      return answer(200, { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success' });
    }
    default:
      throw wrongMethod();
  }
}

const answer = (code: number, value: unknown): ExtensionAnswer => ({
  code,
  contentType: 'application/json',
  body: JSON.stringify(value),
});

const renamed = (vm: VirtualMachine): VirtualMachine => ({ ...vm, apiVersion: ALIAS });
const stored = (body: Readonly<Record<string, unknown>>): VirtualMachine =>
  ({ ...body, apiVersion: apiVersionOf(VirtualMachine) }) as VirtualMachine;

function parsePatch(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch (error) {
    throw badRequest(`error decoding patch: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function withoutVersion(patch: unknown): unknown {
  if (typeof patch !== 'object' || patch === null || Array.isArray(patch)) return patch;
  const { apiVersion: _alias, ...rest } = patch as Record<string, unknown>;
  return rest;
}

function patchType({ headers }: ExtensionRequest): PatchType {
  const contentType = headers['content-type']?.split(';')[0];
  for (const type of ['json', 'merge'] as const) if (patchContentType[type] === contentType) return type;
  throw refusal(
    415,
    'UnsupportedMediaType',
    `the body of the request was in an unknown format - accepted media types include: ${patchContentType.json}, ${patchContentType.merge}`,
  );
}
