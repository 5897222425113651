import { DataVolumeSpecSchema } from '../cdi/data-volume-spec.ts';
import { AffinitySchema, TolerationSchema } from '../core/affinity.ts';
import { embeddedMetadata } from '../meta/embedded-metadata.ts';
import { ObjectMetaSchema } from '../meta/types.ts';
import {
  bool,
  customKind,
  type EmptyObject,
  emptyObject,
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
import { AGE, defineKubevirt, READY } from './define.ts';
import { DomainSpecSchema } from './domain.ts';
import { VirtualMachineInstanceTemplateSpecSchema } from './instance-spec.ts';
import { AddVolumeOptionsSchema, RemoveVolumeOptionsSchema } from './operation-options.ts';

export const DataVolumeTemplateDummyStatusSchema = emptyObject('io.kubevirt.v1.DataVolumeTemplateDummyStatus');
export type DataVolumeTemplateDummyStatus = EmptyObject;

const dataVolumeTemplateSpec = object('io.kubevirt.v1.DataVolumeTemplateSpec', '', {
  apiVersion: string,
  kind: string,
  metadata: embeddedMetadata,
  spec: required(DataVolumeSpecSchema),
  status: nullable(DataVolumeTemplateDummyStatusSchema),
});
export interface DataVolumeTemplateSpec extends TypeOf<typeof dataVolumeTemplateSpec> {}
export const DataVolumeTemplateSpecSchema = named<DataVolumeTemplateSpec>(dataVolumeTemplateSpec);

const instancetypeMatcher = object('io.kubevirt.v1.InstancetypeMatcher', '', {
  kind: string,
  name: required(string),
  revisionName: string,
});
export interface InstancetypeMatcher extends TypeOf<typeof instancetypeMatcher> {}
export const InstancetypeMatcherSchema = named<InstancetypeMatcher>(instancetypeMatcher);

const preferenceMatcher = object('io.kubevirt.v1.PreferenceMatcher', '', {
  kind: string,
  name: required(string),
  revisionName: string,
});
export interface PreferenceMatcher extends TypeOf<typeof preferenceMatcher> {}
export const PreferenceMatcherSchema = named<PreferenceMatcher>(preferenceMatcher);

const virtualMachineSpec = object('io.kubevirt.v1.VirtualMachineSpec', '', {
  dataVolumeTemplates: list(DataVolumeTemplateSpecSchema),
  instancetype: InstancetypeMatcherSchema,
  preference: PreferenceMatcherSchema,
  runStrategy: string,
  running: bool,
  template: VirtualMachineInstanceTemplateSpecSchema,
  nodeSelector: map(string),
  affinity: AffinitySchema,
  tolerations: list(TolerationSchema),
  domain: DomainSpecSchema,
});
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

const virtualMachineStatus = object('io.kubevirt.v1.VirtualMachineStatus', '', {
  conditions: list(VirtualMachineConditionSchema),
  created: bool,
  memoryDumpRequest: nullable(VirtualMachineMemoryDumpRequestSchema),
  printableStatus: string,
  ready: bool,
  restoreInProgress: string,
  snapshotInProgress: string,
  startFailure: nullable(VirtualMachineStartFailureSchema),
  stateChangeRequests: list(VirtualMachineStateChangeRequestSchema),
  volumeRequests: list(VirtualMachineVolumeRequestSchema, { type: 'atomic' }),
  volumeSnapshotStatuses: list(VolumeSnapshotStatusSchema),
  observedGeneration: int64,
  desiredGeneration: int64,
});
export interface VirtualMachineStatus extends TypeOf<typeof virtualMachineStatus> {}
export const VirtualMachineStatusSchema = named<VirtualMachineStatus>(virtualMachineStatus);

const virtualMachine = customKind('io.kubevirt.v1.VirtualMachine', '', {
  metadata: present(ObjectMetaSchema),
  spec: required(VirtualMachineSpecSchema),
  status: VirtualMachineStatusSchema,
});
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
