import type { DiscoveredGroup, DiscoveredResource, DiscoveredVersion } from './groups.ts';

const groupVersion = (group: string, version: string): string => (group === '' ? version : `${group}/${version}`);

const versionEntry = (group: string, version: string) => ({ groupVersion: groupVersion(group, version), version });

function groupBody({ name, versions }: DiscoveredGroup) {
  return {
    name,
    versions: versions.map(({ version }) => versionEntry(name, version)),
    preferredVersion: versionEntry(name, versions[0]?.version ?? ''),
  };
}

/** `/apis/<group>`. Source: meta/v1 APIGroup. */
export const apiGroup = (group: DiscoveredGroup) => ({ kind: 'APIGroup', apiVersion: 'v1', ...groupBody(group) });

/** `/apis`. Source: meta/v1 APIGroupList. */
export const apiGroupList = (groups: readonly DiscoveredGroup[]) => ({
  kind: 'APIGroupList',
  apiVersion: 'v1',
  groups: groups.filter(({ name }) => name !== '').map(groupBody),
});

/** `/api`. Source: meta/v1 APIVersions. */
export const apiVersions = (serverAddress: string) => ({
  kind: 'APIVersions',
  versions: ['v1'],
  serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress }],
});

/** `/api/v1`, `/apis/<group>/<version>`. Source: meta/v1 APIResourceList. */
export const apiResourceList = (group: string, { version, resources }: DiscoveredVersion) => ({
  kind: 'APIResourceList',
  ...(group === '' ? {} : { apiVersion: 'v1' }),
  groupVersion: groupVersion(group, version),
  resources,
});

function aggregatedVersion(group: string, { version, resources }: DiscoveredVersion) {
  const responseKind = (r: DiscoveredResource) => ({
    group: r.group ?? group,
    version: r.version ?? version,
    kind: r.kind,
  });
  const parents = new Map<string, { readonly body: object; readonly subresources: object[] }>();
  for (const r of resources) {
    if (r.name.includes('/')) continue;
    const body = {
      resource: r.name,
      responseKind: responseKind(r),
      scope: r.namespaced ? 'Namespaced' : 'Cluster',
      // Clients find no resource without it, so it is never left empty here.
      singularResource: r.singularName === '' ? r.kind.toLowerCase() : r.singularName,
      verbs: r.verbs,
      ...(r.shortNames ? { shortNames: r.shortNames } : {}),
      ...(r.categories ? { categories: r.categories } : {}),
    };
    parents.set(r.name, { body, subresources: [] });
  }
  for (const r of resources) {
    const slash = r.name.indexOf('/');
    if (slash < 0) continue;
    const parent = r.name.slice(0, slash);
    let entry = parents.get(parent);
    if (!entry) {
      // A group of subresources only (`subresources.kubevirt.io`): the parent has a name but no verbs.
      const body = {
        resource: parent,
        scope: r.namespaced ? 'Namespaced' : 'Cluster',
        singularResource: '',
        verbs: [],
      };
      entry = { body, subresources: [] };
      parents.set(parent, entry);
    }
    entry.subresources.push({ subresource: r.name.slice(slash + 1), responseKind: responseKind(r), verbs: r.verbs });
  }
  return {
    version,
    freshness: 'Current',
    resources: [...parents.values()].map(({ body, subresources }) =>
      subresources.length > 0 ? { ...body, subresources } : body,
    ),
  };
}

/** `/api` and `/apis` in one piece. Source: apidiscovery.k8s.io APIGroupDiscoveryList, v2beta1 and v2 alike. */
export const aggregated = (groups: readonly DiscoveredGroup[], version: string) => ({
  kind: 'APIGroupDiscoveryList',
  apiVersion: `apidiscovery.k8s.io/${version}`,
  metadata: {},
  items: groups.map(({ name, versions }) => ({
    metadata: name === '' ? {} : { name },
    versions: versions.map((v) => aggregatedVersion(name, v)),
  })),
});
