import { randomInt } from 'node:crypto';

const LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const LABEL_TEXT =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const SUBDOMAIN_TEXT =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const NAME_PART = /^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/;
const NAME_PART_TEXT =
  "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
const LABEL_VALUE = /^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$/;
const LABEL_VALUE_TEXT =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";

const tooLongText = (max: number): string => `must be no more than ${max} characters`;

/** A prefix (generateName) may end where a name may not: its last dash is not the end. */
const withoutTrailingDash = (name: string): string => (name.endsWith('-') ? `${name.slice(0, -1)}a` : name);

/** Source: apimachinery validation NameIsDNSSubdomain. */
export function subdomainFaults(name: string, prefix = false): string[] {
  const value = prefix ? withoutTrailingDash(name) : name;
  const faults: string[] = [];
  if (value.length > 253) faults.push(tooLongText(253));
  if (!SUBDOMAIN.test(value)) faults.push(SUBDOMAIN_TEXT);
  return faults;
}

/** Source: apimachinery validation NameIsDNSLabel. */
export function labelFaults(name: string, prefix = false): string[] {
  const value = prefix ? withoutTrailingDash(name) : name;
  const faults: string[] = [];
  if (value.length > 63) faults.push(tooLongText(63));
  if (!LABEL.test(value)) faults.push(LABEL_TEXT);
  return faults;
}

/** Source: apimachinery validation IsQualifiedName. */
export function labelKeyFaults(key: string): string[] {
  const faults: string[] = [];
  const slash = key.indexOf('/');
  let name = key;
  if (slash >= 0) {
    if (key.indexOf('/', slash + 1) >= 0)
      return [
        `a qualified name must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]') with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`,
      ];
    const prefix = key.slice(0, slash);
    name = key.slice(slash + 1);
    if (prefix === '') faults.push('prefix part must be non-empty');
    else for (const fault of subdomainFaults(prefix)) faults.push(`prefix part ${fault}`);
  }
  if (name === '') faults.push('name part must be non-empty');
  else if (name.length > 63) faults.push(`name part ${tooLongText(63)}`);
  if (!NAME_PART.test(name)) faults.push(NAME_PART_TEXT);
  return faults;
}

/** Source: apimachinery validation IsValidLabelValue. */
export function labelValueFaults(value: string): string[] {
  const faults: string[] = [];
  if (value.length > 63) faults.push(tooLongText(63));
  if (!LABEL_VALUE.test(value)) faults.push(LABEL_VALUE_TEXT);
  return faults;
}

/** No vowels and no look-alikes: generated names are no words. */
const ALPHABET = 'bcdfghjklmnpqrstvwxz2456789';
const SUFFIX_LENGTH = 5;
const BASE_LENGTH = 58;

/** Source: apiserver names.SimpleNameGenerator: 58 characters of the base, then five random ones. */
export function generatedName(base: string): string {
  let suffix = '';
  for (let i = 0; i < SUFFIX_LENGTH; i++) suffix += ALPHABET[randomInt(ALPHABET.length)];
  return base.slice(0, BASE_LENGTH) + suffix;
}
