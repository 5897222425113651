import type { PolicyRule } from '@virtplane/resources';

const all = '*';

const holds = (list: readonly string[] | undefined, value: string): boolean => {
  if (list === undefined) return false;
  for (const item of list) if (item === value || item === all) return true;
  return false;
};

export const verbMatches = (rule: PolicyRule, verb: string): boolean => holds(rule.verbs, verb);
export const groupMatches = (rule: PolicyRule, group: string): boolean => holds(rule.apiGroups, group);

/** A rule without names covers all names; a rule with names never covers an empty one. */
export const nameMatches = (rule: PolicyRule, name: string): boolean =>
  rule.resourceNames === undefined || rule.resourceNames.length === 0 || rule.resourceNames.includes(name);

/** Source: rbac NonResourceURLMatches: a trailing `*` is a prefix. */
export function pathMatches(rule: PolicyRule, path: string): boolean {
  for (const url of rule.nonResourceURLs ?? []) {
    if (url === all || url === path) return true;
    if (url.endsWith(all) && path.startsWith(url.slice(0, -1))) return true;
  }
  return false;
}
