import { ObjectMetaSchema } from '../meta/types.ts';
import {
  customKind,
  field,
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
import { defineKubevirt } from './define.ts';

const virtualMachineInstanceMigrationSpec = object('io.kubevirt.v1.VirtualMachineInstanceMigrationSpec', '', {
  vmiName: field(string, 'Name of the running machine.'),
});
export interface VirtualMachineInstanceMigrationSpec extends TypeOf<typeof virtualMachineInstanceMigrationSpec> {}
export const VirtualMachineInstanceMigrationSpecSchema = named<VirtualMachineInstanceMigrationSpec>(
  virtualMachineInstanceMigrationSpec,
);

const virtualMachineInstanceMigrationCondition = object('io.kubevirt.v1.VirtualMachineInstanceMigrationCondition', '', {
  lastProbeTime: nullable(time),
  lastTransitionTime: nullable(time),
  message: string,
  reason: string,
  status: required(string),
  type: required(string),
});
export interface VirtualMachineInstanceMigrationCondition
  extends TypeOf<typeof virtualMachineInstanceMigrationCondition> {}
export const VirtualMachineInstanceMigrationConditionSchema = named<VirtualMachineInstanceMigrationCondition>(
  virtualMachineInstanceMigrationCondition,
);

const virtualMachineInstanceMigrationPhaseTransitionTimestamp = object(
  'io.kubevirt.v1.VirtualMachineInstanceMigrationPhaseTransitionTimestamp',
  '',
  {
    phase: string,
    phaseTransitionTimestamp: time,
  },
);
export interface VirtualMachineInstanceMigrationPhaseTransitionTimestamp
  extends TypeOf<typeof virtualMachineInstanceMigrationPhaseTransitionTimestamp> {}
export const VirtualMachineInstanceMigrationPhaseTransitionTimestampSchema =
  named<VirtualMachineInstanceMigrationPhaseTransitionTimestamp>(
    virtualMachineInstanceMigrationPhaseTransitionTimestamp,
  );

const virtualMachineInstanceMigrationStatus = object('io.kubevirt.v1.VirtualMachineInstanceMigrationStatus', '', {
  conditions: list(VirtualMachineInstanceMigrationConditionSchema),
  phase: field(string, 'Pending, Scheduling, Scheduled, PreparingTarget, TargetReady, Running, Succeeded or Failed.'),
  phaseTransitionTimestamps: list(VirtualMachineInstanceMigrationPhaseTransitionTimestampSchema, { type: 'atomic' }),
});
export interface VirtualMachineInstanceMigrationStatus extends TypeOf<typeof virtualMachineInstanceMigrationStatus> {}
export const VirtualMachineInstanceMigrationStatusSchema = named<VirtualMachineInstanceMigrationStatus>(
  virtualMachineInstanceMigrationStatus,
);

const virtualMachineInstanceMigration = customKind(
  'io.kubevirt.v1.VirtualMachineInstanceMigration',
  'Moves a running machine to another node without stopping it.',
  {
    metadata: present(ObjectMetaSchema),
    spec: required(field(VirtualMachineInstanceMigrationSpecSchema, 'Which machine to move.')),
    status: field(VirtualMachineInstanceMigrationStatusSchema, 'How far the move is.'),
  },
);
export interface VirtualMachineInstanceMigration extends TypeOf<typeof virtualMachineInstanceMigration> {}
export const VirtualMachineInstanceMigrationSchema = named<VirtualMachineInstanceMigration>(
  virtualMachineInstanceMigration,
);
export const VirtualMachineInstanceMigration = defineKubevirt<VirtualMachineInstanceMigration>({
  schema: VirtualMachineInstanceMigrationSchema,
  kind: 'VirtualMachineInstanceMigration',
  plural: 'virtualmachineinstancemigrations',
  shortNames: ['vmim', 'vmims'],
  status: true,
  columns: [
    { name: 'Phase', type: 'string', jsonPath: '.status.phase' },
    { name: 'VMI', type: 'string', jsonPath: '.spec.vmiName' },
  ],
});
