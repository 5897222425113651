import { createPrivateKey, X509Certificate } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import { type AddressInfo, connect } from 'node:net';
import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import type { StatusError } from '@virtplane/resources';
import type { Clock, Logger } from '@virtplane/runtime';
import { type WebSocket, WebSocketServer } from 'ws';
import type { GuestAccess, GuestEndpoint } from './guest-access.ts';
import { dialTcp, joinUdp } from './port-forward.ts';
import {
  asRefusal,
  badRequest,
  clientForbidden,
  internal,
  methodNotAllowed,
  notRunning,
  sessionActive,
  unauthorized,
  unknownPath,
  vmiConflict,
  vmiNotFound,
} from './refusals.ts';
import { SharedClientInit } from './rfb-client-init.ts';
import { parseRoute, type Route } from './route.ts';
import { type SessionRequest, Sessions } from './sessions.ts';
import {
  closeDisplaced,
  closeNormal,
  closeSlowReader,
  join,
  keepAlive,
  messageBytes,
  queueLimitBytes,
  subprotocol,
} from './web-socket-session.ts';

export interface StreamServerOptions {
  /** PEM of this node's serving certificate and its key. */
  readonly certificate: string;
  readonly key: string;
  /** PEM of the cluster's CA: who may connect. */
  readonly clientCertificateAuthority: string;
  readonly address?: string;
  /** 0: any free port. */
  readonly port: number;
  readonly guests: GuestAccess;
  readonly clock: Clock;
  readonly log: Logger;
}

export interface StreamServer {
  readonly port: number;
  /** Changes certificate and key for new connections. */
  renew(certificate: string, key: string): void;
  stop(): Promise<void>;
}

const maxBodyBytes = 64 * 1024;
/** The API server's own identity towards node agents; and administrators. */
const allowedUsers: readonly string[] = ['virt-api', 'virtplane:virt-api'];
const allowedGroup = 'system:masters';

interface Subject {
  readonly user: string;
  readonly groups: readonly string[];
}

export const mayUseStreams = (subject: Subject): boolean =>
  allowedUsers.includes(subject.user) || subject.groups.includes(allowedGroup);

const texts = (value: unknown): string[] =>
  Array.isArray(value) ? value.map(String) : typeof value === 'string' ? [value] : [];

function clientOf(socket: TLSSocket): Subject | undefined {
  if (!socket.authorized) return undefined;
  const subject: Record<string, unknown> = { ...socket.getPeerCertificate().subject };
  return { user: texts(subject.CN)[0] ?? '', groups: texts(subject.O) };
}

/**
 * The node's side of console, VNC, port-forward and of verbs that need the guest: HTTPS with mutual TLS, WebSocket for streams.
 * Only virt-api talks to it; users are authenticated and authorized there.
 */
export async function startStreamServer(options: StreamServerOptions): Promise<StreamServer> {
  const handler = new StreamHandler(options);
  const server: Server = createServer({
    cert: options.certificate,
    key: options.key,
    ca: options.clientCertificateAuthority,
    requestCert: true,
    rejectUnauthorized: true,
    minVersion: 'TLSv1.2',
  });
  server.on('request', (request, response) => void handler.request(request, response));
  server.on('upgrade', (request, socket, head) => void handler.upgrade(request, socket, head));
  server.on('tlsClientError', (error) => options.log.debug('a connection to the stream server was refused', { error }));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.address ?? '0.0.0.0', () => {
      server.off('error', reject);
      resolve();
    });
  });
  return {
    port: (server.address() as AddressInfo).port,
    renew(certificate, key) {
      // Node takes an empty certificate without a word, and then no handshake ends well any more.
      if (!new X509Certificate(certificate).checkPrivateKey(createPrivateKey(key))) {
        throw new Error('the certificate of the stream server and its key do not belong together');
      }
      server.setSecureContext({
        cert: certificate,
        key,
        ca: options.clientCertificateAuthority,
        minVersion: 'TLSv1.2',
      });
    },
    async stop() {
      handler.closeAll();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

/** What happens behind the TLS: routing, refusals before the upgrade, sessions. */
export class StreamHandler {
  readonly #guests: GuestAccess;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #sessions = new Sessions();
  readonly #sockets = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: 4 << 20,
    handleProtocols: (offered) => (offered.has(subprotocol) ? subprotocol : false),
  });

  constructor(options: Pick<StreamServerOptions, 'guests' | 'clock' | 'log'>) {
    this.#guests = options.guests;
    this.#clock = options.clock;
    this.#log = options.log;
  }

  closeAll(): void {
    for (const socket of this.#sockets.clients) socket.close(closeDisplaced, 'the node agent stops');
  }

  async request(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      this.#admit(request);
      const { route, query } = this.#route(request);
      await this.#serve(request, response, route, query);
    } catch (error) {
      const refused = this.#refused(error, request);
      if (response.headersSent) response.destroy();
      else response.writeHead(refused.code, { 'content-type': 'application/json' }).end(JSON.stringify(refused.status));
    }
  }

  async #serve(
    request: IncomingMessage,
    response: ServerResponse,
    route: Route,
    query: URLSearchParams,
  ): Promise<void> {
    const { namespace, name } = route;
    const expected = route.to === 'verb' ? 'PUT' : 'GET';
    if (request.method !== expected) throw methodNotAllowed();
    switch (route.to) {
      case 'verb':
        await this.#guests.act(namespace, name, route.verb, parseBody(await readBody(request)));
        response.writeHead(200).end();
        return;
      case 'report':
        answerJson(response, await this.#guests.report(namespace, name, route.report));
        return;
      case 'screenshot': {
        const picture = await this.#guests.screenshot(namespace, name, query.get('moveCursor') === 'true');
        response.writeHead(200, { 'content-type': 'image/png', 'content-length': picture.length }).end(picture);
        return;
      }
      case 'podLog': {
        const text = await this.#guests.podLog(namespace, name);
        if (text === undefined) throw unknownPath();
        response.writeHead(200, { 'content-type': 'text/plain' }).end(text);
        return;
      }
      default:
        throw badRequest('this path is a WebSocket stream: the request must ask for an upgrade');
    }
  }

  async upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const dropped = (): void => void socket.destroy();
    socket.on('error', dropped);
    try {
      this.#admit(request);
      const { route, query } = this.#route(request);
      const connectClient = await this.#prepare(route, query);
      socket.off('error', dropped);
      this.#sockets.handleUpgrade(request, socket, head, (client) => {
        keepAlive(client, this.#clock);
        connectClient(client);
      });
    } catch (error) {
      refuseUpgrade(socket, this.#refused(error, request));
    }
  }

  #refused(error: unknown, request: IncomingMessage): StatusError {
    const refused = asRefusal(error);
    // A port that nobody listens on is the guest's matter, and its user is told.
    if (refused.code >= 500 && !refused.message.includes('dialing VM'))
      this.#log.warn('a guest request failed', { path: request.url, error });
    return refused;
  }

  #admit(request: IncomingMessage): void {
    const client = clientOf(request.socket as TLSSocket);
    if (!client) throw unauthorized();
    if (!mayUseStreams(client)) throw clientForbidden(client.user);
  }

  #route(request: IncomingMessage): { route: Route; query: URLSearchParams } {
    const url = new URL(request.url ?? '/', 'https://node');
    const route = parseRoute(url.pathname);
    if (!route) throw unknownPath();
    return { route, query: url.searchParams };
  }

  /** Everything that can be refused happens here, before the upgrade; the result joins the client to the guest. */
  async #prepare(route: Route, query: URLSearchParams): Promise<(client: WebSocket) => void> {
    if (route.to !== 'console' && route.to !== 'vnc' && route.to !== 'portforward')
      throw badRequest('this path is no stream');
    const guest = this.#guests.find(route.namespace, route.name);
    if (!guest) throw vmiNotFound(route.name);
    if (guest.phase === 'Failed' && route.to === 'console') throw vmiConflict(route.name, 'VMI is in failed status');
    if (guest.phase !== 'Running') throw notRunning(guest.phase);
    switch (route.to) {
      case 'console':
        return this.#console(guest, query);
      case 'vnc':
        return this.#vnc(guest, query);
      case 'portforward':
        return this.#portForward(guest, route);
    }
  }

  #console(guest: GuestEndpoint, query: URLSearchParams): (client: WebSocket) => void {
    const { serial } = guest;
    if (!serial) throw badRequest('No serial consoles are present.');
    const session = sessionRequest(query);
    if (this.#sessions.isRefused(guest.uid, 'console', session)) throw sessionActive();
    const backlog = query.get('backlog');
    const kept = backlog === 'true' ? 'all' : backlog === 'false' ? 'none' : 'unseen';
    return (client) => {
      const leave = this.#sessions.enter(guest.uid, 'console', displaceable(client), session);
      const detach = serial.attach(
        {
          output(bytes) {
            // A client that stops reading must not hold the guest or our memory: it is ended.
            if (client.bufferedAmount > queueLimitBytes) client.close(closeSlowReader, 'the client reads too slowly');
            else client.send(bytes, { binary: true });
          },
          end: () => client.close(closeNormal),
        },
        kept,
      );
      client.on('message', (data, isBinary) => {
        if (!isBinary) return;
        if (!serial.write(messageBytes(data))) {
          client.pause();
          serial.drained(() => client.resume());
        }
      });
      client.on('close', () => {
        detach();
        leave();
      });
    };
  }

  async #vnc(guest: GuestEndpoint, query: URLSearchParams): Promise<(client: WebSocket) => void> {
    const { vncSocketPath } = guest;
    if (vncSocketPath === undefined) throw badRequest('No graphics devices are present.');
    const session = sessionRequest(query);
    if (this.#sessions.isRefused(guest.uid, 'vnc', session)) throw sessionActive();
    const stream = connect(vncSocketPath);
    await connected(stream);
    return (client) => {
      const leave = this.#sessions.enter(guest.uid, 'vnc', displaceable(client), session);
      client.on('close', leave);
      const clientInit = new SharedClientInit();
      join(client, stream, (bytes) => clientInit.pass(bytes));
    };
  }

  async #portForward(guest: GuestEndpoint, route: Route & { to: 'portforward' }): Promise<(client: WebSocket) => void> {
    if (guest.paused) throw vmiConflict(route.name, 'VMI is paused');
    if (!guest.hasInterfaces) throw badRequest('no network interfaces are present');
    const address = guest.ipAddress;
    if (address === undefined) throw internal('dialing VM: the guest has no IP address yet');
    if (route.protocol === 'udp') return (client) => joinUdp(client, address, route.port);
    const stream = await dialTcp(address, route.port).catch((error: Error) => {
      throw internal(`dialing VM: ${error.message}`);
    });
    return (client) => join(client, stream);
  }
}

const sessionRequest = (query: URLSearchParams): SessionRequest => ({
  shared: query.get('shared') === 'true',
  preserve: query.get('preserveSession') === 'true',
});

const displaceable = (client: WebSocket): { displace(): void } => ({
  displace: () => client.close(closeDisplaced, 'another user connected'),
});

const connected = (stream: Duplex): Promise<void> =>
  new Promise((resolve, reject) => {
    const failed = (error: Error): void => reject(internal(`the guest's display cannot be reached: ${error.message}`));
    stream.once('error', failed);
    stream.once('connect', () => {
      stream.off('error', failed);
      resolve();
    });
  });

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of request) {
    length += (part as Buffer).length;
    if (length > maxBodyBytes) throw badRequest(`the request body is larger than ${maxBodyBytes} bytes`);
    parts.push(part as Buffer);
  }
  return Buffer.concat(parts);
}

function parseBody(body: Buffer): unknown {
  if (body.length === 0) return undefined;
  try {
    return JSON.parse(body.toString('utf8'));
  } catch (error) {
    throw badRequest(`Can not unmarshal Request body to struct, error: ${(error as Error).message}`);
  }
}

const answerJson = (response: ServerResponse, value: unknown): void =>
  void response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value));

function refuseUpgrade(socket: Duplex, refused: StatusError): void {
  const body = JSON.stringify(refused.status);
  socket.end(
    `HTTP/1.1 ${refused.code} ${refused.reason ?? 'Error'}\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
}
