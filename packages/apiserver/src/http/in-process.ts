import type { Transport, TransportRequest, UserInfo, WatchEvent } from '@virtplane/runtime';
import { failure, internal } from '../errors.ts';
import type { Dispatcher } from './dispatch.ts';
import type { ApiAnswer, WatchSink } from './request.ts';
import { requestInfo } from './router.ts';

async function answerValue(answer: ApiAnswer): Promise<unknown> {
  switch (answer.kind) {
    case 'object':
      return answer.object;
    case 'json':
      return JSON.parse(
        answer.pieces.length === 1 ? String(answer.pieces[0]) : Buffer.concat(answer.pieces).toString(),
      );
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

/** Events of one watch, from the server's side to an async iterator. */
class EventQueue implements WatchSink {
  readonly #chunks: Buffer[] = [];
  #wake: (() => void) | undefined;
  #ended = false;
  queuedBytes = 0;

  write(chunk: Buffer): void {
    if (this.#ended) return;
    this.#chunks.push(chunk);
    this.queuedBytes += chunk.length;
    this.#wake?.();
  }

  end(): void {
    this.#ended = true;
    this.#wake?.();
  }

  /** `undefined`: the watch has ended. */
  async next(): Promise<WatchEvent | undefined> {
    for (;;) {
      const chunk = this.#chunks.shift();
      if (chunk !== undefined) {
        this.queuedBytes -= chunk.length;
        return JSON.parse(chunk.toString()) as WatchEvent;
      }
      if (this.#ended) return undefined;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      this.#wake = undefined;
    }
  }
}

/** The API for parts of this process: same authorization, same answers, no sockets. */
export function createInProcess(dispatcher: Dispatcher) {
  async function ask(
    user: UserInfo,
    request: TransportRequest,
    signal: AbortSignal,
    watch: boolean,
  ): Promise<ApiAnswer> {
    const query = new URLSearchParams(request.query);
    if (watch) query.set('watch', 'true');
    const info = requestInfo(request.method, request.path, query);
    dispatcher.authorize(user, info);
    return dispatcher.dispatch({
      method: request.method,
      info,
      query,
      headers: {},
      user,
      userAgent: 'virtplane',
      body: () =>
        request.body === undefined
          ? { kind: 'none', contentType: request.contentType ?? '' }
          : { kind: 'value', contentType: request.contentType ?? 'application/json', value: request.body },
      signal,
      // Warnings speak to people; nobody reads those of our own parts.
      warn: () => undefined,
    });
  }

  return (user: UserInfo): Transport => {
    const closed = new AbortController();
    const withClose = (signal: AbortSignal | undefined): AbortSignal =>
      signal === undefined ? closed.signal : AbortSignal.any([signal, closed.signal]);

    async function* watch(request: TransportRequest): AsyncGenerator<WatchEvent> {
      const signal = withClose(request.signal);
      const answer = await ask(user, request, signal, true);
      if (answer.kind !== 'watch') throw internal(`${request.path} cannot be watched`);
      const queue = new EventQueue();
      const end = () => queue.end();
      signal.addEventListener('abort', end);
      if (signal.aborted) end();
      const stop = answer.start(queue);
      try {
        for (let event = await queue.next(); event !== undefined; event = await queue.next()) {
          if (signal.aborted) return;
          yield event;
        }
      } finally {
        signal.removeEventListener('abort', end);
        stop();
      }
    }

    return {
      request: async (request) => answerValue(await ask(user, request, request.signal ?? closed.signal, false)),
      watch,
      close: () => closed.abort(new Error('the transport was closed')),
    };
  };
}
