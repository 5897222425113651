import type { Node, NodeSelectorRequirement, NodeSelectorTerm } from '@virtplane/resources';
import { type FilterPlugin, nodeName, normalizeToMax, type ScorePlugin } from '../framework.ts';

/** nodeSelector AND required node affinity. Source: kube-scheduler NodeAffinity: terms ORed, expressions ANDed. */
export const nodeAffinity: FilterPlugin = {
  name: 'NodeAffinity',
  filter({ pod }, { node }) {
    const required = pod.spec?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
    const matches =
      matchesSelector(pod.spec?.nodeSelector, node) &&
      (!required || (required.nodeSelectorTerms ?? []).some((term) => matchesTerm(term, node)));
    return matches ? undefined : { reasons: ["node(s) didn't match Pod's node affinity/selector"], unresolvable: true };
  },
};

/** Sum of the weights of the preferred terms that match. An empty preferred term matches every node. */
export const nodeAffinityScore: ScorePlugin = {
  name: 'NodeAffinity',
  weight: 2,
  score({ pod }, { node }) {
    let sum = 0;
    for (const term of pod.spec?.affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []) {
      const preference = term.preference ?? {};
      if (isEmpty(preference) || matchesTerm(preference, node)) sum += term.weight ?? 0;
    }
    return sum;
  },
  normalize: (scores) => normalizeToMax(scores),
};

const isEmpty = (term: NodeSelectorTerm): boolean => !term.matchExpressions?.length && !term.matchFields?.length;

function matchesSelector(selector: Readonly<Record<string, string>> | undefined, node: Node): boolean {
  const labels = node.metadata.labels ?? {};
  return Object.entries(selector ?? {}).every(([key, value]) => labels[key] === value);
}

/** An empty required term matches nothing. */
function matchesTerm(term: NodeSelectorTerm, node: Node): boolean {
  if (isEmpty(term)) return false;
  const labels = node.metadata.labels ?? {};
  return (
    (term.matchExpressions ?? []).every((e) => matchesRequirement(e, labels[e.key ?? ''])) &&
    (term.matchFields ?? []).every((e) => e.key === 'metadata.name' && matchesRequirement(e, nodeName(node)))
  );
}

/** Gt and Lt compare whole numbers; NotIn and DoesNotExist also match a node without the label. */
export function matchesRequirement(requirement: NodeSelectorRequirement, value: string | undefined): boolean {
  const values = requirement.values ?? [];
  switch (requirement.operator) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    case 'Gt':
    case 'Lt': {
      const [left, right] = [wholeNumber(value), wholeNumber(values[0])];
      if (left === undefined || right === undefined || values.length !== 1) return false;
      return requirement.operator === 'Gt' ? left > right : left < right;
    }
    default:
      return false;
  }
}

const wholeNumber = (text: string | undefined): bigint | undefined =>
  text !== undefined && /^[+-]?\d+$/.test(text) ? BigInt(text) : undefined;
