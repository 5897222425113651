/**
 * A small XML writer. Names come from this package, values from manifests: every value is escaped, and a character that
 * XML cannot carry is refused instead of being written. Output is canonical: attributes in the order given, two spaces
 * of indentation, so that equal descriptions give equal text.
 */

export class XmlValueError extends Error {
  override name = 'XmlValueError';
}

export type AttributeValue = string | number | bigint | undefined;

export interface XmlElement {
  name: string;
  attributes: Readonly<Record<string, AttributeValue>>;
  children: readonly (XmlElement | string)[];
}

type Child = XmlElement | string | undefined | false;

/** Undefined attributes and undefined or false children are left out. */
export function element(
  name: string,
  attributes: Readonly<Record<string, AttributeValue>> = {},
  ...children: readonly Child[]
): XmlElement {
  return { name, attributes, children: children.filter((child) => child !== undefined && child !== false) };
}

/** An element with text, or nothing when there is no text. */
export function textElement(name: string, text: string | number | undefined): XmlElement | undefined {
  return text === undefined ? undefined : element(name, {}, String(text));
}

/** @throws XmlValueError when a value holds a character that XML 1.0 cannot represent, naming where it stands. */
export function renderXml(root: XmlElement): string {
  const lines: string[] = [];
  renderInto(lines, root, '');
  return `${lines.join('\n')}\n`;
}

function renderInto(lines: string[], { name, attributes, children }: XmlElement, indent: string): void {
  let open = `${indent}<${name}`;
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== undefined) open += ` ${key}='${escapeValue(String(value), `${name}/@${key}`)}'`;
  }
  const [first] = children;
  if (first === undefined) {
    lines.push(`${open}/>`);
    return;
  }
  if (typeof first === 'string') {
    const text = children.map((child) => (typeof child === 'string' ? escapeValue(child, name) : '')).join('');
    lines.push(`${open}>${text}</${name}>`);
    return;
  }
  lines.push(`${open}>`);
  for (const child of children) if (typeof child !== 'string') renderInto(lines, child, `${indent}  `);
  lines.push(`${indent}</${name}>`);
}

/** Escapes for both text and single-quoted attributes; white space other than the blank survives attribute normalisation. */
function escapeValue(value: string, where: string): string {
  let out = '';
  let from = 0;
  for (let i = 0; i < value.length; i++) {
    const code = value.charCodeAt(i);
    let replacement: string | undefined;
    if (code === 0x26) replacement = '&amp;';
    else if (code === 0x3c) replacement = '&lt;';
    else if (code === 0x3e) replacement = '&gt;';
    else if (code === 0x27) replacement = '&apos;';
    else if (code === 0x22) replacement = '&quot;';
    else if (code === 0x9 || code === 0xa || code === 0xd) replacement = `&#${code};`;
    else if (code < 0x20 || code === 0x7f || code === 0xfffe || code === 0xffff) refuse(code, where);
    else if (code >= 0xd800 && code <= 0xdfff) {
      const next = value.charCodeAt(i + 1);
      if (code > 0xdbff || !(next >= 0xdc00 && next <= 0xdfff)) refuse(code, where);
      i++;
      continue;
    } else continue;
    out += value.slice(from, i) + replacement;
    from = i + 1;
  }
  return from === 0 ? value : out + value.slice(from);
}

function refuse(code: number, where: string): never {
  const point = code.toString(16).toUpperCase().padStart(4, '0');
  throw new XmlValueError(`The value of ${where} contains the character U+${point}, which XML cannot represent`);
}
