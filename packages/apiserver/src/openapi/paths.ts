import type { ResourceDefinition } from '@virtplane/resources';
import { definitionName, gvkOf } from './schemas.ts';

export interface Operation {
  readonly method: 'get' | 'put' | 'post' | 'delete' | 'patch';
  readonly id: string;
  readonly action: string;
  readonly gvk: { readonly group: string; readonly version: string; readonly kind: string };
  readonly queries: readonly string[];
  readonly consumes: readonly string[];
  /** Definition of the answered object; absent: any. */
  readonly answers: string | undefined;
}

export interface PathItem {
  readonly path: string;
  readonly parameters: readonly string[];
  readonly operations: readonly Operation[];
}

/** Query parameters that clients look for: kubectl sends dryRun and fieldValidation only where they are declared. */
const WRITE_QUERIES = ['pretty', 'dryRun', 'fieldManager', 'fieldValidation'];
const DELETE_QUERIES = ['pretty', 'dryRun', 'gracePeriodSeconds', 'orphanDependents', 'propagationPolicy'];
const LIST_QUERIES = [
  'allowWatchBookmarks',
  'continue',
  'fieldSelector',
  'labelSelector',
  'limit',
  'resourceVersion',
  'resourceVersionMatch',
  'timeoutSeconds',
  'watch',
];

const ALL = ['*/*'];
const PATCHES = ['application/json-patch+json', 'application/merge-patch+json', 'application/apply-patch+yaml'];
const BUILT_IN_PATCHES = [
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/strategic-merge-patch+json',
  'application/apply-patch+yaml',
];

/** Paths of one resource in one version. */
export function pathsOf(definition: ResourceDefinition, version: string): PathItem[] {
  const { group, plural, kind, namespaced, verbs, builtIn } = definition;
  const base = group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
  const gvk = gvkOf(definition, version);
  const answers = definitionName(definition, version);
  const scope = namespaced ? 'Namespaced' : '';
  const idTail = `${title(group.split('.')[0] || 'core')}${title(version)}${scope}${kind}`;
  const patches = builtIn ? BUILT_IN_PATCHES : PATCHES;
  const can = (verb: string): boolean => (verbs as readonly string[]).includes(verb);
  const make = (
    method: Operation['method'],
    action: string,
    queries: readonly string[],
    consumes: readonly string[] = ALL,
    suffix = '',
  ): Operation => ({
    method,
    id: `${action}${idTail}${suffix}`,
    action,
    gvk,
    queries,
    consumes,
    answers: action === 'list' || action.startsWith('delete') ? undefined : answers,
  });

  const collection: Operation[] = [];
  if (can('list')) collection.push(make('get', 'list', LIST_QUERIES));
  if (can('create')) collection.push(make('post', 'post', WRITE_QUERIES));
  if (can('deletecollection'))
    collection.push(make('delete', 'deletecollection', [...DELETE_QUERIES, ...LIST_QUERIES]));
  const single: Operation[] = [];
  if (can('get')) single.push(make('get', 'get', ['pretty']));
  if (can('update')) single.push(make('put', 'put', WRITE_QUERIES));
  if (can('delete')) single.push(make('delete', 'delete', DELETE_QUERIES));
  if (can('patch')) single.push(make('patch', 'patch', [...WRITE_QUERIES, 'force'], patches));

  const root = namespaced ? `${base}/namespaces/{namespace}/${plural}` : `${base}/${plural}`;
  const own = namespaced ? ['namespace'] : [];
  const items: PathItem[] = [];
  if (collection.length > 0) items.push({ path: root, parameters: own, operations: collection });
  if (single.length > 0) items.push({ path: `${root}/{name}`, parameters: ['name', ...own], operations: single });
  if (namespaced && can('list')) {
    items.push({
      path: `${base}/${plural}`,
      parameters: [],
      operations: [make('get', 'list', LIST_QUERIES, ALL, 'ForAllNamespaces')],
    });
  }
  for (const sub of definition.subresources) {
    if (sub.kind !== undefined) continue;
    const operations: Operation[] = [];
    const suffix = title(sub.name);
    if (sub.verbs.includes('get')) operations.push(make('get', 'get', ['pretty'], ALL, suffix));
    if (sub.verbs.includes('update')) operations.push(make('put', 'put', WRITE_QUERIES, ALL, suffix));
    if (sub.verbs.includes('patch'))
      operations.push(make('patch', 'patch', [...WRITE_QUERIES, 'force'], patches, suffix));
    if (operations.length > 0) {
      items.push({ path: `${root}/{name}/${sub.name}`, parameters: ['name', ...own], operations });
    }
  }
  return items;
}

const title = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

const INTEGERS = new Set(['gracePeriodSeconds', 'limit', 'timeoutSeconds']);
const BOOLEANS = new Set(['allowWatchBookmarks', 'force', 'orphanDependents', 'watch']);

export const queryType = (name: string): 'integer' | 'boolean' | 'string' =>
  INTEGERS.has(name) ? 'integer' : BOOLEANS.has(name) ? 'boolean' : 'string';
