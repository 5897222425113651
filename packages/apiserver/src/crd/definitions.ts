import {
  type CustomResourceDefinition,
  type CustomResourceDefinitionVersion,
  type FieldError,
  invalid,
  isDns1035Label,
  isDns1123Subdomain,
  notSupported,
  required,
} from '@virtplane/resources';
import { isEqual } from '../patch/json-patch.ts';
import { parseJsonPath } from '../table/json-path.ts';
import { checkStructural } from './structural.ts';

const COLUMN_TYPES = ['boolean', 'date', 'integer', 'number', 'string'];

/** Faults of a CustomResourceDefinition. Source: apiextensions-apiserver pkg/apis/apiextensions/validation. */
export function validateCustomResourceDefinition(crd: CustomResourceDefinition): FieldError[] {
  const { spec } = crd;
  if (!spec) return [required('spec')];
  const errors: FieldError[] = [];
  const { names, group } = spec;
  if (names?.plural && group && crd.metadata.name !== `${names.plural}.${group}`) {
    errors.push(invalid('metadata.name', crd.metadata.name, 'must be spec.names.plural+"."+spec.group'));
  }
  if (group) {
    errors.push(...isDns1123Subdomain(group).map((fault) => invalid('spec.group', group, fault)));
    if (!group.includes('.')) errors.push(invalid('spec.group', group, 'should be a domain with at least one dot'));
  }
  errors.push(...checkNames(spec.names));
  errors.push(...checkVersions(spec.versions ?? []));
  if (spec.preserveUnknownFields) {
    errors.push(
      invalid(
        'spec.preserveUnknownFields',
        true,
        'cannot set to true, set x-preserve-unknown-fields to true in spec.versions[*].schema instead',
      ),
    );
  }
  if (spec.conversion?.strategy === 'Webhook' && (spec.versions?.filter((v) => v.served).length ?? 0) > 1) {
    errors.push(
      invalid(
        'spec.conversion.strategy',
        'Webhook',
        'this server does not convert between versions: serve one version, or use None',
      ),
    );
  }
  return errors;
}

function checkNames(names: CustomResourceDefinition['spec']['names'] | undefined): FieldError[] {
  if (!names) return [];
  const errors: FieldError[] = [];
  const check = (field: string, value: string | undefined, prefix = ''): void => {
    if (value)
      errors.push(
        ...isDns1035Label(value.toLowerCase() === value || prefix === '' ? value : value.toLowerCase()).map((fault) =>
          invalid(field, value, prefix + fault),
        ),
      );
  };
  const mixed = 'may have mixed case, but should otherwise match: ';
  check('spec.names.plural', names.plural);
  check('spec.names.singular', names.singular);
  check('spec.names.kind', names.kind, mixed);
  check('spec.names.listKind', names.listKind, mixed);
  names.shortNames?.forEach((name, index) => {
    check(`spec.names.shortNames[${index}]`, name);
  });
  names.categories?.forEach((name, index) => {
    check(`spec.names.categories[${index}]`, name);
  });
  if (names.kind && names.kind === names.listKind) {
    errors.push(invalid('spec.names.listKind', names.listKind, 'kind and listKind may not be the same'));
  }
  return errors;
}

const versionNames = (versions: readonly CustomResourceDefinitionVersion[]): string[] => versions.map((v) => v.name);

function checkVersions(versions: readonly CustomResourceDefinitionVersion[]): FieldError[] {
  const errors: FieldError[] = [];
  if (versions.length > 0 && versions.filter((version) => version.storage).length !== 1) {
    errors.push(
      invalid('spec.versions', versionNames(versions), 'must have exactly one version marked as storage version'),
    );
  }
  if (new Set(versionNames(versions)).size < versions.length) {
    errors.push(invalid('spec.versions', versionNames(versions), 'must contain unique version names'));
  }
  // Where all versions are alike they are one to the real server, and its texts name another path.
  const alike = versions.every(
    (version) =>
      isEqual(version.schema ?? null, versions[0]?.schema ?? null) &&
      isEqual(version.additionalPrinterColumns ?? null, versions[0]?.additionalPrinterColumns ?? null),
  );
  versions.forEach((version, index) => {
    const path = `spec.versions[${index}]`;
    if (version.name) {
      errors.push(...isDns1035Label(version.name).map((fault) => invalid(`${path}.name`, version.name, fault)));
    }
    if (version.deprecationWarning !== undefined && !version.deprecated) {
      errors.push(
        invalid(`${path}.deprecationWarning`, version.deprecationWarning, 'can only be set for deprecated versions'),
      );
    }
    const schema = version.schema?.openAPIV3Schema;
    if (!schema) {
      errors.push(required(`${path}.schema.openAPIV3Schema`, 'schemas are required'));
      return;
    }
    if (alike && index > 0) return;
    errors.push(
      ...checkStructural(alike ? 'spec.validation.openAPIV3Schema' : `${path}.schema.openAPIV3Schema`, schema),
    );
    const columnsPath = alike ? 'spec.additionalPrinterColumns' : `${path}.additionalPrinterColumns`;
    version.additionalPrinterColumns?.forEach((column, at) => {
      errors.push(...checkColumn(`${columnsPath}[${at}]`, column));
    });
  });
  return errors;
}

function checkColumn(
  path: string,
  column: NonNullable<CustomResourceDefinitionVersion['additionalPrinterColumns']>[number],
): FieldError[] {
  const errors: FieldError[] = [];
  if (column.type && !COLUMN_TYPES.includes(column.type)) {
    errors.push(notSupported(`${path}.type`, column.type, COLUMN_TYPES));
  }
  const fault = column.jsonPath ? parseJsonPath(column.jsonPath).fault : undefined;
  if (fault) errors.push(invalid(`${path}.jsonPath`, column.jsonPath, fault));
  return errors;
}

const isEstablished = (crd: CustomResourceDefinition): boolean =>
  crd.status?.conditions?.some((condition) => condition.type === 'Established' && condition.status === 'True') ?? false;

export function validateCustomResourceDefinitionUpdate(
  crd: CustomResourceDefinition,
  old: CustomResourceDefinition,
): FieldError[] {
  const errors: FieldError[] = [];
  const fixed: [string, unknown, unknown][] = [
    ['spec.group', crd.spec?.group, old.spec.group],
    ['spec.names.plural', crd.spec?.names?.plural, old.spec.names?.plural],
  ];
  if (isEstablished(old)) {
    fixed.push(
      ['spec.scope', crd.spec?.scope, old.spec.scope],
      ['spec.names.kind', crd.spec?.names?.kind, old.spec.names?.kind],
    );
  }
  for (const [field, value, before] of fixed) {
    if (value !== before) errors.push(invalid(field, value, 'field is immutable'));
  }
  const names = new Set(versionNames(crd.spec?.versions ?? []));
  old.status?.storedVersions?.forEach((version, index) => {
    if (!names.has(version))
      errors.push(invalid(`status.storedVersions[${index}]`, version, 'must appear in spec.versions'));
  });
  return errors;
}
