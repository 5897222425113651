type Step =
  | { readonly kind: 'member'; readonly name: string }
  | { readonly kind: 'index'; readonly index: number }
  | { readonly kind: 'all' }
  | { readonly kind: 'filter'; readonly path: readonly string[]; readonly operator: string; readonly operand: unknown };

export interface JsonPath {
  readonly steps: readonly Step[];
  /** Why it could not be read; the steps are empty then. */
  readonly fault?: string;
}

const parsed = new Map<string, JsonPath>();

/**
 * The part of kubectl's JSONPath that columns use: `.a.b`, `{.a.b}`, `['a.b']`, `[0]`, `[-1]`, `[*]`, `[?(@.type=="Ready")]`,
 * `\.` in names. Cached by text.
 */
export function parseJsonPath(text: string): JsonPath {
  let path = parsed.get(text);
  if (!path) {
    path = parse(text);
    parsed.set(text, path);
  }
  return path;
}

const NAME = /^\.((?:[^.[\]{}()\\]|\\.)+)/;
const QUOTED = /^\[(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)")\]/;
const INDEX = /^\[(-?\d+)\]/;
const ALL = /^(?:\[\*\]|\.\*)/;
const FILTER =
  /^\[\?\(\s*@((?:\.(?:[^.\s=!<>[\]()\\]|\\.)+)+)\s*(?:(==|!=|<=|>=|<|>)\s*("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|[^\s)]+)\s*)?\)\]/;

const unescaped = (text: string): string => text.replace(/\\(.)/g, '$1');

function parse(text: string): JsonPath {
  let rest = text.trim();
  if (rest.startsWith('{')) {
    if (!rest.endsWith('}')) return { steps: [], fault: 'unclosed action' };
    rest = rest.slice(1, -1).trim();
  }
  if (rest.startsWith('$')) rest = rest.slice(1);
  if (rest !== '' && !rest.startsWith('.') && !rest.startsWith('[')) rest = `.${rest}`;
  const steps: Step[] = [];
  while (rest !== '' && rest !== '.') {
    const step = firstStep(rest);
    if (!step) return { steps: [], fault: `unrecognized identifier ${rest}` };
    steps.push(step[0]);
    rest = rest.slice(step[1]);
  }
  return { steps };
}

/** The step that a path begins with, and the length of its text. */
function firstStep(path: string): [Step, number] | undefined {
  for (const [pattern, stepOf] of GRAMMAR) {
    const match = pattern.exec(path);
    if (match) return [stepOf(match), match[0].length];
  }
  return undefined;
}

const GRAMMAR: readonly (readonly [RegExp, (match: RegExpExecArray) => Step])[] = [
  [ALL, () => ({ kind: 'all' })],
  [QUOTED, (match) => ({ kind: 'member', name: unescaped(match[1] ?? match[2] ?? '') })],
  [INDEX, (match) => ({ kind: 'index', index: Number(match[1]) })],
  [
    FILTER,
    (match) => ({
      kind: 'filter',
      path: (match[1] ?? '')
        .slice(1)
        .split(/(?<!\\)\./)
        .map(unescaped),
      operator: match[2] ?? '',
      operand: match[3] === undefined ? undefined : operandOf(match[3]),
    }),
  ],
  [NAME, (match) => ({ kind: 'member', name: unescaped(match[1] ?? '') })],
];

function operandOf(text: string): unknown {
  if (text.startsWith('"') || text.startsWith("'")) return unescaped(text.slice(1, -1));
  if (text === 'true' || text === 'false') return text === 'true';
  const number = Number(text);
  return Number.isNaN(number) ? text : number;
}

type Json = Record<string, unknown>;
const isObject = (value: unknown): value is Json =>
  value !== null && typeof value === 'object' && !Array.isArray(value);

const memberOf = (value: unknown, name: string): unknown =>
  isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;

function isMatch(value: unknown, operator: string, operand: unknown): boolean {
  if (operator === '') return value !== undefined;
  if (value === undefined) return false;
  if (operator === '==') return value === operand;
  if (operator === '!=') return value !== operand;
  const comparable =
    (typeof value === 'number' && typeof operand === 'number') ||
    (typeof value === 'string' && typeof operand === 'string');
  if (!comparable) return false;
  const [a, b] = [value as number, operand as number];
  if (operator === '<') return a < b;
  if (operator === '>') return a > b;
  return operator === '<=' ? a <= b : a >= b;
}

/** Every value at the path, in document order. */
export function valuesAt(path: JsonPath, root: unknown): unknown[] {
  let current: unknown[] = [root];
  for (const step of path.steps) {
    const next: unknown[] = [];
    for (const value of current) {
      switch (step.kind) {
        case 'member': {
          const member = memberOf(value, step.name);
          if (member !== undefined) next.push(member);
          break;
        }
        case 'index':
          if (Array.isArray(value)) {
            const item: unknown = value.at(step.index);
            if (item !== undefined) next.push(item);
          }
          break;
        case 'all':
          if (Array.isArray(value)) next.push(...value);
          else if (isObject(value)) next.push(...Object.values(value));
          break;
        case 'filter':
          if (Array.isArray(value)) {
            for (const item of value) {
              const tested = step.path.reduce<unknown>(memberOf, item);
              if (isMatch(tested, step.operator, step.operand)) next.push(item);
            }
          }
      }
    }
    current = next;
  }
  return current;
}
