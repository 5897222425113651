import { SelectorError } from './selectors.ts';

export interface FieldRequirement {
  readonly field: string;
  readonly operator: '=' | '!=';
  readonly value: string;
}

/** Terms at unescaped commas, in byte order as Go sorts them. */
function terms(text: string): string[] {
  const parts: string[] = [];
  let start = 0;
  for (let at = 0; at < text.length; at++) {
    if (text[at] === '\\') at++;
    else if (text[at] === ',') {
      parts.push(text.slice(start, at));
      start = at + 1;
    }
  }
  parts.push(text.slice(start));
  return parts.filter((part) => part !== '').sort();
}

function unescapeValue(text: string): string {
  let value = '';
  for (let at = 0; at < text.length; at++) {
    const c = text[at]!;
    if (c === ',' || c === '=') {
      throw new SelectorError(`invalid field selector: unescaped character in value: ${c.charCodeAt(0)}`);
    }
    if (c !== '\\') {
      value += c;
      continue;
    }
    const escaped = text[++at];
    if (escaped !== '\\' && escaped !== ',' && escaped !== '=') {
      throw new SelectorError(`invalid field selector: invalid escape sequence: \\${escaped ?? ''}`);
    }
    value += escaped;
  }
  return value;
}

/**
 * `metadata.name=a,status.phase!=Failed`. Source: apimachinery pkg/fields. Which fields a resource knows is for the caller.
 * @throws SelectorError `invalid selector: 's'; can't understand 'part'`
 */
export function parseFieldSelector(text: string): readonly FieldRequirement[] {
  return terms(text).map((term) => {
    const match = /^(.*?)(!=|==|=)(.*)$/s.exec(term);
    if (match === null) throw new SelectorError(`invalid selector: '${text}'; can't understand '${term}'`);
    return { field: match[1]!, operator: match[2] === '!=' ? '!=' : '=', value: unescapeValue(match[3]!) };
  });
}

export const formatFieldSelector = (requirements: readonly FieldRequirement[]): string =>
  requirements
    .map(({ field, operator, value }) => `${field}${operator}${value.replace(/[\\,=]/g, (c) => `\\${c}`)}`)
    .join(',');

/** `read` yields the value of a field of the object; an absent field counts as the empty string. */
export const matchesFieldSelector = (
  requirements: readonly FieldRequirement[],
  read: (field: string) => string | undefined,
): boolean =>
  requirements.every(({ field, operator, value }) => (operator === '=') === ((read(field) ?? '') === value));
