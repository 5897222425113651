import type { CustomResourceDefinition, JsonSchema } from '@virtplane/resources';
import { DEFAULT_COLUMNS } from '../kinds/columns.ts';
import type { Strategy } from '../kinds/strategy.ts';
import { validateCustomResourceDefinition, validateCustomResourceDefinitionUpdate } from './definitions.ts';

/** Source: apiextensions-apiserver pkg/registry/customresourcedefinition/strategy.go. */
export const customResourceDefinitionStrategy: Strategy = {
  applyDefaults(crd: CustomResourceDefinition) {
    const names = crd.spec?.names;
    if (!names?.kind) return;
    names.singular ||= names.kind.toLowerCase();
    names.listKind ||= `${names.kind}List`;
  },
  prepareForCreate(crd: CustomResourceDefinition) {
    const stored = crd.spec?.versions?.find((version) => version.storage);
    crd.status = {
      conditions: [],
      acceptedNames: { plural: '', kind: '' },
      storedVersions: stored ? [stored.name] : [],
    };
  },
  prepareForUpdate(crd: CustomResourceDefinition, old: CustomResourceDefinition) {
    if (old.status) crd.status = old.status;
    // What is written from now on is in the new storage version too.
    const stored = crd.spec?.versions?.find((version) => version.storage)?.name;
    const known = crd.status?.storedVersions ?? [];
    if (stored && crd.status && !known.includes(stored))
      crd.status = { ...crd.status, storedVersions: [...known, stored] };
  },
  validate: validateCustomResourceDefinition,
  validateUpdate: validateCustomResourceDefinitionUpdate,
  warnings(crd: CustomResourceDefinition) {
    const unchecked = (crd.spec?.versions ?? []).filter(
      ({ schema }) => schema?.openAPIV3Schema && hasRules(schema.openAPIV3Schema),
    );
    return unchecked.map(
      ({ name }) =>
        `version ${name} has x-kubernetes-validations: this server stores these rules but does not evaluate them`,
    );
  },
  columns: DEFAULT_COLUMNS,
  generation: 'spec',
  allowUnconditionalUpdate: false,
};

const hasRules = (schema: JsonSchema): boolean =>
  (schema['x-kubernetes-validations']?.length ?? 0) > 0 ||
  Object.values(schema.properties ?? {}).some(hasRules) ||
  (schema.items !== undefined && hasRules(schema.items)) ||
  (typeof schema.additionalProperties === 'object' && hasRules(schema.additionalProperties));
