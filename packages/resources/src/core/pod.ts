import { defineBuiltIn } from '../define.ts';
import { ObjectMetaSchema } from '../meta/types.ts';
import {
  bool,
  field,
  int32,
  int64,
  kind,
  list,
  map,
  message,
  named,
  present,
  quantity,
  required,
  string,
  type TypeOf,
  time,
} from '../schema/builder.ts';
import { AffinitySchema, TolerationSchema, TopologySpreadConstraintSchema } from './affinity.ts';
import { ContainerSchema, EphemeralContainerSchema } from './container.ts';
import { ContainerStatusSchema } from './container-status.ts';
import { LocalObjectReferenceSchema, ObjectReferenceSchema } from './references.ts';
import { PodSecurityContextSchema } from './security-context.ts';
import { VolumeSchema } from './volume.ts';

const hostAlias = message('io.k8s.api.core.v1.HostAlias', '', {
  ip: [1, string],
  hostnames: [2, list(string)],
});
export interface HostAlias extends TypeOf<typeof hostAlias> {}
export const HostAliasSchema = named<HostAlias>(hostAlias);

const podDNSConfigOption = message('io.k8s.api.core.v1.PodDNSConfigOption', '', {
  name: [1, string],
  value: [2, string],
});
export interface PodDNSConfigOption extends TypeOf<typeof podDNSConfigOption> {}
export const PodDNSConfigOptionSchema = named<PodDNSConfigOption>(podDNSConfigOption);

const podDNSConfig = message('io.k8s.api.core.v1.PodDNSConfig', '', {
  nameservers: [1, list(string)],
  searches: [2, list(string)],
  options: [3, list(PodDNSConfigOptionSchema)],
});
export interface PodDNSConfig extends TypeOf<typeof podDNSConfig> {}
export const PodDNSConfigSchema = named<PodDNSConfig>(podDNSConfig);

const podOS = message('io.k8s.api.core.v1.PodOS', '', {
  name: [1, required(string)],
});
export interface PodOS extends TypeOf<typeof podOS> {}
export const PodOSSchema = named<PodOS>(podOS);

const podReadinessGate = message('io.k8s.api.core.v1.PodReadinessGate', '', {
  conditionType: [1, required(string)],
});
export interface PodReadinessGate extends TypeOf<typeof podReadinessGate> {}
export const PodReadinessGateSchema = named<PodReadinessGate>(podReadinessGate);

const podSpec = message('io.k8s.api.core.v1.PodSpec', '', {
  volumes: [1, list(VolumeSchema, { merge: 'name', strategy: 'merge,retainKeys' })],
  initContainers: [20, list(ContainerSchema, { merge: 'name' })],
  containers: [2, required(list(ContainerSchema, { merge: 'name' }))],
  ephemeralContainers: [34, list(EphemeralContainerSchema, { merge: 'name' })],
  restartPolicy: [3, field(string, '', { default: 'Always', enum: ['Always', 'OnFailure', 'Never'] })],
  terminationGracePeriodSeconds: [4, field(int64, '', { default: 30 })],
  activeDeadlineSeconds: [5, int64],
  dnsPolicy: [
    6,
    field(string, '', {
      default: 'ClusterFirst',
      enum: ['ClusterFirst', 'ClusterFirstWithHostNet', 'Default', 'None'],
    }),
  ],
  nodeSelector: [7, field(map(string), '', { 'x-kubernetes-map-type': 'atomic' })],
  serviceAccountName: [8, string],
  serviceAccount: [9, string],
  automountServiceAccountToken: [21, bool],
  nodeName: [10, string],
  hostNetwork: [11, bool],
  hostPID: [12, bool],
  hostIPC: [13, bool],
  shareProcessNamespace: [27, bool],
  securityContext: [14, field(PodSecurityContextSchema, '', { default: {} })],
  imagePullSecrets: [15, list(LocalObjectReferenceSchema, { merge: 'name' })],
  hostname: [16, string],
  subdomain: [17, string],
  affinity: [18, AffinitySchema],
  schedulerName: [19, field(string, '', { default: 'default-scheduler' })],
  tolerations: [22, list(TolerationSchema)],
  hostAliases: [23, list(HostAliasSchema, { merge: 'ip' })],
  priorityClassName: [24, string],
  priority: [25, int32],
  dnsConfig: [26, PodDNSConfigSchema],
  readinessGates: [28, list(PodReadinessGateSchema)],
  runtimeClassName: [29, string],
  enableServiceLinks: [30, field(bool, '', { default: true })],
  preemptionPolicy: [31, field(string, '', { enum: ['Never', 'PreemptLowerPriority'] })],
  overhead: [32, map(quantity)],
  topologySpreadConstraints: [
    33,
    list(TopologySpreadConstraintSchema, {
      type: 'map',
      keys: ['topologyKey', 'whenUnsatisfiable'],
      merge: 'topologyKey',
    }),
  ],
  setHostnameAsFQDN: [35, bool],
  os: [36, PodOSSchema],
  hostUsers: [37, bool],
});
export interface PodSpec extends TypeOf<typeof podSpec> {}
export const PodSpecSchema = named<PodSpec>(podSpec);

const podIP = message('io.k8s.api.core.v1.PodIP', '', {
  ip: [1, string],
});
export interface PodIP extends TypeOf<typeof podIP> {}
export const PodIPSchema = named<PodIP>(podIP);

const podCondition = message('io.k8s.api.core.v1.PodCondition', '', {
  type: [1, required(string)],
  status: [2, required(string)],
  lastProbeTime: [3, time],
  lastTransitionTime: [4, time],
  reason: [5, string],
  message: [6, string],
});
export interface PodCondition extends TypeOf<typeof podCondition> {}
export const PodConditionSchema = named<PodCondition>(podCondition);

const podStatus = message('io.k8s.api.core.v1.PodStatus', '', {
  phase: [1, string],
  conditions: [2, list(PodConditionSchema, { merge: 'type' })],
  message: [3, string],
  reason: [4, string],
  nominatedNodeName: [11, string],
  hostIP: [5, string],
  podIP: [6, string],
  podIPs: [12, list(PodIPSchema, { merge: 'ip' })],
  startTime: [7, time],
  initContainerStatuses: [10, list(ContainerStatusSchema)],
  containerStatuses: [8, list(ContainerStatusSchema)],
  qosClass: [9, string],
  ephemeralContainerStatuses: [13, list(ContainerStatusSchema)],
});
export interface PodStatus extends TypeOf<typeof podStatus> {}
export const PodStatusSchema = named<PodStatus>(podStatus);

const pod = kind('io.k8s.api.core.v1.Pod', '', {
  metadata: [1, present(ObjectMetaSchema)],
  spec: [2, present(PodSpecSchema)],
  status: [3, PodStatusSchema],
});
export interface Pod extends TypeOf<typeof pod> {}
export const PodSchema = named<Pod>(pod);
export const Pod = defineBuiltIn<Pod>({
  schema: PodSchema,
  group: '',
  version: 'v1',
  kind: 'Pod',
  plural: 'pods',
  shortNames: ['po'],
  categories: ['all'],
  status: true,
  subresources: [
    { name: 'attach', verbs: ['create', 'get'], kind: { group: '', version: 'v1', kind: 'PodAttachOptions' } },
    { name: 'binding', verbs: ['create'], kind: { group: '', version: 'v1', kind: 'Binding' } },
    { name: 'ephemeralcontainers', verbs: ['get', 'patch', 'update'] },
    { name: 'eviction', verbs: ['create'], kind: { group: 'policy', version: 'v1', kind: 'Eviction' } },
    { name: 'exec', verbs: ['create', 'get'], kind: { group: '', version: 'v1', kind: 'PodExecOptions' } },
    { name: 'log', verbs: ['get'] },
    {
      name: 'portforward',
      verbs: ['create', 'get'],
      kind: { group: '', version: 'v1', kind: 'PodPortForwardOptions' },
    },
  ],
  selectableFields: [
    'spec.nodeName',
    'spec.restartPolicy',
    'spec.schedulerName',
    'spec.serviceAccountName',
    'status.phase',
    'status.podIP',
    'status.podIPs',
    'status.nominatedNodeName',
  ],
});

const podTemplateSpec = message('io.k8s.api.core.v1.PodTemplateSpec', '', {
  metadata: [1, ObjectMetaSchema],
  spec: [2, present(PodSpecSchema)],
});
export interface PodTemplateSpec extends TypeOf<typeof podTemplateSpec> {}
export const PodTemplateSpecSchema = named<PodTemplateSpec>(podTemplateSpec);

const binding = kind('io.k8s.api.core.v1.Binding', '', {
  metadata: [1, present(ObjectMetaSchema)],
  target: [2, required(ObjectReferenceSchema)],
});
export interface Binding extends TypeOf<typeof binding> {}
export const BindingSchema = named<Binding>(binding);
export const Binding = defineBuiltIn<Binding>({
  schema: BindingSchema,
  group: '',
  version: 'v1',
  kind: 'Binding',
  plural: 'bindings',
  verbs: ['create'],
});
