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

const persistentVolumeClaimSpec = message(
  'io.k8s.api.core.v1.PersistentVolumeClaimSpec',
  'The storage that is wanted.',
  {
    accessModes: [
      1,
      field(list(string), 'How the volume is used: ReadWriteOnce, ReadOnlyMany, ReadWriteMany, ReadWriteOncePod.'),
    ],
    selector: [4, LabelSelectorSchema],
    resources: [2, field(ResourceRequirementsSchema, 'Wanted size, under requests.storage.')],
    volumeName: [3, field(string, 'Volume that the claim is bound to.')],
    storageClassName: [5, field(string, 'Wanted class; unset takes the default class.')],
    volumeMode: [6, field(string, 'Filesystem or Block.', { default: 'Filesystem', enum: ['Block', 'Filesystem'] })],
    dataSource: [7, field(TypedLocalObjectReferenceSchema, 'Object whose content the new volume starts with.')],
    dataSourceRef: [
      8,
      field(
        TypedLocalObjectReferenceSchema,
        'Object whose content the new volume starts with; also kinds of other groups.',
      ),
    ],
  },
);
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
  phase: [1, field(string, 'Pending, Bound or Lost.')],
  accessModes: [2, list(string)],
  capacity: [3, map(quantity)],
  conditions: [4, list(PersistentVolumeClaimConditionSchema, { merge: 'type' })],
  allocatedResources: [5, map(quantity)],
  resizeStatus: [6, string],
});
export interface PersistentVolumeClaimStatus extends TypeOf<typeof persistentVolumeClaimStatus> {}
export const PersistentVolumeClaimStatusSchema = named<PersistentVolumeClaimStatus>(persistentVolumeClaimStatus);

const persistentVolumeClaim = kind('io.k8s.api.core.v1.PersistentVolumeClaim', 'A request for storage.', {
  metadata: [1, present(ObjectMetaSchema)],
  spec: [2, present(field(PersistentVolumeClaimSpecSchema, 'The storage that is wanted.'))],
  status: [3, field(PersistentVolumeClaimStatusSchema, 'The storage that was given.')],
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
