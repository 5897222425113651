import { type FieldError, goValue, invalid } from './meta/field-error.ts';
import type { LabelSelector } from './meta/types.ts';
import { isLabelValue, isQualifiedName } from './names.ts';

/** A selector string that the API server refuses with 400; the message is Go's. */
export class SelectorError extends Error {
  override readonly name = 'SelectorError';
}

export type SelectorOperator = 'in' | 'notin' | '=' | '==' | '!=' | 'exists' | '!' | '>' | '<';

export interface LabelRequirement {
  readonly key: string;
  readonly operator: SelectorOperator;
  /** Sorted and distinct; empty for `exists` and `!`. */
  readonly values: readonly string[];
}

/** Requirements are ANDed and sorted by key; none selects everything. Source: apimachinery pkg/labels. */
export type LabelRequirements = readonly LabelRequirement[];

export type Labels = Readonly<Record<string, string>>;

type TokenKind = 'end' | 'identifier' | 'in' | 'notin' | '=' | '==' | '!=' | '!' | '>' | '<' | '(' | ')' | ',';
interface Token {
  readonly kind: TokenKind;
  readonly text: string;
}

const SYMBOLS = '=!(),><';
const SPACE = ' \t\r\n';
const TWO_CHARACTER_SYMBOLS = new Set(['==', '!=']);
const isBinary = (kind: TokenKind): kind is '=' | '==' | '!=' | 'in' | 'notin' | '>' | '<' =>
  kind === '=' || kind === '==' || kind === '!=' || kind === 'in' || kind === 'notin' || kind === '>' || kind === '<';

function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < text.length) {
    const c = text[at]!;
    if (SPACE.includes(c)) {
      at++;
    } else if (SYMBOLS.includes(c)) {
      const pair = text.slice(at, at + 2);
      const symbol = TWO_CHARACTER_SYMBOLS.has(pair) ? pair : c;
      tokens.push({ kind: symbol as TokenKind, text: symbol });
      at += symbol.length;
    } else {
      const start = at;
      while (at < text.length && !SYMBOLS.includes(text[at]!) && !SPACE.includes(text[at]!)) at++;
      const word = text.slice(start, at);
      tokens.push({ kind: word === 'in' || word === 'notin' ? word : 'identifier', text: word });
    }
  }
  return tokens;
}

const END: Token = { kind: 'end', text: '' };

class RequirementParser {
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(text: string) {
    this.#tokens = tokenize(text);
  }

  /** Where a value may stand, `in` and `notin` are plain words. */
  peek(): Token {
    const token = this.#tokens[this.#at] ?? END;
    return token.kind === 'in' || token.kind === 'notin' ? { kind: 'identifier', text: token.text } : token;
  }

  next(): Token {
    const token = this.peek();
    this.#at++;
    return token;
  }

  #nextOperator(): Token {
    return this.#tokens[this.#at++] ?? END;
  }

  requirement(): LabelRequirement {
    let token = this.next();
    const negated = token.kind === '!';
    if (negated) token = this.next();
    if (token.kind !== 'identifier') throw new SelectorError(`found '${token.text}', expected: identifier`);
    const key = token.text;
    const keyFaults = isQualifiedName(key);
    if (keyFaults.length > 0) throw new SelectorError(describe(invalid('<nil>', key, keyFaults.join('; '))));
    if (negated) return { key, operator: '!', values: [] };
    const following = this.peek().kind;
    if (following === 'end' || following === ',') return { key, operator: 'exists', values: [] };
    const operator = this.#nextOperator();
    if (!isBinary(operator.kind)) {
      throw new SelectorError(`found '${operator.text}', expected: in, notin, =, ==, !=, gt, lt`);
    }
    const values = operator.kind === 'in' || operator.kind === 'notin' ? this.#valueList() : [this.#value()];
    const distinct = [...new Set(values)].sort();
    const faults = valueFaults(key, operator.kind, distinct);
    if (faults.length > 0) {
      const texts = faults.map(describe);
      throw new SelectorError(texts.length === 1 ? texts[0] : `[${texts.join(', ')}]`);
    }
    return { key, operator: operator.kind, values: distinct };
  }

  #value(): string {
    const token = this.peek();
    if (token.kind === 'end' || token.kind === ',') return '';
    this.next();
    if (token.kind !== 'identifier') throw new SelectorError(`found '${token.text}', expected: identifier`);
    return token.text;
  }

  /** `(a, b)`; empty places stand for the empty value. */
  #valueList(): string[] {
    const open = this.next();
    if (open.kind !== '(') throw new SelectorError(`found '${open.text}' expected: '('`);
    const first = this.peek();
    if (first.kind === ')') {
      this.next();
      return [''];
    }
    if (first.kind !== 'identifier' && first.kind !== ',') {
      throw new SelectorError(`found '${first.text}', expected: ',', ')' or identifier`);
    }
    const values: string[] = [];
    for (;;) {
      const token = this.next();
      if (token.kind === 'identifier') {
        values.push(token.text);
        const after = this.peek();
        if (after.kind === ')') break;
        if (after.kind !== ',') throw new SelectorError(`found '${after.text}', expected: ',' or ')'`);
      } else if (token.kind === ',') {
        if (values.length === 0) values.push('');
        const after = this.peek();
        if (after.kind === ')') {
          values.push('');
          break;
        }
        if (after.kind === ',') {
          this.next();
          values.push('');
        }
      } else {
        throw new SelectorError(`found '${token.text}', expected: ',', or identifier`);
      }
    }
    this.next();
    return values;
  }
}

const describe = (error: FieldError): string => `${error.field}: ${error.message}`;

const INT64 = /^[-+]?\d{1,19}$/;
const isInt64 = (text: string): boolean =>
  INT64.test(text) && BigInt.asIntN(64, BigInt(text.replace('+', ''))) === BigInt(text.replace('+', ''));

function valueFaults(key: string, operator: SelectorOperator, values: readonly string[]): FieldError[] {
  const faults: FieldError[] = [];
  if (operator === '>' || operator === '<') {
    values.forEach((value, i) => {
      if (!isInt64(value)) {
        faults.push(invalid(`values[${i}]`, value, "for 'Gt', 'Lt' operators, the value must be an integer"));
      }
    });
  }
  values.forEach((value, i) => {
    const texts = isLabelValue(value);
    if (texts.length > 0) faults.push(invalid(`values[${i}][${key}]`, value, texts.join('; ')));
  });
  return faults;
}

/**
 * `app=web,tier in (a,b),!canary`.
 * @throws SelectorError `unable to parse requirement: …`, `found 'x', expected: …`
 */
export function parseLabelSelector(text: string): LabelRequirements {
  const parser = new RequirementParser(text);
  const requirements: LabelRequirement[] = [];
  for (;;) {
    const token = parser.peek();
    if (token.kind === 'end') return sorted(requirements);
    if (token.kind !== 'identifier' && token.kind !== '!') {
      throw new SelectorError(`found '${token.text}', expected: !, identifier, or 'end of string'`);
    }
    try {
      requirements.push(parser.requirement());
    } catch (error) {
      if (error instanceof SelectorError) throw new SelectorError(`unable to parse requirement: ${error.message}`);
      throw error;
    }
    const after = parser.next();
    if (after.kind === 'end') return sorted(requirements);
    if (after.kind !== ',') throw new SelectorError(`found '${after.text}', expected: ',' or 'end of string'`);
    const start = parser.peek();
    if (start.kind !== 'identifier' && start.kind !== '!') {
      throw new SelectorError(`found '${start.text}', expected: identifier after ','`);
    }
  }
}

const sorted = (requirements: LabelRequirement[]): LabelRequirements =>
  requirements.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));

/** The canonical text of requirements; parses back to the same. */
export function formatLabelRequirements(requirements: LabelRequirements): string {
  return requirements
    .map(({ key, operator, values }) => {
      switch (operator) {
        case 'exists':
          return key;
        case '!':
          return `!${key}`;
        case 'in':
        case 'notin':
          return `${key} ${operator} (${values.join(',')})`;
        default:
          return `${key}${operator}${values[0]}`;
      }
    })
    .join(',');
}

function meets({ key, operator, values }: LabelRequirement, labels: Labels): boolean {
  const value = Object.hasOwn(labels, key) ? labels[key] : undefined;
  switch (operator) {
    case '=':
    case '==':
    case 'in':
      return value !== undefined && values.includes(value);
    case '!=':
    case 'notin':
      return value === undefined || !values.includes(value);
    case 'exists':
      return value !== undefined;
    case '!':
      return value === undefined;
    case '>':
    case '<': {
      if (value === undefined || !isInt64(value)) return false;
      const bound = BigInt(values[0]!.replace('+', ''));
      const actual = BigInt(value.replace('+', ''));
      return operator === '>' ? actual > bound : actual < bound;
    }
  }
}

export function matchesRequirements(requirements: LabelRequirements, labels: Labels | undefined): boolean {
  const present = labels ?? {};
  for (const requirement of requirements) if (!meets(requirement, present)) return false;
  return true;
}

const OBJECT_OPERATORS: Readonly<Record<string, SelectorOperator>> = {
  In: 'in',
  NotIn: 'notin',
  Exists: 'exists',
  DoesNotExist: '!',
};

/**
 * Requirements of a LabelSelector object; `undefined` selects nothing, `{}` everything (Go's LabelSelectorAsSelector).
 * @throws SelectorError `"X" is not a valid label selector operator`
 */
export function labelSelectorRequirements(selector: LabelSelector | undefined): LabelRequirements | undefined {
  if (selector === undefined) return undefined;
  const requirements: LabelRequirement[] = [];
  for (const [key, value] of Object.entries(selector.matchLabels ?? {})) {
    requirements.push({ key, operator: '=', values: [value] });
  }
  for (const { key, operator, values } of selector.matchExpressions ?? []) {
    const known = OBJECT_OPERATORS[operator];
    if (known === undefined) throw new SelectorError(`${goValue(operator)} is not a valid label selector operator`);
    requirements.push({ key, operator: known, values: [...new Set(values ?? [])].sort() });
  }
  return sorted(requirements);
}

/** Whether a LabelSelector object selects these labels. @throws SelectorError for an unknown operator */
export function matchesLabelSelector(selector: LabelSelector | undefined, labels: Labels | undefined): boolean {
  const requirements = labelSelectorRequirements(selector);
  return requirements !== undefined && matchesRequirements(requirements, labels);
}

/** Whether every operator of a LabelSelector object is one that exists. */
export const isReadableSelector = (selector: LabelSelector): boolean =>
  selector.matchExpressions?.every(
    ({ operator }) => operator !== undefined && Object.hasOwn(OBJECT_OPERATORS, operator),
  ) ?? true;

/** For selectors that lie stored and may be of any content: one that cannot be read selects nothing, instead of throwing. */
export const selectsLabels = (selector: LabelSelector | undefined, labels: Labels | undefined): boolean =>
  selector !== undefined && isReadableSelector(selector) && matchesLabelSelector(selector, labels);

/** As kubectl prints a selector: `app=web,tier in (a,b)`, `<none>`. */
export function formatLabelSelector(selector: LabelSelector | undefined): string {
  const requirements = labelSelectorRequirements(selector);
  return requirements === undefined || requirements.length === 0 ? '<none>' : formatLabelRequirements(requirements);
}
