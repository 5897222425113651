import { defineBuiltIn } from '../define.ts';
import { LabelSelectorSchema, ObjectMetaSchema } from '../meta/types.ts';
import {
  bytes,
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
} from '../schema/builder.ts';

const webhookRule = message('io.k8s.api.admissionregistration.v1.Rule', '', {
  apiGroups: [1, list(string)],
  apiVersions: [2, list(string)],
  resources: [3, list(string)],
  scope: [4, field(string, '', { default: '*', enum: ['*', 'Cluster', 'Namespaced'] })],
});
export interface WebhookRule extends TypeOf<typeof webhookRule> {}
export const WebhookRuleSchema = named<WebhookRule>(webhookRule);

const ruleWithOperations = message(
  'io.k8s.api.admissionregistration.v1.RuleWithOperations',
  '',
  {
    operations: [1, list(string)],
  },
  { inline: { rule: [2, WebhookRuleSchema] } },
);
export interface RuleWithOperations extends TypeOf<typeof ruleWithOperations>, WebhookRule {}
export const RuleWithOperationsSchema = named<RuleWithOperations>(ruleWithOperations);

const webhookServiceReference = message('io.k8s.api.admissionregistration.v1.ServiceReference', '', {
  namespace: [1, required(string)],
  name: [2, required(string)],
  path: [3, string],
  port: [4, field(int32, '', { default: 443 })],
});
export interface WebhookServiceReference extends TypeOf<typeof webhookServiceReference> {}
export const WebhookServiceReferenceSchema = named<WebhookServiceReference>(webhookServiceReference);

const webhookClientConfig = message('io.k8s.api.admissionregistration.v1.WebhookClientConfig', '', {
  url: [3, string],
  service: [1, WebhookServiceReferenceSchema],
  caBundle: [2, bytes],
});
export interface WebhookClientConfig extends TypeOf<typeof webhookClientConfig> {}
export const WebhookClientConfigSchema = named<WebhookClientConfig>(webhookClientConfig);

const mutatingWebhook = message('io.k8s.api.admissionregistration.v1.MutatingWebhook', '', {
  name: [1, required(string)],
  clientConfig: [2, required(WebhookClientConfigSchema)],
  rules: [3, list(RuleWithOperationsSchema)],
  failurePolicy: [4, field(string, '', { default: 'Fail', enum: ['Fail', 'Ignore'] })],
  matchPolicy: [9, field(string, '', { default: 'Equivalent', enum: ['Equivalent', 'Exact'] })],
  namespaceSelector: [5, field(LabelSelectorSchema, '', { default: {} })],
  objectSelector: [11, field(LabelSelectorSchema, '', { default: {} })],
  sideEffects: [6, required(field(string, '', { enum: ['None', 'NoneOnDryRun'] }))],
  timeoutSeconds: [7, field(int32, '', { default: 10 })],
  admissionReviewVersions: [8, required(list(string))],
  reinvocationPolicy: [10, field(string, '', { default: 'Never', enum: ['IfNeeded', 'Never'] })],
});
export interface MutatingWebhook extends TypeOf<typeof mutatingWebhook> {}
export const MutatingWebhookSchema = named<MutatingWebhook>(mutatingWebhook);

const mutatingWebhookConfiguration = kind(
  'io.k8s.api.admissionregistration.v1.MutatingWebhookConfiguration',
  'Web services that may change objects before they are stored.',
  {
    metadata: [1, present(ObjectMetaSchema)],
    webhooks: [2, field(list(MutatingWebhookSchema, { merge: 'name' }), 'The services and what they are asked about.')],
  },
);
export interface MutatingWebhookConfiguration extends TypeOf<typeof mutatingWebhookConfiguration> {}
export const MutatingWebhookConfigurationSchema = named<MutatingWebhookConfiguration>(mutatingWebhookConfiguration);
export const MutatingWebhookConfiguration = defineBuiltIn<MutatingWebhookConfiguration>({
  schema: MutatingWebhookConfigurationSchema,
  group: 'admissionregistration.k8s.io',
  version: 'v1',
  kind: 'MutatingWebhookConfiguration',
  plural: 'mutatingwebhookconfigurations',
  categories: ['api-extensions'],
  clusterScoped: true,
});

const validatingWebhook = message('io.k8s.api.admissionregistration.v1.ValidatingWebhook', '', {
  name: [1, required(string)],
  clientConfig: [2, required(WebhookClientConfigSchema)],
  rules: [3, list(RuleWithOperationsSchema)],
  failurePolicy: [4, field(string, '', { default: 'Fail', enum: ['Fail', 'Ignore'] })],
  matchPolicy: [9, field(string, '', { default: 'Equivalent', enum: ['Equivalent', 'Exact'] })],
  namespaceSelector: [5, field(LabelSelectorSchema, '', { default: {} })],
  objectSelector: [10, field(LabelSelectorSchema, '', { default: {} })],
  sideEffects: [6, required(field(string, '', { enum: ['None', 'NoneOnDryRun'] }))],
  timeoutSeconds: [7, field(int32, '', { default: 10 })],
  admissionReviewVersions: [8, required(list(string))],
});
export interface ValidatingWebhook extends TypeOf<typeof validatingWebhook> {}
export const ValidatingWebhookSchema = named<ValidatingWebhook>(validatingWebhook);

const validatingWebhookConfiguration = kind(
  'io.k8s.api.admissionregistration.v1.ValidatingWebhookConfiguration',
  'Web services that may refuse objects before they are stored.',
  {
    metadata: [1, present(ObjectMetaSchema)],
    webhooks: [
      2,
      field(list(ValidatingWebhookSchema, { merge: 'name' }), 'The services and what they are asked about.'),
    ],
  },
);
export interface ValidatingWebhookConfiguration extends TypeOf<typeof validatingWebhookConfiguration> {}
export const ValidatingWebhookConfigurationSchema =
  named<ValidatingWebhookConfiguration>(validatingWebhookConfiguration);
export const ValidatingWebhookConfiguration = defineBuiltIn<ValidatingWebhookConfiguration>({
  schema: ValidatingWebhookConfigurationSchema,
  group: 'admissionregistration.k8s.io',
  version: 'v1',
  kind: 'ValidatingWebhookConfiguration',
  plural: 'validatingwebhookconfigurations',
  categories: ['api-extensions'],
  clusterScoped: true,
});
