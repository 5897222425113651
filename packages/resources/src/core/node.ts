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
import { TaintSchema } from './affinity.ts';

const configMapNodeConfigSource = message('io.k8s.api.core.v1.ConfigMapNodeConfigSource', '', {
  namespace: [1, required(string)],
  name: [2, required(string)],
  uid: [3, string],
  resourceVersion: [4, string],
  kubeletConfigKey: [5, required(string)],
});
export interface ConfigMapNodeConfigSource extends TypeOf<typeof configMapNodeConfigSource> {}
export const ConfigMapNodeConfigSourceSchema = named<ConfigMapNodeConfigSource>(configMapNodeConfigSource);

const nodeConfigSource = message('io.k8s.api.core.v1.NodeConfigSource', '', {
  configMap: [2, ConfigMapNodeConfigSourceSchema],
});
export interface NodeConfigSource extends TypeOf<typeof nodeConfigSource> {}
export const NodeConfigSourceSchema = named<NodeConfigSource>(nodeConfigSource);

const nodeConfigStatus = message('io.k8s.api.core.v1.NodeConfigStatus', '', {
  assigned: [1, NodeConfigSourceSchema],
  active: [2, NodeConfigSourceSchema],
  lastKnownGood: [3, NodeConfigSourceSchema],
  error: [4, string],
});
export interface NodeConfigStatus extends TypeOf<typeof nodeConfigStatus> {}
export const NodeConfigStatusSchema = named<NodeConfigStatus>(nodeConfigStatus);

const nodeSpec = message('io.k8s.api.core.v1.NodeSpec', 'How a node may be used.', {
  podCIDR: [1, field(string, 'Range of addresses for pods on this node.')],
  podCIDRs: [
    7,
    field(
      list(string, { merge: true }),
      'Ranges of addresses for pods on this node, at most one for each address family.',
    ),
  ],
  providerID: [3, field(string, 'Name of the machine at its cloud provider.')],
  unschedulable: [4, field(bool, 'True while the node is cordoned: nothing new is placed there.')],
  taints: [5, field(list(TaintSchema), "Marks that keep away pods that don't tolerate them.")],
  configSource: [6, NodeConfigSourceSchema],
  externalID: [2, string],
});
export interface NodeSpec extends TypeOf<typeof nodeSpec> {}
export const NodeSpecSchema = named<NodeSpec>(nodeSpec);

const nodeAddress = message('io.k8s.api.core.v1.NodeAddress', '', {
  type: [1, required(string)],
  address: [2, required(string)],
});
export interface NodeAddress extends TypeOf<typeof nodeAddress> {}
export const NodeAddressSchema = named<NodeAddress>(nodeAddress);

const nodeCondition = message('io.k8s.api.core.v1.NodeCondition', '', {
  type: [1, required(string)],
  status: [2, required(string)],
  lastHeartbeatTime: [3, time],
  lastTransitionTime: [4, time],
  reason: [5, string],
  message: [6, string],
});
export interface NodeCondition extends TypeOf<typeof nodeCondition> {}
export const NodeConditionSchema = named<NodeCondition>(nodeCondition);

const daemonEndpoint = message('io.k8s.api.core.v1.DaemonEndpoint', '', {
  Port: [1, required(int32)],
});
export interface DaemonEndpoint extends TypeOf<typeof daemonEndpoint> {}
export const DaemonEndpointSchema = named<DaemonEndpoint>(daemonEndpoint);

const nodeDaemonEndpoints = message('io.k8s.api.core.v1.NodeDaemonEndpoints', '', {
  kubeletEndpoint: [1, DaemonEndpointSchema],
});
export interface NodeDaemonEndpoints extends TypeOf<typeof nodeDaemonEndpoints> {}
export const NodeDaemonEndpointsSchema = named<NodeDaemonEndpoints>(nodeDaemonEndpoints);

const nodeSystemInfo = message('io.k8s.api.core.v1.NodeSystemInfo', '', {
  machineID: [1, required(string)],
  systemUUID: [2, required(string)],
  bootID: [3, required(string)],
  kernelVersion: [4, required(string)],
  osImage: [5, required(string)],
  containerRuntimeVersion: [6, required(string)],
  kubeletVersion: [7, required(string)],
  kubeProxyVersion: [8, required(string)],
  operatingSystem: [9, required(string)],
  architecture: [10, required(string)],
});
export interface NodeSystemInfo extends TypeOf<typeof nodeSystemInfo> {}
export const NodeSystemInfoSchema = named<NodeSystemInfo>(nodeSystemInfo);

const containerImage = message('io.k8s.api.core.v1.ContainerImage', '', {
  names: [1, list(string)],
  sizeBytes: [2, int64],
});
export interface ContainerImage extends TypeOf<typeof containerImage> {}
export const ContainerImageSchema = named<ContainerImage>(containerImage);

const attachedVolume = message('io.k8s.api.core.v1.AttachedVolume', '', {
  name: [1, required(string)],
  devicePath: [2, required(string)],
});
export interface AttachedVolume extends TypeOf<typeof attachedVolume> {}
export const AttachedVolumeSchema = named<AttachedVolume>(attachedVolume);

const nodeStatus = message('io.k8s.api.core.v1.NodeStatus', 'What a node reports about itself.', {
  capacity: [1, field(map(quantity), 'Resources that the machine has.')],
  allocatable: [2, field(map(quantity), 'Resources that may be requested by pods.')],
  phase: [3, string],
  conditions: [
    4,
    field(
      list(NodeConditionSchema, { merge: 'type' }),
      'State of the node: Ready, MemoryPressure, DiskPressure, PIDPressure.',
    ),
  ],
  addresses: [
    5,
    field(list(NodeAddressSchema, { merge: 'type' }), 'Addresses and names under which the node is reached.'),
  ],
  daemonEndpoints: [6, NodeDaemonEndpointsSchema],
  nodeInfo: [7, field(NodeSystemInfoSchema, 'Identity and versions of the machine.')],
  images: [8, field(list(ContainerImageSchema), 'Container images that are present on the node.')],
  volumesInUse: [9, field(list(string), 'Volumes that the node has mounted.')],
  volumesAttached: [10, list(AttachedVolumeSchema)],
  config: [11, NodeConfigStatusSchema],
});
export interface NodeStatus extends TypeOf<typeof nodeStatus> {}
export const NodeStatusSchema = named<NodeStatus>(nodeStatus);

const node = kind('io.k8s.api.core.v1.Node', 'A machine on which pods and virtual machines run.', {
  metadata: [1, present(ObjectMetaSchema)],
  spec: [2, field(NodeSpecSchema, 'How the node may be used: taints, cordon, addresses for pods.')],
  status: [3, field(NodeStatusSchema, 'What the node reports: capacity, conditions, addresses, versions.')],
});
export interface Node extends TypeOf<typeof node> {}
export const NodeSchema = named<Node>(node);
export const Node = defineBuiltIn<Node>({
  schema: NodeSchema,
  group: '',
  version: 'v1',
  kind: 'Node',
  plural: 'nodes',
  shortNames: ['no'],
  clusterScoped: true,
  status: true,
  subresources: [
    {
      name: 'proxy',
      verbs: ['create', 'delete', 'get', 'patch', 'update'],
      kind: { group: '', version: 'v1', kind: 'NodeProxyOptions' },
    },
  ],
  selectableFields: ['spec.unschedulable'],
});
