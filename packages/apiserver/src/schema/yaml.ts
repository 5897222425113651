import { isUtf8 } from 'node:buffer';
import { isAlias, isMap, isScalar, isSeq, type Node, parseAllDocuments, type Tags } from 'yaml';
import { JsonFault, type StrictJson } from './strict-json.ts';

const MAX_DEPTH = 1000;
const MAX_ALIASES = 100;

/** What Go's YAML 1.1 decoder knows when it makes JSON: no dates, no sexagesimal numbers, no sets. */
const goTags = (tags: Tags): Tags =>
  tags.filter((tag) => {
    if (typeof tag === 'string')
      return !['timestamp', 'binary', 'omap', 'pairs', 'set', 'intTime', 'floatTime'].includes(tag);
    return !(/:(timestamp|binary|omap|pairs|set)$/.test(tag.tag) || ('format' in tag && tag.format === 'TIME'));
  });

/** One YAML document as JSON. Throws JsonFault. */
export function readStrictYaml(bytes: Buffer): StrictJson {
  if (!isUtf8(bytes)) throw new JsonFault('yaml: invalid UTF-8');
  const documents = parseAllDocuments(bytes.toString('utf8'), {
    version: '1.1',
    schema: 'yaml-1.1',
    merge: true,
    uniqueKeys: false,
    intAsBigInt: true,
    prettyErrors: true,
    logLevel: 'error',
    customTags: goTags,
  });
  // Further documents are ignored, as by the real decoder.
  const document = 'empty' in documents ? undefined : documents[0];
  if (!document) return { value: null, duplicates: [] };
  const error = document.errors[0];
  if (error) throw new JsonFault(`yaml: ${firstLine(error.message)}`);
  const duplicates = new Set<string>();
  inspect(document.contents, '', 0, duplicates);
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: MAX_ALIASES });
  } catch (fault) {
    throw new JsonFault(`yaml: ${firstLine(fault instanceof Error ? fault.message : String(fault))}`);
  }
  return { value: plain(value, 0), duplicates: [...duplicates] };
}

const firstLine = (text: string): string => text.split('\n', 1)[0] ?? '';

function inspect(node: Node | null, path: string, depth: number, duplicates: Set<string>): void {
  if (depth > MAX_DEPTH) throw new JsonFault(`yaml: exceeded max depth of ${MAX_DEPTH}`);
  if (node === null || isAlias(node)) return;
  if (isSeq<Node>(node)) {
    node.items.forEach((item, index) => {
      inspect(item, `${path}[${index}]`, depth + 1, duplicates);
    });
  } else if (isMap<Node, Node | null>(node)) {
    const seen = new Set<string>();
    for (const pair of node.items) {
      const key = isScalar(pair.key) ? String(pair.key.value) : String(pair.key);
      const here = path === '' ? key : `${path}.${key}`;
      if (key === '__proto__') throw new JsonFault('yaml: the key "__proto__" is not allowed');
      if (seen.has(key) && key !== '<<') duplicates.add(here);
      seen.add(key);
      inspect(pair.value, here, depth + 1, duplicates);
    }
  }
}

/** Big integers become numbers; maps with odd keys become objects; aliased parts become separate, so that they may be changed. */
function plain(value: unknown, depth: number): unknown {
  if (depth > MAX_DEPTH) throw new JsonFault(`yaml: exceeded max depth of ${MAX_DEPTH}`);
  if (typeof value === 'bigint') {
    const number = Number(value);
    if (!Number.isSafeInteger(number)) {
      throw new JsonFault(
        `the integer ${value} cannot be stored exactly: it must lie between -9007199254740991 and 9007199254740991`,
      );
    }
    return number;
  }
  if (typeof value === 'number' && !Number.isFinite(value)) throw new JsonFault(`json: unsupported value: ${value}`);
  if (Array.isArray(value)) return value.map((item) => plain(item, depth + 1));
  if (value !== null && typeof value === 'object') {
    const entries =
      value instanceof Map ? [...value.entries()].map(([k, v]) => [String(k), v] as const) : Object.entries(value);
    return Object.fromEntries(entries.map(([key, item]) => [key, plain(item, depth + 1)]));
  }
  return value === undefined ? null : value;
}
