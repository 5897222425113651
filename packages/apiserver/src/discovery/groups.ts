import { createHash } from 'node:crypto';
import type { ResourceDefinition, SubresourceDefinition } from '@virtplane/resources';
import type { ApiExtension } from '@virtplane/runtime';
import type { ResourceTable } from '../registry/served-resource.ts';

/** A resource or subresource of one version, as both forms of discovery list it. */
export interface DiscoveredResource {
  /** `virtualmachines`, `virtualmachines/status`. */
  readonly name: string;
  readonly singularName: string;
  readonly namespaced: boolean;
  /** Set only where the kind belongs to another group or version than the list. */
  readonly group?: string;
  readonly version?: string;
  readonly kind: string;
  readonly verbs: readonly string[];
  readonly shortNames?: readonly string[];
  readonly categories?: readonly string[];
  readonly storageVersionHash?: string;
}

export interface DiscoveredVersion {
  readonly version: string;
  readonly resources: readonly DiscoveredResource[];
}

export interface DiscoveredGroup {
  readonly name: string;
  /** Preferred first. */
  readonly versions: readonly DiscoveredVersion[];
}

/** Order of groups in `/apis`. Source: priorities of kube-apiserver's local APIServices; others follow by name. */
const groupOrder: readonly string[] = [
  'apiregistration.k8s.io',
  'apps',
  'events.k8s.io',
  'authentication.k8s.io',
  'authorization.k8s.io',
  'autoscaling',
  'batch',
  'certificates.k8s.io',
  'networking.k8s.io',
  'policy',
  'rbac.authorization.k8s.io',
  'storage.k8s.io',
  'admissionregistration.k8s.io',
  'apiextensions.k8s.io',
  'scheduling.k8s.io',
  'coordination.k8s.io',
  'node.k8s.io',
  'discovery.k8s.io',
];

const customVerbs = ['delete', 'deletecollection', 'get', 'list', 'patch', 'create', 'update', 'watch'];

const versionForm = /^v(\d+)(?:(alpha|beta)(\d+))?$/;
const stability: Readonly<Record<string, number>> = { alpha: 0, beta: 1 };

/** v10 > v2 > v1 > v11beta2 > v3beta1 > v1alpha1 > others by name. Source: apimachinery version.CompareKubeAwareVersionStrings. */
export function compareVersions(a: string, b: string): number {
  const left = versionForm.exec(a);
  const right = versionForm.exec(b);
  if (!left || !right) return left ? -1 : right ? 1 : a < b ? -1 : a > b ? 1 : 0;
  const level = (m: RegExpExecArray): number => (m[2] === undefined ? 2 : (stability[m[2]] ?? 0));
  return (
    level(right) - level(left) || Number(right[1]) - Number(left[1]) || Number(right[3] ?? 0) - Number(left[3] ?? 0)
  );
}

const inOrder = (verbs: readonly string[], builtIn: boolean): readonly string[] =>
  builtIn ? [...verbs].sort() : customVerbs.filter((verb) => verbs.includes(verb));

const hash = (definition: ResourceDefinition): string =>
  createHash('sha256')
    .update(`${definition.group}/${definition.version}/${definition.kind}`)
    .digest()
    .subarray(0, 8)
    .toString('base64');

function subresourceEntry(parent: ResourceDefinition, sub: SubresourceDefinition, version: string): DiscoveredResource {
  const { kind } = sub;
  const foreign = kind !== undefined && (kind.group !== parent.group || kind.version !== version);
  return {
    name: `${parent.plural}/${sub.name}`,
    singularName: '',
    namespaced: parent.namespaced,
    ...(foreign ? { group: kind.group, version: kind.version } : {}),
    kind: kind?.kind ?? parent.kind,
    verbs: [...sub.verbs].sort(),
  };
}

function entries(definition: ResourceDefinition, version: string): DiscoveredResource[] {
  const { plural, singular, namespaced, kind, verbs, shortNames, categories, subresources, builtIn } = definition;
  return [
    {
      name: plural,
      // Built-in kinds of 1.25 leave it empty, clients then take the kind in lower case.
      singularName: builtIn ? '' : singular,
      namespaced,
      kind,
      verbs: inOrder(verbs, builtIn),
      ...(shortNames.length > 0 ? { shortNames } : {}),
      ...(categories.length > 0 ? { categories } : {}),
      ...(verbs.includes('get') ? { storageVersionHash: hash(definition) } : {}),
    },
    ...subresources.map((sub) => subresourceEntry(definition, sub, version)),
  ];
}

/** All groups as they are served now, in the order of `/apis`; the core group has an empty name and comes first. */
export function discoverGroups(table: ResourceTable, extensions: readonly ApiExtension[]): DiscoveredGroup[] {
  const groups = new Map<string, Map<string, DiscoveredResource[]>>();
  const listOf = (group: string, version: string): DiscoveredResource[] => {
    let versions = groups.get(group);
    if (!versions) {
      versions = new Map();
      groups.set(group, versions);
    }
    let list = versions.get(version);
    if (!list) {
      list = [];
      versions.set(version, list);
    }
    return list;
  };
  for (const { definition, versions } of table.all()) {
    for (const { name } of versions) listOf(definition.group, name).push(...entries(definition, name));
  }
  for (const extension of extensions) {
    for (const version of extension.versions) {
      listOf(extension.group, version).push(...extension.resources(version));
    }
  }
  const rank = (name: string): number => {
    if (name === '') return -1;
    const at = groupOrder.indexOf(name);
    return at < 0 ? groupOrder.length : at;
  };
  const preferredOf = new Map(extensions.map((e) => [e.group, e.versions]));
  return [...groups]
    .map(([name, versions]) => ({
      name,
      versions: [...versions]
        .map(([version, resources]) => ({
          version,
          resources: resources.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0)),
        }))
        .sort((a, b) => {
          const own = preferredOf.get(name);
          return own ? own.indexOf(a.version) - own.indexOf(b.version) : compareVersions(a.version, b.version);
        }),
    }))
    .sort((a, b) => rank(a.name) - rank(b.name) || (a.name < b.name ? -1 : 1));
}
