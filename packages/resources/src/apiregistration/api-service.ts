import { defineBuiltIn } from '../define.ts';
import { ObjectMetaSchema } from '../meta/types.ts';
import {
  bool,
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
  time,
} from '../schema/builder.ts';

const apiServiceReference = message('io.k8s.kube-aggregator.pkg.apis.apiregistration.v1.ServiceReference', '', {
  namespace: [1, string],
  name: [2, string],
  port: [3, field(int32, '', { default: 443 })],
});
export interface APIServiceReference extends TypeOf<typeof apiServiceReference> {}
export const APIServiceReferenceSchema = named<APIServiceReference>(apiServiceReference);

const apiServiceSpec = message('io.k8s.kube-aggregator.pkg.apis.apiregistration.v1.APIServiceSpec', '', {
  service: [1, APIServiceReferenceSchema],
  group: [2, string],
  version: [3, string],
  insecureSkipTLSVerify: [4, bool],
  caBundle: [5, bytes],
  groupPriorityMinimum: [7, required(int32)],
  versionPriority: [8, required(int32)],
});
export interface APIServiceSpec extends TypeOf<typeof apiServiceSpec> {}
export const APIServiceSpecSchema = named<APIServiceSpec>(apiServiceSpec);

const apiServiceCondition = message('io.k8s.kube-aggregator.pkg.apis.apiregistration.v1.APIServiceCondition', '', {
  type: [1, required(string)],
  status: [2, required(string)],
  lastTransitionTime: [3, time],
  reason: [4, string],
  message: [5, string],
});
export interface APIServiceCondition extends TypeOf<typeof apiServiceCondition> {}
export const APIServiceConditionSchema = named<APIServiceCondition>(apiServiceCondition);

const apiServiceStatus = message('io.k8s.kube-aggregator.pkg.apis.apiregistration.v1.APIServiceStatus', '', {
  conditions: [1, list(APIServiceConditionSchema, { type: 'map', keys: ['type'], merge: 'type' })],
});
export interface APIServiceStatus extends TypeOf<typeof apiServiceStatus> {}
export const APIServiceStatusSchema = named<APIServiceStatus>(apiServiceStatus);

const apiService = kind(
  'io.k8s.kube-aggregator.pkg.apis.apiregistration.v1.APIService',
  'Hands one version of an API group to another server.',
  {
    metadata: [1, present(ObjectMetaSchema)],
    spec: [2, present(field(APIServiceSpecSchema, 'Which group and version, and who serves it.'))],
    status: [3, field(APIServiceStatusSchema, 'Whether the server can be reached.')],
  },
);
export interface APIService extends TypeOf<typeof apiService> {}
export const APIServiceSchema = named<APIService>(apiService);
export const APIService = defineBuiltIn<APIService>({
  schema: APIServiceSchema,
  group: 'apiregistration.k8s.io',
  version: 'v1',
  kind: 'APIService',
  plural: 'apiservices',
  categories: ['api-extensions'],
  clusterScoped: true,
  status: true,
});
