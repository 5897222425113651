import type { KubeObject } from '@virtplane/resources';
import { badRequest } from '../../errors.ts';
import { decodeBody } from '../../schema/body.ts';
import type { Operation } from '../context.ts';
import { cloneJson } from '../json-value.ts';
import { decodeMeta } from '../object-meta.ts';

/** The body of a subresource whose kind is not its parent's. Throws StatusError 400. */
export function subresourceBody(operation: Operation, kind: string): KubeObject {
  const { body } = operation.request;
  const value = body.kind === 'value' ? cloneJson(body.value) : decodeBody(body, { kind }).value;
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw badRequest(`the request needs a body: an object of kind ${kind}`);
  const object: KubeObject = value;
  if (object.kind !== undefined && object.kind !== kind)
    throw badRequest(
      `${object.kind} in version ${JSON.stringify(object.apiVersion ?? '')} cannot be handled as a ${kind}`,
    );
  if (object.metadata === undefined || object.metadata === null) object.metadata = {};
  if (typeof object.metadata !== 'object' || Array.isArray(object.metadata))
    throw badRequest(`${kind} cannot be read: metadata must be an object`);
  const fault = decodeMeta(object.metadata as Record<string, unknown>, []);
  if (fault !== undefined) throw badRequest(`${kind} cannot be read: ${fault}`);
  return object;
}
