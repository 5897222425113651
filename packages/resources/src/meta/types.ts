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
    'An object of the same namespace, or a cluster-wide one, that owns this object.',
    {
      apiVersion: [5, required(string)],
      kind: [1, required(string)],
      name: [3, required(string)],
      uid: [4, required(string)],
      controller: [6, field(bool, 'True for the one owner that manages the object.')],
      blockOwnerDeletion: [7, field(bool, 'True if foreground deletion of the owner waits for this object.')],
    },
    { atomic: true },
  ),
);

export const ManagedFieldsEntrySchema = named<ManagedFieldsEntry>(
  message(
    'io.k8s.apimachinery.pkg.apis.meta.v1.ManagedFieldsEntry',
    'The fields that one manager set through one version of the API.',
    {
      manager: [1, string],
      operation: [2, string],
      apiVersion: [3, string],
      time: [4, time],
      fieldsType: [6, string],
      fieldsV1: [7, raw],
      subresource: [8, string],
    },
  ),
);

export const ObjectMetaSchema = named<ObjectMeta>(
  message(
    'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta',
    'What every object carries besides its content: name, labels, owners, times.',
    {
      name: [1, field(string, "Name, unique among objects of this kind in the namespace. It can't be changed.")],
      generateName: [2, field(string, 'Prefix for a name that the server makes unique with a random suffix.')],
      namespace: [3, field(string, 'Namespace that the object lives in; empty for cluster-wide kinds.')],
      selfLink: [4, field(string, 'No longer set.')],
      uid: [
        5,
        field(string, 'Identity of this very object; a later one of the same name has another. Set by the server.'),
      ],
      resourceVersion: [
        6,
        field(string, 'Opaque version of the stored object, for optimistic concurrency and for watches.'),
      ],
      generation: [7, field(int64, 'Grows by one with each change of the desired state.')],
      creationTimestamp: [8, field(time, 'When the object was created. Set by the server.')],
      deletionTimestamp: [
        9,
        field(time, 'Set once deletion was requested; the object goes when its finalizers are gone.'),
      ],
      deletionGracePeriodSeconds: [
        10,
        field(int64, 'Seconds that the object had to end gracefully when deletion was requested.'),
      ],
      labels: [11, field(map(string), 'Key and value pairs by which objects are selected.')],
      annotations: [12, field(map(string), 'Key and value pairs for tools; not used for selection.')],
      ownerReferences: [
        13,
        field(
          list(OwnerReferenceSchema, { merge: 'uid' }),
          'Objects that this one belongs to; when all are gone, it is collected.',
        ),
      ],
      finalizers: [
        14,
        field(list(string, { merge: true }), 'Names of duties that must be done before the object is removed.'),
      ],
      managedFields: [
        17,
        field(list(ManagedFieldsEntrySchema), 'Which manager set which field, for server-side apply.'),
      ],
    },
  ),
);

export const ListMetaSchema = named<ListMeta>(
  message(
    'io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta',
    'What every list carries: the version it was read at and how to read on.',
    {
      selfLink: [1, string],
      resourceVersion: [2, string],
      continue: [3, string],
      remainingItemCount: [4, int64],
    },
  ),
);

const labelSelectorRequirement = message(
  'io.k8s.apimachinery.pkg.apis.meta.v1.LabelSelectorRequirement',
  'One requirement on one label.',
  {
    key: [
      1,
      required(field(string, '', { 'x-kubernetes-patch-strategy': 'merge', 'x-kubernetes-patch-merge-key': 'key' })),
    ],
    operator: [
      2,
      required(
        field(string, 'In, NotIn, Exists or DoesNotExist.', { enum: ['In', 'NotIn', 'Exists', 'DoesNotExist'] }),
      ),
    ],
    values: [3, field(list(string), 'Values for In and NotIn; empty otherwise.')],
  },
);
export interface LabelSelectorRequirement extends TypeOf<typeof labelSelectorRequirement> {}
export const LabelSelectorRequirementSchema = named<LabelSelectorRequirement>(labelSelectorRequirement);

const labelSelector = message(
  'io.k8s.apimachinery.pkg.apis.meta.v1.LabelSelector',
  'Selects objects by their labels. All requirements must hold; an empty selector selects everything.',
  {
    matchLabels: [1, field(map(string), 'Labels that must be present with exactly these values.')],
    matchExpressions: [
      2,
      field(list(LabelSelectorRequirementSchema), 'Requirements on labels: In, NotIn, Exists, DoesNotExist.'),
    ],
  },
  { atomic: true },
);
export interface LabelSelector extends TypeOf<typeof labelSelector> {}
export const LabelSelectorSchema = named<LabelSelector>(labelSelector);

const condition = message(
  'io.k8s.apimachinery.pkg.apis.meta.v1.Condition',
  "One aspect of an object's state, observed at a time.",
  {
    type: [1, required(field(string, 'Name of the aspect.'))],
    status: [2, required(field(string, 'True, False or Unknown.'))],
    observedGeneration: [3, int64],
    lastTransitionTime: [4, required(time)],
    reason: [5, required(field(string, 'One word for the cause of the last transition.'))],
    message: [6, required(field(string, 'The cause in a sentence.'))],
  },
);
export interface Condition extends TypeOf<typeof condition> {}
export const ConditionSchema = named<Condition>(condition);

const preconditions = message(
  'io.k8s.apimachinery.pkg.apis.meta.v1.Preconditions',
  'The object must have this uid and this version.',
  {
    uid: [1, string],
    resourceVersion: [2, string],
  },
);
export interface Preconditions extends TypeOf<typeof preconditions> {}
export const PreconditionsSchema = named<Preconditions>(preconditions);

const deleteOptions = kind('io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions', 'How to delete an object.', {
  gracePeriodSeconds: [1, field(int64, 'Seconds for a graceful end; 0 deletes at once.')],
  preconditions: [2, field(PreconditionsSchema, 'Conditions without which nothing is deleted.')],
  orphanDependents: [3, bool],
  propagationPolicy: [4, field(string, 'What happens to dependents: Orphan, Background or Foreground.')],
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
  kind('io.k8s.apimachinery.pkg.apis.meta.v1.Status', 'Outcome of a request that answers no object.', {
    metadata: [1, ListMetaSchema],
    status: [2, string],
    message: [3, string],
    reason: [4, string],
    details: [5, StatusDetailsSchema],
    code: [6, int32],
  }),
);
