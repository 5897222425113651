import { type FieldError, forbidden, invalid, type ObjectMeta, required, tooLong } from '@virtplane/resources';
import { labelFaults, labelKeyFaults, labelValueFaults } from './names.ts';

const ANNOTATION_BYTES = 256 * 1024;
export const FOREGROUND = 'foregroundDeletion';
export const ORPHAN = 'orphan';

type Kind = 'string' | 'number' | 'strings' | 'map' | 'owners' | 'time' | 'any';

const FIELDS: Readonly<Record<string, Kind>> = {
  name: 'string',
  generateName: 'string',
  namespace: 'string',
  selfLink: 'string',
  uid: 'string',
  resourceVersion: 'string',
  generation: 'number',
  creationTimestamp: 'time',
  deletionTimestamp: 'time',
  deletionGracePeriodSeconds: 'number',
  labels: 'map',
  annotations: 'map',
  ownerReferences: 'owners',
  finalizers: 'strings',
  managedFields: 'any',
};

const OWNER_FIELDS: Readonly<Record<string, 'string' | 'bool'>> = {
  apiVersion: 'string',
  kind: 'string',
  name: 'string',
  uid: 'string',
  controller: 'bool',
  blockOwnerDeletion: 'bool',
};

const jsonType = (value: unknown): string =>
  Array.isArray(value) ? 'array' : typeof value === 'boolean' ? 'bool' : typeof value;

const mismatch = (value: unknown, field: string, goType: string): string =>
  `json: cannot unmarshal ${jsonType(value)} into Go struct field ${field} of type ${goType}`;

/** RFC 3339 as Go's time package reads it. */
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;

function fault(value: unknown, field: string, kind: Kind): string | undefined {
  switch (kind) {
    case 'any':
      return undefined;
    case 'string':
      return typeof value === 'string' ? undefined : mismatch(value, field, 'string');
    case 'number':
      return Number.isInteger(value) ? undefined : mismatch(value, field, 'int64');
    case 'time':
      if (typeof value !== 'string') return mismatch(value, field, 'string');
      return TIME.test(value) && !Number.isNaN(Date.parse(value))
        ? undefined
        : `parsing time ${JSON.stringify(JSON.stringify(value))} as "\\"2006-01-02T15:04:05Z07:00\\"": cannot parse`;
    case 'strings': {
      if (!Array.isArray(value)) return mismatch(value, field, '[]string');
      const wrong = value.find((v) => typeof v !== 'string');
      return wrong === undefined ? undefined : mismatch(wrong, field, 'string');
    }
    case 'map':
      if (typeof value !== 'object' || value === null || Array.isArray(value))
        return mismatch(value, field, 'map[string]string');
      for (const v of Object.values(value)) if (typeof v !== 'string') return mismatch(v, field, 'string');
      return undefined;
    case 'owners': {
      if (!Array.isArray(value)) return mismatch(value, field, '[]v1.OwnerReference');
      for (const owner of value) {
        if (typeof owner !== 'object' || owner === null || Array.isArray(owner))
          return mismatch(owner, field, 'v1.OwnerReference');
        for (const [name, v] of Object.entries(owner)) {
          const type = OWNER_FIELDS[name];
          if (type === 'string' && typeof v !== 'string')
            return mismatch(v, `OwnerReference.${field}.${name}`, 'string');
          if (type === 'bool' && typeof v !== 'boolean' && v !== null)
            return mismatch(v, `OwnerReference.${field}.${name}`, 'bool');
        }
      }
      return undefined;
    }
  }
}

/**
 * Brings a body's metadata into ObjectMeta's shape, as Go's decoder does: nulls count as absent, undeclared fields go (their
 * paths are appended), a wrong type is reported. Returns that fault.
 */
export function decodeMeta(meta: Record<string, unknown>, unknownPaths: string[]): string | undefined {
  let first: string | undefined;
  for (const name of Object.keys(meta)) {
    const kind = Object.hasOwn(FIELDS, name) ? FIELDS[name] : undefined;
    const value = meta[name];
    if (kind === undefined) {
      unknownPaths.push(`metadata.${name}`);
      delete meta[name];
    } else if (value === null) delete meta[name];
    else first ??= fault(value, `ObjectMeta.${name}`, kind);
  }
  if (first !== undefined) return first;
  if (Array.isArray(meta.ownerReferences)) {
    meta.ownerReferences.forEach((owner: Record<string, unknown>, i) => {
      for (const name of Object.keys(owner)) {
        if (Object.hasOwn(OWNER_FIELDS, name)) continue;
        unknownPaths.push(`metadata.ownerReferences[${i}].${name}`);
        delete owner[name];
      }
    });
  }
  // Empty collections are the same as none.
  for (const name of ['labels', 'annotations', 'finalizers', 'ownerReferences'])
    if (meta[name] !== undefined && Object.keys(meta[name] as object).length === 0) delete meta[name];
  // Who owns which field is not tracked yet; half a record would mislead those who read it.
  delete meta.managedFields;
  delete meta.selfLink;
  return undefined;
}

const at = (field: string): string => `metadata.${field}`;

function labelsAndAnnotations(meta: ObjectMeta): FieldError[] {
  const faults: FieldError[] = [];
  for (const [key, value] of Object.entries(meta.labels ?? {})) {
    for (const text of labelKeyFaults(key)) faults.push(invalid(at('labels'), key, text));
    for (const text of labelValueFaults(value)) faults.push(invalid(at('labels'), value, text));
  }
  let bytes = 0;
  for (const [key, value] of Object.entries(meta.annotations ?? {})) {
    for (const text of labelKeyFaults(key.toLowerCase())) faults.push(invalid(at('annotations'), key, text));
    bytes += key.length + Buffer.byteLength(value);
  }
  if (bytes > ANNOTATION_BYTES) faults.push(tooLong(at('annotations'), `must have at most ${ANNOTATION_BYTES} bytes`));
  return faults;
}

function owners(meta: ObjectMeta): FieldError[] {
  const faults: FieldError[] = [];
  let controller: string | undefined;
  for (const owner of meta.ownerReferences ?? []) {
    const field = at('ownerReferences');
    if (!owner.apiVersion)
      faults.push(invalid(`${field}.apiVersion`, owner.apiVersion ?? '', 'version must not be empty'));
    if (!owner.kind) faults.push(invalid(`${field}.kind`, owner.kind ?? '', 'kind must not be empty'));
    if (!owner.name) faults.push(invalid(`${field}.name`, owner.name ?? '', 'name must not be empty'));
    if (!owner.uid) faults.push(invalid(`${field}.uid`, owner.uid ?? '', 'uid must not be empty'));
    if (owner.apiVersion === 'v1' && owner.kind === 'Event')
      faults.push(invalid(field, `${owner.apiVersion}, Kind=${owner.kind}`, 'is disallowed from being an owner'));
    if (!owner.controller) continue;
    if (controller === undefined) controller = owner.name;
    else
      faults.push({
        type: 'FieldValueInvalid',
        field,
        message: `Invalid value: Only one reference can have Controller set to true. Found "true" in references for ${controller} and ${owner.name}`,
      });
  }
  return faults;
}

function finalizers(meta: ObjectMeta): FieldError[] {
  const faults: FieldError[] = [];
  const list = meta.finalizers ?? [];
  for (const finalizer of list)
    for (const text of labelKeyFaults(finalizer)) faults.push(invalid(at('finalizers'), finalizer, text));
  if (list.includes(ORPHAN) && list.includes(FOREGROUND))
    faults.push({
      type: 'FieldValueInvalid',
      field: at('finalizers'),
      message: `Invalid value: []string{${list.map((f) => JSON.stringify(f)).join(', ')}}: finalizer ${ORPHAN} and ${FOREGROUND} cannot be both set`,
    });
  return faults;
}

/** Source: apimachinery ValidateObjectMeta. */
export function validateMeta(
  meta: ObjectMeta,
  namespaced: boolean,
  nameFaults: (name: string, prefix: boolean) => string[],
): FieldError[] {
  const faults: FieldError[] = [];
  if (meta.generateName)
    for (const text of nameFaults(meta.generateName, true))
      faults.push(invalid(at('generateName'), meta.generateName, text));
  if (!meta.name) faults.push(required(at('name'), 'name or generateName is required'));
  else for (const text of nameFaults(meta.name, false)) faults.push(invalid(at('name'), meta.name, text));
  if (namespaced) {
    if (!meta.namespace) faults.push(required(at('namespace')));
    else for (const text of labelFaults(meta.namespace)) faults.push(invalid(at('namespace'), meta.namespace, text));
  } else if (meta.namespace) faults.push(forbidden(at('namespace'), 'not allowed on this type'));
  faults.push(...labelsAndAnnotations(meta), ...owners(meta), ...finalizers(meta));
  return faults;
}

/** Source: apimachinery ValidateObjectMetaUpdate; uid and name were compared before. */
export function validateMetaUpdate(meta: ObjectMeta, old: ObjectMeta): FieldError[] {
  const faults: FieldError[] = [];
  if (old.deletionTimestamp !== undefined) {
    const added = (meta.finalizers ?? []).filter((f) => !old.finalizers?.includes(f));
    if (added.length > 0)
      faults.push(
        forbidden(
          at('finalizers'),
          `no new finalizers can be added if the object is being deleted, found new finalizers []string{${added.map((f) => JSON.stringify(f)).join(', ')}}`,
        ),
      );
  }
  if (meta.deletionTimestamp !== old.deletionTimestamp)
    faults.push(invalid(at('deletionTimestamp'), meta.deletionTimestamp, 'field is immutable'));
  if (meta.deletionGracePeriodSeconds !== old.deletionGracePeriodSeconds)
    faults.push(invalid(at('deletionGracePeriodSeconds'), meta.deletionGracePeriodSeconds, 'field is immutable'));
  faults.push(...labelsAndAnnotations(meta), ...owners(meta), ...finalizers(meta));
  return faults;
}
