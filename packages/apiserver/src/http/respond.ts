import type { OutgoingHttpHeaders } from 'node:http';
import { constants, crc32, deflateRawSync } from 'node:zlib';
import type { StatusError } from '@virtplane/resources';
import type { Exchange } from './exchange.ts';
import type { ApiAnswer, WatchSink } from './request.ts';
import { warningHeaders } from './warnings.ts';

const pieceBytes = 256 * 1024;
/** Smaller answers are not worth compressing. Source: apiserver's gzip response writer. */
const gzipFromBytes = 128 * 1024;
const newline = Buffer.from('\n');
const plainText = 'text/plain; charset=utf-8';

/** How the client wants the body of an answer. */
export interface Form {
  readonly format: 'json' | 'yaml';
  readonly pretty: boolean;
}

function headersOf(exchange: Exchange, contentType: string, extra?: Readonly<Record<string, string>>) {
  const headers: OutgoingHttpHeaders = {
    'audit-id': exchange.auditId,
    'cache-control': 'no-cache, private',
    'content-type': contentType,
  };
  if (exchange.warnings.length > 0) headers.Warning = warningHeaders(exchange.warnings);
  if (extra !== undefined) for (const name in extra) headers[name.toLowerCase()] = extra[name];
  return headers;
}

function sendWhole(exchange: Exchange, code: number, headers: OutgoingHttpHeaders, body: Buffer): void {
  if (exchange.closed || exchange.answered) return;
  exchange.answered = true;
  // Of a 304 it would be the length of the body that the client has.
  if (code !== 304) headers['content-length'] = body.length;
  exchange.out.writeHead(code, headers);
  if (body.length === 0 || exchange.method === 'HEAD') exchange.out.end();
  else exchange.out.end(body);
}

const acceptsGzip = (exchange: Exchange): boolean => {
  const header = exchange.headers['accept-encoding'];
  return typeof header === 'string' && header.split(',').some((part) => part.trim().split(';')[0] === 'gzip');
};

/** Resolves when the peer has taken what is queued, or has gone. */
const drained = (exchange: Exchange): Promise<void> =>
  new Promise((resolve) => {
    const done = () => {
      exchange.out.removeListener('drain', done);
      exchange.out.removeListener('close', done);
      resolve();
    };
    exchange.out.once('drain', done);
    exchange.out.once('close', done);
  });

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Cuts and joins buffers so that none is longer than a piece and few are short. */
function* evenPieces(buffers: readonly Buffer[]): Generator<Buffer> {
  let pending: Buffer[] = [];
  let size = 0;
  for (const buffer of buffers) {
    for (let at = 0; at < buffer.length; ) {
      const part =
        at === 0 && buffer.length <= pieceBytes - size ? buffer : buffer.subarray(at, at + pieceBytes - size);
      pending.push(part);
      size += part.length;
      at += part.length;
      if (size === pieceBytes) {
        yield pending.length === 1 ? part : Buffer.concat(pending, size);
        pending = [];
        size = 0;
      }
    }
  }
  if (size > 0) yield Buffer.concat(pending, size);
}

/**
 * One gzip member made piece by piece. Each piece is a byte-aligned deflate block sequence of its own, so the event loop is
 * never held for the whole body; asynchronous zlib would compete with fsync for libuv's threads.
 */
class GzipPieces {
  #crc = 0;
  #size = 0;
  #started = false;

  next(piece: Buffer): Buffer {
    this.#crc = crc32(piece, this.#crc);
    this.#size = (this.#size + piece.length) >>> 0;
    const body = deflateRawSync(piece, { level: 1, finishFlush: constants.Z_SYNC_FLUSH });
    if (this.#started) return body;
    this.#started = true;
    return Buffer.concat([Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 4, 255]), body]);
  }

  end(): Buffer {
    const trailer = Buffer.alloc(8);
    trailer.writeUInt32LE(this.#crc, 0);
    trailer.writeUInt32LE(this.#size, 4);
    return Buffer.concat([deflateRawSync(Buffer.alloc(0), { finishFlush: constants.Z_FINISH }), trailer]);
  }
}

async function sendPieces(
  exchange: Exchange,
  code: number,
  headers: OutgoingHttpHeaders,
  buffers: readonly Buffer[],
): Promise<void> {
  let total = 0;
  for (const buffer of buffers) total += buffer.length;
  const compress = total > gzipFromBytes && acceptsGzip(exchange);
  if (!compress && total <= pieceBytes) {
    sendWhole(exchange, code, headers, buffers.length === 1 && buffers[0] ? buffers[0] : Buffer.concat(buffers, total));
    return;
  }
  if (exchange.closed || exchange.answered) return;
  exchange.answered = true;
  if (compress) {
    headers['content-encoding'] = 'gzip';
    headers.vary = 'Accept-Encoding';
  } else headers['content-length'] = total;
  exchange.out.writeHead(code, headers);
  const gzip = compress ? new GzipPieces() : undefined;
  for (const piece of evenPieces(buffers)) {
    if (exchange.closed) return;
    if (!exchange.out.write(gzip === undefined ? piece : gzip.next(piece))) await drained(exchange);
    else await turn();
  }
  if (exchange.closed) return;
  if (gzip === undefined) exchange.out.end();
  else exchange.out.end(gzip.end());
}

async function objectBytes(value: unknown, form: Form): Promise<Buffer> {
  if (form.format === 'yaml') {
    const { stringify } = await import('yaml');
    return Buffer.from(stringify(value, { aliasDuplicateObjects: false, lineWidth: 0 }));
  }
  return Buffer.from(`${form.pretty ? JSON.stringify(value, undefined, 2) : JSON.stringify(value)}\n`);
}

const contentTypeOf = (form: Form): string => (form.format === 'yaml' ? 'application/yaml' : 'application/json');

/** Sends a refusal. `nosniff` for those of the authorizer. */
export async function sendStatus(exchange: Exchange, error: StatusError, form: Form, nosniff = false): Promise<void> {
  for (const warning of error.warnings) exchange.warn(warning);
  const headers = headersOf(exchange, contentTypeOf(form));
  const retryAfterSeconds = error.status.details?.retryAfterSeconds;
  if (retryAfterSeconds !== undefined && retryAfterSeconds > 0) headers['retry-after'] = String(retryAfterSeconds);
  if (nosniff) headers['x-content-type-options'] = 'nosniff';
  sendWhole(exchange, error.code, headers, await objectBytes(error.status, form));
}

/** The plain 404 of paths that belong to no API. */
export const pageNotFound: ApiAnswer = {
  kind: 'text',
  code: 404,
  text: '404 page not found\n',
  contentType: plainText,
};

function sinkOf(exchange: Exchange): WatchSink {
  const { stream } = exchange;
  if (stream !== undefined) {
    return {
      write(chunk) {
        if (!exchange.closed) stream.write(chunk);
      },
      get queuedBytes() {
        return stream.writableLength;
      },
      end: () => stream.end(),
    };
  }
  const { out } = exchange;
  return {
    write(chunk) {
      if (!exchange.closed) out.write(chunk);
    },
    get queuedBytes() {
      return out.writableLength;
    },
    end: () => out.end(),
  };
}

function sendWatch(exchange: Exchange, answer: Extract<ApiAnswer, { kind: 'watch' }>): void {
  if (exchange.closed || exchange.answered) return;
  exchange.answered = true;
  exchange.out.writeHead(200, headersOf(exchange, 'application/json'));
  // Clients count a watch as open when its headers are there, which may be long before the first event.
  const { out } = exchange;
  if ('flushHeaders' in out && typeof out.flushHeaders === 'function') out.flushHeaders();
  const stop = answer.start(sinkOf(exchange));
  if (exchange.closed) stop();
  else out.once('close', stop);
}

/** Sends whatever a handler answered. */
export async function sendAnswer(exchange: Exchange, answer: ApiAnswer, form: Form): Promise<void> {
  switch (answer.kind) {
    case 'watch':
      sendWatch(exchange, answer);
      return;
    case 'text': {
      const headers = headersOf(exchange, answer.contentType, answer.headers);
      if (answer.contentType === plainText) headers['x-content-type-options'] = 'nosniff';
      await sendPieces(exchange, answer.code, headers, [Buffer.from(answer.text)]);
      return;
    }
    case 'bytes':
      await sendPieces(exchange, answer.code, headersOf(exchange, answer.contentType, answer.headers), [answer.bytes]);
      return;
    case 'json': {
      const headers = headersOf(exchange, contentTypeOf(form), answer.headers);
      if (form.format === 'json' && !form.pretty) {
        await sendPieces(exchange, answer.code, headers, [...answer.pieces, newline]);
        return;
      }
      const value: unknown = JSON.parse(Buffer.concat(answer.pieces).toString());
      await sendPieces(exchange, answer.code, headers, [await objectBytes(value, form)]);
      return;
    }
    case 'object': {
      const headers = headersOf(exchange, contentTypeOf(form), answer.headers);
      await sendPieces(exchange, answer.code, headers, [await objectBytes(answer.object, form)]);
      return;
    }
  }
}
