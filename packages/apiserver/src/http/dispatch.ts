import type { IncomingHttpHeaders } from 'node:http';
import type { ApiExtension, ExtensionRequest, UserInfo } from '@virtplane/runtime';
import type { Attributes, Authorizer } from '../auth/authorizer.ts';
import { denied } from '../auth/denial.ts';
import { badRequest, methodNotAllowed, unknownResource } from '../errors.ts';
import { negotiate } from './negotiate.ts';
import type { ApiAnswer, ApiHandler, ApiRequest, RequestBody, RequestInfo } from './request.ts';
import { pageNotFound } from './respond.ts';
import { pathSegmentFault } from './router.ts';

/** A request that has been authenticated, from the network or from this process. */
export interface Call {
  readonly method: string;
  readonly info: RequestInfo;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly user: UserInfo;
  readonly userAgent: string;
  /** Read only when the path takes a body. */
  body(): Promise<RequestBody> | RequestBody;
  readonly signal: AbortSignal;
  warn(text: string): void;
}

/** Answers paths of no API; `undefined`: not known. */
export type PathHandler = (
  path: string,
  call: Pick<Call, 'method' | 'query' | 'headers'>,
) => Promise<ApiAnswer | undefined> | ApiAnswer | undefined;

export interface DispatcherOptions {
  readonly authorizer: Authorizer;
  readonly extensions: readonly ApiExtension[];
  /** Whether stored resources of this group version exist. */
  serves(group: string, version: string): boolean;
  readonly paths: PathHandler;
  /** Tried in order before `core`: kinds that are answered and not stored. */
  readonly virtual: readonly ((request: ApiRequest) => ApiAnswer | undefined)[];
  readonly core: ApiHandler;
}

export interface Dispatcher {
  /** Throws 403. */
  authorize(user: UserInfo, info: RequestInfo): void;
  /** Answers an authorized call. Throws StatusError. */
  dispatch(call: Call): Promise<ApiAnswer>;
  extensionOf(info: RequestInfo): ApiExtension | undefined;
}

const methods: ReadonlySet<string> = new Set(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']);
const noBody: RequestBody = { kind: 'none', contentType: '' };

const isMethod = (method: string): method is ApiRequest['method'] => methods.has(method);

/** A namespace's own path counts as being in that namespace. Source: apiserver RequestInfo. */
export const attributesOf = (user: UserInfo, info: RequestInfo): Attributes => ({
  user,
  verb: info.verb,
  isResource: info.isResource,
  path: info.path,
  group: info.group,
  version: info.version,
  resource: info.resource,
  subresource: info.subresource,
  namespace: info.resource === 'namespaces' && info.group === '' ? info.name : info.namespace,
  name: info.name,
});

function checkNames({ name, namespace }: RequestInfo): void {
  const nameFault = name === '' ? undefined : pathSegmentFault(name);
  if (nameFault !== undefined) throw badRequest(`Name parameter invalid: ${JSON.stringify(name)}: ${nameFault}`);
  const namespaceFault = namespace === '' ? undefined : pathSegmentFault(namespace);
  if (namespaceFault !== undefined) {
    throw badRequest(`Namespace parameter invalid: ${JSON.stringify(namespace)}: ${namespaceFault}`);
  }
}

function bytesOf(body: RequestBody): Buffer {
  if (body.kind === 'bytes') return body.bytes;
  return body.kind === 'value' && body.value !== undefined ? Buffer.from(JSON.stringify(body.value)) : Buffer.alloc(0);
}

/** What an extension is told, `/apis/<group>/<version>` cut off. */
export function extensionRequest(call: Omit<Call, 'body' | 'warn' | 'userAgent'>, body: Buffer): ExtensionRequest {
  const { info, method, query, headers, user, signal } = call;
  const segments = info.path.split('/').slice(4).map(decodeURIComponent);
  if (segments[segments.length - 1] === '') segments.pop();
  return { method, path: info.path, version: info.version, segments, query, headers, user, body, signal };
}

async function callExtension(extension: ApiExtension, call: Call): Promise<ApiAnswer> {
  const answer = await extension.handle(extensionRequest(call, bytesOf(await call.body())));
  const body = answer.body ?? '';
  return {
    kind: 'bytes',
    code: answer.code,
    bytes: typeof body === 'string' ? Buffer.from(body) : body,
    contentType: answer.contentType ?? 'application/json',
    ...(answer.headers === undefined ? {} : { headers: answer.headers }),
  };
}

/** Everything behind authentication: authorization, and who answers which path. */
export function createDispatcher(options: DispatcherOptions): Dispatcher {
  const { authorizer, extensions, paths, virtual, core } = options;
  const extensionByGroup = new Map(extensions.map((extension) => [extension.group, extension]));

  const extensionOf = (info: RequestInfo): ApiExtension | undefined => {
    const extension = info.isResource ? extensionByGroup.get(info.group) : undefined;
    return extension?.versions.includes(info.version) ? extension : undefined;
  };

  const dispatchPath = async (call: Call): Promise<ApiAnswer> => {
    const { path } = call.info;
    if (path.includes('//') && (path.startsWith('/api/') || path.startsWith('/apis/'))) throw unknownResource();
    const answer = await paths(path, call);
    if (answer === undefined) return pageNotFound;
    if (call.method !== 'GET' && call.method !== 'HEAD') throw methodNotAllowed();
    return answer;
  };

  return {
    extensionOf,
    authorize(user, info) {
      const attributes = attributesOf(user, info);
      const decision = authorizer.authorize(attributes);
      if (!decision.allowed) throw denied(attributes, decision.reason);
    },
    async dispatch(call) {
      const { info, method } = call;
      if (!info.isResource) return dispatchPath(call);
      const extension = extensionOf(info);
      if (extension) return callExtension(extension, call);
      if (!options.serves(info.group, info.version)) return pageNotFound;
      if (!isMethod(method)) throw methodNotAllowed();
      checkNames(info);
      const accept = negotiate(call.headers.accept, info.verb === 'watch');
      const request: ApiRequest = {
        method,
        info,
        query: call.query,
        user: call.user,
        userAgent: call.userAgent,
        accept,
        body: method === 'GET' ? noBody : await call.body(),
        get signal() {
          return call.signal;
        },
        warn: (text) => call.warn(text),
      };
      for (const handle of virtual) {
        const answer = handle(request);
        if (answer !== undefined) return answer;
      }
      return core(request);
    },
  };
}
