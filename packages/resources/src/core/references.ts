import { bool, field, int32, message, named, quantity, required, string, type TypeOf } from '../schema/builder.ts';

const objectReference = message(
  'io.k8s.api.core.v1.ObjectReference',
  '',
  {
    kind: [1, string],
    namespace: [2, string],
    name: [3, string],
    uid: [4, string],
    apiVersion: [5, string],
    resourceVersion: [6, string],
    fieldPath: [7, string],
  },
  { atomic: true },
);
export interface ObjectReference extends TypeOf<typeof objectReference> {}
export const ObjectReferenceSchema = named<ObjectReference>(objectReference);

const localObjectReference = message(
  'io.k8s.api.core.v1.LocalObjectReference',
  '',
  {
    name: [1, string],
  },
  { atomic: true },
);
export interface LocalObjectReference extends TypeOf<typeof localObjectReference> {}
export const LocalObjectReferenceSchema = named<LocalObjectReference>(localObjectReference);

const secretReference = message(
  'io.k8s.api.core.v1.SecretReference',
  '',
  {
    name: [1, string],
    namespace: [2, string],
  },
  { atomic: true },
);
export interface SecretReference extends TypeOf<typeof secretReference> {}
export const SecretReferenceSchema = named<SecretReference>(secretReference);

const typedLocalObjectReference = message(
  'io.k8s.api.core.v1.TypedLocalObjectReference',
  '',
  {
    apiGroup: [1, string],
    kind: [2, required(string)],
    name: [3, required(string)],
  },
  { atomic: true },
);
export interface TypedLocalObjectReference extends TypeOf<typeof typedLocalObjectReference> {}
export const TypedLocalObjectReferenceSchema = named<TypedLocalObjectReference>(typedLocalObjectReference);

const objectFieldSelector = message(
  'io.k8s.api.core.v1.ObjectFieldSelector',
  '',
  {
    apiVersion: [1, field(string, '', { default: 'v1' })],
    fieldPath: [2, required(string)],
  },
  { atomic: true },
);
export interface ObjectFieldSelector extends TypeOf<typeof objectFieldSelector> {}
export const ObjectFieldSelectorSchema = named<ObjectFieldSelector>(objectFieldSelector);

const resourceFieldSelector = message(
  'io.k8s.api.core.v1.ResourceFieldSelector',
  '',
  {
    containerName: [1, string],
    resource: [2, required(string)],
    divisor: [3, field(quantity, '', { default: '0' })],
  },
  { atomic: true },
);
export interface ResourceFieldSelector extends TypeOf<typeof resourceFieldSelector> {}
export const ResourceFieldSelectorSchema = named<ResourceFieldSelector>(resourceFieldSelector);

const keyToPath = message('io.k8s.api.core.v1.KeyToPath', '', {
  key: [1, required(string)],
  path: [2, required(string)],
  mode: [3, int32],
});
export interface KeyToPath extends TypeOf<typeof keyToPath> {}
export const KeyToPathSchema = named<KeyToPath>(keyToPath);

const configMapKeySelector = message(
  'io.k8s.api.core.v1.ConfigMapKeySelector',
  '',
  {
    key: [2, required(string)],
    optional: [3, bool],
  },
  { inline: { localObjectReference: [1, LocalObjectReferenceSchema] }, atomic: true },
);
export interface ConfigMapKeySelector extends TypeOf<typeof configMapKeySelector>, LocalObjectReference {}
export const ConfigMapKeySelectorSchema = named<ConfigMapKeySelector>(configMapKeySelector);

const secretKeySelector = message(
  'io.k8s.api.core.v1.SecretKeySelector',
  '',
  {
    key: [2, required(string)],
    optional: [3, bool],
  },
  { inline: { localObjectReference: [1, LocalObjectReferenceSchema] }, atomic: true },
);
export interface SecretKeySelector extends TypeOf<typeof secretKeySelector>, LocalObjectReference {}
export const SecretKeySelectorSchema = named<SecretKeySelector>(secretKeySelector);
