import { defineBuiltIn } from '../define.ts';
import { LabelSelectorSchema, ObjectMetaSchema } from '../meta/types.ts';
import {
  bool,
  field,
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
import { TypedLocalObjectReferenceSchema } from './references.ts';
import { ResourceRequirementsSchema } from './resource-requirements.ts';

const persistentVolumeClaimSpec = message('io.k8s.api.core.v1.PersistentVolumeClaimSpec', '', {
  accessModes: [1, list(string)],
  selector: [4, LabelSelectorSchema],
  resources: [2, ResourceRequirementsSchema],
  volumeName: [3, string],
  storageClassName: [5, string],
  volumeMode: [6, field(string, '', { default: 'Filesystem', enum: ['Block', 'Filesystem'] })],
  dataSource: [7, TypedLocalObjectReferenceSchema],
  dataSourceRef: [8, TypedLocalObjectReferenceSchema],
});
export interface PersistentVolumeClaimSpec extends TypeOf<typeof persistentVolumeClaimSpec> {}
export const PersistentVolumeClaimSpecSchema = named<PersistentVolumeClaimSpec>(persistentVolumeClaimSpec);

const persistentVolumeClaimCondition = message('io.k8s.api.core.v1.PersistentVolumeClaimCondition', '', {
  type: [1, required(string)],
  status: [2, required(string)],
  lastProbeTime: [3, time],
  lastTransitionTime: [4, time],
  reason: [5, string],
  message: [6, string],
});
export interface PersistentVolumeClaimCondition extends TypeOf<typeof persistentVolumeClaimCondition> {}
export const PersistentVolumeClaimConditionSchema =
  named<PersistentVolumeClaimCondition>(persistentVolumeClaimCondition);

const persistentVolumeClaimStatus = message('io.k8s.api.core.v1.PersistentVolumeClaimStatus', '', {
  phase: [1, string],
  accessModes: [2, list(string)],
  capacity: [3, map(quantity)],
  conditions: [4, list(PersistentVolumeClaimConditionSchema, { merge: 'type' })],
  allocatedResources: [5, map(quantity)],
  resizeStatus: [6, string],
});
export interface PersistentVolumeClaimStatus extends TypeOf<typeof persistentVolumeClaimStatus> {}
export const PersistentVolumeClaimStatusSchema = named<PersistentVolumeClaimStatus>(persistentVolumeClaimStatus);

const persistentVolumeClaim = kind('io.k8s.api.core.v1.PersistentVolumeClaim', '', {
  metadata: [1, present(ObjectMetaSchema)],
  spec: [2, present(PersistentVolumeClaimSpecSchema)],
  status: [3, PersistentVolumeClaimStatusSchema],
});
export interface PersistentVolumeClaim extends TypeOf<typeof persistentVolumeClaim> {}
export const PersistentVolumeClaimSchema = named<PersistentVolumeClaim>(persistentVolumeClaim);
export const PersistentVolumeClaim = defineBuiltIn<PersistentVolumeClaim>({
  schema: PersistentVolumeClaimSchema,
  group: '',
  version: 'v1',
  kind: 'PersistentVolumeClaim',
  plural: 'persistentvolumeclaims',
  shortNames: ['pvc'],
  status: true,
});

const persistentVolumeClaimTemplate = message('io.k8s.api.core.v1.PersistentVolumeClaimTemplate', '', {
  metadata: [1, ObjectMetaSchema],
  spec: [2, required(PersistentVolumeClaimSpecSchema)],
});
export interface PersistentVolumeClaimTemplate extends TypeOf<typeof persistentVolumeClaimTemplate> {}
export const PersistentVolumeClaimTemplateSchema = named<PersistentVolumeClaimTemplate>(persistentVolumeClaimTemplate);

const persistentVolumeClaimVolumeSource = message('io.k8s.api.core.v1.PersistentVolumeClaimVolumeSource', '', {
  claimName: [1, required(string)],
  readOnly: [2, bool],
});
export interface PersistentVolumeClaimVolumeSource extends TypeOf<typeof persistentVolumeClaimVolumeSource> {}
export const PersistentVolumeClaimVolumeSourceSchema = named<PersistentVolumeClaimVolumeSource>(
  persistentVolumeClaimVolumeSource,
);
