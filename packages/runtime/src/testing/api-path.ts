export interface ApiPath {
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly namespace?: string;
  readonly name?: string;
  readonly subresource?: string;
}

const namespaceSubresources = new Set(['status', 'finalize']);

export function parsePath(path: string): ApiPath {
  const segments = path
    .split('/')
    .filter((s) => s !== '')
    .map(decodeURIComponent);
  const core = segments[0] === 'api';
  if (!core && segments[0] !== 'apis') throw new Error(`no such path in the in-memory API: ${path}`);
  const group = core ? '' : (segments[1] ?? '');
  const version = (core ? segments[1] : segments[2]) ?? '';
  const rest = segments.slice(core ? 2 : 3);
  const inNamespace = rest[0] === 'namespaces' && rest.length >= 3 && !namespaceSubresources.has(rest[2] ?? '');
  const [plural = '', name, ...subresource] = inNamespace ? rest.slice(2) : rest;
  return {
    group,
    version,
    plural,
    ...(inNamespace && { namespace: rest[1] ?? '' }),
    ...(name !== undefined && { name }),
    ...(subresource.length > 0 && { subresource: subresource.join('/') }),
  };
}

/** English plural of a kind, as API plurals are formed; definitions handed to the API overrule it. */
export function pluralOf(kind: string): string {
  const lower = kind.toLowerCase();
  if (lower === 'endpoints') return lower;
  if (/(s|x|ch|sh)$/.test(lower)) return `${lower}es`;
  if (/[^aeiou]y$/.test(lower)) return `${lower.slice(0, -1)}ies`;
  return `${lower}s`;
}
