import {
  type Affinity,
  type FieldError,
  forbidden,
  invalid,
  type NodeSelectorTerm,
  notSupported,
  type PodAffinityTerm,
  required,
  type Toleration,
  type TopologySpreadConstraint,
} from '@virtplane/resources';
import { checkLabelSelector, checkQualifiedName } from './checks.ts';

const EFFECTS = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'];

/** Source: kubernetes ValidateTolerations. */
export function checkTolerations(path: string, tolerations: readonly Toleration[] | undefined): FieldError[] {
  const errors: FieldError[] = [];
  tolerations?.forEach((toleration, index) => {
    const here = `${path}[${index}]`;
    const operator = toleration.operator ?? '';
    if (toleration.key) errors.push(...checkQualifiedName(`${here}.key`, toleration.key));
    else if (operator !== 'Exists') {
      errors.push(
        invalid(
          `${here}.operator`,
          operator,
          'operator must be Exists when `key` is empty, which means "match all values and all keys"',
        ),
      );
    }
    if (toleration.tolerationSeconds !== undefined && toleration.effect !== 'NoExecute') {
      errors.push(
        invalid(
          `${here}.effect`,
          toleration.effect ?? '',
          "effect must be 'NoExecute' when `tolerationSeconds` is set",
        ),
      );
    }
    if (operator === 'Exists' && toleration.value) {
      errors.push(invalid(`${here}.operator`, toleration, "value must be empty when `operator` is 'Exists'"));
    } else if (!['', 'Equal', 'Exists'].includes(operator)) {
      errors.push(notSupported(`${here}.operator`, operator, ['Equal', 'Exists']));
    }
    if (toleration.effect && !EFFECTS.includes(toleration.effect)) {
      errors.push(notSupported(`${here}.effect`, toleration.effect, EFFECTS));
    }
  });
  return errors;
}

type Requirement = NonNullable<NodeSelectorTerm['matchExpressions']>[number];

function checkRequirement(path: string, requirement: Requirement): FieldError[] {
  const errors: FieldError[] = [];
  const count = requirement.values?.length ?? 0;
  switch (requirement.operator) {
    case 'In':
    case 'NotIn':
      if (count === 0) errors.push(required(`${path}.values`, "must be specified when `operator` is 'In' or 'NotIn'"));
      break;
    case 'Exists':
    case 'DoesNotExist':
      if (count > 0) {
        errors.push(forbidden(`${path}.values`, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"));
      }
      break;
    case 'Gt':
    case 'Lt':
      if (count !== 1) {
        errors.push(required(`${path}.values`, "must be specified single value when `operator` is 'Lt' or 'Gt'"));
      }
      break;
    default:
      errors.push(invalid(`${path}.operator`, requirement.operator, 'not a valid selector operator'));
  }
  if (requirement.key) errors.push(...checkQualifiedName(`${path}.key`, requirement.key));
  return errors;
}

function checkNodeSelectorTerm(path: string, term: NodeSelectorTerm | undefined): FieldError[] {
  if (!term) return [];
  return (term.matchExpressions ?? []).flatMap((r, i) => checkRequirement(`${path}.matchExpressions[${i}]`, r));
}

/** Source: kubernetes validateAffinity. */
export function checkAffinity(path: string, affinity: Affinity | undefined): FieldError[] {
  const errors: FieldError[] = [];
  const node = affinity?.nodeAffinity;
  const must = node?.requiredDuringSchedulingIgnoredDuringExecution;
  const mustPath = `${path}.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms`;
  if (must) {
    const terms = must.nodeSelectorTerms ?? [];
    terms.forEach((term, i) => {
      errors.push(...checkNodeSelectorTerm(`${mustPath}[${i}]`, term));
    });
  }
  node?.preferredDuringSchedulingIgnoredDuringExecution?.forEach((preferred, i) => {
    const here = `${path}.nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution[${i}]`;
    errors.push(...checkWeight(`${here}.weight`, preferred.weight));
    errors.push(...checkNodeSelectorTerm(`${here}.preference`, preferred.preference));
  });
  for (const name of ['podAffinity', 'podAntiAffinity'] as const) {
    affinity?.[name]?.requiredDuringSchedulingIgnoredDuringExecution?.forEach((term, i) => {
      errors.push(...checkPodTerm(`${path}.${name}.requiredDuringSchedulingIgnoredDuringExecution[${i}]`, term));
    });
    affinity?.[name]?.preferredDuringSchedulingIgnoredDuringExecution?.forEach((preferred, i) => {
      const here = `${path}.${name}.preferredDuringSchedulingIgnoredDuringExecution[${i}]`;
      errors.push(...checkWeight(`${here}.weight`, preferred.weight));
      errors.push(...checkPodTerm(`${here}.podAffinityTerm`, preferred.podAffinityTerm));
    });
  }
  return errors;
}

const checkWeight = (path: string, weight: number): FieldError[] =>
  weight >= 1 && weight <= 100 ? [] : [invalid(path, weight, 'must be in the range 1-100')];

function checkPodTerm(path: string, term: PodAffinityTerm | undefined): FieldError[] {
  if (!term) return [];
  const errors = checkLabelSelector(`${path}.labelSelector`, term.labelSelector);
  if (term.topologyKey) errors.push(...checkQualifiedName(`${path}.topologyKey`, term.topologyKey));
  return errors;
}

/** Source: kubernetes validateTopologySpreadConstraints. */
export function checkSpreadConstraints(
  path: string,
  constraints: readonly TopologySpreadConstraint[] | undefined,
): FieldError[] {
  const errors: FieldError[] = [];
  const seen = new Set<string>();
  constraints?.forEach((constraint, index) => {
    const here = `${path}[${index}]`;
    if (constraint.maxSkew <= 0)
      errors.push(invalid(`${here}.maxSkew`, constraint.maxSkew, 'must be greater than zero'));
    if (constraint.topologyKey) errors.push(...checkQualifiedName(`${here}.topologyKey`, constraint.topologyKey));
    if (!['DoNotSchedule', 'ScheduleAnyway'].includes(constraint.whenUnsatisfiable)) {
      errors.push(
        notSupported(`${here}.whenUnsatisfiable`, constraint.whenUnsatisfiable, ['DoNotSchedule', 'ScheduleAnyway']),
      );
    }
    const pair = `{${constraint.topologyKey}, ${constraint.whenUnsatisfiable}}`;
    if (seen.has(pair))
      errors.push({
        type: 'FieldValueDuplicate',
        field: `${here}.{topologyKey, whenUnsatisfiable}`,
        message: `Duplicate value: ${JSON.stringify(pair)}`,
      });
    seen.add(pair);
    errors.push(...checkLabelSelector(`${here}.labelSelector`, constraint.labelSelector));
  });
  return errors;
}
