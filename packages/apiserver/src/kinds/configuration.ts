import {
  type ConfigMap,
  type FieldError,
  forbidden,
  invalid,
  isConfigMapKey,
  required,
  type Secret,
  type ServiceAccount,
} from '@virtplane/resources';
import { checkImmutable, isEqual } from './checks.ts';
import { AGE, column, NAME } from './columns.ts';
import type { Strategy } from './strategy.ts';

const MAX_BYTES = 1024 * 1024;

const sizeOf = (map: Readonly<Record<string, string>> | undefined, bytesOf: (value: string) => number): number =>
  Object.values(map ?? {}).reduce((sum, value) => sum + bytesOf(value), 0);
const base64Bytes = (value: string): number => Math.floor((value.length * 3) / 4);

const tooLarge = (field: string): FieldError => ({
  type: 'FieldValueTooLong',
  field,
  message: `Too long: must have at most ${MAX_BYTES} bytes`,
});

const checkKeys = (path: string, map: Readonly<Record<string, unknown>> | undefined): FieldError[] =>
  Object.keys(map ?? {}).flatMap((key) => isConfigMapKey(key).map((fault) => invalid(`${path}[${key}]`, key, fault)));

const IMMUTABLE = 'field is immutable when `immutable` is set';

function checkImmutability<T extends { immutable?: boolean }>(
  object: T,
  old: T,
  fields: readonly (keyof T & string)[],
): FieldError[] {
  if (!old.immutable) return [];
  const errors: FieldError[] = [];
  if (!object.immutable) errors.push(forbidden('immutable', IMMUTABLE));
  for (const field of fields)
    if (!isEqual(object[field] ?? {}, old[field] ?? {})) errors.push(forbidden(field, IMMUTABLE));
  return errors;
}

const count = (map: object | undefined): number => Object.keys(map ?? {}).length;

/** Source: kubernetes ValidateConfigMap. */
export const configMapStrategy: Strategy = {
  validate(configMap: ConfigMap) {
    const errors = [...checkKeys('data', configMap.data), ...checkKeys('binaryData', configMap.binaryData)];
    for (const key of Object.keys(configMap.data ?? {})) {
      if (Object.hasOwn(configMap.binaryData ?? {}, key)) {
        errors.push(invalid(`data[${key}]`, key, 'duplicate of key present in binaryData'));
      }
    }
    const bytes =
      sizeOf(configMap.data, (value) => Buffer.byteLength(value)) + sizeOf(configMap.binaryData, base64Bytes);
    // Go prints the empty path of the whole object like this.
    if (bytes > MAX_BYTES) errors.push(tooLarge('[]'));
    return errors;
  },
  validateUpdate: (configMap: ConfigMap, old: ConfigMap) => checkImmutability(configMap, old, ['data', 'binaryData']),
  columns: [NAME, column('Data', (configMap: ConfigMap) => count(configMap.data) + count(configMap.binaryData)), AGE],
  generation: 'none',
  allowUnconditionalUpdate: true,
};

const REQUIRED_KEYS: Readonly<Record<string, readonly string[]>> = {
  'kubernetes.io/dockercfg': ['.dockercfg'],
  'kubernetes.io/dockerconfigjson': ['.dockerconfigjson'],
  'kubernetes.io/ssh-auth': ['ssh-privatekey'],
  'kubernetes.io/tls': ['tls.crt', 'tls.key'],
};
const SERVICE_ACCOUNT_TOKEN = 'kubernetes.io/service-account-token';
const SERVICE_ACCOUNT_NAME = 'kubernetes.io/service-account.name';

/** Source: kubernetes ValidateSecret. */
export const secretStrategy: Strategy = {
  applyDefaults(secret: Secret) {
    if (secret.stringData) {
      const data = { ...secret.data };
      for (const [key, value] of Object.entries(secret.stringData)) data[key] = Buffer.from(value).toString('base64');
      secret.data = data;
      delete secret.stringData;
    }
    if (!secret.type) secret.type = 'Opaque';
  },
  validate(secret: Secret) {
    const errors = checkKeys('data', secret.data);
    if (sizeOf(secret.data, base64Bytes) > MAX_BYTES) errors.push(tooLarge('data'));
    for (const key of REQUIRED_KEYS[secret.type ?? ''] ?? []) {
      if (!Object.hasOwn(secret.data ?? {}, key)) errors.push(required(`data[${key}]`));
    }
    if (secret.type === SERVICE_ACCOUNT_TOKEN && !secret.metadata.annotations?.[SERVICE_ACCOUNT_NAME]) {
      errors.push(required(`metadata.annotations[${SERVICE_ACCOUNT_NAME}]`));
    }
    return errors;
  },
  validateUpdate: (secret: Secret, old: Secret) => [
    ...checkImmutable('type', secret.type, old.type),
    ...checkImmutability(secret, old, ['data']),
  ],
  selectableFields: (secret: Secret) => ({ type: secret.type ?? '' }),
  columns: [
    NAME,
    column('Type', (secret: Secret) => secret.type ?? ''),
    column('Data', (secret: Secret) => count(secret.data)),
    AGE,
  ],
  generation: 'none',
  allowUnconditionalUpdate: true,
};

export const serviceAccountStrategy: Strategy = {
  columns: [NAME, column('Secrets', (account: ServiceAccount) => account.secrets?.length ?? 0), AGE],
  generation: 'none',
  returnsDeletedObject: true,
  allowUnconditionalUpdate: true,
};
