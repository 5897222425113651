const maxTotal = 4096;
const maxEachWhenMany = 256;

const quoted = (text: string): string => {
  let out = '"';
  for (const c of text) {
    const code = c.codePointAt(0) ?? 0;
    if (code < 0x20 || code === 0x7f) continue;
    out += c === '"' || c === '\\' ? `\\${c}` : c;
  }
  // Header values are bytes: UTF-8 read as Latin-1 goes over the wire as UTF-8.
  return Buffer.from(`${out}"`, 'utf8').toString('latin1');
};

const runes = (text: string): number => {
  let n = 0;
  for (const _ of text) n += 1;
  return n;
};

/**
 * Values of `Warning` headers. Texts must be distinct. When all together exceed 4,096 characters each is cut to 256 and
 * adding stops at 4,096. Source: apiserver's warning recorder.
 */
export function warningHeaders(texts: readonly string[]): string[] {
  let total = 0;
  for (const text of texts) total += runes(text);
  if (total <= maxTotal) return texts.map((text) => `299 - ${quoted(text)}`);
  const values: string[] = [];
  let used = 0;
  for (const text of texts) {
    const cut = [...text].slice(0, maxEachWhenMany).join('');
    used += runes(cut);
    if (used > maxTotal) break;
    values.push(`299 - ${quoted(cut)}`);
  }
  return values;
}
