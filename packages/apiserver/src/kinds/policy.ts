import {
  type APIService,
  type FieldError,
  forbidden,
  invalid,
  type Lease,
  type MutatingWebhookConfiguration,
  type PodDisruptionBudget,
  type PriorityClass,
  required,
  type ValidatingWebhookConfiguration,
} from '@virtplane/resources';
import { checkImmutable, checkLabelSelector } from './checks.ts';
import { AGE, column, NAME } from './columns.ts';
import type { Strategy } from './strategy.ts';

/** Source: kubernetes ValidatePodDisruptionBudget. */
function checkBudget(budget: PodDisruptionBudget): FieldError[] {
  const { minAvailable, maxUnavailable, selector } = budget.spec ?? {};
  const errors = checkLabelSelector('spec.selector', selector);
  if (minAvailable !== undefined && maxUnavailable !== undefined) {
    errors.push({
      type: 'FieldValueInvalid',
      field: 'spec',
      message: `Invalid value: ${JSON.stringify({ minAvailable, maxUnavailable })}: minAvailable and maxUnavailable cannot be both set`,
    });
  }
  errors.push(...checkShare('spec.minAvailable', minAvailable), ...checkShare('spec.maxUnavailable', maxUnavailable));
  return errors;
}

/** A count or a percentage. */
function checkShare(path: string, share: number | string | undefined): FieldError[] {
  if (share === undefined) return [];
  if (typeof share === 'number') return share < 0 ? [invalid(path, share, 'must be greater than or equal to 0')] : [];
  if (!/^[0-9]+%$/.test(share))
    return [
      invalid(
        path,
        share,
        "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')",
      ),
    ];
  return Number(share.slice(0, -1)) > 100 ? [invalid(path, share, 'must not be greater than 100%')] : [];
}

const shareText = (share: number | string | undefined): string => (share === undefined ? 'N/A' : String(share));

export const podDisruptionBudgetStrategy: Strategy = {
  prepareForCreate(budget: PodDisruptionBudget) {
    budget.status = { disruptionsAllowed: 0, currentHealthy: 0, desiredHealthy: 0, expectedPods: 0 };
  },
  validate: checkBudget,
  columns: [
    NAME,
    column('Min Available', (budget: PodDisruptionBudget) => shareText(budget.spec.minAvailable)),
    column('Max Unavailable', (budget: PodDisruptionBudget) => shareText(budget.spec.maxUnavailable)),
    column('Allowed Disruptions', (budget: PodDisruptionBudget) => budget.status?.disruptionsAllowed ?? 0, 'integer'),
    AGE,
  ],
  generation: 'spec',
  allowUnconditionalUpdate: false,
};

const HIGHEST_USER_PRIORITY = 1_000_000_000;

export const priorityClassStrategy: Strategy = {
  validate(priorityClass: PriorityClass) {
    const name = priorityClass.metadata.name ?? '';
    const errors: FieldError[] = [];
    if (name.startsWith('system-')) {
      if (!['system-cluster-critical', 'system-node-critical'].includes(name)) {
        errors.push(
          forbidden('metadata.name', "priority class names with 'system-' prefix are reserved for system use only"),
        );
      }
    } else if (priorityClass.value > HIGHEST_USER_PRIORITY) {
      errors.push(forbidden('value', `maximum allowed value of a user defined priority is ${HIGHEST_USER_PRIORITY}`));
    }
    return errors;
  },
  validateUpdate: (priorityClass: PriorityClass, old: PriorityClass) => [
    ...(priorityClass.value === old.value ? [] : [forbidden('value', 'may not be changed in an update.')]),
    ...checkImmutable('preemptionPolicy', priorityClass.preemptionPolicy, old.preemptionPolicy),
  ],
  columns: [
    NAME,
    column('Value', (priorityClass: PriorityClass) => priorityClass.value, 'integer'),
    column('Global-Default', (priorityClass: PriorityClass) => priorityClass.globalDefault ?? false, 'boolean'),
    AGE,
  ],
  generation: 'spec',
  allowUnconditionalUpdate: true,
};

/** Source: kubernetes ValidateLeaseSpec. */
function checkLease(lease: Lease): FieldError[] {
  const { leaseDurationSeconds, leaseTransitions } = lease.spec ?? {};
  const errors: FieldError[] = [];
  if (leaseDurationSeconds !== undefined && leaseDurationSeconds <= 0) {
    errors.push(invalid('spec.leaseDurationSeconds', leaseDurationSeconds, 'must be greater than 0'));
  }
  if (leaseTransitions !== undefined && leaseTransitions < 0) {
    errors.push(invalid('spec.leaseTransitions', leaseTransitions, 'must be greater than or equal to 0'));
  }
  return errors;
}

export const leaseStrategy: Strategy = {
  validate: checkLease,
  columns: [NAME, column('Holder', (lease: Lease) => lease.spec?.holderIdentity ?? ''), AGE],
  generation: 'none',
  allowCreateOnUpdate: true,
  allowUnconditionalUpdate: false,
};

type WebhookConfiguration = MutatingWebhookConfiguration | ValidatingWebhookConfiguration;

/** Source: kubernetes pkg/apis/admissionregistration/validation. */
function checkWebhooks(configuration: WebhookConfiguration): FieldError[] {
  const errors: FieldError[] = [];
  const names = new Set<string>();
  configuration.webhooks?.forEach((webhook, index) => {
    const path = `webhooks[${index}]`;
    if (webhook.name) {
      if (webhook.name.split('.').length < 3) {
        errors.push(
          invalid(`${path}.name`, webhook.name, 'should be a domain with at least three segments separated by dots'),
        );
      }
      if (names.has(webhook.name))
        errors.push({
          type: 'FieldValueDuplicate',
          field: `${path}.name`,
          message: `Duplicate value: ${JSON.stringify(webhook.name)}`,
        });
      names.add(webhook.name);
    }
    const { url, service } = webhook.clientConfig ?? {};
    if (Boolean(url) === Boolean(service)) {
      errors.push(required(`${path}.clientConfig`, 'exactly one of url or service is required'));
    } else if (url && (!URL.canParse(url) || new URL(url).protocol !== 'https:')) {
      errors.push(
        invalid(
          `${path}.clientConfig.url`,
          url,
          "'https' is the only allowed URL scheme; desired format: https://host[/path]",
        ),
      );
    }
    const { timeoutSeconds } = webhook;
    if (timeoutSeconds !== undefined && (timeoutSeconds < 1 || timeoutSeconds > 30)) {
      errors.push(
        invalid(`${path}.timeoutSeconds`, timeoutSeconds, 'the timeout value must be between 1 and 30 seconds'),
      );
    }
    const versions = webhook.admissionReviewVersions ?? [];
    if (versions.length > 0 && !versions.includes('v1') && !versions.includes('v1beta1')) {
      errors.push(invalid(`${path}.admissionReviewVersions`, versions, 'must include at least one of v1, v1beta1'));
    }
    errors.push(...checkLabelSelector(`${path}.namespaceSelector`, webhook.namespaceSelector));
    errors.push(...checkLabelSelector(`${path}.objectSelector`, webhook.objectSelector));
  });
  return errors;
}

export const webhookConfigurationStrategy: Strategy = {
  validate: checkWebhooks,
  columns: [
    NAME,
    column('Webhooks', (configuration: WebhookConfiguration) => configuration.webhooks?.length ?? 0, 'integer'),
    AGE,
  ],
  generation: 'spec',
  allowUnconditionalUpdate: false,
};

/** Source: kube-aggregator ValidateAPIService. */
function checkApiService(service: APIService): FieldError[] {
  const { spec } = service;
  const errors: FieldError[] = [];
  const name = `${spec?.version ?? ''}.${spec?.group ?? ''}`;
  if (service.metadata.name !== name) {
    errors.push(
      invalid(
        'metadata.name',
        service.metadata.name,
        `must be spec.version+"."+spec.group, here ${JSON.stringify(name)}`,
      ),
    );
  }
  const inRange = (field: string, value: number | undefined, max: number): void => {
    if (value === undefined || value <= 0 || value > max) {
      errors.push(invalid(field, value ?? 0, `must be positive and less than ${max}`));
    }
  };
  inRange('spec.groupPriorityMinimum', spec?.groupPriorityMinimum, 20_000);
  inRange('spec.versionPriority', spec?.versionPriority, 1000);
  if (spec?.service) {
    if (!spec.service.name) errors.push(required('spec.service.name'));
    if (!spec.service.namespace) errors.push(required('spec.service.namespace'));
    if (spec.insecureSkipTLSVerify && spec.caBundle) {
      errors.push(invalid('spec.insecureSkipTLSVerify', true, 'may not be true if caBundle is present'));
    }
  } else if (spec?.insecureSkipTLSVerify) {
    errors.push(invalid('spec.insecureSkipTLSVerify', true, 'local APIServices may not have insecureSkipTLSVerify'));
  }
  return errors;
}

function availability(service: APIService): string {
  const condition = service.status?.conditions?.find((c) => c.type === 'Available');
  if (!condition) return 'Unknown';
  return condition.status === 'True' ? 'True' : `${condition.status} (${condition.reason ?? ''})`;
}

export const apiServiceStrategy: Strategy = {
  prepareForCreate(service: APIService) {
    service.status = {};
    // What this server serves itself is there at once.
    if (!service.spec?.service) {
      service.status.conditions = [
        {
          type: 'Available',
          status: 'True',
          reason: 'Local',
          message: 'Local APIServices are always available',
          lastTransitionTime: new Date().toISOString().replace(/\.\d+/, ''),
        },
      ];
    }
  },
  validate: checkApiService,
  columns: [
    NAME,
    column('Service', (service: APIService) =>
      service.spec.service ? `${service.spec.service.namespace}/${service.spec.service.name}` : 'Local',
    ),
    column('Available', availability),
    AGE,
  ],
  generation: 'none',
  allowUnconditionalUpdate: false,
};
