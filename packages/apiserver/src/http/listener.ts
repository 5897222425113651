import type { IncomingMessage } from 'node:http';
import { createSecureServer, type Http2SecureServer } from 'node:http2';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Logger } from '@virtplane/runtime';
import { Exchange } from './exchange.ts';

/** PEM texts. */
export interface ServingContext {
  readonly key: string;
  readonly cert: string;
  /** Certificate authorities of clients. */
  readonly ca: string;
}

export interface ListenerOptions {
  readonly context: ServingContext;
  readonly onRequest: (exchange: Exchange) => void;
  readonly onUpgrade: (raw: IncomingMessage, socket: Duplex, head: Buffer) => void;
  readonly log: Logger;
}

export interface Listener {
  /** Resolves with the bound port; rejects with one clear sentence when it is taken. */
  listen(port: number, address: string): Promise<number>;
  /** New connections use the new certificate; open ones stay. */
  reload(context: ServingContext): void;
  /** Ends all connections, after `graceMs` by force. */
  close(graceMs?: number): Promise<void>;
}

const tlsOptions = (context: ServingContext) => ({
  key: context.key,
  cert: context.cert,
  ca: context.ca,
  minVersion: 'TLSv1.2' as const,
  // Who shows no certificate, or one of somebody else's, may still bring a token: the authenticators decide.
  requestCert: true,
  rejectUnauthorized: false,
});

const maxHeaderBytes = 64 * 1024;

/** Limits of HTTP/1.1 that createSecureServer({allowHTTP1}) reads from the server object but takes no options for. */
const http1Limits = {
  // Go closes its idle connections after 90 s; ours must last longer, or a client writes into a closing connection.
  keepAliveTimeout: 190_000,
  // A whole request, headers and body, must be there in time; long answers are not concerned.
  headersTimeout: 30_000,
  requestTimeout: 120_000,
  maxHeaderSize: maxHeaderBytes,
};

function listenFailure(error: NodeJS.ErrnoException, port: number, address: string): Error {
  const where = `${address}:${port}`;
  const sentence =
    error.code === 'EADDRINUSE'
      ? `port ${where} is taken by another process: stop it or choose another port`
      : error.code === 'EACCES'
        ? `port ${where} needs more privileges than this user has: choose a port from 1024 on`
        : error.code === 'EADDRNOTAVAIL'
          ? `${address} is not an address of this machine: choose another bind address`
          : `cannot listen on ${where}: ${error.message}`;
  return new Error(sentence, { cause: error });
}

/** HTTP/2 and HTTP/1.1 over TLS on one port; both end up in the same `onRequest`. */
export function createListener({ context, onRequest, onUpgrade, log }: ListenerOptions): Listener {
  const server: Http2SecureServer = createSecureServer({
    ...tlsOptions(context),
    allowHTTP1: true,
    handshakeTimeout: 15_000,
    // With Node's 10 MB one slow reader of a long list would make all further streams of its connection fail.
    maxSessionMemory: 1000,
    settings: { maxConcurrentStreams: 250, maxHeaderListSize: maxHeaderBytes, initialWindowSize: 1024 * 1024 },
  });
  Object.assign(server, http1Limits);

  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.setNoDelay(true);
    socket.on('close', () => sockets.delete(socket));
  });
  server.on('session', (session) => {
    session.on('error', (error) => log.debug('HTTP/2 connection failed', { error }));
  });
  server.on('sessionError', (error: Error) => log.debug('HTTP/2 session failed', { error }));
  server.on('tlsClientError', (error: Error) => log.debug('TLS handshake failed', { error }));
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Duplex) => {
    if (socket.writable && error.code !== 'ECONNRESET') {
      const line = error.code === 'HPE_HEADER_OVERFLOW' ? '431 Request Header Fields Too Large' : '400 Bad Request';
      socket.end(`HTTP/1.1 ${line}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
    } else socket.destroy();
  });
  server.on('request', (raw, response) => onRequest(new Exchange(raw, response)));
  server.on('upgrade', (raw: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', (error) => log.debug('upgraded connection failed', { error }));
    onUpgrade(raw, socket, head);
  });

  return {
    listen: (port, address) =>
      new Promise((resolve, reject) => {
        const failed = (error: NodeJS.ErrnoException) => reject(listenFailure(error, port, address));
        server.once('error', failed);
        server.listen({ port, host: address, backlog: 1024 }, () => {
          server.removeListener('error', failed);
          server.on('error', (error) => log.error('the API listener failed', { error }));
          resolve((server.address() as AddressInfo).port);
        });
      }),
    reload: (next) => server.setSecureContext(tlsOptions(next)),
    close: (graceMs = 1000) =>
      new Promise((resolve) => {
        const force = setTimeout(() => {
          for (const socket of sockets) socket.destroy();
        }, graceMs);
        server.close(() => {
          clearTimeout(force);
          resolve();
        });
      }),
  };
}
