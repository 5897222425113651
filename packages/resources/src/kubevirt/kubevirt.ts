import { AffinitySchema, TolerationSchema } from '../core/affinity.ts';
import { ObjectMetaSchema } from '../meta/types.ts';
import {
  customKind,
  duration,
  field,
  int32,
  int64,
  list,
  map,
  named,
  nullable,
  object,
  present,
  required,
  string,
  type TypeOf,
  time,
} from '../schema/builder.ts';
import { KubeVirtConfigurationSchema } from './configuration.ts';
import { AGE, defineKubevirt } from './define.ts';

const certConfig = object('io.kubevirt.v1.CertConfig', '', {
  duration: duration,
  renewBefore: duration,
});
export interface CertConfig extends TypeOf<typeof certConfig> {}
export const CertConfigSchema = named<CertConfig>(certConfig);

const nodePlacement = object('io.kubevirt.v1.NodePlacement', '', {
  affinity: AffinitySchema,
  nodeSelector: map(string),
  tolerations: list(TolerationSchema),
});
export interface NodePlacement extends TypeOf<typeof nodePlacement> {}
export const NodePlacementSchema = named<NodePlacement>(nodePlacement);

const componentConfig = object('io.kubevirt.v1.ComponentConfig', '', {
  nodePlacement: NodePlacementSchema,
  replicas: int32,
});
export interface ComponentConfig extends TypeOf<typeof componentConfig> {}
export const ComponentConfigSchema = named<ComponentConfig>(componentConfig);

const customizeComponentsPatch = object('io.kubevirt.v1.CustomizeComponentsPatch', '', {
  patch: required(string),
  resourceName: required(field(string, '', { minLength: 1 })),
  resourceType: required(field(string, '', { minLength: 1 })),
  type: required(string),
});
export interface CustomizeComponentsPatch extends TypeOf<typeof customizeComponentsPatch> {}
export const CustomizeComponentsPatchSchema = named<CustomizeComponentsPatch>(customizeComponentsPatch);

const flags = object('io.kubevirt.v1.Flags', '', {
  api: map(string),
  controller: map(string),
  handler: map(string),
});
export interface Flags extends TypeOf<typeof flags> {}
export const FlagsSchema = named<Flags>(flags);

const customizeComponents = object('io.kubevirt.v1.CustomizeComponents', '', {
  flags: FlagsSchema,
  patches: list(CustomizeComponentsPatchSchema, { type: 'atomic' }),
});
export interface CustomizeComponents extends TypeOf<typeof customizeComponents> {}
export const CustomizeComponentsSchema = named<CustomizeComponents>(customizeComponents);

const generationStatus = object('io.kubevirt.v1.GenerationStatus', '', {
  group: required(string),
  hash: string,
  lastGeneration: required(int64),
  name: required(string),
  namespace: string,
  resource: required(string),
});
export interface GenerationStatus extends TypeOf<typeof generationStatus> {}
export const GenerationStatusSchema = named<GenerationStatus>(generationStatus);

const kubeVirtSelfSignConfiguration = object('io.kubevirt.v1.KubeVirtSelfSignConfiguration', '', {
  ca: CertConfigSchema,
  caOverlapInterval: duration,
  caRotateInterval: duration,
  certRotateInterval: duration,
  server: CertConfigSchema,
});
export interface KubeVirtSelfSignConfiguration extends TypeOf<typeof kubeVirtSelfSignConfiguration> {}
export const KubeVirtSelfSignConfigurationSchema = named<KubeVirtSelfSignConfiguration>(kubeVirtSelfSignConfiguration);

const kubeVirtCertificateRotateStrategy = object('io.kubevirt.v1.KubeVirtCertificateRotateStrategy', '', {
  selfSigned: KubeVirtSelfSignConfigurationSchema,
});
export interface KubeVirtCertificateRotateStrategy extends TypeOf<typeof kubeVirtCertificateRotateStrategy> {}
export const KubeVirtCertificateRotateStrategySchema = named<KubeVirtCertificateRotateStrategy>(
  kubeVirtCertificateRotateStrategy,
);

const kubeVirtWorkloadUpdateStrategy = object('io.kubevirt.v1.KubeVirtWorkloadUpdateStrategy', '', {
  batchEvictionInterval: duration,
  batchEvictionSize: int32,
  workloadUpdateMethods: list(string, { type: 'atomic' }),
});
export interface KubeVirtWorkloadUpdateStrategy extends TypeOf<typeof kubeVirtWorkloadUpdateStrategy> {}
export const KubeVirtWorkloadUpdateStrategySchema =
  named<KubeVirtWorkloadUpdateStrategy>(kubeVirtWorkloadUpdateStrategy);

const kubeVirtSpec = object('io.kubevirt.v1.KubeVirtSpec', '', {
  certificateRotateStrategy: field(
    KubeVirtCertificateRotateStrategySchema,
    'Lifetimes of the certificates that the components use among themselves.',
  ),
  configuration: field(KubeVirtConfigurationSchema, 'Settings of virtual machines and of the components.'),
  customizeComponents: CustomizeComponentsSchema,
  imagePullPolicy: string,
  imageRegistry: string,
  imageTag: string,
  infra: field(ComponentConfigSchema, 'Where the controllers may run.'),
  monitorAccount: string,
  monitorNamespace: string,
  productComponent: string,
  productName: string,
  productVersion: string,
  serviceMonitorNamespace: string,
  uninstallStrategy: string,
  workloadUpdateStrategy: field(KubeVirtWorkloadUpdateStrategySchema, 'How running machines get a newer launcher.'),
  workloads: field(ComponentConfigSchema, 'Where virtual machines may run.'),
});
export interface KubeVirtSpec extends TypeOf<typeof kubeVirtSpec> {}
export const KubeVirtSpecSchema = named<KubeVirtSpec>(kubeVirtSpec);

const kubeVirtCondition = object('io.kubevirt.v1.KubeVirtCondition', '', {
  lastProbeTime: nullable(time),
  lastTransitionTime: nullable(time),
  message: string,
  reason: string,
  status: required(string),
  type: required(string),
});
export interface KubeVirtCondition extends TypeOf<typeof kubeVirtCondition> {}
export const KubeVirtConditionSchema = named<KubeVirtCondition>(kubeVirtCondition);

const kubeVirtStatus = object('io.kubevirt.v1.KubeVirtStatus', '', {
  conditions: list(KubeVirtConditionSchema),
  generations: list(GenerationStatusSchema, { type: 'atomic' }),
  observedDeploymentConfig: string,
  observedDeploymentID: string,
  observedGeneration: int64,
  observedKubeVirtRegistry: string,
  observedKubeVirtVersion: string,
  operatorVersion: string,
  outdatedVirtualMachineInstanceWorkloads: int32,
  phase: string,
  targetDeploymentConfig: string,
  targetDeploymentID: string,
  targetKubeVirtRegistry: string,
  targetKubeVirtVersion: string,
});
export interface KubeVirtStatus extends TypeOf<typeof kubeVirtStatus> {}
export const KubeVirtStatusSchema = named<KubeVirtStatus>(kubeVirtStatus);

const kubeVirt = customKind('io.kubevirt.v1.KubeVirt', 'Installs virtualisation and configures it for the cluster.', {
  metadata: present(ObjectMetaSchema),
  spec: required(field(KubeVirtSpecSchema, 'Settings.')),
  status: field(KubeVirtStatusSchema, 'State of the installation.'),
});
export interface KubeVirt extends TypeOf<typeof kubeVirt> {}
export const KubeVirtSchema = named<KubeVirt>(kubeVirt);
export const KubeVirt = defineKubevirt<KubeVirt>({
  schema: KubeVirtSchema,
  kind: 'KubeVirt',
  plural: 'kubevirts',
  shortNames: ['kv', 'kvs'],
  status: true,
  columns: [AGE, { name: 'Phase', type: 'string', jsonPath: '.status.phase' }],
});
