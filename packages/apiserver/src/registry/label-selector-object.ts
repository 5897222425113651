/** meta/v1 LabelSelector: what budgets and workloads carry. */
export interface LabelSelectorObject {
  matchLabels?: Record<string, string>;
  matchExpressions?: { key?: string; operator?: string; values?: string[] }[];
}

/** All terms must hold; an empty selector matches everything. */
export function matchesLabelSelector(
  selector: LabelSelectorObject,
  labels: Readonly<Record<string, string>> | undefined,
): boolean {
  const labelValue = (key: string): string | undefined =>
    labels !== undefined && Object.hasOwn(labels, key) ? labels[key] : undefined;
  for (const [key, value] of Object.entries(selector.matchLabels ?? {})) if (labelValue(key) !== value) return false;
  for (const { key = '', operator, values = [] } of selector.matchExpressions ?? []) {
    const value = labelValue(key);
    const holds =
      operator === 'In'
        ? value !== undefined && values.includes(value)
        : operator === 'NotIn'
          ? value === undefined || !values.includes(value)
          : operator === 'Exists'
            ? value !== undefined
            : operator === 'DoesNotExist' && value === undefined;
    if (!holds) return false;
  }
  return true;
}
