import {
  type FieldError,
  forbidden,
  invalid,
  notSupported,
  type PersistentVolume,
  type PersistentVolumeClaim,
  Quantity,
  required,
  type StorageClass,
} from '@virtplane/resources';
import { checkAmount, checkImmutable, checkLabelSelector, isEqual } from './checks.ts';
import { AGE, accessModesText, column, NAME, wide } from './columns.ts';
import type { Strategy } from './strategy.ts';

const ACCESS_MODES = ['ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod'];

function checkAccessModes(modes: readonly string[] | undefined): FieldError[] {
  if (!modes?.length) return [required('spec.accessModes', 'at least 1 access mode is required')];
  const errors = modes
    .filter((mode) => !ACCESS_MODES.includes(mode))
    .map((mode) => notSupported('spec.accessModes', mode, ACCESS_MODES));
  if (modes.includes('ReadWriteOncePod') && modes.length > 1) {
    errors.push(forbidden('spec.accessModes', 'may not use ReadWriteOncePod with other access modes'));
  }
  return errors;
}

const NOT_SOURCES = new Set([
  'capacity',
  'accessModes',
  'claimRef',
  'persistentVolumeReclaimPolicy',
  'storageClassName',
  'mountOptions',
  'volumeMode',
  'nodeAffinity',
]);

const sourcesOf = (volume: PersistentVolume): [string, unknown][] =>
  Object.entries(volume.spec ?? {}).filter(([key]) => !NOT_SOURCES.has(key));

function checkVolume(volume: PersistentVolume): FieldError[] {
  const { spec } = volume;
  const errors = checkAccessModes(spec?.accessModes);
  const capacity = spec?.capacity ?? {};
  if (Object.keys(capacity).length === 0) errors.push(required('spec.capacity'));
  else if (!capacity.storage || Object.keys(capacity).length > 1) {
    errors.push(notSupported('spec.capacity', capacity, ['storage']));
  }
  for (const [name, amount] of Object.entries(capacity)) {
    const path = `spec.capacity[${name}]`;
    const quantity = Quantity.tryParse(amount);
    if (quantity && quantity.sign() <= 0) errors.push(invalid(path, amount, 'must be greater than zero'));
  }
  const sources = sourcesOf(volume);
  if (sources.length === 0) errors.push(required('spec', 'must specify a volume type'));
  for (const [extra] of sources.slice(1))
    errors.push(forbidden(`spec.${extra}`, 'may not specify more than 1 volume type'));
  if (spec?.local && !spec.nodeAffinity?.required) {
    errors.push(required('spec.nodeAffinity', 'Local volume requires node affinity'));
  }
  return errors;
}

const claimText = (volume: PersistentVolume): string =>
  volume.spec?.claimRef ? `${volume.spec.claimRef.namespace ?? ''}/${volume.spec.claimRef.name ?? ''}` : '';

/** Source: kubernetes pkg/registry/core/persistentvolume/strategy.go. */
export const persistentVolumeStrategy: Strategy = {
  prepareForCreate(volume: PersistentVolume) {
    volume.status = { phase: 'Pending' };
  },
  validate: checkVolume,
  validateUpdate(volume: PersistentVolume, old: PersistentVolume) {
    const errors: FieldError[] = [];
    if (
      !isEqual(sourcesOf(volume), sourcesOf(old)) &&
      !isEqual(Object.fromEntries(sourcesOf(volume)), Object.fromEntries(sourcesOf(old)))
    ) {
      errors.push(forbidden('spec.persistentvolumesource', 'spec.persistentvolumesource is immutable after creation'));
    }
    errors.push(...checkImmutable('spec.volumeMode', volume.spec.volumeMode, old.spec.volumeMode));
    if (old.spec.nodeAffinity)
      errors.push(...checkImmutable('spec.nodeAffinity', volume.spec.nodeAffinity, old.spec.nodeAffinity));
    return errors;
  },
  columns: [
    NAME,
    column('Capacity', (volume: PersistentVolume) => volume.spec?.capacity?.storage ?? '0'),
    column('Access Modes', (volume: PersistentVolume) => accessModesText(volume.spec?.accessModes)),
    column('Reclaim Policy', (volume: PersistentVolume) => volume.spec?.persistentVolumeReclaimPolicy ?? ''),
    column('Status', (volume: PersistentVolume) =>
      volume.metadata.deletionTimestamp ? 'Terminating' : (volume.status?.phase ?? ''),
    ),
    column('Claim', claimText),
    column('StorageClass', (volume: PersistentVolume) => volume.spec?.storageClassName ?? ''),
    column('Reason', (volume: PersistentVolume) => volume.status?.reason ?? ''),
    AGE,
    wide('VolumeMode', (volume: PersistentVolume) => volume.spec?.volumeMode ?? '<unset>'),
  ],
  generation: 'none',
  returnsDeletedObject: true,
  allowUnconditionalUpdate: true,
};

function checkClaim(claim: PersistentVolumeClaim): FieldError[] {
  const { spec } = claim;
  const errors = checkAccessModes(spec?.accessModes);
  const storage = spec?.resources?.requests?.storage;
  if (storage === undefined) errors.push(required('spec.resources[storage]'));
  else {
    errors.push(...checkAmount('spec.resources[storage]', storage));
    if (Quantity.tryParse(storage)?.isZero()) {
      errors.push(invalid('spec.resources[storage]', storage, 'must be greater than zero'));
    }
  }
  errors.push(...checkLabelSelector('spec.selector', spec?.selector));
  return errors;
}

const SPEC_IMMUTABLE = 'spec is immutable after creation except resources.requests for bound claims';

function checkClaimUpdate(claim: PersistentVolumeClaim, old: PersistentVolumeClaim): FieldError[] {
  const errors: FieldError[] = [];
  const comparable = (c: PersistentVolumeClaim, other: PersistentVolumeClaim) => {
    const { resources: _resources, volumeName, storageClassName, ...rest } = c.spec;
    return {
      ...rest,
      limits: c.spec.resources?.limits,
      requests: old.status?.phase === 'Bound' ? undefined : c.spec.resources?.requests,
      // The binder sets the volume once; an unset class may be given later.
      volumeName: other.spec.volumeName && old.spec.volumeName ? volumeName : undefined,
      storageClassName: old.spec.storageClassName === undefined ? undefined : storageClassName,
    };
  };
  if (!isEqual(withoutUndefined(comparable(claim, old)), withoutUndefined(comparable(old, claim)))) {
    errors.push(forbidden('spec', SPEC_IMMUTABLE));
  }
  const before = Quantity.tryParse(old.spec.resources?.requests?.storage ?? '0');
  const after = Quantity.tryParse(claim.spec.resources?.requests?.storage ?? '0');
  if (before && after && after.cmp(before) < 0) {
    errors.push(forbidden('spec.resources.requests.storage', 'field can not be less than previous value'));
  }
  return errors;
}

const withoutUndefined = (value: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(value).filter(([, item]) => item !== undefined));

const isBound = (claim: PersistentVolumeClaim): boolean => Boolean(claim.spec?.volumeName);

/** Source: kubernetes pkg/registry/core/persistentvolumeclaim/strategy.go. */
export const persistentVolumeClaimStrategy: Strategy = {
  applyDefaults(claim: PersistentVolumeClaim) {
    const { spec } = claim;
    if (!spec) return;
    // Two fields for one thing: the newer also takes kinds of other groups.
    if (spec.dataSource && !spec.dataSourceRef) spec.dataSourceRef = { ...spec.dataSource };
    else if (!spec.dataSource && spec.dataSourceRef) {
      const { apiGroup, kind } = spec.dataSourceRef;
      if (kind === 'PersistentVolumeClaim' || apiGroup === 'snapshot.storage.k8s.io')
        spec.dataSource = { ...spec.dataSourceRef };
    }
  },
  prepareForCreate(claim: PersistentVolumeClaim) {
    claim.status = { phase: 'Pending' };
  },
  validate: checkClaim,
  validateUpdate: checkClaimUpdate,
  columns: [
    NAME,
    column('Status', (claim: PersistentVolumeClaim) =>
      claim.metadata.deletionTimestamp ? 'Terminating' : (claim.status?.phase ?? ''),
    ),
    column('Volume', (claim: PersistentVolumeClaim) => claim.spec?.volumeName ?? ''),
    column('Capacity', (claim: PersistentVolumeClaim) =>
      isBound(claim) ? (claim.status?.capacity?.storage ?? '0') : '',
    ),
    column('Access Modes', (claim: PersistentVolumeClaim) =>
      isBound(claim) ? accessModesText(claim.status?.accessModes) : '',
    ),
    column('StorageClass', (claim: PersistentVolumeClaim) => claim.spec?.storageClassName ?? ''),
    AGE,
    wide('VolumeMode', (claim: PersistentVolumeClaim) => claim.spec?.volumeMode ?? '<unset>'),
  ],
  generation: 'none',
  returnsDeletedObject: true,
  allowUnconditionalUpdate: true,
};

const isDefaultClass = (storageClass: StorageClass): boolean => {
  const { annotations } = storageClass.metadata;
  return (
    annotations?.['storageclass.kubernetes.io/is-default-class'] === 'true' ||
    annotations?.['storageclass.beta.kubernetes.io/is-default-class'] === 'true'
  );
};

export const storageClassStrategy: Strategy = {
  validateUpdate: (storageClass: StorageClass, old: StorageClass) => [
    ...(isEqual(storageClass.parameters ?? {}, old.parameters ?? {})
      ? []
      : [forbidden('parameters', 'updates to parameters are forbidden.')]),
    ...(storageClass.provisioner === old.provisioner
      ? []
      : [forbidden('provisioner', 'updates to provisioner are forbidden.')]),
    ...(storageClass.reclaimPolicy === old.reclaimPolicy
      ? []
      : [forbidden('reclaimPolicy', 'updates to reclaimPolicy are forbidden.')]),
    ...checkImmutable('volumeBindingMode', storageClass.volumeBindingMode, old.volumeBindingMode),
  ],
  columns: [
    {
      ...NAME,
      cell: (storageClass) =>
        `${storageClass.metadata?.name ?? ''}${isDefaultClass(storageClass as StorageClass) ? ' (default)' : ''}`,
    },
    column('Provisioner', (storageClass: StorageClass) => storageClass.provisioner),
    column('ReclaimPolicy', (storageClass: StorageClass) => storageClass.reclaimPolicy ?? 'Delete'),
    column('VolumeBindingMode', (storageClass: StorageClass) => storageClass.volumeBindingMode ?? 'Immediate'),
    column('AllowVolumeExpansion', (storageClass: StorageClass) => storageClass.allowVolumeExpansion ?? false),
    AGE,
  ],
  generation: 'none',
  returnsDeletedObject: true,
  allowUnconditionalUpdate: true,
};
