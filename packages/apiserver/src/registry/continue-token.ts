import { posix } from 'node:path';
import { badRequest } from '../errors.ts';

const VERSION = 'meta.k8s.io/v1';

export interface ContinueToken {
  /** -1: whatever is newest. */
  readonly revision: number;
  /** First key of the next page, relative to the listed prefix. */
  readonly start: string;
}

/** Source: apiserver storage continue tokens, same form so that clients may move between servers. */
export const encodeContinue = ({ revision, start }: ContinueToken): string =>
  Buffer.from(JSON.stringify({ v: VERSION, rv: revision, start })).toString('base64url');

const refuse = (detail?: string): Error =>
  badRequest(`invalid continue token: continue key is not valid${detail === undefined ? '' : `: ${detail}`}`);

/** Throws StatusError 400. */
export function decodeContinue(text: string): ContinueToken {
  if (!/^[\w-]+$/.test(text)) throw refuse('illegal base64 data');
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(text, 'base64url').toString());
  } catch (error) {
    throw refuse(error instanceof Error ? error.message : undefined);
  }
  if (typeof value !== 'object' || value === null) throw refuse();
  const { v, rv, start } = value as Record<string, unknown>;
  if (v !== VERSION) throw refuse(`server does not recognize this encoded version ${JSON.stringify(v ?? '')}`);
  if (typeof rv !== 'number' || !Number.isSafeInteger(rv) || rv === 0 || rv < -1)
    throw refuse(`incorrect encoded start resourceVersion (version ${VERSION})`);
  if (typeof start !== 'string' || start === '') throw refuse(`encoded start key empty (version ${VERSION})`);
  // A key that leaves the listed prefix, or would after cleaning, was not made here.
  const cleaned = posix.normalize(`/${start}`);
  if (cleaned !== `/${start}`) throw refuse(start);
  return { revision: rv, start };
}
