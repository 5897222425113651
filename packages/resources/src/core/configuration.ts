import { defineBuiltIn } from '../define.ts';
import { ObjectMetaSchema } from '../meta/types.ts';
import { bool, bytes, field, kind, list, map, named, present, string, type TypeOf } from '../schema/builder.ts';
import { LocalObjectReferenceSchema, ObjectReferenceSchema } from './references.ts';

const configMap = kind('io.k8s.api.core.v1.ConfigMap', 'Configuration as plain keys and values.', {
  metadata: [1, present(ObjectMetaSchema)],
  immutable: [4, field(bool, "True: the content can't be changed any more.")],
  data: [2, field(map(string), 'Text values.')],
  binaryData: [3, field(map(bytes), 'Values that are not text, base64-encoded.')],
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

const secret = kind('io.k8s.api.core.v1.Secret', 'Confidential keys and values.', {
  metadata: [1, present(ObjectMetaSchema)],
  immutable: [5, field(bool, "True: the content can't be changed any more.")],
  data: [2, field(map(bytes), 'Values, base64-encoded.')],
  stringData: [4, field(map(string), 'Values as plain text, for writing only; merged into data.')],
  type: [3, field(string, 'What kind of secret this is, such as Opaque or kubernetes.io/tls.', { default: 'Opaque' })],
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

const serviceAccount = kind('io.k8s.api.core.v1.ServiceAccount', 'An identity for programs.', {
  metadata: [1, present(ObjectMetaSchema)],
  secrets: [2, field(list(ObjectReferenceSchema, { merge: 'name' }), 'Secrets that pods of this account may use.')],
  imagePullSecrets: [
    3,
    field(list(LocalObjectReferenceSchema), 'Secrets for pulling images, added to pods of this account.'),
  ],
  automountServiceAccountToken: [4, field(bool, 'Whether pods get a token of this account mounted.')],
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
