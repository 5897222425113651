import type { Transport, TransportRequest, UserInfo, WatchEvent } from '@virtplane/runtime';
import { failure, internal } from '../errors.ts';
import type { Dispatcher } from './dispatch.ts';
import type { ApiAnswer } from './request.ts';
import { requestInfo } from './router.ts';

export interface InProcessOptions {
  readonly dispatcher: Dispatcher;
  /** The fast way to stored resources; the user is authorized already. */
  coreTransport(user: UserInfo): Transport;
  /** Whether the fast way serves this path. */
  isStored(group: string, version: string, resource: string, subresource: string): boolean;
}

const never = new AbortController().signal;

async function valueOf(answer: ApiAnswer): Promise<unknown> {
  switch (answer.kind) {
    case 'object':
      return answer.object;
    case 'json':
      return JSON.parse(Buffer.concat(answer.pieces).toString());
    case 'text':
    case 'bytes': {
      const text = answer.kind === 'text' ? answer.text : answer.bytes.toString();
      if (answer.code >= 400) {
        throw failure(answer.code, answer.code === 404 ? 'NotFound' : undefined, text.trimEnd());
      }
      if (answer.contentType.startsWith('application/json') && text !== '') return JSON.parse(text);
      return text === '' ? undefined : text;
    }
    case 'watch':
      throw internal('a watch was asked for as a plain request');
  }
}

/**
 * The API for parts of this process: same authorization, same answers, no sockets. Stored resources go straight to the
 * registry; discovery, reviews and extensions through the dispatcher.
 */
export function createInProcess({ dispatcher, coreTransport, isStored }: InProcessOptions) {
  return (user: UserInfo): Transport => {
    const core = coreTransport(user);
    const parse = (request: TransportRequest) => {
      const query = new URLSearchParams(request.query);
      return { query, info: requestInfo(request.method, request.path, query) };
    };

    return {
      async request(request) {
        const { query, info } = parse(request);
        dispatcher.authorize(user, info);
        if (info.isResource && isStored(info.group, info.version, info.resource, info.subresource)) {
          return core.request(request);
        }
        const answer = await dispatcher.dispatch({
          method: request.method,
          info,
          query,
          headers: {},
          user,
          userAgent: 'virtplane',
          body: () =>
            request.body === undefined
              ? { kind: 'none', contentType: '' }
              : { kind: 'value', contentType: request.contentType ?? 'application/json', value: request.body },
          signal: request.signal ?? never,
          warn: () => undefined,
        });
        return valueOf(answer);
      },
      watch(request) {
        return {
          [Symbol.asyncIterator](): AsyncIterator<WatchEvent> {
            let events: AsyncIterator<WatchEvent> | undefined;
            return {
              async next() {
                if (!events) {
                  const { info } = parse({ ...request, query: { ...request.query, watch: 'true' } });
                  dispatcher.authorize(user, info);
                  events = core.watch(request)[Symbol.asyncIterator]();
                }
                return events.next();
              },
              async return() {
                await events?.return?.();
                return { done: true, value: undefined };
              },
            };
          },
        };
      },
      close: () => core.close(),
    };
  };
}
