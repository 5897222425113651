import { apiVersionOf, invalid as invalidField, type KubeObject } from '@virtplane/resources';
import { badRequest, invalid } from '../errors.ts';
import type { RequestBody } from '../http/request.ts';
import { decodeBody } from '../schema/body.ts';
import type { Operation } from './context.ts';
import { cloneJson } from './json-value.ts';
import { decodeMeta } from './object-meta.ts';
import type { FieldValidation } from './options.ts';
import type { ServedVersion } from './served-resource.ts';

/** The body as a value of this request's own. */
export function bodyValue(operation: Operation, body: RequestBody): { value: unknown; duplicates: readonly string[] } {
  if (body.kind === 'value') return { value: cloneJson(body.value), duplicates: [] };
  return decodeBody(body, { definition: operation.state.definition });
}

export function servedVersion(operation: Operation): ServedVersion {
  const served = operation.state.version(operation.version);
  if (served === undefined) throw new Error(`${operation.state.qualified} is not served in ${operation.version}`);
  return served;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Type of the body against the type of the path. */
function checkType(operation: Operation, value: Record<string, unknown>): void {
  const { definition } = operation.state;
  const expected = apiVersionOf({ group: definition.group, version: operation.version });
  const { apiVersion = '', kind = '' } = value;
  if (typeof apiVersion !== 'string' || typeof kind !== 'string')
    throw badRequest("couldn't get version/kind; json parse error: apiVersion and kind must be strings");
  if (definition.builtIn) {
    if ((kind === '' || kind === definition.kind) && (apiVersion === '' || apiVersion === expected)) return;
    throw badRequest(
      `${kind || definition.kind} in version ${JSON.stringify(apiVersion || expected)} cannot be handled as a ${definition.kind}: no conversion from it to ${definition.kind} in version ${JSON.stringify(expected)} is known`,
    );
  }
  if (apiVersion !== '' && apiVersion !== expected)
    throw badRequest(
      `the API version in the data (${apiVersion}) does not match the expected API version (${expected})`,
    );
  if (kind !== definition.kind) {
    const meta = isObject(value.metadata) ? value.metadata : {};
    const name = typeof meta.name === 'string' ? meta.name : '';
    throw invalid({ group: definition.group, kind }, name, [invalidField('kind', kind, `must be ${definition.kind}`)]);
  }
}

/** A whole object as it came: typed, pruned, defaulted. Throws StatusError 400, 422. */
export function decodeObject(operation: Operation, body: RequestBody, validation: FieldValidation): KubeObject {
  const { value, duplicates } = bodyValue(operation, body);
  if (value === undefined) throw badRequest('the request has no body: an object is expected');
  if (!isObject(value)) throw badRequest("couldn't get version/kind; json parse error: the body must be a JSON object");
  checkType(operation, value);
  const unknown: string[] = [];
  const fault = shape(operation, value, unknown);
  const { kind } = operation.state.definition;
  if (fault !== undefined)
    throw badRequest(
      `${kind} in version ${JSON.stringify(operation.version)} cannot be handled as a ${kind}: ${fault}`,
    );
  const faults = strictFaults(duplicates, unknown);
  if (faults.length > 0 && validation === 'Strict')
    throw badRequest(
      `${kind} in version ${JSON.stringify(operation.version)} cannot be handled as a ${kind}: strict decoding error: ${faults.join(', ')}`,
    );
  if (validation === 'Warn') for (const text of faults) operation.request.warn(text);
  applyDefaults(operation, value);
  return value;
}

export const strictFaults = (duplicates: readonly string[], unknown: readonly string[]): string[] => [
  ...duplicates.map((path) => `duplicate field ${JSON.stringify(path)}`),
  ...unknown.map((path) => `unknown field ${JSON.stringify(path)}`),
];

/** Types, undeclared fields, metadata. Appends undeclared paths, returns the first type fault. */
export function shape(operation: Operation, value: Record<string, unknown>, unknown: string[]): string | undefined {
  const { schema } = servedVersion(operation);
  const typeFault = schema.decodeFault(value);
  if (typeFault !== undefined) return typeFault;
  if (value.metadata === undefined || value.metadata === null) value.metadata = {};
  if (!isObject(value.metadata))
    return `json: cannot unmarshal ${Array.isArray(value.metadata) ? 'array' : typeof value.metadata} into Go struct field ${operation.state.definition.kind}.metadata of type v1.ObjectMeta`;
  const metaUnknown: string[] = [];
  const metaFault = decodeMeta(value.metadata, metaUnknown);
  if (metaFault !== undefined) return metaFault;
  const bodyUnknown: string[] = [];
  schema.prune(value, bodyUnknown);
  for (const path of [...metaUnknown, ...bodyUnknown]) if (!unknown.includes(path)) unknown.push(path);
  return undefined;
}

export function applyDefaults(operation: Operation, object: KubeObject): void {
  servedVersion(operation).schema.applyDefaults(object);
  operation.state.served.strategy.applyDefaults?.(object);
}
