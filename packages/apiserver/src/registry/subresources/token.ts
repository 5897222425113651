import { keyOf } from '../../cache/item.ts';
import { methodNotAllowed, notFound } from '../../errors.ts';
import type { Operation } from '../context.ts';
import type { Outcome } from '../outcome.ts';
import { subresourceBody } from './body.ts';

/** POST …/serviceaccounts/<name>/token. */
export async function issueToken(operation: Operation): Promise<Outcome> {
  const { registry, request, state } = operation;
  const { issueToken: issue } = registry;
  if (issue === undefined) throw methodNotAllowed();
  const account = state.latest(keyOf(request.info.namespace, request.info.name));
  if (account === undefined) throw notFound(state.name, request.info.name);
  const body = subresourceBody(operation, 'TokenRequest');
  return { kind: 'other', code: 201, object: await issue(account.object, body) };
}
