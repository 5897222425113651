import { badRequest } from '../errors.ts';
import { labelKeyFaults, labelValueFaults } from '../registry/names.ts';
import type { StringMap } from './item.ts';

type Operator = 'in' | 'notin' | '=' | '==' | '!=' | '>' | '<' | 'exists' | '!';

interface Requirement {
  readonly key: string;
  readonly operator: Operator;
  readonly values: ReadonlySet<string>;
  readonly bound: number;
}

export type LabelSelector = (labels: StringMap | undefined) => boolean;

const SYMBOLS = '=!(),><';
const OPERATORS = 'in, notin, =, ==, !=, gt, lt';

interface Token {
  readonly kind: 'identifier' | 'symbol' | 'end';
  readonly text: string;
}

function tokens(text: string): Token[] {
  const out: Token[] = [];
  let i = 0;
  while (i < text.length) {
    const c = text[i]!;
    if (c === ' ' || c === '\t' || c === '\n' || c === '\r') {
      i++;
    } else if (SYMBOLS.includes(c)) {
      const pair = text.slice(i, i + 2);
      const symbol = pair === '==' || pair === '!=' ? pair : c;
      out.push({ kind: 'symbol', text: symbol });
      i += symbol.length;
    } else {
      const start = i;
      while (i < text.length && !SYMBOLS.includes(text[i]!) && !/\s/.test(text[i]!)) i++;
      out.push({ kind: 'identifier', text: text.slice(start, i) });
    }
  }
  out.push({ kind: 'end', text: '' });
  return out;
}

/** Raised inside a requirement; the parser puts `unable to parse requirement: ` before it. */
class RequirementFault extends Error {}

/** Source: apimachinery labels.Parser; same grammar, same sentences. */
class Parser {
  readonly #tokens: Token[];
  #at = 0;

  constructor(text: string) {
    this.#tokens = tokens(text);
  }

  parse(): Requirement[] {
    const requirements: Requirement[] = [];
    for (;;) {
      const next = this.#peek();
      if (next.kind === 'end') return requirements;
      if (next.kind !== 'identifier' && next.text !== '!')
        throw badRequest(`found '${next.text}', expected: !, identifier, or 'end of string'`);
      requirements.push(this.#guarded());
      const after = this.#take();
      if (after.kind === 'end') return requirements;
      if (after.text !== ',') throw badRequest(`found '${after.text}', expected: ',' or 'end of string'`);
      const beyond = this.#peek();
      if (beyond.kind !== 'identifier' && beyond.text !== '!')
        throw badRequest(`found '${beyond.text}', expected: identifier after ','`);
    }
  }

  #peek(): Token {
    return this.#tokens[this.#at]!;
  }

  #take(): Token {
    const token = this.#tokens[this.#at]!;
    if (token.kind !== 'end') this.#at++;
    return token;
  }

  #guarded(): Requirement {
    try {
      return this.#requirement();
    } catch (error) {
      if (error instanceof RequirementFault) throw badRequest(`unable to parse requirement: ${error.message}`);
      throw error;
    }
  }

  #requirement(): Requirement {
    let token = this.#take();
    const negated = token.text === '!' && token.kind === 'symbol';
    if (negated) token = this.#take();
    if (token.kind !== 'identifier') throw new RequirementFault(`found '${token.text}', expected: identifier`);
    const key = token.text;
    const keyFaults = labelKeyFaults(key);
    if (keyFaults.length > 0)
      throw new RequirementFault(`key: Invalid value: ${JSON.stringify(key)}: ${keyFaults.join('; ')}`);
    const next = this.#peek();
    if (negated) return { key, operator: '!', values: new Set(), bound: 0 };
    if (next.kind === 'end' || (next.kind === 'symbol' && next.text === ','))
      return { key, operator: 'exists', values: new Set(), bound: 0 };
    const operator = this.#operator();
    const values = operator === 'in' || operator === 'notin' ? this.#values() : this.#exactValue();
    let bound = 0;
    if (operator === '>' || operator === '<') {
      const [value] = values;
      bound = Number(value);
      if (value === undefined || !/^[+-]?\d+$/.test(value))
        throw new RequirementFault(
          `values[0][${key}]: Invalid value: ${JSON.stringify(value ?? '')}: for 'Gt', 'Lt' operators, the value must be an integer`,
        );
    }
    let i = 0;
    for (const value of values) {
      const faults = labelValueFaults(value);
      if (faults.length > 0)
        throw new RequirementFault(
          `values[${i}][${key}]: Invalid value: ${JSON.stringify(value)}: ${faults.join('; ')}`,
        );
      i++;
    }
    return { key, operator, values, bound };
  }

  #operator(): Operator {
    const { text } = this.#take();
    switch (text) {
      case 'in':
      case 'notin':
      case '=':
      case '==':
      case '!=':
      case '>':
      case '<':
        return text;
      default:
        throw new RequirementFault(`found '${text}', expected: ${OPERATORS}`);
    }
  }

  #values(): Set<string> {
    const open = this.#take();
    if (open.text !== '(') throw new RequirementFault(`found '${open.text}' expected: '('`);
    const values = new Set<string>();
    // `(a,,b)` and `(,a)` contain the empty value; `()` is the empty value alone.
    let expectValue = true;
    for (;;) {
      const token = this.#take();
      if (token.kind === 'identifier') {
        if (!expectValue) throw new RequirementFault(`found '${token.text}', expected: ',' or ')'`);
        values.add(token.text);
        expectValue = false;
      } else if (token.text === ',') {
        if (expectValue) values.add('');
        expectValue = true;
      } else if (token.text === ')') {
        if (expectValue) values.add('');
        return values;
      } else if (expectValue) {
        throw new RequirementFault(`found '${token.text}', expected: ',', ')' or identifier`);
      } else {
        throw new RequirementFault(`found '${token.text}', expected: ',' or ')'`);
      }
    }
  }

  #exactValue(): Set<string> {
    const next = this.#peek();
    if (next.kind === 'end' || next.text === ',') return new Set(['']);
    const token = this.#take();
    if (token.kind !== 'identifier') throw new RequirementFault(`found '${token.text}', expected: identifier`);
    return new Set([token.text]);
  }
}

/** `!=` and `notin` also match where the label is missing. */
function holds(r: Requirement, labels: StringMap | undefined): boolean {
  const value = labels !== undefined && Object.hasOwn(labels, r.key) ? labels[r.key] : undefined;
  switch (r.operator) {
    case 'exists':
      return value !== undefined;
    case '!':
      return value === undefined;
    case 'in':
    case '=':
    case '==':
      return value !== undefined && r.values.has(value);
    case 'notin':
    case '!=':
      return value === undefined || !r.values.has(value);
    default: {
      if (value === undefined || !/^[+-]?\d+$/.test(value)) return false;
      return r.operator === '>' ? Number(value) > r.bound : Number(value) < r.bound;
    }
  }
}

/** `undefined` selects everything. Throws StatusError 400. */
export function parseLabelSelector(text: string): LabelSelector | undefined {
  const requirements = new Parser(text).parse();
  if (requirements.length === 0) return undefined;
  return (labels) => {
    for (const requirement of requirements) if (!holds(requirement, labels)) return false;
    return true;
  };
}
