import {
  bool,
  field,
  int32,
  int64,
  intOrString,
  list,
  message,
  named,
  required,
  string,
  type TypeOf,
} from '../schema/builder.ts';
import {
  ConfigMapKeySelectorSchema,
  type LocalObjectReference,
  LocalObjectReferenceSchema,
  ObjectFieldSelectorSchema,
  ResourceFieldSelectorSchema,
  SecretKeySelectorSchema,
} from './references.ts';
import { ResourceRequirementsSchema } from './resource-requirements.ts';
import { SecurityContextSchema } from './security-context.ts';

const configMapEnvSource = message(
  'io.k8s.api.core.v1.ConfigMapEnvSource',
  '',
  {
    optional: [2, bool],
  },
  { inline: { localObjectReference: [1, LocalObjectReferenceSchema] } },
);
export interface ConfigMapEnvSource extends TypeOf<typeof configMapEnvSource>, LocalObjectReference {}
export const ConfigMapEnvSourceSchema = named<ConfigMapEnvSource>(configMapEnvSource);

const secretEnvSource = message(
  'io.k8s.api.core.v1.SecretEnvSource',
  '',
  {
    optional: [2, bool],
  },
  { inline: { localObjectReference: [1, LocalObjectReferenceSchema] } },
);
export interface SecretEnvSource extends TypeOf<typeof secretEnvSource>, LocalObjectReference {}
export const SecretEnvSourceSchema = named<SecretEnvSource>(secretEnvSource);

const envFromSource = message('io.k8s.api.core.v1.EnvFromSource', '', {
  prefix: [1, string],
  configMapRef: [2, ConfigMapEnvSourceSchema],
  secretRef: [3, SecretEnvSourceSchema],
});
export interface EnvFromSource extends TypeOf<typeof envFromSource> {}
export const EnvFromSourceSchema = named<EnvFromSource>(envFromSource);

const envVarSource = message('io.k8s.api.core.v1.EnvVarSource', '', {
  fieldRef: [1, ObjectFieldSelectorSchema],
  resourceFieldRef: [2, ResourceFieldSelectorSchema],
  configMapKeyRef: [3, ConfigMapKeySelectorSchema],
  secretKeyRef: [4, SecretKeySelectorSchema],
});
export interface EnvVarSource extends TypeOf<typeof envVarSource> {}
export const EnvVarSourceSchema = named<EnvVarSource>(envVarSource);

const envVar = message('io.k8s.api.core.v1.EnvVar', '', {
  name: [1, required(string)],
  value: [2, string],
  valueFrom: [3, EnvVarSourceSchema],
});
export interface EnvVar extends TypeOf<typeof envVar> {}
export const EnvVarSchema = named<EnvVar>(envVar);

const containerPort = message('io.k8s.api.core.v1.ContainerPort', 'A port that a container listens on.', {
  name: [1, string],
  hostPort: [2, int32],
  containerPort: [3, required(int32)],
  protocol: [4, field(string, '', { default: 'TCP', enum: ['SCTP', 'TCP', 'UDP'] })],
  hostIP: [5, string],
});
export interface ContainerPort extends TypeOf<typeof containerPort> {}
export const ContainerPortSchema = named<ContainerPort>(containerPort);

const volumeMount = message('io.k8s.api.core.v1.VolumeMount', '', {
  name: [1, required(string)],
  readOnly: [2, bool],
  mountPath: [3, required(string)],
  subPath: [4, string],
  mountPropagation: [5, string],
  subPathExpr: [6, string],
});
export interface VolumeMount extends TypeOf<typeof volumeMount> {}
export const VolumeMountSchema = named<VolumeMount>(volumeMount);

const volumeDevice = message('io.k8s.api.core.v1.VolumeDevice', '', {
  name: [1, required(string)],
  devicePath: [2, required(string)],
});
export interface VolumeDevice extends TypeOf<typeof volumeDevice> {}
export const VolumeDeviceSchema = named<VolumeDevice>(volumeDevice);

const execAction = message('io.k8s.api.core.v1.ExecAction', '', {
  command: [1, list(string)],
});
export interface ExecAction extends TypeOf<typeof execAction> {}
export const ExecActionSchema = named<ExecAction>(execAction);

const httpHeader = message('io.k8s.api.core.v1.HTTPHeader', '', {
  name: [1, required(string)],
  value: [2, required(string)],
});
export interface HTTPHeader extends TypeOf<typeof httpHeader> {}
export const HTTPHeaderSchema = named<HTTPHeader>(httpHeader);

const httpGetAction = message('io.k8s.api.core.v1.HTTPGetAction', '', {
  path: [1, field(string, '', { default: '/' })],
  port: [2, required(intOrString)],
  host: [3, string],
  scheme: [4, field(string, '', { default: 'HTTP', enum: ['HTTP', 'HTTPS'] })],
  httpHeaders: [5, list(HTTPHeaderSchema)],
});
export interface HTTPGetAction extends TypeOf<typeof httpGetAction> {}
export const HTTPGetActionSchema = named<HTTPGetAction>(httpGetAction);

const tcpSocketAction = message('io.k8s.api.core.v1.TCPSocketAction', '', {
  port: [1, required(intOrString)],
  host: [2, string],
});
export interface TCPSocketAction extends TypeOf<typeof tcpSocketAction> {}
export const TCPSocketActionSchema = named<TCPSocketAction>(tcpSocketAction);

const grpcAction = message('io.k8s.api.core.v1.GRPCAction', '', {
  port: [1, required(int32)],
  service: [2, field(string, '', { default: '' })],
});
export interface GRPCAction extends TypeOf<typeof grpcAction> {}
export const GRPCActionSchema = named<GRPCAction>(grpcAction);

const probeHandler = message('io.k8s.api.core.v1.ProbeHandler', '', {
  exec: [1, ExecActionSchema],
  httpGet: [2, HTTPGetActionSchema],
  tcpSocket: [3, TCPSocketActionSchema],
  grpc: [4, GRPCActionSchema],
});
export interface ProbeHandler extends TypeOf<typeof probeHandler> {}
export const ProbeHandlerSchema = named<ProbeHandler>(probeHandler);

const probe = message(
  'io.k8s.api.core.v1.Probe',
  'A check that is repeated while the container runs.',
  {
    initialDelaySeconds: [2, int32],
    timeoutSeconds: [3, field(int32, '', { default: 1 })],
    periodSeconds: [4, field(int32, '', { default: 10 })],
    successThreshold: [5, field(int32, '', { default: 1 })],
    failureThreshold: [6, field(int32, '', { default: 3 })],
    terminationGracePeriodSeconds: [7, int64],
  },
  { inline: { handler: [1, ProbeHandlerSchema] } },
);
export interface Probe extends TypeOf<typeof probe>, ProbeHandler {}
export const ProbeSchema = named<Probe>(probe);

const lifecycleHandler = message('io.k8s.api.core.v1.LifecycleHandler', '', {
  exec: [1, ExecActionSchema],
  httpGet: [2, HTTPGetActionSchema],
  tcpSocket: [3, TCPSocketActionSchema],
});
export interface LifecycleHandler extends TypeOf<typeof lifecycleHandler> {}
export const LifecycleHandlerSchema = named<LifecycleHandler>(lifecycleHandler);

const lifecycle = message('io.k8s.api.core.v1.Lifecycle', '', {
  postStart: [1, LifecycleHandlerSchema],
  preStop: [2, LifecycleHandlerSchema],
});
export interface Lifecycle extends TypeOf<typeof lifecycle> {}
export const LifecycleSchema = named<Lifecycle>(lifecycle);

const container = message('io.k8s.api.core.v1.Container', 'One container of a pod.', {
  name: [1, required(field(string, 'Name, unique in the pod; a DNS label.'))],
  image: [2, field(string, 'Image to run.')],
  command: [3, field(list(string), "Program to run instead of the image's entry point.")],
  args: [4, field(list(string), 'Arguments of the program.')],
  workingDir: [5, field(string, 'Directory that the program starts in.')],
  ports: [
    6,
    field(
      list(ContainerPortSchema, { type: 'map', keys: ['containerPort', 'protocol'], merge: 'containerPort' }),
      'Ports that the container listens on.',
    ),
  ],
  envFrom: [19, list(EnvFromSourceSchema)],
  env: [7, field(list(EnvVarSchema, { merge: 'name' }), 'Environment variables.')],
  resources: [
    8,
    field(ResourceRequirementsSchema, 'What the container requests and what it may use at most.', { default: {} }),
  ],
  volumeMounts: [
    9,
    field(list(VolumeMountSchema, { merge: 'mountPath' }), "Volumes that appear in the container's file system."),
  ],
  volumeDevices: [
    21,
    field(list(VolumeDeviceSchema, { merge: 'devicePath' }), 'Volumes that appear as block devices.'),
  ],
  livenessProbe: [10, field(ProbeSchema, 'When it fails, the container is restarted.')],
  readinessProbe: [11, field(ProbeSchema, 'While it fails, the container gets no traffic.')],
  startupProbe: [22, field(ProbeSchema, 'Until it succeeds, the other probes wait.')],
  lifecycle: [12, field(LifecycleSchema, 'Actions after start and before stop.')],
  terminationMessagePath: [13, field(string, '', { default: '/dev/termination-log' })],
  terminationMessagePolicy: [20, field(string, '', { default: 'File', enum: ['File', 'FallbackToLogsOnError'] })],
  imagePullPolicy: [14, field(string, 'Always, IfNotPresent or Never.', { enum: ['Always', 'IfNotPresent', 'Never'] })],
  securityContext: [15, field(SecurityContextSchema, 'User, capabilities and security labels of this container.')],
  stdin: [16, bool],
  stdinOnce: [17, bool],
  tty: [18, bool],
});
export interface Container extends TypeOf<typeof container> {}
export const ContainerSchema = named<Container>(container);

const ephemeralContainerCommon = message('io.k8s.api.core.v1.EphemeralContainerCommon', '', {
  name: [1, required(string)],
  image: [2, string],
  command: [3, list(string)],
  args: [4, list(string)],
  workingDir: [5, string],
  ports: [6, list(ContainerPortSchema, { type: 'map', keys: ['containerPort', 'protocol'], merge: 'containerPort' })],
  envFrom: [19, list(EnvFromSourceSchema)],
  env: [7, list(EnvVarSchema, { merge: 'name' })],
  resources: [8, field(ResourceRequirementsSchema, '', { default: {} })],
  volumeMounts: [9, list(VolumeMountSchema, { merge: 'mountPath' })],
  volumeDevices: [21, list(VolumeDeviceSchema, { merge: 'devicePath' })],
  livenessProbe: [10, ProbeSchema],
  readinessProbe: [11, ProbeSchema],
  startupProbe: [22, ProbeSchema],
  lifecycle: [12, LifecycleSchema],
  terminationMessagePath: [13, field(string, '', { default: '/dev/termination-log' })],
  terminationMessagePolicy: [20, field(string, '', { default: 'File', enum: ['File', 'FallbackToLogsOnError'] })],
  imagePullPolicy: [14, field(string, '', { enum: ['Always', 'IfNotPresent', 'Never'] })],
  securityContext: [15, SecurityContextSchema],
  stdin: [16, bool],
  stdinOnce: [17, bool],
  tty: [18, bool],
});
export interface EphemeralContainerCommon extends TypeOf<typeof ephemeralContainerCommon> {}
export const EphemeralContainerCommonSchema = named<EphemeralContainerCommon>(ephemeralContainerCommon);

const ephemeralContainer = message(
  'io.k8s.api.core.v1.EphemeralContainer',
  '',
  {
    targetContainerName: [2, string],
  },
  { inline: { ephemeralContainerCommon: [1, EphemeralContainerCommonSchema] } },
);
export interface EphemeralContainer extends TypeOf<typeof ephemeralContainer>, EphemeralContainerCommon {}
export const EphemeralContainerSchema = named<EphemeralContainer>(ephemeralContainer);
