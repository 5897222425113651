import { isUtf8 } from 'node:buffer';
import { badRequest } from '../errors.ts';
import { goSyntaxError } from './json-syntax.ts';

export interface StrictJson {
  readonly value: unknown;
  /** Go path form (`spec.size`, `spec.list[0].k`), each once, in document order. */
  readonly duplicates: string[];
}

/**
 * Deepest nesting that is accepted. Go stops at 10,000; everything behind the decoder here is recursive, and no API has
 * documents a tenth as deep.
 */
const MAX_DEPTH = 1000;
/** A 16-digit integer may exceed what a JavaScript number holds exactly. */
const SUSPECT_DIGITS = 16;
/** As many duplicates as Go's strict decoder reports. */
const MAX_REPORTED = 100;

/** A document that cannot be decoded; `message` is Go's text. The caller says what it was meant to be. */
export class JsonFault extends Error {}

/** JSON with what JSON.parse hides: duplicate keys, integers that JavaScript cannot hold. Throws StatusError 400. */
export function parseStrictJson(bytes: Buffer): StrictJson {
  try {
    return readStrictJson(bytes);
  } catch (fault) {
    if (fault instanceof JsonFault) throw badRequest(fault.message);
    throw fault;
  }
}

/** parseStrictJson whose faults are JsonFault, for callers that put the text into a longer sentence. */
export function readStrictJson(bytes: Buffer): StrictJson {
  if (!isUtf8(bytes)) throw new JsonFault('invalid UTF-8 in the body');
  const text = bytes.toString('utf8');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new JsonFault(goSyntaxError(text));
  }
  if (value === null || typeof value !== 'object') {
    scan(text);
    return { value, duplicates: [] };
  }
  // As many keys in the text as in the value: nothing was swallowed, the usual case.
  const keysInText = scan(text);
  const duplicates = keysInText === countKeys(value) ? [] : duplicateKeys(text);
  return { value, duplicates };
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** One pass over well-formed JSON: number of keys; refuses hostile depth and integers that would be rounded. */
function scan(text: string): number {
  const length = text.length;
  let keys = 0;
  let depth = 0;
  let digits = 0;
  for (let i = 0; i < length; i++) {
    const c = text.charCodeAt(i);
    if (c === QUOTE) {
      for (;;) {
        const d = text.charCodeAt(++i);
        if (d === QUOTE) break;
        if (d === BACKSLASH) i++;
      }
    } else if (c >= 0x30 && c <= 0x39) {
      if (++digits === SUSPECT_DIGITS) i = pastSafeNumber(text, i);
      continue;
    } else if (c === 0x3a) keys++;
    else if (c === 0x7b || c === 0x5b) {
      if (++depth > MAX_DEPTH) throw new JsonFault(`exceeded max depth of ${MAX_DEPTH}`);
    } else if (c === 0x7d || c === 0x5d) depth--;
    digits = 0;
  }
  return keys;
}

/** Index of the last character of the number around `i`; throws when it is an integer that would change. */
function pastSafeNumber(text: string, i: number): number {
  const inNumber = (c: string): boolean =>
    (c >= '0' && c <= '9') || c === '.' || c === '-' || c === '+' || c === 'e' || c === 'E';
  let start = i;
  while (start > 0 && inNumber(text.charAt(start - 1))) start--;
  let end = i + 1;
  while (end < text.length && inNumber(text.charAt(end))) end++;
  const number = text.slice(start, end);
  if (/^-?\d+$/.test(number) && !Number.isSafeInteger(Number(number))) {
    throw new JsonFault(
      `the integer ${number} cannot be stored exactly: it must lie between -9007199254740991 and 9007199254740991`,
    );
  }
  return end - 1;
}

function countKeys(value: object): number {
  let keys = 0;
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) {
      const item: unknown = value[i];
      if (item !== null && typeof item === 'object') keys += countKeys(item);
    }
    return keys;
  }
  const record = value as Record<string, unknown>;
  for (const key in record) {
    // Assigning this key anywhere behind the decoder would set a prototype instead of a member.
    if (key === '__proto__') throw new JsonFault('the key "__proto__" is not allowed');
    keys++;
    const item = record[key];
    if (item !== null && typeof item === 'object') keys += countKeys(item);
  }
  return keys;
}

/** Paths of keys that stand twice in one object of a well-formed document. */
function duplicateKeys(text: string): string[] {
  const found = new Set<string>();
  let i = 0;
  const skipSpace = (): void => {
    while (text.charCodeAt(i) <= 0x20) i++;
  };
  const string = (): string => {
    const start = i++;
    while (text.charCodeAt(i) !== QUOTE) i += text.charCodeAt(i) === BACKSLASH ? 2 : 1;
    return JSON.parse(text.slice(start, ++i)) as string;
  };
  const value = (path: string): void => {
    skipSpace();
    const c = text.charAt(i);
    if (c === '"') string();
    else if (c === '[') {
      i++;
      for (let index = 0; ; index++) {
        skipSpace();
        if (text.charAt(i) === ']') break;
        value(`${path}[${index}]`);
        skipSpace();
        if (text.charAt(i) === ',') i++;
      }
      i++;
    } else if (c === '{') {
      i++;
      const seen = new Set<string>();
      for (;;) {
        skipSpace();
        if (text.charAt(i) === '}') break;
        const key = string();
        const here = path === '' ? key : `${path}.${key}`;
        if (seen.has(key) && found.size < MAX_REPORTED) found.add(here);
        seen.add(key);
        skipSpace();
        i++;
        value(here);
        skipSpace();
        if (text.charAt(i) === ',') i++;
      }
      i++;
    } else while (i < text.length && !',]} \t\r\n'.includes(text.charAt(i))) i++;
  };
  value('');
  return [...found];
}
