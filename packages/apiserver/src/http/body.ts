import { badRequest, tooLarge } from '../errors.ts';
import type { Exchange } from './exchange.ts';
import type { RequestBody } from './request.ts';

/** As kube-apiserver: 3 MiB. */
export const maxBodyBytes = 3 * 1024 * 1024;

const none: RequestBody = { kind: 'none', contentType: '' };
const limitExceeded = () => tooLarge(`Request entity too large: limit is ${maxBodyBytes}`);

function hasBody(exchange: Exchange): boolean {
  const length = exchange.headers['content-length'];
  if (length !== undefined) return length !== '0';
  const { raw } = exchange;
  return 'stream' in raw ? !raw.stream.endAfterHeaders : exchange.headers['transfer-encoding'] !== undefined;
}

/** Reads the whole body. Rejects with 413 over the limit, 400 when the client breaks off. */
export function readBody(exchange: Exchange): Promise<RequestBody> | RequestBody {
  const contentType = exchange.headers['content-type'] ?? '';
  if (!hasBody(exchange)) return contentType === '' ? none : { kind: 'none', contentType };
  if (Number(exchange.headers['content-length']) > maxBodyBytes) throw limitExceeded();
  const { raw } = exchange;
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    raw.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > maxBodyBytes) {
        chunks.length = 0;
        raw.pause();
        reject(limitExceeded());
        return;
      }
      chunks.push(chunk);
    });
    let ended = false;
    raw.on('end', () => {
      ended = true;
      const bytes = chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks);
      resolve(bytes.length === 0 ? { kind: 'none', contentType } : { kind: 'bytes', contentType, bytes });
    });
    // Every stream closes, also after its end: an error made then would be seen by nobody and costs its stack.
    const broken = () => {
      if (!ended) reject(badRequest('the request body ended before its announced length'));
    };
    raw.on('aborted', broken);
    raw.on('error', broken);
    raw.on('close', broken);
  });
}
