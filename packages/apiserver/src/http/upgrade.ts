import { type IncomingMessage, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import type { StatusError } from '@virtplane/resources';
import type { Logger } from '@virtplane/runtime';
import { type Authenticator, webSocketToken } from '../auth/authenticate.ts';
import type { Authorizer } from '../auth/authorizer.ts';
import { impersonated } from '../auth/impersonation.ts';
import { badRequest, unknownResource } from '../errors.ts';
import { type Dispatcher, extensionRequest } from './dispatch.ts';
import { splitTarget } from './exchange.ts';
import { requestInfo } from './router.ts';
import { certificateOf, toStatusError } from './serve.ts';

export interface UpgradeOptions {
  readonly authenticator: Authenticator;
  readonly authorizer: Authorizer;
  readonly dispatcher: Dispatcher;
  readonly log: Logger;
}

/** A refusal as a whole HTTP/1.1 answer: the upgrade has not happened, so the client still speaks HTTP. */
function refuse(socket: Duplex, { status, code }: StatusError): void {
  if (!socket.writable) return;
  const body = `${JSON.stringify(status)}\n`;
  socket.end(
    [
      `HTTP/1.1 ${code} ${STATUS_CODES[code] ?? 'Error'}`,
      'Content-Type: application/json',
      'Cache-Control: no-cache, private',
      `Content-Length: ${Buffer.byteLength(body)}`,
      'Connection: close',
      '',
      body,
    ].join('\r\n'),
  );
}

/** Hands authenticated and authorized WebSocket upgrades to the extension that owns the path. */
export function createUpgrade({ authenticator, authorizer, dispatcher, log }: UpgradeOptions) {
  async function upgrade(raw: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const user = impersonated(
      authenticator.authenticate({ headers: raw.headers, certificate: certificateOf(raw) }),
      raw.headers,
      authorizer,
    );
    const { path, query } = splitTarget(raw.url ?? '/');
    const method = raw.method ?? 'GET';
    const info = requestInfo(method, path, query);
    dispatcher.authorize(user, info);
    if (raw.headers.upgrade?.toLowerCase() !== 'websocket') {
      throw badRequest(
        `cannot upgrade to ${JSON.stringify(raw.headers.upgrade)}: only WebSocket is spoken here, kubectl from 1.31 on uses it`,
      );
    }
    const extension = dispatcher.extensionOf(info);
    if (!extension?.upgrade) throw unknownResource();
    // The token must not be echoed as the chosen protocol.
    const offered = raw.headers['sec-websocket-protocol'];
    if (offered !== undefined) raw.headers['sec-websocket-protocol'] = webSocketToken(offered).protocols.join(', ');
    const gone = new AbortController();
    socket.on('close', () => gone.abort(new Error('the client closed the connection')));
    const request = extensionRequest(
      { method, info, query, headers: raw.headers, user, signal: gone.signal },
      Buffer.alloc(0),
    );
    await extension.upgrade(request, raw, socket, head);
  }

  return (raw: IncomingMessage, socket: Duplex, head: Buffer): void => {
    upgrade(raw, socket, head).catch((error: unknown) => {
      refuse(socket, toStatusError(error, log, { method: raw.method, path: raw.url }));
    });
  };
}
