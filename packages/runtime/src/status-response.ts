import type { IncomingMessage } from 'node:http';
import type { Status } from '@virtplane/resources';
import { StatusError } from '@virtplane/resources';
import { refusal } from './refusals.ts';

const reasons: Readonly<Record<number, string>> = {
  400: 'BadRequest',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'NotFound',
  405: 'MethodNotAllowed',
  406: 'NotAcceptable',
  409: 'Conflict',
  410: 'Gone',
  413: 'RequestEntityTooLarge',
  415: 'UnsupportedMediaType',
  422: 'Invalid',
  429: 'TooManyRequests',
  500: 'InternalError',
  503: 'ServiceUnavailable',
  504: 'Timeout',
};

/** The texts of `Warning: 299 - "…"` headers. */
export function warningsOf(response: IncomingMessage): string[] {
  const texts: string[] = [];
  for (const header of response.headersDistinct.warning ?? [])
    for (const [, text = ''] of header.matchAll(/\b299 \S+ "((?:[^"\\]|\\.)*)"/g))
      texts.push(text.replace(/\\(.)/g, '$1'));
  return texts;
}

export async function readBody(response: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks);
}

export const isJson = (response: IncomingMessage): boolean =>
  response.headers['content-type']?.includes('json') === true;

/** The refusal that an answer >= 400 carries; one is made up where the server (or a proxy before it) sent no Status. */
export function refusalOf(response: IncomingMessage, body: Buffer, what: string): StatusError {
  const code = response.statusCode ?? 500;
  const text = body.toString('utf8');
  const warnings = warningsOf(response);
  const retryAfter = Number(response.headers['retry-after']);
  const retryAfterSeconds = Number.isFinite(retryAfter) && retryAfter > 0 ? retryAfter : undefined;
  if (isJson(response)) {
    const status = parseStatus(text);
    if (status) {
      const details = { ...status.details };
      if (retryAfterSeconds !== undefined) details.retryAfterSeconds ??= retryAfterSeconds;
      return new StatusError({ ...status, ...(Object.keys(details).length > 0 && { details }) }, warnings);
    }
  }
  const said = text.trim().slice(0, 300);
  const message =
    said === '' ? `${what}: the server answered ${code}` : `${what}: the server answered ${code}: ${said}`;
  return refusal(
    code,
    reasons[code] ?? 'Unknown',
    message,
    retryAfterSeconds === undefined ? undefined : { retryAfterSeconds },
  );
}

function parseStatus(text: string): Status | undefined {
  try {
    const value = JSON.parse(text) as Partial<Status> | null;
    if (value?.kind === 'Status' && typeof value.code === 'number') return value as Status;
  } catch {
    // Not JSON after all: the caller quotes the text.
  }
  return undefined;
}
