import type {
  CustomResourceDefinition,
  CustomResourceDefinitionVersion,
  JsonSchema,
  PrinterColumn,
  ResourceDefinition,
  SubresourceDefinition,
  Verb,
} from '@virtplane/resources';
import { SCALE } from '@virtplane/resources';
import { strategyOf } from '../kinds/strategy-of.ts';
import type { ServedResource } from '../registry/served-resource.ts';
import { compileLazily } from '../schema/compile.ts';

/** In the order in which a real server lists them. */
const VERBS: readonly Verb[] = ['delete', 'deletecollection', 'get', 'list', 'patch', 'create', 'update', 'watch'];
const NOTHING: JsonSchema = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };

const AGE: PrinterColumn = { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' };

/** v2 before v1 before v1beta1 before v1alpha1 before others. Source: apimachinery version.CompareKubeAwareVersionStrings. */
function compareVersions(a: string, b: string): number {
  const parse = (name: string): [number, number, number] | undefined => {
    const match = /^v(\d+)(?:(alpha|beta)(\d+))?$/.exec(name);
    if (!match) return undefined;
    return [match[2] === undefined ? 2 : match[2] === 'beta' ? 1 : 0, Number(match[1]), Number(match[3] ?? 0)];
  };
  const [x, y] = [parse(a), parse(b)];
  if (!x || !y) return x ? -1 : y ? 1 : a < b ? -1 : 1;
  return y[0] - x[0] || y[1] - x[1] || y[2] - x[2];
}

const schemaOf = (crd: CustomResourceDefinition, version: string): JsonSchema =>
  crd.spec.versions.find((v) => v.name === version)?.schema?.openAPIV3Schema ?? NOTHING;

/**
 * What a CustomResourceDefinition serves. `load` gives the object again when a schema is first needed, so that nothing of it
 * is held before.
 */
export function servedFrom(crd: CustomResourceDefinition, load: () => CustomResourceDefinition): ServedResource {
  const { spec } = crd;
  const { names } = spec;
  const versions = spec.versions.filter((version) => version.served).sort((a, b) => compareVersions(a.name, b.name));
  const storage = spec.versions.find((version) => version.storage)?.name ?? versions[0]?.name ?? 'v1';
  const has = (name: 'status' | 'scale'): boolean =>
    versions.some((version) => version.subresources?.[name] !== undefined);
  const subresources: SubresourceDefinition[] = [];
  if (has('status')) subresources.push({ name: 'status', verbs: ['get', 'patch', 'update'] });
  if (has('scale')) subresources.push(SCALE);

  const schemas = new Map<string, JsonSchema>();
  const schema = (version: string): JsonSchema => {
    const known = schemas.get(version);
    if (known) return known;
    const loaded = load();
    // Versions of the same schema share it, and what is compiled from it.
    const first = schemaOf(loaded, storage);
    const text = JSON.stringify(first);
    for (const { name } of loaded.spec.versions) {
      const own = schemaOf(loaded, name);
      schemas.set(name, JSON.stringify(own) === text ? first : own);
    }
    return schemas.get(version) ?? NOTHING;
  };

  const definition: ResourceDefinition = {
    group: spec.group,
    version: storage,
    servedVersions: versions.map((version) => version.name),
    kind: names.kind,
    listKind: names.listKind ?? `${names.kind}List`,
    plural: names.plural,
    singular: names.singular ?? names.kind.toLowerCase(),
    shortNames: [...(names.shortNames ?? [])],
    categories: [...(names.categories ?? [])],
    namespaced: spec.scope === 'Namespaced',
    builtIn: false,
    verbs: VERBS,
    subresources,
    columns: columnsOf(versions.find((version) => version.name === storage) ?? versions[0]),
    selectableFields: [],
    get schema() {
      return schema(storage);
    },
  };
  const scale = versions.find((version) => version.subresources?.scale)?.subresources?.scale;
  return {
    definition,
    versions: versions.map((version) => {
      const warning = deprecationOf(crd, version, versions);
      return {
        name: version.name,
        schema: compileLazily(() => schema(version.name), { builtIn: false, kind: names.kind, version: version.name }),
        get jsonSchema() {
          return schema(version.name);
        },
        columns: columnsOf(version),
        ...(warning === undefined ? {} : { deprecationWarning: warning }),
      };
    }),
    strategy: strategyOf(definition),
    ...(scale && {
      scale: {
        specReplicas: scale.specReplicasPath,
        statusReplicas: scale.statusReplicasPath,
        ...(scale.labelSelectorPath === undefined ? {} : { labelSelector: scale.labelSelectorPath }),
      },
    }),
    ...(crd.metadata.deletionTimestamp ? { terminating: true } : {}),
  };
}

function columnsOf(version: CustomResourceDefinitionVersion | undefined): readonly PrinterColumn[] {
  const declared = version?.additionalPrinterColumns;
  return declared?.length ? (declared as readonly PrinterColumn[]).map((column) => ({ ...column })) : [AGE];
}

/** Source: apiextensions customresource_handler.go. */
function deprecationOf(
  crd: CustomResourceDefinition,
  version: CustomResourceDefinitionVersion,
  served: readonly CustomResourceDefinitionVersion[],
): string | undefined {
  if (!version.deprecated) return undefined;
  if (version.deprecationWarning) return version.deprecationWarning;
  const { group, names } = crd.spec;
  const newer = served.slice(0, served.indexOf(version)).find((other) => !other.deprecated);
  return `${group}/${version.name} ${names.kind} is deprecated${newer ? `; use ${group}/${newer.name} ${names.kind}` : ''}`;
}
