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

const podSpec = message('io.k8s.api.core.v1.PodSpec', 'What shall run in a pod, and where it may run.', {
  volumes: [
    1,
    field(
      list(VolumeSchema, { merge: 'name', strategy: 'merge,retainKeys' }),
      'Storage that containers of the pod can mount.',
    ),
  ],
  initContainers: [
    20,
    field(
      list(ContainerSchema, { merge: 'name' }),
      'Containers that run one after another, to their end, before the others start.',
    ),
  ],
  containers: [2, required(field(list(ContainerSchema, { merge: 'name' }), 'Containers of the pod; at least one.'))],
  ephemeralContainers: [
    34,
    field(list(EphemeralContainerSchema, { merge: 'name' }), 'Containers added to a running pod for debugging.'),
  ],
  restartPolicy: [
    3,
    field(string, 'Always, OnFailure or Never: what happens when a container ends.', {
      default: 'Always',
      enum: ['Always', 'OnFailure', 'Never'],
    }),
  ],
  terminationGracePeriodSeconds: [4, field(int64, 'Seconds between the request to end and the kill.', { default: 30 })],
  activeDeadlineSeconds: [5, field(int64, 'Seconds after which the pod is failed.')],
  dnsPolicy: [
    6,
    field(string, 'Where names are resolved: ClusterFirst, ClusterFirstWithHostNet, Default or None.', {
      default: 'ClusterFirst',
      enum: ['ClusterFirst', 'ClusterFirstWithHostNet', 'Default', 'None'],
    }),
  ],
  nodeSelector: [7, field(map(string), 'Labels that a node must have.', { 'x-kubernetes-map-type': 'atomic' })],
  serviceAccountName: [8, field(string, 'Service account whose rights the containers have.')],
  serviceAccount: [9, string],
  automountServiceAccountToken: [21, bool],
  nodeName: [10, field(string, 'Node that the pod is bound to. Set by the scheduler.')],
  hostNetwork: [11, field(bool, 'Use the network of the node.')],
  hostPID: [12, bool],
  hostIPC: [13, bool],
  shareProcessNamespace: [27, bool],
  securityContext: [
    14,
    field(PodSecurityContextSchema, 'User, group and security labels for all containers.', { default: {} }),
  ],
  imagePullSecrets: [
    15,
    field(list(LocalObjectReferenceSchema, { merge: 'name' }), 'Secrets with credentials for image registries.'),
  ],
  hostname: [16, string],
  subdomain: [17, string],
  affinity: [18, field(AffinitySchema, 'Rules on nodes and neighbours.')],
  schedulerName: [19, field(string, 'Scheduler that places the pod.', { default: 'default-scheduler' })],
  tolerations: [22, field(list(TolerationSchema), 'Taints that do not keep the pod away.')],
  hostAliases: [23, list(HostAliasSchema, { merge: 'ip' })],
  priorityClassName: [24, field(string, 'Class from which the priority is taken.')],
  priority: [25, field(int32, 'Pods of higher priority are placed first and may push out others.')],
  dnsConfig: [26, PodDNSConfigSchema],
  readinessGates: [28, list(PodReadinessGateSchema)],
  runtimeClassName: [29, string],
  enableServiceLinks: [30, bool],
  preemptionPolicy: [31, field(string, '', { enum: ['Never', 'PreemptLowerPriority'] })],
  overhead: [32, field(map(quantity), 'Resources of the runtime itself, added to those of the containers.')],
  topologySpreadConstraints: [
    33,
    field(
      list(TopologySpreadConstraintSchema, {
        type: 'map',
        keys: ['topologyKey', 'whenUnsatisfiable'],
        merge: 'topologyKey',
      }),
      'How pods of a kind are spread over places.',
    ),
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

const podStatus = message('io.k8s.api.core.v1.PodStatus', 'What is known about a running pod.', {
  phase: [1, field(string, 'Pending, Running, Succeeded, Failed or Unknown.')],
  conditions: [
    2,
    field(list(PodConditionSchema, { merge: 'type' }), 'PodScheduled, Initialized, ContainersReady, Ready.'),
  ],
  message: [3, field(string, 'The same in a sentence.')],
  reason: [4, field(string, 'One word for why the pod is in this state.')],
  nominatedNodeName: [11, string],
  hostIP: [5, field(string, 'Address of its node.')],
  podIP: [6, field(string, 'Address of the pod.')],
  podIPs: [12, list(PodIPSchema, { merge: 'ip' })],
  startTime: [7, field(time, 'When the node accepted the pod.')],
  initContainerStatuses: [10, list(ContainerStatusSchema)],
  containerStatuses: [8, field(list(ContainerStatusSchema), 'State of each container.')],
  qosClass: [9, field(string, 'Guaranteed, Burstable or BestEffort.')],
  ephemeralContainerStatuses: [13, list(ContainerStatusSchema)],
});
export interface PodStatus extends TypeOf<typeof podStatus> {}
export const PodStatusSchema = named<PodStatus>(podStatus);

const pod = kind(
  'io.k8s.api.core.v1.Pod',
  'One or more containers that run together on a node and share network and volumes.',
  {
    metadata: [1, present(ObjectMetaSchema)],
    spec: [2, present(field(PodSpecSchema, 'What shall run, and where it may run.'))],
    status: [
      3,
      field(PodStatusSchema, 'What is running: phase, conditions, addresses, container states. Set by the system.'),
    ],
  },
);
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

const podTemplateSpec = message('io.k8s.api.core.v1.PodTemplateSpec', 'Template from which pods are made.', {
  metadata: [1, ObjectMetaSchema],
  spec: [2, present(PodSpecSchema)],
});
export interface PodTemplateSpec extends TypeOf<typeof podTemplateSpec> {}
export const PodTemplateSpecSchema = named<PodTemplateSpec>(podTemplateSpec);

const binding = kind('io.k8s.api.core.v1.Binding', 'Binds a pod to a node.', {
  metadata: [1, present(ObjectMetaSchema)],
  target: [2, required(field(ObjectReferenceSchema, 'The node.'))],
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
