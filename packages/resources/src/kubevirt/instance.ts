import { ObjectMetaSchema } from '../meta/types.ts';
import {
  bool,
  customKind,
  field,
  int32,
  int64,
  list,
  map,
  named,
  nullable,
  object,
  present,
  quantity,
  required,
  string,
  type TypeOf,
  time,
} from '../schema/builder.ts';
import { AGE, defineKubevirt, READY } from './define.ts';
import { VirtualMachineInstanceGuestOSInfoSchema } from './guest-agent.ts';
import { VirtualMachineInstanceSpecSchema } from './instance-spec.ts';
import { MigrationConfigurationSchema } from './migration-configuration.ts';

const virtualMachineInstanceCondition = object('io.kubevirt.v1.VirtualMachineInstanceCondition', '', {
  lastProbeTime: nullable(time),
  lastTransitionTime: nullable(time),
  message: string,
  reason: string,
  status: required(string),
  type: required(string),
});
export interface VirtualMachineInstanceCondition extends TypeOf<typeof virtualMachineInstanceCondition> {}
export const VirtualMachineInstanceConditionSchema = named<VirtualMachineInstanceCondition>(
  virtualMachineInstanceCondition,
);

const virtualMachineInstanceNetworkInterface = object('io.kubevirt.v1.VirtualMachineInstanceNetworkInterface', '', {
  infoSource: string,
  interfaceName: string,
  ipAddress: string,
  ipAddresses: list(string),
  mac: string,
  name: string,
  queueCount: int32,
});
export interface VirtualMachineInstanceNetworkInterface extends TypeOf<typeof virtualMachineInstanceNetworkInterface> {}
export const VirtualMachineInstanceNetworkInterfaceSchema = named<VirtualMachineInstanceNetworkInterface>(
  virtualMachineInstanceNetworkInterface,
);

const virtualMachineInstancePhaseTransitionTimestamp = object(
  'io.kubevirt.v1.VirtualMachineInstancePhaseTransitionTimestamp',
  '',
  {
    phase: string,
    phaseTransitionTimestamp: time,
  },
);
export interface VirtualMachineInstancePhaseTransitionTimestamp
  extends TypeOf<typeof virtualMachineInstancePhaseTransitionTimestamp> {}
export const VirtualMachineInstancePhaseTransitionTimestampSchema =
  named<VirtualMachineInstancePhaseTransitionTimestamp>(virtualMachineInstancePhaseTransitionTimestamp);

const virtualMachineInstanceMigrationState = object('io.kubevirt.v1.VirtualMachineInstanceMigrationState', '', {
  abortRequested: bool,
  abortStatus: string,
  completed: bool,
  endTimestamp: nullable(time),
  failed: bool,
  migrationConfiguration: MigrationConfigurationSchema,
  migrationPolicyName: string,
  migrationUid: string,
  mode: string,
  sourceNode: string,
  startTimestamp: nullable(time),
  targetAttachmentPodUID: string,
  targetCPUSet: list(int32, { type: 'atomic' }),
  targetDirectMigrationNodePorts: map(int32),
  targetNode: string,
  targetNodeAddress: string,
  targetNodeDomainDetected: bool,
  targetNodeTopology: string,
  targetPod: string,
});
export interface VirtualMachineInstanceMigrationState extends TypeOf<typeof virtualMachineInstanceMigrationState> {}
export const VirtualMachineInstanceMigrationStateSchema = named<VirtualMachineInstanceMigrationState>(
  virtualMachineInstanceMigrationState,
);

const topologyHints = object('io.kubevirt.v1.TopologyHints', '', {
  tscFrequency: int64,
});
export interface TopologyHints extends TypeOf<typeof topologyHints> {}
export const TopologyHintsSchema = named<TopologyHints>(topologyHints);

const hotplugVolumeStatus = object('io.kubevirt.v1.HotplugVolumeStatus', '', {
  attachPodName: string,
  attachPodUID: string,
});
export interface HotplugVolumeStatus extends TypeOf<typeof hotplugVolumeStatus> {}
export const HotplugVolumeStatusSchema = named<HotplugVolumeStatus>(hotplugVolumeStatus);

const persistentVolumeClaimInfo = object('io.kubevirt.v1.PersistentVolumeClaimInfo', '', {
  accessModes: list(string, { type: 'atomic' }),
  capacity: map(quantity),
  filesystemOverhead: field(string, '', { pattern: '^(0(?:\\.\\d{1,3})?|1)$' }),
  preallocated: bool,
  requests: map(quantity),
  volumeMode: string,
});
export interface PersistentVolumeClaimInfo extends TypeOf<typeof persistentVolumeClaimInfo> {}
export const PersistentVolumeClaimInfoSchema = named<PersistentVolumeClaimInfo>(persistentVolumeClaimInfo);

const domainMemoryDumpInfo = object('io.kubevirt.v1.DomainMemoryDumpInfo', '', {
  claimName: string,
  endTimestamp: time,
  startTimestamp: time,
  targetFileName: string,
});
export interface DomainMemoryDumpInfo extends TypeOf<typeof domainMemoryDumpInfo> {}
export const DomainMemoryDumpInfoSchema = named<DomainMemoryDumpInfo>(domainMemoryDumpInfo);

const volumeStatus = object('io.kubevirt.v1.VolumeStatus', '', {
  hotplugVolume: HotplugVolumeStatusSchema,
  memoryDumpVolume: DomainMemoryDumpInfoSchema,
  message: string,
  name: required(string),
  persistentVolumeClaimInfo: PersistentVolumeClaimInfoSchema,
  phase: string,
  reason: string,
  size: int64,
  target: required(string),
});
export interface VolumeStatus extends TypeOf<typeof volumeStatus> {}
export const VolumeStatusSchema = named<VolumeStatus>(volumeStatus);

const virtualMachineInstanceStatus = object(
  'io.kubevirt.v1.VirtualMachineInstanceStatus',
  'What a running machine is doing.',
  {
    activePods: field(map(string), 'Launcher pods of the machine by uid, with their nodes.'),
    conditions: field(
      list(VirtualMachineInstanceConditionSchema),
      'Ready, LiveMigratable, Paused, AgentConnected and other aspects of the state.',
    ),
    evacuationNodeName: field(string, 'Node that the machine must leave.'),
    fsFreezeStatus: string,
    guestOSInfo: field(VirtualMachineInstanceGuestOSInfoSchema, 'Operating system as the guest agent reports it.'),
    interfaces: field(
      list(VirtualMachineInstanceNetworkInterfaceSchema),
      'Network interfaces with the addresses that are known.',
    ),
    launcherContainerImageVersion: string,
    migrationMethod: field(string, 'BlockMigration or LiveMigration.'),
    migrationState: field(VirtualMachineInstanceMigrationStateSchema, 'The last or present live migration.'),
    migrationTransport: string,
    nodeName: field(string, 'Node that the machine runs on.'),
    phase: field(string, 'Pending, Scheduling, Scheduled, Running, Succeeded, Failed or Unknown.'),
    phaseTransitionTimestamps: field(
      list(VirtualMachineInstancePhaseTransitionTimestampSchema, { type: 'atomic' }),
      'When each phase was entered.',
    ),
    qosClass: string,
    reason: field(string, 'One word for why the machine is in this state.'),
    runtimeUser: int64,
    selinuxContext: string,
    topologyHints: TopologyHintsSchema,
    virtualMachineRevisionName: string,
    volumeStatus: field(list(VolumeStatusSchema, { type: 'atomic' }), 'State of each volume.'),
  },
);
export interface VirtualMachineInstanceStatus extends TypeOf<typeof virtualMachineInstanceStatus> {}
export const VirtualMachineInstanceStatusSchema = named<VirtualMachineInstanceStatus>(virtualMachineInstanceStatus);

const virtualMachineInstance = customKind(
  'io.kubevirt.v1.VirtualMachineInstance',
  'A running virtual machine. It ends with its guest.',
  {
    metadata: present(ObjectMetaSchema),
    spec: required(field(VirtualMachineInstanceSpecSchema, "What the machine is made of. It can't be changed.")),
    status: field(VirtualMachineInstanceStatusSchema, 'What the machine is doing. Set by the system.'),
  },
);
export interface VirtualMachineInstance extends TypeOf<typeof virtualMachineInstance> {}
export const VirtualMachineInstanceSchema = named<VirtualMachineInstance>(virtualMachineInstance);
export const VirtualMachineInstance = defineKubevirt<VirtualMachineInstance>({
  schema: VirtualMachineInstanceSchema,
  kind: 'VirtualMachineInstance',
  plural: 'virtualmachineinstances',
  shortNames: ['vmi', 'vmis'],
  columns: [
    AGE,
    { name: 'Phase', type: 'string', jsonPath: '.status.phase' },
    { name: 'IP', type: 'string', jsonPath: '.status.interfaces[0].ipAddress' },
    { name: 'NodeName', type: 'string', jsonPath: '.status.nodeName' },
    READY,
    {
      name: 'Live-Migratable',
      type: 'string',
      jsonPath: ".status.conditions[?(@.type=='LiveMigratable')].status",
      priority: 1,
    },
    { name: 'Paused', type: 'string', jsonPath: ".status.conditions[?(@.type=='Paused')].status", priority: 1 },
  ],
});
