import {
  type FieldError,
  forbidden,
  invalid as invalidField,
  notSupported,
  required,
  tooLong,
} from '@virtplane/resources';
import { badRequest, invalid } from '../errors.ts';
import type { ApiRequest } from '../http/request.ts';

export type FieldValidation = 'Ignore' | 'Warn' | 'Strict';

export interface WriteOptions {
  readonly dryRun: boolean;
  readonly fieldValidation: FieldValidation;
  readonly fieldManager: string;
}

const metaGroup = (kind: string) => ({ group: 'meta.k8s.io', kind });

const FIELD_VALIDATION = ['', 'Ignore', 'Strict', 'Warn'] as const;
const MANAGER_BYTES = 128;

const dryRunFault = (values: readonly string[]): FieldError[] =>
  values.every((v) => v === 'All')
    ? []
    : [
        {
          ...notSupported('dryRun', '', ['All']),
          message: `Unsupported value: []string{${values.map((v) => JSON.stringify(v)).join(', ')}}: supported values: "All"`,
        },
      ];

/** Query parameters of create, update and patch. Source: apimachinery meta/v1 validation. Throws StatusError 422. */
export function writeOptions(
  request: ApiRequest,
  kind: 'CreateOptions' | 'UpdateOptions' | 'PatchOptions',
): WriteOptions {
  const { query } = request;
  const apply = kind === 'PatchOptions' && request.body.contentType.startsWith('application/apply-patch+yaml');
  const faults: FieldError[] = [];
  const fieldManager = query.get('fieldManager') ?? '';
  if (kind === 'PatchOptions') {
    if (apply && fieldManager === '') faults.push(required('fieldManager', 'is required for apply patch'));
    if (!apply && query.has('force')) faults.push(forbidden('force', 'may not be specified for non-apply patch'));
  }
  if (Buffer.byteLength(fieldManager) > MANAGER_BYTES)
    faults.push(tooLong('fieldManager', `must have at most ${MANAGER_BYTES} bytes`));
  // Go's unicode.IsPrint: letters, marks, numbers, punctuation, symbols and the ASCII space.
  else if (/[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/u.test(fieldManager))
    faults.push(invalidField('fieldManager', fieldManager, 'should only contain printable characters'));
  const dryRun = query.getAll('dryRun').filter((v) => v !== '');
  faults.push(...dryRunFault(dryRun));
  const given = query.get('fieldValidation') ?? '';
  const validation = FIELD_VALIDATION.find((v) => v === given);
  if (validation === undefined) faults.push(notSupported('fieldValidation', given, FIELD_VALIDATION));
  if (faults.length > 0) throw invalid(metaGroup(kind), '', faults);
  return { dryRun: dryRun.length > 0, fieldValidation: validation || 'Warn', fieldManager };
}

type ResourceVersionMatch = 'Exact' | 'NotOlderThan' | undefined;

export interface ListOptions {
  readonly limit: number;
  readonly continue: string;
  /** `undefined`: newest. */
  readonly resourceVersion: number | undefined;
  readonly match: ResourceVersionMatch;
  readonly sendInitialEvents: boolean;
  readonly allowWatchBookmarks: boolean;
  readonly timeoutSeconds: number;
  readonly labelSelector: string;
  readonly fieldSelector: string;
}

/** Go's ParseInt as query parameters go through it. */
function integer(query: URLSearchParams, name: string): number {
  const text = query.get(name) ?? '';
  if (text === '') return 0;
  if (!/^[+-]?\d+$/.test(text)) throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`);
  return Number(text);
}

/** Go's ParseBool; a parameter without a value is true, as apimachinery's conversion has it. */
function flag(query: URLSearchParams, name: string): boolean {
  const text = query.get(name);
  return text !== null && text !== 'false' && text !== '0';
}

/** Throws StatusError 400 for what is no revision. */
export function parseRevision(text: string): number | undefined {
  if (text === '') return undefined;
  if (!/^\d{1,19}$/.test(text))
    throw badRequest(
      `resourceVersion: Invalid value: ${JSON.stringify(text)}: strconv.ParseUint: parsing ${JSON.stringify(text)}: invalid syntax`,
    );
  return Number(text);
}

/** Query parameters of list, watch and deletecollection. Throws StatusError 400 and 422, in the real server's order. */
export function listOptions(query: URLSearchParams, watch: boolean): ListOptions {
  const limit = integer(query, 'limit');
  const timeoutSeconds = integer(query, 'timeoutSeconds');
  const rvText = query.get('resourceVersion') ?? '';
  const match = query.get('resourceVersionMatch') ?? '';
  const token = query.get('continue') ?? '';
  const initialText = query.get('sendInitialEvents');
  const sendInitialEvents = initialText !== null && flag(query, 'sendInitialEvents');
  const faults: FieldError[] = [];
  const field = 'resourceVersionMatch';
  if (watch && initialText !== null) {
    if (match !== 'NotOlderThan')
      faults.push(
        match === ''
          ? forbidden(field, 'resourceVersionMatch must be set to NotOlderThan when sendInitialEvents is set')
          : notSupported(field, match, ['NotOlderThan']),
      );
  } else if (initialText !== null) {
    faults.push(forbidden('sendInitialEvents', 'sendInitialEvents is forbidden for list'));
  } else if (match !== '') {
    if (watch) faults.push(forbidden(field, 'resourceVersionMatch is forbidden for watch'));
    if (rvText === '')
      faults.push(forbidden(field, 'resourceVersionMatch is forbidden unless resourceVersion is provided'));
    if (token !== '') faults.push(forbidden(field, 'resourceVersionMatch is forbidden when continue is provided'));
    if (match !== 'Exact' && match !== 'NotOlderThan')
      faults.push(notSupported(field, match, ['Exact', 'NotOlderThan', '']));
    if (match === 'Exact' && rvText === '0')
      faults.push(forbidden(field, 'resourceVersionMatch "exact" is forbidden for resourceVersion "0"'));
  }
  if (faults.length > 0) throw invalid(metaGroup('ListOptions'), '', faults);
  return {
    limit: Math.max(0, limit),
    continue: token,
    resourceVersion: parseRevision(rvText),
    match: match === 'Exact' || match === 'NotOlderThan' ? match : undefined,
    sendInitialEvents,
    allowWatchBookmarks: flag(query, 'allowWatchBookmarks'),
    timeoutSeconds: Math.max(0, timeoutSeconds),
    labelSelector: query.get('labelSelector') ?? '',
    fieldSelector: query.get('fieldSelector') ?? '',
  };
}

export interface DeleteOptions {
  readonly gracePeriodSeconds?: number;
  readonly propagationPolicy?: 'Orphan' | 'Background' | 'Foreground';
  readonly orphanDependents?: boolean;
  readonly dryRun: boolean;
  readonly uid?: string;
  readonly resourceVersion?: string;
}

const POLICIES = ['Foreground', 'Background', 'Orphan'] as const;

interface DeleteBody {
  gracePeriodSeconds?: unknown;
  propagationPolicy?: unknown;
  orphanDependents?: unknown;
  dryRun?: unknown;
  preconditions?: { uid?: unknown; resourceVersion?: unknown } | null;
}

const wrongType = (field: string, value: unknown, type: string): Error =>
  badRequest(
    `DeleteOptions in version "v1" cannot be handled as a DeleteOptions: json: cannot unmarshal ${typeof value} into Go struct field DeleteOptions.${field} of type ${type}`,
  );

const textOf = (value: unknown, field: string): string | undefined => {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'string') throw wrongType(field, value, 'string');
  return value;
};

/** From the body, or from the query when there is no body: never from both. Throws StatusError 400 and 422. */
export function deleteOptions(body: unknown, query: URLSearchParams): DeleteOptions {
  if (body === undefined) {
    return checkedDelete({
      ...(query.get('gracePeriodSeconds') ? { gracePeriodSeconds: integer(query, 'gracePeriodSeconds') } : {}),
      propagationPolicy: query.get('propagationPolicy') || undefined,
      ...(query.has('orphanDependents') ? { orphanDependents: flag(query, 'orphanDependents') } : {}),
      dryRun: query.getAll('dryRun').filter((v) => v !== ''),
    });
  }
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw badRequest("couldn't get version/kind; json parse error: the body must be a DeleteOptions object");
  return checkedDelete(body);
}

function checkedDelete(body: DeleteBody): DeleteOptions {
  const faults: FieldError[] = [];
  const { gracePeriodSeconds: grace, orphanDependents: orphan } = body;
  if (grace !== undefined && grace !== null && !Number.isInteger(grace))
    throw wrongType('gracePeriodSeconds', grace, 'int64');
  if (orphan !== undefined && orphan !== null && typeof orphan !== 'boolean')
    throw wrongType('orphanDependents', orphan, 'bool');
  const dryRun = body.dryRun ?? [];
  if (!Array.isArray(dryRun) || !dryRun.every((v) => typeof v === 'string'))
    throw wrongType('dryRun', dryRun, '[]string');
  const policyText = textOf(body.propagationPolicy, 'propagationPolicy');
  const policy = POLICIES.find((p) => p === policyText);
  if (policyText !== undefined && typeof orphan === 'boolean')
    faults.push(
      invalidField('propagationPolicy', policyText, 'orphanDependents and deletionPropagation cannot be both set'),
    );
  else if (policyText !== undefined && policy === undefined)
    faults.push(notSupported('propagationPolicy', policyText, [...POLICIES, 'nil']));
  faults.push(...dryRunFault(dryRun));
  if (faults.length > 0) throw invalid(metaGroup('DeleteOptions'), '', faults);
  const pre = body.preconditions ?? {};
  const uid = textOf(pre.uid, 'preconditions.uid');
  const resourceVersion = textOf(pre.resourceVersion, 'preconditions.resourceVersion');
  return {
    ...(typeof grace === 'number' && { gracePeriodSeconds: grace }),
    ...(policy !== undefined && { propagationPolicy: policy }),
    ...(typeof orphan === 'boolean' && { orphanDependents: orphan }),
    dryRun: dryRun.length > 0,
    ...(uid !== undefined && { uid }),
    ...(resourceVersion !== undefined && { resourceVersion }),
  };
}
