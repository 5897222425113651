import { defineBuiltIn } from '../define.ts';
import { ConditionSchema, ObjectMetaSchema } from '../meta/types.ts';
import {
  bool,
  field,
  int32,
  intOrString,
  kind,
  list,
  map,
  message,
  named,
  present,
  required,
  string,
  type TypeOf,
} from '../schema/builder.ts';
import { ObjectReferenceSchema } from './references.ts';

const clientIPConfig = message('io.k8s.api.core.v1.ClientIPConfig', '', {
  timeoutSeconds: [1, int32],
});
export interface ClientIPConfig extends TypeOf<typeof clientIPConfig> {}
export const ClientIPConfigSchema = named<ClientIPConfig>(clientIPConfig);

const sessionAffinityConfig = message('io.k8s.api.core.v1.SessionAffinityConfig', '', {
  clientIP: [1, ClientIPConfigSchema],
});
export interface SessionAffinityConfig extends TypeOf<typeof sessionAffinityConfig> {}
export const SessionAffinityConfigSchema = named<SessionAffinityConfig>(sessionAffinityConfig);

const servicePort = message('io.k8s.api.core.v1.ServicePort', '', {
  name: [1, string],
  protocol: [2, field(string, '', { default: 'TCP', enum: ['SCTP', 'TCP', 'UDP'] })],
  appProtocol: [6, string],
  port: [3, required(int32)],
  targetPort: [4, intOrString],
  nodePort: [5, int32],
});
export interface ServicePort extends TypeOf<typeof servicePort> {}
export const ServicePortSchema = named<ServicePort>(servicePort);

const serviceSpec = message('io.k8s.api.core.v1.ServiceSpec', '', {
  ports: [
    1,
    field(list(ServicePortSchema, { type: 'map', keys: ['port', 'protocol'], merge: 'port' }), 'Ports of the service.'),
  ],
  selector: [2, field(map(string), 'Labels of the pods behind the service.', { 'x-kubernetes-map-type': 'atomic' })],
  clusterIP: [3, field(string, 'Address of the service; None for a headless one.')],
  clusterIPs: [18, list(string, { type: 'atomic' })],
  type: [
    4,
    field(string, 'ClusterIP, NodePort, LoadBalancer or ExternalName.', {
      default: 'ClusterIP',
      enum: ['ClusterIP', 'NodePort', 'LoadBalancer', 'ExternalName'],
    }),
  ],
  externalIPs: [5, list(string)],
  sessionAffinity: [7, field(string, '', { default: 'None', enum: ['None', 'ClientIP'] })],
  loadBalancerIP: [8, string],
  loadBalancerSourceRanges: [9, list(string)],
  externalName: [10, string],
  externalTrafficPolicy: [11, string],
  healthCheckNodePort: [12, int32],
  publishNotReadyAddresses: [13, bool],
  sessionAffinityConfig: [14, SessionAffinityConfigSchema],
  ipFamilies: [19, list(string, { type: 'atomic' })],
  ipFamilyPolicy: [17, string],
  allocateLoadBalancerNodePorts: [20, bool],
  loadBalancerClass: [21, string],
  internalTrafficPolicy: [22, string],
});
export interface ServiceSpec extends TypeOf<typeof serviceSpec> {}
export const ServiceSpecSchema = named<ServiceSpec>(serviceSpec);

const portStatus = message('io.k8s.api.core.v1.PortStatus', '', {
  port: [1, required(int32)],
  protocol: [2, required(string)],
  error: [3, string],
});
export interface PortStatus extends TypeOf<typeof portStatus> {}
export const PortStatusSchema = named<PortStatus>(portStatus);

const loadBalancerIngress = message('io.k8s.api.core.v1.LoadBalancerIngress', '', {
  ip: [1, string],
  hostname: [2, string],
  ports: [4, list(PortStatusSchema, { type: 'atomic' })],
});
export interface LoadBalancerIngress extends TypeOf<typeof loadBalancerIngress> {}
export const LoadBalancerIngressSchema = named<LoadBalancerIngress>(loadBalancerIngress);

const loadBalancerStatus = message('io.k8s.api.core.v1.LoadBalancerStatus', '', {
  ingress: [1, list(LoadBalancerIngressSchema)],
});
export interface LoadBalancerStatus extends TypeOf<typeof loadBalancerStatus> {}
export const LoadBalancerStatusSchema = named<LoadBalancerStatus>(loadBalancerStatus);

const serviceStatus = message('io.k8s.api.core.v1.ServiceStatus', '', {
  loadBalancer: [1, LoadBalancerStatusSchema],
  conditions: [2, list(ConditionSchema, { type: 'map', keys: ['type'], merge: 'type' })],
});
export interface ServiceStatus extends TypeOf<typeof serviceStatus> {}
export const ServiceStatusSchema = named<ServiceStatus>(serviceStatus);

const service = kind('io.k8s.api.core.v1.Service', 'A stable address in front of changing pods.', {
  metadata: [1, present(ObjectMetaSchema)],
  spec: [2, present(field(ServiceSpecSchema, 'Ports, selector and type.'))],
  status: [3, field(ServiceStatusSchema, 'Addresses of a load balancer.')],
});
export interface Service extends TypeOf<typeof service> {}
export const ServiceSchema = named<Service>(service);
export const Service = defineBuiltIn<Service>({
  schema: ServiceSchema,
  group: '',
  version: 'v1',
  kind: 'Service',
  plural: 'services',
  shortNames: ['svc'],
  categories: ['all'],
  status: true,
  subresources: [
    {
      name: 'proxy',
      verbs: ['create', 'delete', 'get', 'patch', 'update'],
      kind: { group: '', version: 'v1', kind: 'ServiceProxyOptions' },
    },
  ],
});

const endpointAddress = message(
  'io.k8s.api.core.v1.EndpointAddress',
  '',
  {
    ip: [1, required(string)],
    hostname: [3, string],
    nodeName: [4, string],
    targetRef: [2, ObjectReferenceSchema],
  },
  { atomic: true },
);
export interface EndpointAddress extends TypeOf<typeof endpointAddress> {}
export const EndpointAddressSchema = named<EndpointAddress>(endpointAddress);

const endpointPort = message(
  'io.k8s.api.core.v1.EndpointPort',
  '',
  {
    name: [1, string],
    port: [2, required(int32)],
    protocol: [3, field(string, '', { default: 'TCP', enum: ['SCTP', 'TCP', 'UDP'] })],
    appProtocol: [4, string],
  },
  { atomic: true },
);
export interface EndpointPort extends TypeOf<typeof endpointPort> {}
export const EndpointPortSchema = named<EndpointPort>(endpointPort);

const endpointSubset = message('io.k8s.api.core.v1.EndpointSubset', '', {
  addresses: [1, list(EndpointAddressSchema)],
  notReadyAddresses: [2, list(EndpointAddressSchema)],
  ports: [3, list(EndpointPortSchema)],
});
export interface EndpointSubset extends TypeOf<typeof endpointSubset> {}
export const EndpointSubsetSchema = named<EndpointSubset>(endpointSubset);

const endpoints = kind('io.k8s.api.core.v1.Endpoints', 'The addresses behind a service.', {
  metadata: [1, present(ObjectMetaSchema)],
  subsets: [2, field(list(EndpointSubsetSchema), 'Addresses with the ports they have in common.')],
});
export interface Endpoints extends TypeOf<typeof endpoints> {}
export const EndpointsSchema = named<Endpoints>(endpoints);
export const Endpoints = defineBuiltIn<Endpoints>({
  schema: EndpointsSchema,
  group: '',
  version: 'v1',
  kind: 'Endpoints',
  plural: 'endpoints',
  shortNames: ['ep'],
});
