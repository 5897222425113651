import {
  bool,
  double,
  field,
  int32,
  int64,
  list,
  map,
  named,
  object,
  quantity,
  required,
  string,
  type TypeOf,
} from '../schema/builder.ts';
import { MigrationConfigurationSchema } from './migration-configuration.ts';

const diskVerification = object('io.kubevirt.v1.DiskVerification', '', {
  memoryLimit: required(quantity),
});
export interface DiskVerification extends TypeOf<typeof diskVerification> {}
export const DiskVerificationSchema = named<DiskVerification>(diskVerification);

const logVerbosity = object('io.kubevirt.v1.LogVerbosity', '', {
  nodeVerbosity: map(int32),
  virtAPI: int32,
  virtController: int32,
  virtHandler: int32,
  virtLauncher: int32,
  virtOperator: int32,
});
export interface LogVerbosity extends TypeOf<typeof logVerbosity> {}
export const LogVerbositySchema = named<LogVerbosity>(logVerbosity);

const developerConfiguration = object('io.kubevirt.v1.DeveloperConfiguration', '', {
  cpuAllocationRatio: field(int32, 'Virtual processors for each requested physical one.'),
  diskVerification: DiskVerificationSchema,
  featureGates: field(list(string), 'Names of optional features that are switched on.'),
  logVerbosity: LogVerbositySchema,
  memoryOvercommit: field(int32, 'Percentage of guest memory over requested memory.'),
  minimumClusterTSCFrequency: int64,
  minimumReservePVCBytes: int64,
  nodeSelectors: map(string),
  pvcTolerateLessSpaceUpToPercent: int32,
  useEmulation: field(bool, 'Run guests without hardware virtualisation where there is none.'),
});
export interface DeveloperConfiguration extends TypeOf<typeof developerConfiguration> {}
export const DeveloperConfigurationSchema = named<DeveloperConfiguration>(developerConfiguration);

const nodeMediatedDeviceTypesConfig = object('io.kubevirt.v1.NodeMediatedDeviceTypesConfig', '', {
  mediatedDeviceTypes: list(string, { type: 'atomic' }),
  mediatedDevicesTypes: list(string, { type: 'atomic' }),
  nodeSelector: required(map(string)),
});
export interface NodeMediatedDeviceTypesConfig extends TypeOf<typeof nodeMediatedDeviceTypesConfig> {}
export const NodeMediatedDeviceTypesConfigSchema = named<NodeMediatedDeviceTypesConfig>(nodeMediatedDeviceTypesConfig);

const mediatedDevicesConfiguration = object('io.kubevirt.v1.MediatedDevicesConfiguration', '', {
  mediatedDeviceTypes: list(string, { type: 'atomic' }),
  mediatedDevicesTypes: list(string, { type: 'atomic' }),
  nodeMediatedDeviceTypes: list(NodeMediatedDeviceTypesConfigSchema, { type: 'atomic' }),
});
export interface MediatedDevicesConfiguration extends TypeOf<typeof mediatedDevicesConfiguration> {}
export const MediatedDevicesConfigurationSchema = named<MediatedDevicesConfiguration>(mediatedDevicesConfiguration);

const networkConfiguration = object('io.kubevirt.v1.NetworkConfiguration', '', {
  defaultNetworkInterface: string,
  permitBridgeInterfaceOnPodNetwork: bool,
  permitSlirpInterface: bool,
});
export interface NetworkConfiguration extends TypeOf<typeof networkConfiguration> {}
export const NetworkConfigurationSchema = named<NetworkConfiguration>(networkConfiguration);

const mediatedHostDevice = object('io.kubevirt.v1.MediatedHostDevice', '', {
  externalResourceProvider: bool,
  mdevNameSelector: required(field(string, 'Name of the mediated device type.')),
  resourceName: required(field(string, 'Name under which machines ask for it.')),
});
export interface MediatedHostDevice extends TypeOf<typeof mediatedHostDevice> {}
export const MediatedHostDeviceSchema = named<MediatedHostDevice>(mediatedHostDevice);

const pciHostDevice = object('io.kubevirt.v1.PciHostDevice', '', {
  externalResourceProvider: field(bool, 'true: another device plugin offers it.'),
  pciVendorSelector: required(field(string, 'Vendor and device id, such as 10DE:1EB8.')),
  resourceName: required(field(string, 'Name under which machines ask for it.')),
});
export interface PciHostDevice extends TypeOf<typeof pciHostDevice> {}
export const PciHostDeviceSchema = named<PciHostDevice>(pciHostDevice);

const permittedHostDevices = object('io.kubevirt.v1.PermittedHostDevices', 'Host devices that machines may use.', {
  mediatedDevices: list(MediatedHostDeviceSchema, { type: 'atomic' }),
  pciHostDevices: list(PciHostDeviceSchema, { type: 'atomic' }),
});
export interface PermittedHostDevices extends TypeOf<typeof permittedHostDevices> {}
export const PermittedHostDevicesSchema = named<PermittedHostDevices>(permittedHostDevices);

const tokenBucketRateLimiter = object('io.kubevirt.v1.TokenBucketRateLimiter', '', {
  burst: required(int32),
  qps: required(double),
});
export interface TokenBucketRateLimiter extends TypeOf<typeof tokenBucketRateLimiter> {}
export const TokenBucketRateLimiterSchema = named<TokenBucketRateLimiter>(tokenBucketRateLimiter);

const rateLimiter = object('io.kubevirt.v1.RateLimiter', '', {
  tokenBucketRateLimiter: TokenBucketRateLimiterSchema,
});
export interface RateLimiter extends TypeOf<typeof rateLimiter> {}
export const RateLimiterSchema = named<RateLimiter>(rateLimiter);

const restClientConfiguration = object('io.kubevirt.v1.RESTClientConfiguration', '', {
  rateLimiter: RateLimiterSchema,
});
export interface RESTClientConfiguration extends TypeOf<typeof restClientConfiguration> {}
export const RESTClientConfigurationSchema = named<RESTClientConfiguration>(restClientConfiguration);

const reloadableComponentConfiguration = object('io.kubevirt.v1.ReloadableComponentConfiguration', '', {
  restClient: RESTClientConfigurationSchema,
});
export interface ReloadableComponentConfiguration extends TypeOf<typeof reloadableComponentConfiguration> {}
export const ReloadableComponentConfigurationSchema = named<ReloadableComponentConfiguration>(
  reloadableComponentConfiguration,
);

const smBiosConfiguration = object('io.kubevirt.v1.SMBiosConfiguration', '', {
  family: string,
  manufacturer: string,
  product: string,
  sku: string,
  version: string,
});
export interface SMBiosConfiguration extends TypeOf<typeof smBiosConfiguration> {}
export const SMBiosConfigurationSchema = named<SMBiosConfiguration>(smBiosConfiguration);

const tlsConfiguration = object('io.kubevirt.v1.TLSConfiguration', '', {
  ciphers: list(string, { type: 'set' }),
  minTLSVersion: field(string, '', { enum: ['VersionTLS10', 'VersionTLS11', 'VersionTLS12', 'VersionTLS13'] }),
});
export interface TLSConfiguration extends TypeOf<typeof tlsConfiguration> {}
export const TLSConfigurationSchema = named<TLSConfiguration>(tlsConfiguration);

const kubeVirtConfiguration = object('io.kubevirt.v1.KubeVirtConfiguration', '', {
  additionalGuestMemoryOverheadRatio: string,
  apiConfiguration: ReloadableComponentConfigurationSchema,
  controllerConfiguration: ReloadableComponentConfigurationSchema,
  cpuModel: field(string, 'CPU model for machines that name none.'),
  cpuRequest: quantity,
  defaultRuntimeClass: string,
  developerConfiguration: field(DeveloperConfigurationSchema, 'Feature gates and settings for special set-ups.'),
  emulatedMachines: field(list(string), 'Patterns of allowed machine types.'),
  evictionStrategy: field(string, 'Eviction strategy for machines that name none.'),
  handlerConfiguration: ReloadableComponentConfigurationSchema,
  imagePullPolicy: string,
  machineType: field(string, 'Machine type for machines that name none.'),
  mediatedDevicesConfiguration: field(
    MediatedDevicesConfigurationSchema,
    'Which mediated devices (virtual GPUs) are made on which nodes.',
  ),
  memBalloonStatsPeriod: int64,
  migrations: field(MigrationConfigurationSchema, 'Limits and settings of live migrations.'),
  minCPUModel: string,
  network: field(NetworkConfigurationSchema, 'Defaults and permissions for interfaces.'),
  obsoleteCPUModels: field(map(bool), 'CPU models that are not offered.'),
  ovmfPath: string,
  permittedHostDevices: field(PermittedHostDevicesSchema, 'Host devices that machines may use.'),
  selinuxLauncherType: string,
  smbios: SMBiosConfigurationSchema,
  supportedGuestAgentVersions: list(string),
  tlsConfiguration: TLSConfigurationSchema,
  virtualMachineInstancesPerNode: int32,
  webhookConfiguration: ReloadableComponentConfigurationSchema,
});
export interface KubeVirtConfiguration extends TypeOf<typeof kubeVirtConfiguration> {}
export const KubeVirtConfigurationSchema = named<KubeVirtConfiguration>(kubeVirtConfiguration);
