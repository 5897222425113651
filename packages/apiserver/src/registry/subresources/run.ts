import { unknownResource } from '../../errors.ts';
import type { Operation } from '../context.ts';
import type { Outcome } from '../outcome.ts';
import { patch } from '../patch.ts';
import { get } from '../read.ts';
import { update } from '../update.ts';
import { bind } from './binding.ts';
import { evict } from './eviction.ts';
import { finalize } from './finalize.ts';
import { podLog } from './log.ts';
import { scale } from './scale.ts';
import { issueToken } from './token.ts';

/** A declared subresource with a declared verb. */
export async function runSubresource(operation: Operation): Promise<Outcome> {
  const { subresource, verb } = operation.request.info;
  switch (subresource) {
    case 'status':
      return verb === 'get' ? get(operation) : verb === 'update' ? update(operation) : patch(operation);
    case 'scale':
      return scale(operation);
    case 'binding':
      return bind(operation);
    case 'eviction':
      return evict(operation);
    case 'finalize':
      return finalize(operation);
    case 'log':
      return podLog(operation);
    case 'token':
      return issueToken(operation);
    default:
      throw unknownResource();
  }
}
