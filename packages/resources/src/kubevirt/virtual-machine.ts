import { DataVolumeSpecSchema } from '../cdi/data-volume-spec.ts';
import { AffinitySchema, TolerationSchema } from '../core/affinity.ts';
import { embeddedMetadata } from '../meta/embedded-metadata.ts';
import { ObjectMetaSchema } from '../meta/types.ts';
import {
  bool,
  customKind,
  type EmptyObject,
  emptyObject,
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
  tolerateNull,
} from '../schema/builder.ts';
import { AGE, defineKubevirt, READY } from './define.ts';
import { DomainSpecSchema } from './domain.ts';
import { VirtualMachineInstanceTemplateSpecSchema } from './instance-spec.ts';
import { AddVolumeOptionsSchema, RemoveVolumeOptionsSchema } from './operation-options.ts';

export const DataVolumeTemplateDummyStatusSchema = emptyObject('io.kubevirt.v1.DataVolumeTemplateDummyStatus');
export type DataVolumeTemplateDummyStatus = EmptyObject;

const dataVolumeTemplateSpec = object(
  'io.kubevirt.v1.DataVolumeTemplateSpec',
  'A disk that is created with the machine.',
  {
    apiVersion: string,
    kind: string,
    metadata: embeddedMetadata,
    spec: required(DataVolumeSpecSchema),
    status: nullable(DataVolumeTemplateDummyStatusSchema),
  },
);
export interface DataVolumeTemplateSpec extends TypeOf<typeof dataVolumeTemplateSpec> {}
export const DataVolumeTemplateSpecSchema = named<DataVolumeTemplateSpec>(dataVolumeTemplateSpec);

const instancetypeMatcher = object('io.kubevirt.v1.InstancetypeMatcher', '', {
  kind: string,
  name: required(field(string, 'Name of the instance type.')),
  revisionName: string,
});
export interface InstancetypeMatcher extends TypeOf<typeof instancetypeMatcher> {}
export const InstancetypeMatcherSchema = named<InstancetypeMatcher>(instancetypeMatcher);

const preferenceMatcher = object('io.kubevirt.v1.PreferenceMatcher', '', {
  kind: string,
  name: required(field(string, 'Name of the preference.')),
  revisionName: string,
});
export interface PreferenceMatcher extends TypeOf<typeof preferenceMatcher> {}
export const PreferenceMatcherSchema = named<PreferenceMatcher>(preferenceMatcher);

const virtualMachineSpec = object(
  'io.kubevirt.v1.VirtualMachineSpec',
  'What a virtual machine is made of, and when it runs.',
  {
    dataVolumeTemplates: field(
      list(tolerateNull(DataVolumeTemplateSpecSchema)),
      'Disks that are created together with the machine and go with it.',
    ),
    instancetype: field(InstancetypeMatcherSchema, 'Instance type that gives CPU, memory and devices.'),
    preference: field(PreferenceMatcherSchema, 'Preference that fills in what the machine leaves open.'),
    runStrategy: field(
      string,
      'When the machine runs: Always, Halted, Manual, RerunOnFailure or Once. Either this or running.',
    ),
    running: field(bool, 'true runs the machine, false stops it. Either this or runStrategy.'),
    template: field(VirtualMachineInstanceTemplateSpecSchema, 'The machine itself. Changes act at its next start.'),
    nodeSelector: field(
      map(string),
      'Deprecated shorthand for template.spec.nodeSelector; moved there when the machine is stored.',
    ),
    affinity: field(
      AffinitySchema,
      'Deprecated shorthand for template.spec.affinity; moved there when the machine is stored.',
    ),
    tolerations: field(
      list(TolerationSchema),
      'Deprecated shorthand for template.spec.tolerations; moved there when the machine is stored.',
    ),
    domain: field(
      DomainSpecSchema,
      'Deprecated shorthand for template.spec.domain; moved there when the machine is stored.',
    ),
  },
);
export interface VirtualMachineSpec extends TypeOf<typeof virtualMachineSpec> {}
export const VirtualMachineSpecSchema = named<VirtualMachineSpec>(virtualMachineSpec);

const virtualMachineCondition = object('io.kubevirt.v1.VirtualMachineCondition', '', {
  lastProbeTime: nullable(time),
  lastTransitionTime: nullable(time),
  message: string,
  reason: string,
  status: required(string),
  type: required(string),
});
export interface VirtualMachineCondition extends TypeOf<typeof virtualMachineCondition> {}
export const VirtualMachineConditionSchema = named<VirtualMachineCondition>(virtualMachineCondition);

const virtualMachineStateChangeRequest = object('io.kubevirt.v1.VirtualMachineStateChangeRequest', '', {
  action: required(string),
  data: map(string),
  uid: string,
});
export interface VirtualMachineStateChangeRequest extends TypeOf<typeof virtualMachineStateChangeRequest> {}
export const VirtualMachineStateChangeRequestSchema = named<VirtualMachineStateChangeRequest>(
  virtualMachineStateChangeRequest,
);

const virtualMachineStartFailure = object('io.kubevirt.v1.VirtualMachineStartFailure', '', {
  consecutiveFailCount: int32,
  lastFailedVMIUID: string,
  retryAfterTimestamp: time,
});
export interface VirtualMachineStartFailure extends TypeOf<typeof virtualMachineStartFailure> {}
export const VirtualMachineStartFailureSchema = named<VirtualMachineStartFailure>(virtualMachineStartFailure);

const virtualMachineMemoryDumpRequest = object('io.kubevirt.v1.VirtualMachineMemoryDumpRequest', '', {
  claimName: required(string),
  endTimestamp: time,
  fileName: string,
  message: string,
  phase: required(string),
  remove: bool,
  startTimestamp: time,
});
export interface VirtualMachineMemoryDumpRequest extends TypeOf<typeof virtualMachineMemoryDumpRequest> {}
export const VirtualMachineMemoryDumpRequestSchema = named<VirtualMachineMemoryDumpRequest>(
  virtualMachineMemoryDumpRequest,
);

const virtualMachineVolumeRequest = object('io.kubevirt.v1.VirtualMachineVolumeRequest', '', {
  addVolumeOptions: AddVolumeOptionsSchema,
  removeVolumeOptions: RemoveVolumeOptionsSchema,
});
export interface VirtualMachineVolumeRequest extends TypeOf<typeof virtualMachineVolumeRequest> {}
export const VirtualMachineVolumeRequestSchema = named<VirtualMachineVolumeRequest>(virtualMachineVolumeRequest);

const volumeSnapshotStatus = object('io.kubevirt.v1.VolumeSnapshotStatus', '', {
  enabled: required(bool),
  name: required(string),
  reason: string,
});
export interface VolumeSnapshotStatus extends TypeOf<typeof volumeSnapshotStatus> {}
export const VolumeSnapshotStatusSchema = named<VolumeSnapshotStatus>(volumeSnapshotStatus);

const virtualMachineStatus = object('io.kubevirt.v1.VirtualMachineStatus', 'What a virtual machine is doing.', {
  conditions: field(list(VirtualMachineConditionSchema), 'Ready, Failure, Paused and other aspects of the state.'),
  created: field(bool, 'An instance of the machine exists.'),
  memoryDumpRequest: field(nullable(VirtualMachineMemoryDumpRequestSchema), 'Memory dump that was asked for.'),
  printableStatus: field(string, 'State in one word: Stopped, Starting, Running, Paused, Migrating …'),
  ready: field(bool, 'The guest is running and passes its readiness probe.'),
  restoreInProgress: string,
  snapshotInProgress: string,
  startFailure: field(
    nullable(VirtualMachineStartFailureSchema),
    'Count of failed starts and the time of the next try.',
  ),
  stateChangeRequests: field(
    list(VirtualMachineStateChangeRequestSchema),
    'Starts and stops that were asked for and are not done yet.',
  ),
  volumeRequests: field(
    list(VirtualMachineVolumeRequestSchema, { type: 'atomic' }),
    'Disks to be added or removed that are not done yet.',
  ),
  volumeSnapshotStatuses: field(list(VolumeSnapshotStatusSchema), 'Which volumes can be part of a snapshot.'),
  observedGeneration: field(int64, 'Generation of the specification that this status describes.'),
  desiredGeneration: field(int64, 'Generation of the stored specification.'),
});
export interface VirtualMachineStatus extends TypeOf<typeof virtualMachineStatus> {}
export const VirtualMachineStatusSchema = named<VirtualMachineStatus>(virtualMachineStatus);

const virtualMachine = customKind(
  'io.kubevirt.v1.VirtualMachine',
  'A virtual machine that exists whether it runs or not.',
  {
    metadata: present(ObjectMetaSchema),
    spec: required(field(VirtualMachineSpecSchema, 'What the machine is made of, and when it runs.')),
    status: field(VirtualMachineStatusSchema, 'What the machine is doing. Set by the system.'),
  },
);
export interface VirtualMachine extends TypeOf<typeof virtualMachine> {}
export const VirtualMachineSchema = named<VirtualMachine>(virtualMachine);
export const VirtualMachine = defineKubevirt<VirtualMachine>({
  schema: VirtualMachineSchema,
  kind: 'VirtualMachine',
  plural: 'virtualmachines',
  shortNames: ['vm', 'vms'],
  status: true,
  columns: [
    AGE,
    {
      name: 'Status',
      type: 'string',
      jsonPath: '.status.printableStatus',
      description: 'What the machine is doing, in one word',
    },
    READY,
  ],
});
