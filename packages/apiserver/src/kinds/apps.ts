import {
  type DaemonSet,
  type Deployment,
  type FieldError,
  formatLabelSelector,
  invalid,
  isReadableSelector,
  type LabelSelector,
  matchesLabelSelector,
  type PodTemplateSpec,
  type ReplicaSet,
} from '@virtplane/resources';
import { checkImmutable, checkLabelSelector, checkNotNegative } from './checks.ts';
import { AGE, column, labelsText, listed, NAME, wide } from './columns.ts';
import { applyPodSpecDefaults } from './pod-defaults.ts';
import { checkPodSpec } from './pod-validation.ts';
import type { BuiltInColumn, Strategy } from './strategy.ts';

type Workload = Deployment | ReplicaSet | DaemonSet;

/** Source: kubernetes pkg/apis/apps/validation. */
function checkWorkload({ spec }: Workload): FieldError[] {
  const errors = checkLabelSelector('spec.selector', spec?.selector);
  const selector = spec?.selector;
  const template = spec?.template;
  const isEmpty = !selector?.matchLabels && !selector?.matchExpressions;
  if (selector && isEmpty) errors.push(invalid('spec.selector', selector, 'empty selector is invalid for deployment'));
  else if (selector && isReadableSelector(selector) && !matchesLabelSelector(selector, template?.metadata?.labels)) {
    errors.push(
      invalid(
        'spec.template.metadata.labels',
        template?.metadata?.labels,
        '`selector` does not match template `labels`',
      ),
    );
  }
  errors.push(...checkPodSpec('spec.template.spec', template?.spec));
  const policy = template?.spec?.restartPolicy;
  if (policy && policy !== 'Always') {
    errors.push({
      type: 'FieldValueNotSupported',
      field: 'spec.template.spec.restartPolicy',
      message: `Unsupported value: ${JSON.stringify(policy)}: supported values: "Always"`,
    });
  }
  return errors;
}

const selectorText = (selector: LabelSelector | undefined): string =>
  selector === undefined || isReadableSelector(selector) ? formatLabelSelector(selector) : '<unknown>';

const templateColumns = (): BuiltInColumn[] => [
  wide('Containers', (workload: Deployment) => listed(workload.spec.template?.spec?.containers?.map((c) => c.name))),
  wide('Images', (workload: Deployment) => listed(workload.spec.template?.spec?.containers?.map((c) => c.image ?? ''))),
  wide('Selector', (workload: Deployment) => selectorText(workload.spec.selector)),
];

const defaultTemplate = (template: PodTemplateSpec | undefined): void => {
  if (template?.spec) applyPodSpecDefaults(template.spec);
};

export const deploymentStrategy: Strategy = {
  applyDefaults(deployment: Deployment) {
    const { spec } = deployment;
    if (!spec) return;
    defaultTemplate(spec.template);
    if (spec.strategy?.type === 'RollingUpdate') {
      spec.strategy.rollingUpdate = { maxUnavailable: '25%', maxSurge: '25%', ...spec.strategy.rollingUpdate };
    }
  },
  prepareForCreate(deployment: Deployment) {
    deployment.status = {};
  },
  prepareForStatusUpdate(deployment: Deployment, old: Deployment) {
    deployment.spec = old.spec;
    if (old.metadata.labels) deployment.metadata.labels = old.metadata.labels;
    else delete deployment.metadata.labels;
  },
  validate: (deployment: Deployment) => [
    ...checkWorkload(deployment),
    ...checkNotNegative('spec.replicas', deployment.spec?.replicas),
  ],
  validateUpdate: (deployment: Deployment, old: Deployment) =>
    checkImmutable('spec.selector', deployment.spec?.selector, old.spec?.selector),
  columns: [
    NAME,
    column(
      'Ready',
      (deployment: Deployment) => `${deployment.status?.readyReplicas ?? 0}/${deployment.spec.replicas ?? 0}`,
    ),
    column('Up-to-date', (deployment: Deployment) => deployment.status?.updatedReplicas ?? 0),
    column('Available', (deployment: Deployment) => deployment.status?.availableReplicas ?? 0),
    AGE,
    ...templateColumns(),
  ],
  generation: 'spec',
  allowUnconditionalUpdate: true,
};

export const replicaSetStrategy: Strategy = {
  applyDefaults(replicaSet: ReplicaSet) {
    defaultTemplate(replicaSet.spec?.template);
  },
  prepareForCreate(replicaSet: ReplicaSet) {
    replicaSet.status = { replicas: 0 };
  },
  validate: checkWorkload,
  validateUpdate: (replicaSet: ReplicaSet, old: ReplicaSet) =>
    checkImmutable('spec.selector', replicaSet.spec?.selector, old.spec?.selector),
  selectableFields: (replicaSet: ReplicaSet) => ({ 'status.replicas': String(replicaSet.status?.replicas ?? 0) }),
  columns: [
    NAME,
    column('Desired', (replicaSet: ReplicaSet) => replicaSet.spec.replicas ?? 0, 'integer'),
    column('Current', (replicaSet: ReplicaSet) => replicaSet.status?.replicas ?? 0, 'integer'),
    column('Ready', (replicaSet: ReplicaSet) => replicaSet.status?.readyReplicas ?? 0, 'integer'),
    AGE,
    ...templateColumns(),
  ],
  generation: 'spec',
  allowUnconditionalUpdate: true,
};

export const daemonSetStrategy: Strategy = {
  applyDefaults(daemonSet: DaemonSet) {
    defaultTemplate(daemonSet.spec?.template);
    const strategy = daemonSet.spec?.updateStrategy;
    if (strategy?.type === 'RollingUpdate')
      strategy.rollingUpdate = { maxUnavailable: 1, maxSurge: 0, ...strategy.rollingUpdate };
  },
  prepareForCreate(daemonSet: DaemonSet) {
    daemonSet.status = { currentNumberScheduled: 0, numberMisscheduled: 0, desiredNumberScheduled: 0, numberReady: 0 };
  },
  validate: checkWorkload,
  validateUpdate: (daemonSet: DaemonSet, old: DaemonSet) =>
    checkImmutable('spec.selector', daemonSet.spec?.selector, old.spec?.selector),
  columns: [
    NAME,
    column('Desired', (daemonSet: DaemonSet) => daemonSet.status?.desiredNumberScheduled ?? 0, 'integer'),
    column('Current', (daemonSet: DaemonSet) => daemonSet.status?.currentNumberScheduled ?? 0, 'integer'),
    column('Ready', (daemonSet: DaemonSet) => daemonSet.status?.numberReady ?? 0, 'integer'),
    column('Up-to-date', (daemonSet: DaemonSet) => daemonSet.status?.updatedNumberScheduled ?? 0, 'integer'),
    column('Available', (daemonSet: DaemonSet) => daemonSet.status?.numberAvailable ?? 0, 'integer'),
    column('Node Selector', (daemonSet: DaemonSet) => labelsText(daemonSet.spec.template?.spec?.nodeSelector)),
    AGE,
    ...templateColumns(),
  ],
  generation: 'spec',
  allowUnconditionalUpdate: true,
};
