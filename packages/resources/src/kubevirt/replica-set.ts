import { SCALE } from '../define.ts';
import { LabelSelectorSchema, ObjectMetaSchema } from '../meta/types.ts';
import {
  bool,
  customKind,
  field,
  int32,
  list,
  named,
  nullable,
  object,
  present,
  required,
  string,
  type TypeOf,
  time,
} from '../schema/builder.ts';
import { AGE, defineKubevirt } from './define.ts';
import { DomainSpecSchema } from './domain.ts';
import { VirtualMachineInstanceTemplateSpecSchema } from './instance-spec.ts';

const virtualMachineInstanceReplicaSetSpec = object('io.kubevirt.v1.VirtualMachineInstanceReplicaSetSpec', '', {
  paused: field(bool, 'True: nothing is created or deleted.'),
  replicas: field(int32, 'Wanted number; 1 if unset.'),
  selector: required(field(LabelSelectorSchema, 'Selects the machines that are counted.')),
  template: required(field(VirtualMachineInstanceTemplateSpecSchema, 'Template of the machines.')),
});
export interface VirtualMachineInstanceReplicaSetSpec extends TypeOf<typeof virtualMachineInstanceReplicaSetSpec> {}
export const VirtualMachineInstanceReplicaSetSpecSchema = named<VirtualMachineInstanceReplicaSetSpec>(
  virtualMachineInstanceReplicaSetSpec,
);

const virtualMachineInstanceReplicaSetCondition = object(
  'io.kubevirt.v1.VirtualMachineInstanceReplicaSetCondition',
  '',
  {
    lastProbeTime: nullable(time),
    lastTransitionTime: nullable(time),
    message: string,
    reason: string,
    status: required(string),
    type: required(string),
  },
);
export interface VirtualMachineInstanceReplicaSetCondition
  extends TypeOf<typeof virtualMachineInstanceReplicaSetCondition> {}
export const VirtualMachineInstanceReplicaSetConditionSchema = named<VirtualMachineInstanceReplicaSetCondition>(
  virtualMachineInstanceReplicaSetCondition,
);

const virtualMachineInstanceReplicaSetStatus = object('io.kubevirt.v1.VirtualMachineInstanceReplicaSetStatus', '', {
  conditions: list(VirtualMachineInstanceReplicaSetConditionSchema),
  labelSelector: string,
  readyReplicas: int32,
  replicas: int32,
});
export interface VirtualMachineInstanceReplicaSetStatus extends TypeOf<typeof virtualMachineInstanceReplicaSetStatus> {}
export const VirtualMachineInstanceReplicaSetStatusSchema = named<VirtualMachineInstanceReplicaSetStatus>(
  virtualMachineInstanceReplicaSetStatus,
);

const virtualMachineInstanceReplicaSet = customKind(
  'io.kubevirt.v1.VirtualMachineInstanceReplicaSet',
  'Keeps a number of equal running machines.',
  {
    metadata: present(ObjectMetaSchema),
    spec: required(field(VirtualMachineInstanceReplicaSetSpecSchema, 'Template and number.')),
    status: field(nullable(VirtualMachineInstanceReplicaSetStatusSchema), 'How many machines are up and ready.'),
  },
);
export interface VirtualMachineInstanceReplicaSet extends TypeOf<typeof virtualMachineInstanceReplicaSet> {}
export const VirtualMachineInstanceReplicaSetSchema = named<VirtualMachineInstanceReplicaSet>(
  virtualMachineInstanceReplicaSet,
);
export const VirtualMachineInstanceReplicaSet = defineKubevirt<VirtualMachineInstanceReplicaSet>({
  schema: VirtualMachineInstanceReplicaSetSchema,
  kind: 'VirtualMachineInstanceReplicaSet',
  plural: 'virtualmachineinstancereplicasets',
  shortNames: ['vmirs', 'vmirss'],
  status: true,
  subresources: [SCALE],
  columns: [
    { name: 'Desired', type: 'integer', jsonPath: '.spec.replicas' },
    { name: 'Current', type: 'integer', jsonPath: '.status.replicas' },
    { name: 'Ready', type: 'integer', jsonPath: '.status.readyReplicas' },
    AGE,
  ],
});

const virtualMachineInstancePresetSpec = object('io.kubevirt.v1.VirtualMachineInstancePresetSpec', '', {
  domain: DomainSpecSchema,
  selector: required(LabelSelectorSchema),
});
export interface VirtualMachineInstancePresetSpec extends TypeOf<typeof virtualMachineInstancePresetSpec> {}
export const VirtualMachineInstancePresetSpecSchema = named<VirtualMachineInstancePresetSpec>(
  virtualMachineInstancePresetSpec,
);

const virtualMachineInstancePreset = customKind(
  'io.kubevirt.v1.VirtualMachineInstancePreset',
  'Deprecated: settings that are put into machines with matching labels when they are created.',
  {
    metadata: present(ObjectMetaSchema),
    spec: field(VirtualMachineInstancePresetSpecSchema, 'Settings and the selector of machines.'),
  },
);
export interface VirtualMachineInstancePreset extends TypeOf<typeof virtualMachineInstancePreset> {}
export const VirtualMachineInstancePresetSchema = named<VirtualMachineInstancePreset>(virtualMachineInstancePreset);
export const VirtualMachineInstancePreset = defineKubevirt<VirtualMachineInstancePreset>({
  schema: VirtualMachineInstancePresetSchema,
  kind: 'VirtualMachineInstancePreset',
  plural: 'virtualmachineinstancepresets',
  shortNames: ['vmipreset', 'vmipresets'],
});
