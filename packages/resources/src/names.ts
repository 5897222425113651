import { randomInt } from 'node:crypto';

/**
 * Rules for names, with the texts of apimachinery util/validation. Each check returns the faults as sentences (empty: valid);
 * callers put them behind `Invalid value: "…": `.
 */
type NameCheck = (value: string) => string[];

const ALPHANUMERIC_ENDS = 'and must start and end with an alphanumeric character';

const regexText = (message: string, pattern: string, ...examples: string[]): string => {
  const list = examples.map((example) => `'${example}', `).join(' or ');
  return `${message} (e.g. ${list}regex used for validation is '${pattern}')`;
};

const tooLong = (max: number): string => `must be no more than ${max} characters`;

const LABEL = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';
const SUBDOMAIN = `${LABEL}(\\.${LABEL})*`;
const LABEL_1035 = '[a-z]([-a-z0-9]*[a-z0-9])?';
const QUALIFIED = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]';
const LABEL_VALUE = '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?';
const CONFIG_KEY = '[-._a-zA-Z0-9]+';
const ENV_NAME = '[-._a-zA-Z][-._a-zA-Z0-9]*';

const whole = (pattern: string): RegExp => new RegExp(`^(?:${pattern})$`);

function check(pattern: string, max: number | undefined, text: string): NameCheck {
  const expression = whole(pattern);
  return (value) => {
    const faults: string[] = [];
    if (max !== undefined && Buffer.byteLength(value) > max) faults.push(tooLong(max));
    if (!expression.test(value)) faults.push(text);
    return faults;
  };
}

export const isDns1123Label: NameCheck = check(
  LABEL,
  63,
  regexText(
    `a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', ${ALPHANUMERIC_ENDS}`,
    LABEL,
    'my-name',
    '123-abc',
  ),
);

export const isDns1123Subdomain: NameCheck = check(
  SUBDOMAIN,
  253,
  regexText(
    `a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', ${ALPHANUMERIC_ENDS}`,
    SUBDOMAIN,
    'example.com',
  ),
);

/** Names of Services. */
export const isDns1035Label: NameCheck = check(
  LABEL_1035,
  63,
  regexText(
    "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character",
    LABEL_1035,
    'my-name',
    'abc-123',
  ),
);

export const isLabelValue: NameCheck = check(
  LABEL_VALUE,
  63,
  regexText(
    `a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', ${ALPHANUMERIC_ENDS}`,
    LABEL_VALUE,
    'MyValue',
    'my_value',
    '12345',
  ),
);

const QUALIFIED_TEXT = regexText(
  `must consist of alphanumeric characters, '-', '_' or '.', ${ALPHANUMERIC_ENDS}`,
  QUALIFIED,
  'MyName',
  'my.name',
  '123-abc',
);
const qualifiedPart = check(QUALIFIED, undefined, QUALIFIED_TEXT);

/** Keys of labels and annotations: `[prefix/]name`. */
export function isQualifiedName(value: string): string[] {
  const parts = value.split('/');
  if (parts.length > 2) {
    return [
      `a qualified name ${QUALIFIED_TEXT} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`,
    ];
  }
  const faults: string[] = [];
  if (parts.length === 2) {
    const prefix = parts[0]!;
    if (prefix === '') faults.push('prefix part must be non-empty');
    else faults.push(...isDns1123Subdomain(prefix).map((fault) => `prefix part ${fault}`));
  }
  const name = parts.at(-1)!;
  if (name === '') faults.push('name part must be non-empty');
  else if (Buffer.byteLength(name) > 63) faults.push(`name part ${tooLong(63)}`);
  faults.push(...qualifiedPart(name).map((fault) => `name part ${fault}`));
  return faults;
}

/** Keys of ConfigMaps and Secrets. */
export function isConfigMapKey(value: string): string[] {
  const faults = configKey(value);
  if (value === '.') faults.push("must not be '.'");
  else if (value === '..') faults.push("must not be '..'");
  else if (value.startsWith('..')) faults.push("must not start with '..'");
  return faults;
}
const configKey = check(
  CONFIG_KEY,
  253,
  regexText(
    "a valid config key must consist of alphanumeric characters, '-', '_' or '.'",
    CONFIG_KEY,
    'key.name',
    'KEY_NAME',
    'key-name',
  ),
);

export function isEnvVarName(value: string): string[] {
  const faults = envName(value);
  if (value === '.') faults.push("must not be '.'");
  else if (value === '..') faults.push("must not be '..'");
  else if (value.startsWith('..')) faults.push("must not start with '..'");
  return faults;
}
const envName = check(
  ENV_NAME,
  undefined,
  regexText(
    "a valid environment variable name must consist of alphabetic characters, digits, '_', '-', or '.', and must not start with a digit",
    ENV_NAME,
    'my.env-name',
    'MY_ENV.NAME',
    'MyEnvName1',
  ),
);

/** Names of RBAC objects: anything that can stand as one part of a URL path. */
export function isPathSegmentName(value: string): string[] {
  if (value === '.' || value === '..') return [`may not be '${value}'`];
  return ['/', '%'].filter((part) => value.includes(part)).map((part) => `may not contain '${part}'`);
}

/** No vowels and no look-alikes, so that a suffix is neither a word nor misread. */
const SUFFIX_ALPHABET = 'bcdfghjklmnpqrstvwxz2456789';

export function nameSuffix(length = 5): string {
  let suffix = '';
  for (let i = 0; i < length; i++) suffix += SUFFIX_ALPHABET[randomInt(SUFFIX_ALPHABET.length)];
  return suffix;
}

/** `base` plus 5 random characters; the base is cut so that the whole fits into `maxLength` (63: a DNS label). */
export const generateName = (base: string, maxLength = 63): string => base.slice(0, maxLength - 5) + nameSuffix();
