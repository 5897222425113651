import { badRequest } from '../errors.ts';
import type { RequestInfo } from './request.ts';

const verbOfMethod: Readonly<Record<string, string>> = {
  GET: 'get',
  HEAD: 'get',
  POST: 'create',
  PUT: 'update',
  PATCH: 'patch',
  DELETE: 'delete',
};

const namespaceSubresources: ReadonlySet<string> = new Set(['status', 'finalize']);
const none: readonly string[] = [];

/** Reads the exact `metadata.name=x` requirement of a field selector, if it has one. */
export function nameInFieldSelector(selector: string): string | undefined {
  for (const part of selector.split(',')) {
    const match = /^\s*metadata\.name\s*==?\s*([^=!<>\s\\]+)\s*$/.exec(part);
    if (match) return match[1];
  }
  return undefined;
}

/** strconv.ParseBool-like reading of a boolean query parameter; present but empty counts as true, as in apimachinery. */
export const queryFlag = (query: URLSearchParams, name: string): boolean => {
  const value = query.get(name);
  return value !== null && value !== 'false' && value !== '0';
};

function nonResource(path: string, method: string): RequestInfo {
  return {
    path,
    verb: method.toLowerCase(),
    isResource: false,
    group: '',
    version: '',
    namespace: '',
    resource: '',
    name: '',
    subresource: '',
    rest: none,
  };
}

const decode = (segment: string): string => {
  if (!segment.includes('%')) return segment;
  try {
    return decodeURIComponent(segment);
  } catch {
    throw badRequest(`the path segment ${JSON.stringify(segment)} is not valid percent-encoding`);
  }
};

/**
 * What a method and a path mean. Source: apiserver RequestInfoFactory. Differs in one point: a namespace's own path has an
 * empty `namespace`, so that it reads like every cluster-scoped object (authorization looks at its name instead).
 * Throws 400 for broken percent-encoding.
 *
 * @param path without query string, still percent-encoded
 */
export function requestInfo(method: string, path: string, query: URLSearchParams): RequestInfo {
  const isCore = path.startsWith('/api/');
  if ((!isCore && !path.startsWith('/apis/')) || path.includes('//')) return nonResource(path, method);

  const parts = path.split('/');
  if (parts[parts.length - 1] === '') parts.pop();
  // ['', 'api', version, …] or ['', 'apis', group, version, …]
  let at = isCore ? 3 : 4;
  if (parts.length <= at) return nonResource(path, method);
  const group = isCore ? '' : decode(parts[2] ?? '');
  const version = decode(parts[at - 1] ?? '');

  let verb = verbOfMethod[method] ?? method.toLowerCase();
  if (parts[at] === 'watch') {
    // The deprecated prefix; a bare `/api/v1/watch` names nothing.
    verb = 'watch';
    at += 1;
    if (parts.length <= at) return nonResource(path, method);
  }

  let namespace = '';
  if (parts[at] === 'namespaces' && parts.length > at + 2 && !namespaceSubresources.has(parts[at + 2] ?? '')) {
    namespace = decode(parts[at + 1] ?? '');
    at += 2;
  }
  const resource = decode(parts[at] ?? '');
  let name = parts.length > at + 1 ? decode(parts[at + 1] ?? '') : '';
  const subresource = parts.length > at + 2 ? decode(parts[at + 2] ?? '') : '';
  const rest = parts.length > at + 3 ? parts.slice(at + 3).map(decode) : none;

  if (name === '') {
    if (verb === 'get') verb = queryFlag(query, 'watch') ? 'watch' : 'list';
    else if (verb === 'delete') verb = 'deletecollection';
    if (verb === 'list' || verb === 'watch' || verb === 'deletecollection') {
      const selector = query.get('fieldSelector');
      if (selector !== null) name = nameInFieldSelector(selector) ?? '';
    }
  }
  return { path, verb, isResource: true, group, version, namespace, resource, name, subresource, rest };
}

/** Faults of a name or namespace in a path. Source: apimachinery path.IsValidPathSegmentName. */
export function pathSegmentFault(segment: string): string | undefined {
  if (segment === '.') return "may not be '.'";
  if (segment === '..') return "may not be '..'";
  const faults: string[] = [];
  if (segment.includes('/')) faults.push("may not contain '/'");
  if (segment.includes('%')) faults.push("may not contain '%'");
  return faults.length === 0 ? undefined : faults.join(';');
}

/** Requests that may last: they get no deadline. Source: kube-apiserver's long-running request check. */
export const isLongRunning = (info: RequestInfo): boolean =>
  info.verb === 'watch' || info.verb === 'proxy' || longRunningSubresources.has(info.subresource);

const longRunningSubresources: ReadonlySet<string> = new Set(['attach', 'exec', 'proxy', 'log', 'portforward']);
