import { defineBuiltIn } from '../define.ts';
import { ObjectMetaSchema } from '../meta/types.ts';
import { bool, bytes, field, kind, list, map, named, present, string, type TypeOf } from '../schema/builder.ts';
import { LocalObjectReferenceSchema, ObjectReferenceSchema } from './references.ts';

const configMap = kind('io.k8s.api.core.v1.ConfigMap', '', {
  metadata: [1, present(ObjectMetaSchema)],
  immutable: [4, bool],
  data: [2, map(string)],
  binaryData: [3, map(bytes)],
});
export interface ConfigMap extends TypeOf<typeof configMap> {}
export const ConfigMapSchema = named<ConfigMap>(configMap);
export const ConfigMap = defineBuiltIn<ConfigMap>({
  schema: ConfigMapSchema,
  group: '',
  version: 'v1',
  kind: 'ConfigMap',
  plural: 'configmaps',
  shortNames: ['cm'],
});

const secret = kind('io.k8s.api.core.v1.Secret', '', {
  metadata: [1, present(ObjectMetaSchema)],
  immutable: [5, bool],
  data: [2, map(bytes)],
  stringData: [4, map(string)],
  type: [3, field(string, '', { default: 'Opaque' })],
});
export interface Secret extends TypeOf<typeof secret> {}
export const SecretSchema = named<Secret>(secret);
export const Secret = defineBuiltIn<Secret>({
  schema: SecretSchema,
  group: '',
  version: 'v1',
  kind: 'Secret',
  plural: 'secrets',
  selectableFields: ['type'],
});

const serviceAccount = kind('io.k8s.api.core.v1.ServiceAccount', '', {
  metadata: [1, present(ObjectMetaSchema)],
  secrets: [2, list(ObjectReferenceSchema, { merge: 'name' })],
  imagePullSecrets: [3, list(LocalObjectReferenceSchema)],
  automountServiceAccountToken: [4, bool],
});
export interface ServiceAccount extends TypeOf<typeof serviceAccount> {}
export const ServiceAccountSchema = named<ServiceAccount>(serviceAccount);
export const ServiceAccount = defineBuiltIn<ServiceAccount>({
  schema: ServiceAccountSchema,
  group: '',
  version: 'v1',
  kind: 'ServiceAccount',
  plural: 'serviceaccounts',
  shortNames: ['sa'],
  subresources: [
    { name: 'token', verbs: ['create'], kind: { group: 'authentication.k8s.io', version: 'v1', kind: 'TokenRequest' } },
  ],
});
