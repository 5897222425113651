import type { CustomResourceDefinition, CustomResourceDefinitionStatus } from '@virtplane/resources';

export const CLEANUP_FINALIZER = 'customresourcecleanup.apiextensions.k8s.io';

type Names = CustomResourceDefinition['spec']['names'];
type Condition = NonNullable<CustomResourceDefinitionStatus['conditions']>[number];

const conditionOf = (crd: CustomResourceDefinition, type: string): Condition | undefined =>
  crd.status?.conditions?.find((condition) => condition.type === type);

export const isTrue = (crd: CustomResourceDefinition, type: string): boolean =>
  conditionOf(crd, type)?.status === 'True';

interface Conflict {
  readonly reason: string;
  readonly message: string;
}

/** The first name that another definition of the group has taken. Source: apiextensions naming controller. */
function conflictOf(names: Names, others: readonly CustomResourceDefinition[]): Conflict | undefined {
  const taken = new Set<string>();
  const takenKinds = new Set<string>();
  for (const other of others) {
    const accepted = other.status?.acceptedNames;
    if (!accepted) continue;
    for (const name of [accepted.plural, accepted.singular, ...(accepted.shortNames ?? [])]) if (name) taken.add(name);
    for (const kind of [accepted.kind, accepted.listKind]) if (kind) takenKinds.add(kind);
  }
  const check = (reason: string, name: string | undefined, set: ReadonlySet<string>): Conflict | undefined =>
    name && set.has(name) ? { reason, message: `${JSON.stringify(name)} is already in use` } : undefined;
  return (
    check('PluralConflict', names.plural, taken) ??
    check('SingularConflict', names.singular, taken) ??
    names.shortNames?.map((name) => check('ShortNamesConflict', name, taken)).find((conflict) => conflict) ??
    check('KindConflict', names.kind, takenKinds) ??
    check('ListKindConflict', names.listKind, takenKinds)
  );
}

/**
 * The status that a definition should have, given the other definitions of its group; `undefined` when it has it. A name once
 * accepted stays accepted.
 */
export function wantedStatus(
  crd: CustomResourceDefinition,
  others: readonly CustomResourceDefinition[],
  now: string,
): CustomResourceDefinitionStatus | undefined {
  const conflict = conflictOf(crd.spec.names, others);
  const wasEstablished = isTrue(crd, 'Established');
  const wanted: Condition[] = [
    conflict
      ? { type: 'NamesAccepted', status: 'False', ...conflict }
      : { type: 'NamesAccepted', status: 'True', reason: 'NoConflicts', message: 'no conflicts found' },
    conflict && !wasEstablished
      ? { type: 'Established', status: 'False', reason: 'NotAccepted', message: 'not all names are accepted' }
      : {
          type: 'Established',
          status: 'True',
          reason: 'InitialNamesAccepted',
          message: 'the initial names have been accepted',
        },
  ];
  if (crd.metadata.deletionTimestamp) {
    wanted.push({
      type: 'Terminating',
      status: 'True',
      reason: 'InstanceDeletionPending',
      message: 'CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon',
    });
  }
  const storage = crd.spec.versions.find((version) => version.storage)?.name;
  const stored = crd.status?.storedVersions ?? [];
  const storedVersions = storage && !stored.includes(storage) ? [...stored, storage] : stored;
  const acceptedNames = conflict ? (crd.status?.acceptedNames ?? { plural: '', kind: '' }) : crd.spec.names;
  const conditions = wanted.map((condition) => {
    const known = conditionOf(crd, condition.type);
    const since = known?.status === condition.status ? known.lastTransitionTime : undefined;
    return { ...condition, lastTransitionTime: since ?? now };
  });
  const isSettled =
    JSON.stringify(storedVersions) === JSON.stringify(stored) &&
    JSON.stringify(acceptedNames) === JSON.stringify(crd.status?.acceptedNames) &&
    conditions.every(({ type, status, reason }) => {
      const known = conditionOf(crd, type);
      return known?.status === status && known.reason === reason;
    });
  return isSettled ? undefined : { conditions, acceptedNames, storedVersions };
}
