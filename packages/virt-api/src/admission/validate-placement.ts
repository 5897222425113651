import type { FieldError, NodeSelectorTerm, PodAffinityTerm } from '@virtplane/resources';
import { isDns1123Label, isLabelValue, isQualifiedName } from '@virtplane/resources';
import type { Affinity, InstanceSpec, SpreadConstraint, Toleration } from './virtual-machine-types.ts';
import { fault } from './webhooks.ts';

/**
 * Where a machine may run: nodeSelector, affinity, tolerations and spread constraints, with Kubernetes' own texts
 * (core validation of pods), so that a bad rule is told at admission and not by a failing launcher pod.
 */
export function validatePlacement(spec: InstanceSpec, p: string): FieldError[] {
  const faults: FieldError[] = [];
  if (spec.nodeSelector) validateNodeSelector(spec.nodeSelector, `${p}.nodeSelector`, faults);
  if (spec.affinity) validateAffinity(spec.affinity, `${p}.affinity`, faults);
  for (const [i, toleration] of (spec.tolerations ?? []).entries())
    validateToleration(toleration, `${p}.tolerations[${i}]`, faults);
  if (spec.topologySpreadConstraints)
    validateSpread(spec.topologySpreadConstraints, `${p}.topologySpreadConstraints`, faults);
  return faults;
}

/** KubeVirt passes Kubernetes' error on whole: the message repeats the field. */
const passedOn = (field: string, detail: string) => fault(field, `${field}: ${detail}`);
const quoted = (value: string): string => JSON.stringify(value);

function validateNodeSelector(selector: Readonly<Record<string, string>>, f: string, faults: FieldError[]): void {
  for (const [key, value] of Object.entries(selector)) {
    for (const text of isQualifiedName(key)) faults.push(fault(f, `Invalid value: ${quoted(key)}: ${text}`));
    for (const text of isLabelValue(value)) faults.push(fault(f, `Invalid value: ${quoted(value)}: ${text}`));
  }
}

function validateAffinity(affinity: Affinity, f: string, faults: FieldError[]): void {
  const node = affinity.nodeAffinity;
  if (node) {
    const required = node.requiredDuringSchedulingIgnoredDuringExecution;
    if (required) {
      const list = `${f}.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms`;
      const terms = required.nodeSelectorTerms ?? [];
      if (terms.length === 0) faults.push(passedOn(list, 'Required value: must have at least one node selector term'));
      for (const [i, term] of terms.entries()) validateNodeTerm(term, `${list}[${i}]`, faults);
    }
    for (const [i, preferred] of (node.preferredDuringSchedulingIgnoredDuringExecution ?? []).entries()) {
      const list = `${f}.nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution[${i}]`;
      validateWeight(preferred.weight, list, faults);
      if (preferred.preference) validateNodeTerm(preferred.preference, `${list}.preference`, faults);
    }
  }
  for (const kind of ['podAffinity', 'podAntiAffinity'] as const) {
    const pods = affinity[kind];
    if (!pods) continue;
    for (const [i, term] of (pods.requiredDuringSchedulingIgnoredDuringExecution ?? []).entries())
      validatePodTerm(term, `${f}.${kind}.requiredDuringSchedulingIgnoredDuringExecution[${i}]`, faults);
    for (const [i, preferred] of (pods.preferredDuringSchedulingIgnoredDuringExecution ?? []).entries()) {
      const list = `${f}.${kind}.preferredDuringSchedulingIgnoredDuringExecution[${i}]`;
      validateWeight(preferred.weight, list, faults);
      if (preferred.podAffinityTerm) validatePodTerm(preferred.podAffinityTerm, `${list}.podAffinityTerm`, faults);
    }
  }
}

function validateWeight(weight: number | undefined, f: string, faults: FieldError[]): void {
  if (weight === undefined || weight < 1 || weight > 100)
    faults.push(passedOn(`${f}.weight`, `Invalid value: ${weight ?? 0}: must be in the range 1-100`));
}

const IN_VALUES = "Required value: must be specified when `operator` is 'In' or 'NotIn'";
const NO_VALUES = "Forbidden: may not be specified when `operator` is 'Exists' or 'DoesNotExist'";
const NOT_AN_OPERATOR = 'not a valid selector operator';

function validateNodeTerm(term: NodeSelectorTerm, f: string, faults: FieldError[]): void {
  for (const [i, expression] of (term.matchExpressions ?? []).entries()) {
    const e = `${f}.matchExpressions[${i}]`;
    const values = expression.values ?? [];
    switch (expression.operator) {
      case 'In':
      case 'NotIn':
        if (values.length === 0) faults.push(passedOn(`${e}.values`, IN_VALUES));
        break;
      case 'Exists':
      case 'DoesNotExist':
        if (values.length > 0) faults.push(passedOn(`${e}.values`, NO_VALUES));
        break;
      case 'Gt':
      case 'Lt':
        if (values.length !== 1)
          faults.push(
            passedOn(`${e}.values`, "Required value: must be specified single value when `operator` is 'Lt' or 'Gt'"),
          );
        break;
      default:
        faults.push(
          passedOn(`${e}.operator`, `Invalid value: ${quoted(expression.operator ?? '')}: ${NOT_AN_OPERATOR}`),
        );
    }
    validateKey(expression.key, `${e}.key`, faults);
  }
  for (const [i, field] of (term.matchFields ?? []).entries()) {
    const e = `${f}.matchFields[${i}]`;
    if (field.operator === 'In' || field.operator === 'NotIn') {
      if ((field.values ?? []).length !== 1)
        faults.push(
          passedOn(
            `${e}.values`,
            "Required value: must be only one value when `operator` is 'In' or 'NotIn' for node field selector",
          ),
        );
    } else {
      faults.push(passedOn(`${e}.operator`, `Invalid value: ${quoted(field.operator ?? '')}: ${NOT_AN_OPERATOR}`));
    }
    if (field.key !== 'metadata.name')
      faults.push(passedOn(`${e}.key`, `Invalid value: ${quoted(field.key ?? '')}: not a valid field selector key`));
  }
}

function validateKey(key: string | undefined, f: string, faults: FieldError[]): void {
  for (const text of isQualifiedName(key ?? ''))
    faults.push(passedOn(f, `Invalid value: ${quoted(key ?? '')}: ${text}`));
}

function validatePodTerm(term: PodAffinityTerm, f: string, faults: FieldError[]): void {
  if (term.labelSelector) validateLabelSelector(term.labelSelector, `${f}.labelSelector`, faults);
  if (term.namespaceSelector) validateLabelSelector(term.namespaceSelector, `${f}.namespaceSelector`, faults);
  for (const [i, namespace] of (term.namespaces ?? []).entries())
    for (const text of isDns1123Label(namespace))
      faults.push(passedOn(`${f}.namespaces[${i}]`, `Invalid value: ${quoted(namespace)}: ${text}`));
  if (!term.topologyKey) faults.push(passedOn(`${f}.topologyKey`, 'Required value: can not be empty'));
  validateKey(term.topologyKey, `${f}.topologyKey`, faults);
}

type LabelSelector = NonNullable<PodAffinityTerm['labelSelector']>;

function validateLabelSelector(selector: LabelSelector, f: string, faults: FieldError[]): void {
  for (const [key, value] of Object.entries(selector.matchLabels ?? {})) {
    validateKey(key, `${f}.matchLabels`, faults);
    for (const text of isLabelValue(value))
      faults.push(passedOn(`${f}.matchLabels`, `Invalid value: ${quoted(value)}: ${text}`));
  }
  for (const [i, expression] of (selector.matchExpressions ?? []).entries()) {
    const e = `${f}.matchExpressions[${i}]`;
    const values = expression.values ?? [];
    switch (expression.operator) {
      case 'In':
      case 'NotIn':
        if (values.length === 0) faults.push(passedOn(`${e}.values`, IN_VALUES));
        break;
      case 'Exists':
      case 'DoesNotExist':
        if (values.length > 0) faults.push(passedOn(`${e}.values`, NO_VALUES));
        break;
      default:
        faults.push(
          passedOn(`${e}.operator`, `Invalid value: ${quoted(expression.operator ?? '')}: ${NOT_AN_OPERATOR}`),
        );
    }
    validateKey(expression.key, `${e}.key`, faults);
  }
}

const EFFECTS = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'];

function validateToleration(toleration: Toleration, f: string, faults: FieldError[]): void {
  const { key, operator, value, effect, tolerationSeconds } = toleration;
  if (key) {
    for (const text of isQualifiedName(key)) faults.push(fault(`${f}.key`, `Invalid value: ${quoted(key)}: ${text}`));
  } else if (operator !== 'Exists') {
    faults.push(
      fault(
        `${f}.operator`,
        `Invalid value: ${quoted(operator ?? '')}: operator must be Exists when \`key\` is empty, which means "match all values and all keys"`,
      ),
    );
  }
  if (tolerationSeconds !== undefined && effect !== 'NoExecute')
    faults.push(
      fault(
        `${f}.effect`,
        `Invalid value: ${quoted(effect ?? '')}: effect must be 'NoExecute' when \`tolerationSeconds\` is set`,
      ),
    );
  if (operator === 'Exists') {
    if (value) faults.push(fault(`${f}.operator`, "value must be empty when `operator` is 'Exists'"));
  } else if (!operator || operator === 'Equal') {
    for (const text of isLabelValue(value ?? ''))
      faults.push(fault(`${f}.operator`, `Invalid value: ${quoted(value ?? '')}: ${text}`));
  } else {
    faults.push(
      fault(
        `${f}.operator`,
        `Unsupported value: ${quoted(operator)}: supported values: "Equal", "Exists"`,
        'FieldValueNotSupported',
      ),
    );
  }
  if (effect && !EFFECTS.includes(effect))
    faults.push(
      fault(
        `${f}.effect`,
        `Unsupported value: ${quoted(effect)}: supported values: ${EFFECTS.map(quoted).join(', ')}`,
        'FieldValueNotSupported',
      ),
    );
}

function validateSpread(constraints: readonly SpreadConstraint[], f: string, faults: FieldError[]): void {
  const seen = new Set<string>();
  for (const [i, constraint] of constraints.entries()) {
    const c = `${f}[${i}]`;
    const { maxSkew, topologyKey, whenUnsatisfiable } = constraint;
    if (!maxSkew || maxSkew < 1)
      faults.push(passedOn(`${c}.maxSkew`, `Invalid value: ${maxSkew ?? 0}: must be greater than zero`));
    if (!topologyKey) faults.push(passedOn(`${c}.topologyKey`, 'Required value: can not be empty'));
    if (whenUnsatisfiable !== 'DoNotSchedule' && whenUnsatisfiable !== 'ScheduleAnyway')
      faults.push(
        passedOn(
          `${c}.whenUnsatisfiable`,
          `Unsupported value: ${quoted(whenUnsatisfiable ?? '')}: supported values: "DoNotSchedule", "ScheduleAnyway"`,
        ),
      );
    const pair = `{${topologyKey}, ${whenUnsatisfiable}}`;
    if (seen.has(pair))
      faults.push(passedOn(`${c}.{topologyKey, whenUnsatisfiable}`, `Duplicate value: ${quoted(pair)}`));
    seen.add(pair);
  }
}
