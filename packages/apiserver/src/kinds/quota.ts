import {
  type FieldError,
  invalid,
  isQualifiedName,
  type LimitRange,
  Quantity,
  type ResourceQuota,
  required,
} from '@virtplane/resources';
import { checkAmount, isEqual } from './checks.ts';
import { AGE, column, DEFAULT_COLUMNS, NAME } from './columns.ts';
import type { Strategy } from './strategy.ts';

const STANDARD = new Set([
  'cpu',
  'memory',
  'ephemeral-storage',
  'requests.cpu',
  'requests.memory',
  'requests.storage',
  'requests.ephemeral-storage',
  'limits.cpu',
  'limits.memory',
  'limits.ephemeral-storage',
  'pods',
  'services',
  'replicationcontrollers',
  'resourcequotas',
  'secrets',
  'configmaps',
  'persistentvolumeclaims',
  'services.nodeports',
  'services.loadbalancers',
]);
const COUNTS = new Set([
  'pods',
  'services',
  'replicationcontrollers',
  'resourcequotas',
  'secrets',
  'configmaps',
  'persistentvolumeclaims',
]);

/** Source: kubernetes ValidateResourceQuotaResourceName. */
function checkName(path: string, name: string): FieldError[] {
  const faults = isQualifiedName(name).map((fault) => invalid(path, name, fault));
  if (faults.length > 0 || name.includes('/') || STANDARD.has(name) || /^(requests\.)?hugepages-/.test(name))
    return faults;
  return [
    invalid(path, name, 'must be a standard resource type or fully qualified'),
    invalid(path, name, 'must be a standard resource for quota'),
  ];
}

function checkHard(path: string, hard: Readonly<Record<string, string>> | undefined): FieldError[] {
  return Object.entries(hard ?? {}).flatMap(([name, amount]) => {
    const here = `${path}[${name}]`;
    const errors = [...checkName(here, name), ...checkAmount(here, amount)];
    if (COUNTS.has(name) || name.startsWith('count/')) {
      const quantity = Quantity.tryParse(amount);
      if (quantity && quantity.milliValue() % 1000n !== 0n) errors.push(invalid(here, amount, 'must be an integer'));
    }
    return errors;
  });
}

const SCOPES = new Set([
  'Terminating',
  'NotTerminating',
  'BestEffort',
  'NotBestEffort',
  'PriorityClass',
  'CrossNamespacePodAffinity',
]);

const scopesText = (scopes: readonly string[]): string =>
  `[]core.ResourceQuotaScope{${scopes.map((s) => JSON.stringify(s)).join(', ')}}`;

function checkQuota(quota: ResourceQuota): FieldError[] {
  const errors = checkHard('spec.hard', quota.spec?.hard);
  const scopes = quota.spec?.scopes ?? [];
  const refuse = (fault: string): void => {
    errors.push({
      type: 'FieldValueInvalid',
      field: 'spec.scopes',
      message: `Invalid value: ${scopesText(scopes)}: ${fault}`,
    });
  };
  for (const scope of scopes) if (!SCOPES.has(scope)) refuse('unsupported scope');
  for (const [a, b] of [
    ['BestEffort', 'NotBestEffort'],
    ['Terminating', 'NotTerminating'],
  ] as const) {
    if (scopes.includes(a) && scopes.includes(b)) refuse('conflicting scopes');
  }
  return errors;
}

/** `cpu: 1/2, memory: 1Gi/2Gi`, requests or limits. Source: kubernetes printResourceQuota. */
function usageText(quota: ResourceQuota, isLimit: boolean): string {
  return Object.keys(quota.status?.hard ?? {})
    .sort()
    .filter((name) => name.startsWith('limits.') === isLimit)
    .map((name) => `${name}: ${quota.status?.used?.[name] ?? '0'}/${quota.status?.hard?.[name] ?? '0'}`)
    .join(', ');
}

export const resourceQuotaStrategy: Strategy = {
  prepareForCreate(quota: ResourceQuota) {
    quota.status = {};
  },
  validate: checkQuota,
  validateUpdate(quota: ResourceQuota, old: ResourceQuota) {
    const errors: FieldError[] = [];
    if (!isEqual([...(quota.spec?.scopes ?? [])].sort(), [...(old.spec?.scopes ?? [])].sort())) {
      errors.push(invalid('spec.scopes', quota.spec?.scopes, 'field is immutable'));
    }
    return errors;
  },
  validateStatusUpdate: (quota: ResourceQuota) => [
    ...checkHard('status.hard', quota.status?.hard),
    ...checkHard('status.used', quota.status?.used),
  ],
  columns: [
    NAME,
    AGE,
    column('Request', (quota: ResourceQuota) => usageText(quota, false)),
    column('Limit', (quota: ResourceQuota) => usageText(quota, true)),
  ],
  generation: 'none',
  returnsDeletedObject: true,
  allowUnconditionalUpdate: true,
};

type LimitItem = LimitRange['spec']['limits'][number];

const amountOf = (amounts: Readonly<Record<string, string>> | undefined, name: string): Quantity | undefined => {
  const text = amounts?.[name];
  return text === undefined ? undefined : Quantity.tryParse(text);
};

/** Source: kubernetes ValidateLimitRange. */
function checkLimit(path: string, limit: LimitItem): FieldError[] {
  const errors: FieldError[] = [];
  const names = new Set(
    [limit.max, limit.min, limit.default, limit.defaultRequest, limit.maxLimitRequestRatio].flatMap((amounts) =>
      Object.keys(amounts ?? {}),
    ),
  );
  if (limit.type === 'Pod') {
    for (const field of ['default', 'defaultRequest'] as const) {
      if (limit[field]) {
        errors.push({
          type: 'FieldValueForbidden',
          field: `${path}.${field}`,
          message: "Forbidden: may not be specified when `type` is 'Pod'",
        });
      }
    }
  }
  if (limit.type === 'PersistentVolumeClaim' && !limit.min?.storage && !limit.max?.storage) {
    errors.push(required(path, 'either minimum or maximum storage value is required, but neither was provided'));
  }
  for (const name of names) {
    const min = amountOf(limit.min, name);
    const max = amountOf(limit.max, name);
    const defaultLimit = amountOf(limit.default, name);
    const defaultRequest = amountOf(limit.defaultRequest, name);
    const ratio = amountOf(limit.maxLimitRequestRatio, name);
    const mustNotExceed = (
      field: string,
      a: Quantity | undefined,
      aName: string,
      b: Quantity | undefined,
      bName: string,
    ): void => {
      if (a && b && a.cmp(b) > 0) {
        errors.push(
          invalid(`${path}.${field}[${name}]`, a.toString(), `${aName} value ${a} is greater than ${bName} value ${b}`),
        );
      }
    };
    mustNotExceed('min', min, 'min', max, 'max');
    mustNotExceed('defaultRequest', min, 'min', defaultRequest, 'default request');
    mustNotExceed('defaultRequest', defaultRequest, 'default request', max, 'max');
    mustNotExceed('defaultRequest', defaultRequest, 'default request', defaultLimit, 'default limit');
    mustNotExceed('default', min, 'min', defaultLimit, 'default');
    mustNotExceed('default', defaultLimit, 'default', max, 'max');
    if (ratio && ratio.cmp(Quantity.of(1)) < 0) {
      errors.push(invalid(`${path}.maxLimitRequestRatio[${name}]`, ratio.toString(), `ratio ${ratio} is less than 1`));
    }
  }
  return errors;
}

function checkLimitRange(limitRange: LimitRange): FieldError[] {
  const seen = new Set<string>();
  return (limitRange.spec?.limits ?? []).flatMap((limit, index) => {
    const path = `spec.limits[${index}]`;
    const errors = checkLimit(path, limit);
    if (seen.has(limit.type))
      errors.push({
        type: 'FieldValueDuplicate',
        field: `${path}.type`,
        message: `Duplicate value: ${JSON.stringify(limit.type)}`,
      });
    seen.add(limit.type);
    return errors;
  });
}

export const limitRangeStrategy: Strategy = {
  applyDefaults(limitRange: LimitRange) {
    for (const limit of limitRange.spec?.limits ?? []) {
      if (limit.type !== 'Container') continue;
      // A container's default limit is its maximum, its default request the limit, else the minimum.
      const defaults = { ...limit.max, ...limit.default };
      if (Object.keys(defaults).length > 0) limit.default = defaults;
      const requests = { ...limit.min, ...defaults, ...limit.defaultRequest };
      if (Object.keys(requests).length > 0) limit.defaultRequest = requests;
    }
  },
  validate: checkLimitRange,
  columns: DEFAULT_COLUMNS,
  generation: 'none',
  allowCreateOnUpdate: true,
  allowUnconditionalUpdate: true,
};
