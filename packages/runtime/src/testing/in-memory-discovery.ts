import type { Resource } from './in-memory-resource.ts';

const allVerbs = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'];

/** What `/api`, `/apis` and the resource lists answer; `undefined` for any other path. */
export function discoveryAnswer(path: string, resources: readonly Resource[]): unknown {
  if (path === '/api') return { kind: 'APIVersions', versions: ['v1'] };
  if (path === '/apis') {
    const groups = new Map<string, string>();
    for (const r of resources) if (r.group !== '') groups.set(r.group, r.version);
    return {
      kind: 'APIGroupList',
      apiVersion: 'v1',
      groups: [...groups].map(([name, version]) => {
        const preferred = { groupVersion: `${name}/${version}`, version };
        return { name, versions: [preferred], preferredVersion: preferred };
      }),
    };
  }
  const match = /^\/api\/(v1)$|^\/apis\/([^/]+)\/([^/]+)$/.exec(path);
  if (!match) return undefined;
  const group = match[2] ?? '';
  return {
    kind: 'APIResourceList',
    apiVersion: 'v1',
    groupVersion: group === '' ? 'v1' : `${group}/${match[3]}`,
    resources: resources
      .filter((r) => r.group === group && r.kind !== '')
      .map((r) => ({
        name: r.plural,
        singularName: r.kind.toLowerCase(),
        namespaced: r.namespaced,
        kind: r.kind,
        verbs: r.definition?.verbs ?? allVerbs,
      })),
  };
}
