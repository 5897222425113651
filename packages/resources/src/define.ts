import type { PrinterColumn, ResourceDefinition, SubresourceDefinition, Verb } from './definition.ts';
import type { KubeObject } from './meta/object.ts';
import type { Schema } from './schema/builder.ts';

const ALL_VERBS: readonly Verb[] = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'];

/** Verbs of a subresource that is read and written like its parent. */
const STATUS_VERBS = ['get', 'patch', 'update'] as const;

interface Declaration<T extends KubeObject> {
  readonly schema: Schema<T>;
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural: string;
  readonly servedVersions?: readonly string[];
  readonly shortNames?: readonly string[];
  readonly categories?: readonly string[];
  readonly clusterScoped?: true;
  readonly verbs?: readonly Verb[];
  readonly status?: true;
  readonly subresources?: readonly SubresourceDefinition[];
  readonly columns?: readonly PrinterColumn[];
  readonly selectableFields?: readonly string[];
}

/** Subresources stand in discovery in the order of their names. */
function subresourcesOf(d: Declaration<KubeObject>): SubresourceDefinition[] {
  const list: SubresourceDefinition[] = [...(d.subresources ?? [])];
  if (d.status) list.push({ name: 'status', verbs: STATUS_VERBS });
  return list.sort((a, b) => (a.name < b.name ? -1 : 1));
}

function define<T extends KubeObject>(d: Declaration<T>, message: string | undefined): ResourceDefinition<T> {
  return {
    group: d.group,
    version: d.version,
    servedVersions: d.servedVersions ?? [d.version],
    kind: d.kind,
    listKind: `${d.kind}List`,
    plural: d.plural,
    singular: d.kind.toLowerCase(),
    shortNames: d.shortNames ?? [],
    categories: d.categories ?? [],
    namespaced: !d.clusterScoped,
    builtIn: message !== undefined,
    verbs: d.verbs ?? ALL_VERBS,
    subresources: subresourcesOf(d),
    columns: d.columns ?? [],
    selectableFields: d.selectableFields ?? [],
    schema: d.schema,
    ...(message !== undefined && { message }),
  };
}

/** A kind that Kubernetes itself compiles in. */
export function defineBuiltIn<T extends KubeObject>(declaration: Declaration<T>): ResourceDefinition<T> {
  const group = declaration.group === '' ? 'core' : declaration.group.replace(/(\.authorization)?(\.k8s\.io)?$/, '');
  return define(declaration, `${group}.${declaration.version}.${declaration.kind}`);
}

/** A kind that is served as a custom resource. */
export function defineCustom<T extends KubeObject>(declaration: Declaration<T>): ResourceDefinition<T> {
  return define(declaration, undefined);
}

export const SCALE: SubresourceDefinition = {
  name: 'scale',
  verbs: STATUS_VERBS,
  kind: { group: 'autoscaling', version: 'v1', kind: 'Scale' },
};
