/** Kubernetes' own texts about names. Source: apimachinery util/validation. Each returns the faults of one value. */

const LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const QUALIFIED_PART = /^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/;

const LABEL_TEXT =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
const SUBDOMAIN_TEXT =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const QUALIFIED_TEXT =
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
const VALUE_TEXT =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";

const atMost = (length: number): string => `must be no more than ${length} characters`;

export function dnsLabelFaults(value: string): string[] {
  const faults = value.length > 63 ? [atMost(63)] : [];
  if (!LABEL.test(value)) faults.push(LABEL_TEXT);
  return faults;
}

export function dnsSubdomainFaults(value: string): string[] {
  const faults = value.length > 253 ? [atMost(253)] : [];
  if (!SUBDOMAIN.test(value)) faults.push(SUBDOMAIN_TEXT);
  return faults;
}

/** Keys of labels: an optional DNS subdomain, a slash, a name of up to 63 characters. */
export function labelKeyFaults(key: string): string[] {
  const parts = key.split('/');
  if (parts.length > 2)
    return [
      `a qualified name ${QUALIFIED_TEXT} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`,
    ];
  const faults: string[] = [];
  const name = parts.at(-1) ?? '';
  if (parts.length === 2) {
    const prefix = parts[0] ?? '';
    if (prefix === '') faults.push('prefix part must be non-empty');
    else faults.push(...dnsSubdomainFaults(prefix).map((text) => `prefix part ${text}`));
  }
  if (name === '') faults.push('name part must be non-empty');
  else if (name.length > 63) faults.push(`name part ${atMost(63)}`);
  if (!QUALIFIED_PART.test(name)) faults.push(`name part ${QUALIFIED_TEXT}`);
  return faults;
}

export function labelValueFaults(value: string): string[] {
  const faults = value.length > 63 ? [atMost(63)] : [];
  if (value !== '' && !QUALIFIED_PART.test(value)) faults.push(VALUE_TEXT);
  return faults;
}
