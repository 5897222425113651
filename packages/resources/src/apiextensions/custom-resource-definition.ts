import { defineBuiltIn } from '../define.ts';
import { ObjectMetaSchema } from '../meta/types.ts';
import {
  bool,
  bytes,
  type EmptyObject,
  emptyObject,
  field,
  int32,
  kind,
  list,
  message,
  named,
  present,
  required,
  string,
  type TypeOf,
  time,
} from '../schema/builder.ts';
import { jsonSchemaProps } from './json-schema-props.ts';

const customResourceColumnDefinition = message(
  'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceColumnDefinition',
  '',
  {
    name: [1, required(string)],
    type: [2, required(string)],
    format: [3, string],
    description: [4, string],
    priority: [5, int32],
    jsonPath: [6, required(string)],
  },
);
export interface CustomResourceColumnDefinition extends TypeOf<typeof customResourceColumnDefinition> {}
export const CustomResourceColumnDefinitionSchema =
  named<CustomResourceColumnDefinition>(customResourceColumnDefinition);

const conversionServiceReference = message(
  'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.ServiceReference',
  '',
  {
    namespace: [1, required(string)],
    name: [2, required(string)],
    path: [3, string],
    port: [4, field(int32, '', { default: 443 })],
  },
);
export interface ConversionServiceReference extends TypeOf<typeof conversionServiceReference> {}
export const ConversionServiceReferenceSchema = named<ConversionServiceReference>(conversionServiceReference);

const conversionWebhookClientConfig = message(
  'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.WebhookClientConfig',
  '',
  {
    url: [3, string],
    service: [1, ConversionServiceReferenceSchema],
    caBundle: [2, bytes],
  },
);
export interface ConversionWebhookClientConfig extends TypeOf<typeof conversionWebhookClientConfig> {}
export const ConversionWebhookClientConfigSchema = named<ConversionWebhookClientConfig>(conversionWebhookClientConfig);

const webhookConversion = message('io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.WebhookConversion', '', {
  clientConfig: [2, ConversionWebhookClientConfigSchema],
  conversionReviewVersions: [3, required(list(string))],
});
export interface WebhookConversion extends TypeOf<typeof webhookConversion> {}
export const WebhookConversionSchema = named<WebhookConversion>(webhookConversion);

const customResourceConversion = message(
  'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceConversion',
  '',
  {
    strategy: [1, required(field(string, '', { enum: ['None', 'Webhook'] }))],
    webhook: [2, WebhookConversionSchema],
  },
);
export interface CustomResourceConversion extends TypeOf<typeof customResourceConversion> {}
export const CustomResourceConversionSchema = named<CustomResourceConversion>(customResourceConversion);

const customResourceDefinitionNames = message(
  'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceDefinitionNames',
  '',
  {
    plural: [1, required(string)],
    singular: [2, string],
    shortNames: [3, list(string)],
    kind: [4, required(string)],
    listKind: [5, string],
    categories: [6, list(string)],
  },
);
export interface CustomResourceDefinitionNames extends TypeOf<typeof customResourceDefinitionNames> {}
export const CustomResourceDefinitionNamesSchema = named<CustomResourceDefinitionNames>(customResourceDefinitionNames);

const customResourceSubresourceScale = message(
  'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceSubresourceScale',
  '',
  {
    specReplicasPath: [1, required(string)],
    statusReplicasPath: [2, required(string)],
    labelSelectorPath: [3, string],
  },
);
export interface CustomResourceSubresourceScale extends TypeOf<typeof customResourceSubresourceScale> {}
export const CustomResourceSubresourceScaleSchema =
  named<CustomResourceSubresourceScale>(customResourceSubresourceScale);

export const CustomResourceSubresourceStatusSchema = emptyObject(
  'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceSubresourceStatus',
);
export type CustomResourceSubresourceStatus = EmptyObject;

const customResourceSubresources = message(
  'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceSubresources',
  '',
  {
    status: [1, CustomResourceSubresourceStatusSchema],
    scale: [2, CustomResourceSubresourceScaleSchema],
  },
);
export interface CustomResourceSubresources extends TypeOf<typeof customResourceSubresources> {}
export const CustomResourceSubresourcesSchema = named<CustomResourceSubresources>(customResourceSubresources);

const customResourceValidation = message(
  'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceValidation',
  '',
  {
    openAPIV3Schema: [1, jsonSchemaProps],
  },
);
export interface CustomResourceValidation extends TypeOf<typeof customResourceValidation> {}
export const CustomResourceValidationSchema = named<CustomResourceValidation>(customResourceValidation);

const customResourceDefinitionVersion = message(
  'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceDefinitionVersion',
  '',
  {
    name: [1, required(string)],
    served: [2, required(bool)],
    storage: [3, required(bool)],
    deprecated: [7, bool],
    deprecationWarning: [8, string],
    schema: [4, CustomResourceValidationSchema],
    subresources: [5, CustomResourceSubresourcesSchema],
    additionalPrinterColumns: [6, list(CustomResourceColumnDefinitionSchema)],
  },
);
export interface CustomResourceDefinitionVersion extends TypeOf<typeof customResourceDefinitionVersion> {}
export const CustomResourceDefinitionVersionSchema = named<CustomResourceDefinitionVersion>(
  customResourceDefinitionVersion,
);

const customResourceDefinitionSpec = message(
  'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceDefinitionSpec',
  '',
  {
    group: [1, required(field(string, 'Group of the kind.'))],
    names: [
      3,
      required(
        field(CustomResourceDefinitionNamesSchema, 'Names of the kind in URLs, manifests and on the command line.'),
      ),
    ],
    scope: [4, required(field(string, 'Namespaced or Cluster.', { enum: ['Cluster', 'Namespaced'] }))],
    versions: [7, required(field(list(CustomResourceDefinitionVersionSchema), 'Versions; exactly one is stored.'))],
    conversion: [9, field(CustomResourceConversionSchema, '', { default: { strategy: 'None' } })],
    preserveUnknownFields: [10, bool],
  },
);
export interface CustomResourceDefinitionSpec extends TypeOf<typeof customResourceDefinitionSpec> {}
export const CustomResourceDefinitionSpecSchema = named<CustomResourceDefinitionSpec>(customResourceDefinitionSpec);

const customResourceDefinitionCondition = message(
  'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceDefinitionCondition',
  '',
  {
    type: [1, required(string)],
    status: [2, required(string)],
    lastTransitionTime: [3, time],
    reason: [4, string],
    message: [5, string],
  },
);
export interface CustomResourceDefinitionCondition extends TypeOf<typeof customResourceDefinitionCondition> {}
export const CustomResourceDefinitionConditionSchema = named<CustomResourceDefinitionCondition>(
  customResourceDefinitionCondition,
);

const customResourceDefinitionStatus = message(
  'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceDefinitionStatus',
  '',
  {
    conditions: [1, list(CustomResourceDefinitionConditionSchema, { type: 'map', keys: ['type'] })],
    acceptedNames: [2, CustomResourceDefinitionNamesSchema],
    storedVersions: [3, list(string)],
  },
);
export interface CustomResourceDefinitionStatus extends TypeOf<typeof customResourceDefinitionStatus> {}
export const CustomResourceDefinitionStatusSchema =
  named<CustomResourceDefinitionStatus>(customResourceDefinitionStatus);

const customResourceDefinition = kind(
  'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceDefinition',
  'Adds a kind to the API.',
  {
    metadata: [1, present(ObjectMetaSchema)],
    spec: [2, required(field(CustomResourceDefinitionSpecSchema, 'Names, scope and versions of the kind.'))],
    status: [3, field(CustomResourceDefinitionStatusSchema, 'Whether the kind is served, and under which names.')],
  },
);
export interface CustomResourceDefinition extends TypeOf<typeof customResourceDefinition> {}
export const CustomResourceDefinitionSchema = named<CustomResourceDefinition>(customResourceDefinition);
export const CustomResourceDefinition = defineBuiltIn<CustomResourceDefinition>({
  schema: CustomResourceDefinitionSchema,
  group: 'apiextensions.k8s.io',
  version: 'v1',
  kind: 'CustomResourceDefinition',
  plural: 'customresourcedefinitions',
  shortNames: ['crd', 'crds'],
  categories: ['api-extensions'],
  clusterScoped: true,
  status: true,
});
