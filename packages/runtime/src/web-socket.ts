import type { IncomingMessage } from 'node:http';
import type { WebSocket } from 'ws';
import { type ClusterConfig, identityHeaders, tlsOptions } from './cluster-config.ts';
import { readBody, refusalOf } from './status-response.ts';

export interface WebSocketOptions {
  /** Subprotocols offered, preferred first: `plain.kubevirt.io`. */
  readonly protocols?: readonly string[];
  readonly query?: Readonly<Record<string, string>>;
  readonly userAgent?: string;
  /** Default 30 s. */
  readonly handshakeTimeoutMs?: number;
}

/**
 * Opens a WebSocket to a streaming subresource (console, vnc, portforward). HTTP/1.1, as upgrades need. Resolves with the open
 * socket, which delivers nothing before the caller has had its turn to listen; a refused upgrade rejects with the server's StatusError, an unreachable server with an Error.
 */
export async function openWebSocket(
  config: ClusterConfig,
  path: string,
  options: WebSocketOptions = {},
): Promise<WebSocket> {
  const { WebSocket: Socket } = await import('ws');
  const credential = await config.credentials.current();
  const url = new URL(config.server);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  url.pathname = `${url.pathname.replace(/\/$/, '')}${path}`;
  url.search = new URLSearchParams(options.query ?? {}).toString();
  const socket = new Socket(url, [...(options.protocols ?? [])], {
    headers: { 'user-agent': options.userAgent ?? 'virtplane', ...identityHeaders(config, credential) },
    ...tlsOptions(config, credential),
    perMessageDeflate: false,
    followRedirects: false,
    handshakeTimeout: options.handshakeTimeoutMs ?? 30_000,
  });
  return new Promise((resolve, reject) => {
    socket.once('open', () => {
      socket.off('error', failed);
      // What the server sent with its answer must wait until the caller, who is told by a promise, listens.
      socket.pause();
      setImmediate(() => socket.resume());
      resolve(socket);
    });
    const failed = (cause: Error): void =>
      reject(new Error(`GET ${path}: cannot open a WebSocket to ${config.server}: ${cause.message}`, { cause }));
    socket.on('error', failed);
    socket.once('unexpected-response', (request, response: IncomingMessage) => {
      if (response.statusCode === 401) config.credentials.refused();
      readBody(response)
        .then((body) => reject(refusalOf(response, body, `GET ${path}`)), failed)
        .finally(() => request.destroy());
    });
  });
}
