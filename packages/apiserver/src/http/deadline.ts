import { badRequest, timeout } from '../errors.ts';
import type { RequestInfo } from './request.ts';

const readSeconds = 60;
const writeSeconds = 34;
const unitMs: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};

/** Source: Go's time.ParseDuration. `undefined`: not a duration. */
export function parseGoDurationMs(text: string): number | undefined {
  if (text === '0') return 0;
  const whole = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|ms|s|m|h)(?:(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|ms|s|m|h))*$/;
  if (text.length > 64 || !whole.test(text)) return undefined;
  let total = 0;
  for (const [, number, unit] of text.matchAll(/(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h)/g)) {
    total += Number(number) * (unitMs[unit ?? ''] ?? 0);
  }
  return text.startsWith('-') ? -total : total;
}

const isWrite = (verb: string): boolean =>
  verb === 'create' || verb === 'update' || verb === 'patch' || verb === 'delete';

/** How long the answer may take. Throws 400 for a `timeout` parameter that is no duration. */
export function deadlineMs(info: RequestInfo, query: URLSearchParams): number {
  const maxMs = (isWrite(info.verb) ? writeSeconds : readSeconds) * 1000;
  const asked = query.get('timeout');
  if (asked === null || asked === '') return maxMs;
  const ms = parseGoDurationMs(asked);
  if (ms === undefined) {
    throw badRequest(`invalid timeout specified in the request URL - time: invalid duration ${JSON.stringify(asked)}`);
  }
  // Zero and more than the maximum mean the maximum.
  return ms <= 0 ? maxMs : Math.min(ms, maxMs);
}

/** The 504 of a request that took too long. Source: apiserver finisher and timeout filter. */
export const deadlineExceeded = (info: RequestInfo) =>
  timeout(
    isWrite(info.verb)
      ? 'Timeout: request did not complete within requested timeout - context deadline exceeded'
      : 'Timeout: request did not complete within the allotted timeout',
  );
