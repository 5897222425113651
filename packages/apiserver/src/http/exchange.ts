import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders, IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { Http2ServerRequest, Http2ServerResponse, ServerHttp2Stream } from 'node:http2';

/** What HTTP/1.1 and HTTP/2 answers have in common. */
export interface Outgoing {
  writeHead(code: number, headers: OutgoingHttpHeaders): unknown;
  write(chunk: Buffer): boolean;
  end(): unknown;
  end(chunk: Buffer): unknown;
  on(event: 'close' | 'drain' | 'error', listener: () => void): unknown;
  once(event: 'close' | 'drain', listener: () => void): unknown;
  removeListener(event: 'close' | 'drain', listener: () => void): unknown;
  destroy(): unknown;
  readonly writableLength: number;
}

export type RawRequest = IncomingMessage | Http2ServerRequest;
export type RawResponse = ServerResponse | Http2ServerResponse;

const noQuery = new URLSearchParams();

/** Splits a request target; the query object of a target without `?` is shared and must not be changed. */
export function splitTarget(target: string): { readonly path: string; readonly query: URLSearchParams } {
  const mark = target.indexOf('?');
  if (mark < 0) return { path: target, query: noQuery };
  return { path: target.slice(0, mark), query: new URLSearchParams(target.slice(mark + 1)) };
}

/** One request and its answer, whatever the protocol version. */
export class Exchange {
  readonly raw: RawRequest;
  readonly out: Outgoing;
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly auditId: string = randomUUID();
  readonly userAgent: string;
  readonly warnings: string[] = [];
  /** Status code of the answer, for metrics. */
  code = 200;
  /** Headers of an answer have gone out. */
  answered = false;
  /** The answer is complete or the peer has gone. */
  closed = false;
  #controller: AbortController | undefined;
  #aborted: Error | undefined;

  constructor(raw: RawRequest, response: RawResponse) {
    this.raw = raw;
    this.out = response;
    this.method = raw.method ?? 'GET';
    const { path, query } = splitTarget(raw.url ?? '/');
    this.path = path;
    this.query = query;
    this.headers = raw.headers;
    this.userAgent = raw.headers['user-agent'] ?? '';
    this.out.on('close', () => {
      this.closed = true;
      if (!this.answered) this.abort(new Error('the client closed the connection'));
    });
    // A broken connection is reported by `close`, too; without a listener it would end the process.
    this.out.on('error', () => {
      this.closed = true;
    });
  }

  /** Made when somebody asks for it: most reads never do. */
  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    if (this.#aborted !== undefined && !this.#controller.signal.aborted) this.#controller.abort(this.#aborted);
    return this.#controller.signal;
  }

  abort(reason: Error): void {
    this.#aborted ??= reason;
    this.#controller?.abort(reason);
  }

  warn(text: string): void {
    if (!this.warnings.includes(text)) this.warnings.push(text);
  }

  /** The HTTP/2 stream, whose writes cost less than those of the compatibility layer. */
  get stream(): ServerHttp2Stream | undefined {
    return 'stream' in this.out ? (this.out as Http2ServerResponse).stream : undefined;
  }
}
