import { failure, notAcceptable } from '../errors.ts';
import type { Negotiated } from './request.ts';

/** One clause of an Accept header. */
export interface AcceptClause {
  readonly type: string;
  readonly subtype: string;
  readonly quality: number;
  /** Parameters other than q, names in lower case. */
  readonly parameters: ReadonlyMap<string, string>;
}

const protobuf = 'vnd.kubernetes.protobuf';
const noParameters: ReadonlyMap<string, string> = new Map();

/** Clauses by descending preference; equal ones keep their order. Clauses that are not `type/subtype` are left out. */
export function parseAccept(header: string): AcceptClause[] {
  const clauses: AcceptClause[] = [];
  for (const part of header.split(',')) {
    const [range = '', ...options] = part.split(';');
    const slash = range.indexOf('/');
    const type = (slash < 0 ? range : range.slice(0, slash)).trim().toLowerCase();
    const subtype = (slash < 0 ? '*' : range.slice(slash + 1)).trim().toLowerCase();
    if (type === '' || subtype === '' || (slash < 0 && type !== '*')) continue;
    let quality = 1;
    let parameters: Map<string, string> | undefined;
    for (const option of options) {
      const equals = option.indexOf('=');
      if (equals < 0) continue;
      const name = option.slice(0, equals).trim().toLowerCase();
      const value = option.slice(equals + 1).trim();
      if (name === 'q') {
        const q = Number(value);
        quality = Number.isFinite(q) ? Math.min(1, Math.max(0, q)) : 1;
      } else {
        parameters ??= new Map();
        parameters.set(name, value);
      }
    }
    if (quality > 0) clauses.push({ type, subtype, quality, parameters: parameters ?? noParameters });
  }
  return clauses.sort((a, b) => b.quality - a.quality);
}

export interface AcceptResult extends Negotiated {
  readonly pretty: boolean;
}

const json: AcceptResult = { format: 'json', pretty: false };
const table: AcceptResult = { format: 'json', as: 'Table', asVersion: 'v1', pretty: false };
const kubectlTable =
  'application/json;as=Table;v=v1;g=meta.k8s.io,application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json';

type Form = Exclude<Negotiated['as'], undefined>;
const isForm = (s: string): s is Form =>
  s === 'Table' || s === 'PartialObjectMetadata' || s === 'PartialObjectMetadataList';

/** `undefined`: the clause asks for a form that we do not make. */
function transform(parameters: ReadonlyMap<string, string>): Pick<Negotiated, 'as' | 'asVersion'> | undefined {
  const charset = parameters.get('charset');
  if (charset !== undefined && charset.toLowerCase() !== 'utf-8') return undefined;
  const as = parameters.get('as');
  if (as === undefined || as === '') return {};
  const version = parameters.get('v') ?? '';
  if (!isForm(as) || parameters.get('g') !== 'meta.k8s.io' || (version !== 'v1' && version !== 'v1beta1'))
    return undefined;
  return { as, asVersion: version };
}

/**
 * The form of the answer for stored resources: the first clause that can be made. Source: apiserver negotiation.
 * Throws 406 when there is none.
 *
 * @param stream a watch: no YAML
 */
export function negotiate(header: string | undefined, stream = false): AcceptResult {
  if (header === undefined || header === '' || header === '*/*' || header === 'application/json') return json;
  if (header === kubectlTable) return table;
  let protobufAsked = false;
  let known = false;
  for (const clause of parseAccept(header)) {
    const application = clause.type === 'application' || clause.type === '*';
    if (!application) continue;
    if (clause.subtype === protobuf) {
      protobufAsked = true;
      continue;
    }
    const wildcard = clause.subtype === '*';
    const format = wildcard || clause.subtype === 'json' ? 'json' : clause.subtype === 'yaml' ? 'yaml' : undefined;
    if (format === undefined) continue;
    known = true;
    if (format === 'yaml' && stream) continue;
    const form = transform(clause.parameters);
    if (form === undefined) continue;
    return { format, ...form, pretty: clause.parameters.get('pretty') === '1' };
  }
  if (known || protobufAsked) {
    throw notAcceptable(
      `only the following media types are accepted: ${stream ? 'application/json;stream=watch' : 'application/json, application/yaml'}`,
    );
  }
  throw failure(
    406,
    'NotAcceptable',
    '406: Not Acceptable\n\nAvailable representations: application/json, application/yaml, application/json;stream=watch',
    {},
  );
}

/** Indented JSON for people: `?pretty=` decides, else the programs that people type with. Source: apiserver negotiation. */
export function wantsPretty(query: URLSearchParams, userAgent: string, acceptPretty: boolean): boolean {
  const asked = query.get('pretty');
  if (asked !== null) return asked !== 'false' && asked !== '0';
  return (
    acceptPretty || userAgent.startsWith('curl') || userAgent.startsWith('Wget') || userAgent.startsWith('Mozilla/5.0')
  );
}

/** Version of aggregated discovery that the client prefers, or `undefined` for the legacy lists. */
export function aggregatedDiscoveryVersion(header: string | undefined): 'v2' | 'v2beta1' | undefined {
  if (header === undefined || !header.includes('apidiscovery.k8s.io')) return undefined;
  for (const clause of parseAccept(header)) {
    if (clause.type !== 'application' || clause.subtype !== 'json') continue;
    const { parameters } = clause;
    if (parameters.get('as') === undefined) return undefined;
    if (parameters.get('g') !== 'apidiscovery.k8s.io' || parameters.get('as') !== 'APIGroupDiscoveryList') continue;
    const version = parameters.get('v');
    if (version === 'v2' || version === 'v2beta1') return version;
  }
  return undefined;
}
