import {
  bool,
  field,
  int32,
  int64,
  kind,
  list,
  map,
  message,
  named,
  raw,
  required,
  string,
  type TypeOf,
  time,
} from '../schema/builder.ts';
import type { ListMeta, ManagedFieldsEntry, ObjectMeta, OwnerReference } from './object.ts';
import type { Status, StatusCause, StatusDetails } from './status.ts';

export const OwnerReferenceSchema = named<OwnerReference>(
  message(
    'io.k8s.apimachinery.pkg.apis.meta.v1.OwnerReference',
    '',
    {
      apiVersion: [5, required(string)],
      kind: [1, required(string)],
      name: [3, required(string)],
      uid: [4, required(string)],
      controller: [6, bool],
      blockOwnerDeletion: [7, bool],
    },
    { atomic: true },
  ),
);

export const ManagedFieldsEntrySchema = named<ManagedFieldsEntry>(
  message('io.k8s.apimachinery.pkg.apis.meta.v1.ManagedFieldsEntry', '', {
    manager: [1, string],
    operation: [2, string],
    apiVersion: [3, string],
    time: [4, time],
    fieldsType: [6, string],
    fieldsV1: [7, raw],
    subresource: [8, string],
  }),
);

export const ObjectMetaSchema = named<ObjectMeta>(
  message('io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta', '', {
    name: [1, string],
    generateName: [2, string],
    namespace: [3, string],
    selfLink: [4, string],
    uid: [5, string],
    resourceVersion: [6, string],
    generation: [7, int64],
    creationTimestamp: [8, time],
    deletionTimestamp: [9, time],
    deletionGracePeriodSeconds: [10, int64],
    labels: [11, map(string)],
    annotations: [12, map(string)],
    ownerReferences: [13, list(OwnerReferenceSchema, { merge: 'uid' })],
    finalizers: [14, list(string, { merge: true })],
    managedFields: [17, list(ManagedFieldsEntrySchema)],
  }),
);

export const ListMetaSchema = named<ListMeta>(
  message('io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta', '', {
    selfLink: [1, string],
    resourceVersion: [2, string],
    continue: [3, string],
    remainingItemCount: [4, int64],
  }),
);

const labelSelectorRequirement = message('io.k8s.apimachinery.pkg.apis.meta.v1.LabelSelectorRequirement', '', {
  key: [
    1,
    required(field(string, '', { 'x-kubernetes-patch-strategy': 'merge', 'x-kubernetes-patch-merge-key': 'key' })),
  ],
  operator: [2, required(field(string, '', { enum: ['In', 'NotIn', 'Exists', 'DoesNotExist'] }))],
  values: [3, list(string)],
});
export interface LabelSelectorRequirement extends TypeOf<typeof labelSelectorRequirement> {}
export const LabelSelectorRequirementSchema = named<LabelSelectorRequirement>(labelSelectorRequirement);

const labelSelector = message(
  'io.k8s.apimachinery.pkg.apis.meta.v1.LabelSelector',
  '',
  {
    matchLabels: [1, map(string)],
    matchExpressions: [2, list(LabelSelectorRequirementSchema)],
  },
  { atomic: true },
);
export interface LabelSelector extends TypeOf<typeof labelSelector> {}
export const LabelSelectorSchema = named<LabelSelector>(labelSelector);

const condition = message('io.k8s.apimachinery.pkg.apis.meta.v1.Condition', '', {
  type: [1, required(string)],
  status: [2, required(string)],
  observedGeneration: [3, int64],
  lastTransitionTime: [4, required(time)],
  reason: [5, required(string)],
  message: [6, required(string)],
});
export interface Condition extends TypeOf<typeof condition> {}
export const ConditionSchema = named<Condition>(condition);

const preconditions = message('io.k8s.apimachinery.pkg.apis.meta.v1.Preconditions', '', {
  uid: [1, string],
  resourceVersion: [2, string],
});
export interface Preconditions extends TypeOf<typeof preconditions> {}
export const PreconditionsSchema = named<Preconditions>(preconditions);

const deleteOptions = kind('io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions', '', {
  gracePeriodSeconds: [1, int64],
  preconditions: [2, PreconditionsSchema],
  orphanDependents: [3, bool],
  propagationPolicy: [4, string],
  dryRun: [5, list(string)],
});
export interface DeleteOptions extends TypeOf<typeof deleteOptions> {}
export const DeleteOptionsSchema = named<DeleteOptions>(deleteOptions);

export const StatusCauseSchema = named<StatusCause>(
  message('io.k8s.apimachinery.pkg.apis.meta.v1.StatusCause', '', {
    reason: [1, string],
    message: [2, string],
    field: [3, string],
  }),
);

export const StatusDetailsSchema = named<StatusDetails>(
  message('io.k8s.apimachinery.pkg.apis.meta.v1.StatusDetails', '', {
    name: [1, string],
    group: [2, string],
    kind: [3, string],
    uid: [6, string],
    causes: [4, list(StatusCauseSchema)],
    retryAfterSeconds: [5, int32],
  }),
);

export const StatusSchema = named<Status>(
  kind('io.k8s.apimachinery.pkg.apis.meta.v1.Status', '', {
    metadata: [1, ListMetaSchema],
    status: [2, string],
    message: [3, string],
    reason: [4, string],
    details: [5, StatusDetailsSchema],
    code: [6, int32],
  }),
);
