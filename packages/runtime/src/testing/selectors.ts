import type { KubeObject } from '@virtplane/resources';

export type Matcher = (object: KubeObject) => boolean;

const valueAt = (object: unknown, path: string): string => {
  let at: unknown = object;
  for (const step of path.split('.')) {
    if (typeof at !== 'object' || at === null) return '';
    at = (at as Record<string, unknown>)[step];
  }
  return at === undefined || at === null ? '' : String(at);
};

/** Splits at commas outside parentheses. */
const requirements = (selector: string): string[] => {
  const out: string[] = [];
  let depth = 0;
  let start = 0;
  for (let i = 0; i <= selector.length; i++) {
    const c = selector[i];
    if (c === '(') depth++;
    else if (c === ')') depth--;
    else if ((c === ',' && depth === 0) || c === undefined) {
      const part = selector.slice(start, i).trim();
      if (part !== '') out.push(part);
      start = i + 1;
    }
  }
  return out;
};

export function labelMatcher(selector: string): Matcher {
  const tests = requirements(selector).map((text): ((labels: Record<string, string>) => boolean) => {
    const set = /^(\S+)\s+(in|notin)\s*\(([^)]*)\)$/.exec(text);
    if (set) {
      const [, key = '', operator, list = ''] = set;
      const values = new Set(list.split(',').map((v) => v.trim()));
      return operator === 'in'
        ? (labels) => labels[key] !== undefined && values.has(labels[key])
        : (labels) => labels[key] === undefined || !values.has(labels[key]);
    }
    const equality = /^([^=!\s]+)\s*(==|=|!=)\s*(\S*)$/.exec(text);
    if (equality) {
      const [, key = '', operator, value] = equality;
      return operator === '!=' ? (labels) => labels[key] !== value : (labels) => labels[key] === value;
    }
    if (text.startsWith('!')) return (labels) => labels[text.slice(1).trim()] === undefined;
    return (labels) => labels[text] !== undefined;
  });
  return (object) => tests.every((test) => test(object.metadata?.labels ?? {}));
}

/** Any path of the object may be selected: stricter servers refuse what they do not index. */
export function fieldMatcher(selector: string): Matcher {
  const tests = requirements(selector).map((text): Matcher => {
    const match = /^([^=!]+?)\s*(==|=|!=)\s*(.*)$/.exec(text);
    if (!match) throw new Error(`field selector ${JSON.stringify(text)} is not understood`);
    const [, path = '', operator, value] = match;
    return operator === '!='
      ? (object) => valueAt(object, path) !== value
      : (object) => valueAt(object, path) === value;
  });
  return (object) => tests.every((test) => test(object));
}
