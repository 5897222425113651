import { unknownResource } from '../../errors.ts';
import type { Operation } from '../context.ts';
import type { Outcome } from '../outcome.ts';
import { patch } from '../patch.ts';
import { get } from '../read.ts';
import { update } from '../update.ts';

/** A declared subresource with a declared verb. */
export async function runSubresource(operation: Operation): Promise<Outcome> {
  const { subresource, verb } = operation.request.info;
  switch (subresource) {
    case 'status':
      return verb === 'get' ? get(operation) : verb === 'update' ? update(operation) : patch(operation);
    default:
      throw unknownResource();
  }
}
