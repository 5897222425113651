import http, { type ClientRequest, type IncomingMessage } from 'node:http';
import https from 'node:https';
import { createSecureContext } from 'node:tls';
import type { KubeObject } from '@virtplane/resources';
import { StatusError } from '@virtplane/resources';
import { type ClusterConfig, type Credential, identityHeaders, tlsOptions } from './cluster-config.ts';
import { readLines } from './json-lines.ts';
import { isJson, readBody, refusalOf, warningsOf } from './status-response.ts';
import type { Transport, TransportRequest, WatchEvent } from './transport.ts';

export interface HttpsTransportOptions {
  /** Default `virtplane`. */
  readonly userAgent?: string;
  /** Called for each warning of the server. */
  readonly onWarning?: (text: string) => void;
  /** How long an answer to a plain request (not a watch) may take; default 65 s, above the server's own 60. */
  readonly answerTimeoutMs?: number;
}

/** Idle connections are probed after this; a dead peer is found about ten seconds later. */
const keepAliveProbeMs = 30_000;

/**
 * The API over HTTPS (or plain HTTP where the server's URL says so): kept-alive connections, client certificates or bearer
 * tokens, JSON. A 401 asks the credential source anew and tries once more. Watches have no time-out of their own; TCP
 * keep-alive ends them when the peer is gone.
 */
export class HttpsTransport implements Transport {
  readonly #config: ClusterConfig;
  readonly #options: HttpsTransportOptions;
  readonly #base: URL;
  #agent: { readonly key: string; readonly plain: http.Agent; readonly watches: http.Agent } | undefined;

  constructor(config: ClusterConfig, options: HttpsTransportOptions = {}) {
    this.#config = config;
    this.#options = options;
    this.#base = new URL(config.server);
    if (this.#base.protocol !== 'https:' && this.#base.protocol !== 'http:')
      throw new Error(`server address ${config.server} must begin with https:// or http://`);
  }

  async request(request: TransportRequest): Promise<unknown> {
    const response = await this.#exchange(request, false);
    const body = await this.#reading(request, () => readBody(response));
    const text = body.toString('utf8');
    if (text === '') return undefined;
    if (!isJson(response)) return text;
    try {
      return JSON.parse(text);
    } catch (cause) {
      throw new Error(`${describe(request)}: the answer is not JSON`, { cause });
    }
  }

  async *watch(request: TransportRequest): AsyncIterable<WatchEvent> {
    if (request.signal?.aborted) return;
    let response: IncomingMessage;
    try {
      response = await this.#exchange(request, true);
    } catch (error) {
      if (request.signal?.aborted) return;
      throw error;
    }
    try {
      for await (const line of readLines(response)) yield parseEvent(line, request);
    } catch (error) {
      if (request.signal?.aborted) return;
      if (error instanceof StatusError || (error instanceof Error && error.cause !== undefined)) throw error;
      throw new Error(`${describe(request)}: the watch broke off`, { cause: error });
    } finally {
      response.destroy();
    }
  }

  close(): void {
    this.#agent?.plain.destroy();
    this.#agent?.watches.destroy();
    this.#agent = undefined;
  }

  /** The head of a good answer; refusals are thrown. */
  async #exchange(request: TransportRequest, watch: boolean): Promise<IncomingMessage> {
    for (let attempt = 1; ; attempt++) {
      const credential = await this.#config.credentials.current();
      const response = await this.#send(request, credential, watch);
      for (const text of warningsOf(response)) this.#options.onWarning?.(text);
      const code = response.statusCode ?? 0;
      if (code >= 200 && code < 300) return response;
      const body = await this.#reading(request, () => readBody(response));
      if (code === 401) {
        this.#config.credentials.refused();
        if (attempt === 1) {
          const next = await this.#config.credentials.current();
          if (!sameCredential(next, credential)) continue;
        }
      }
      if (code < 400)
        throw new Error(
          `${describe(request)}: unexpected answer ${code} (redirects are not followed); is ${this.#base.origin} an API server?`,
        );
      throw refusalOf(response, body, describe(request));
    }
  }

  async #send(request: TransportRequest, credential: Credential, watch: boolean): Promise<IncomingMessage> {
    // A kept-alive connection may be closed by the server just as we use it: reading again on a new one harms nobody.
    for (let left = request.method === 'GET' ? 2 : 0; ; left--) {
      const sent = this.#start(request, credential, watch);
      try {
        return await sent.answered;
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        const stale = sent.request.reusedSocket && (code === 'ECONNRESET' || code === 'EPIPE');
        if (stale && left > 0 && !request.signal?.aborted) continue;
        if (request.signal?.aborted) throw request.signal.reason;
        throw new Error(`${describe(request)}: cannot reach ${this.#base.origin}: ${explain(error)}`, { cause: error });
      }
    }
  }

  #start(
    request: TransportRequest,
    credential: Credential,
    watch: boolean,
  ): { request: ClientRequest; answered: Promise<IncomingMessage> } {
    const agents = this.#agents(credential);
    const body = request.body === undefined ? undefined : Buffer.from(JSON.stringify(request.body));
    const query =
      request.query && Object.keys(request.query).length > 0 ? `?${new URLSearchParams(request.query)}` : '';
    const core = this.#base.protocol === 'https:' ? https : http;
    const outgoing = core.request({
      hostname: this.#base.hostname.replace(/^\[|\]$/g, ''),
      port: this.#base.port,
      path: `${this.#base.pathname.replace(/\/$/, '')}${request.path}${query}`,
      method: request.method,
      agent: watch ? agents.watches : agents.plain,
      headers: {
        accept: 'application/json, */*;q=0.1',
        'user-agent': this.#options.userAgent ?? 'virtplane',
        ...(body && { 'content-type': request.contentType ?? 'application/json', 'content-length': body.length }),
        ...identityHeaders(this.#config, credential),
      },
      ...(request.signal && { signal: request.signal }),
    });
    const limitMs = this.#options.answerTimeoutMs ?? 65_000;
    const answered = new Promise<IncomingMessage>((resolve, reject) => {
      outgoing.on('error', reject);
      outgoing.on('response', (response) => {
        if (watch) outgoing.setTimeout(0);
        resolve(response);
      });
      outgoing.on('socket', (socket) => socket.setKeepAlive(true, keepAliveProbeMs));
      outgoing.setTimeout(limitMs, () => outgoing.destroy(new Error(`no answer within ${limitMs / 1000} s`)));
    });
    outgoing.end(body);
    return { request: outgoing, answered };
  }

  #agents(credential: Credential): { readonly plain: http.Agent; readonly watches: http.Agent } {
    const key = `${credential.clientCertificate ?? ''}\0${credential.clientKey ?? ''}`;
    if (this.#agent?.key === key) return this.#agent;
    // Requests in flight keep their sockets; only idle ones of the former certificate are closed.
    this.#agent?.plain.destroy();
    const secure = this.#base.protocol === 'https:';
    const Agent = secure ? https.Agent : http.Agent;
    const settings = {
      keepAlive: true,
      keepAliveMsecs: keepAliveProbeMs,
      ...(secure && secureOptions(this.#config, credential)),
    };
    this.#agent = { key, plain: new Agent({ ...settings, maxSockets: 32 }), watches: new Agent(settings) };
    return this.#agent;
  }

  async #reading<R>(request: TransportRequest, read: () => Promise<R>): Promise<R> {
    try {
      return await read();
    } catch (cause) {
      if (request.signal?.aborted) throw request.signal.reason;
      throw new Error(`${describe(request)}: the answer broke off: ${explain(cause)}`, { cause });
    }
  }
}

/** Certificates are parsed once, not once a connection. */
function secureOptions(config: ClusterConfig, credential: Credential): Record<string, unknown> {
  const { ca, cert, key, ...others } = tlsOptions(config, credential);
  try {
    return {
      ...others,
      secureContext: createSecureContext({ ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) }),
    };
  } catch (cause) {
    throw new Error(`the certificates for ${config.server} cannot be used: ${explain(cause)}`, { cause });
  }
}

const describe = (request: TransportRequest): string => `${request.method} ${request.path}`;

const sameCredential = (a: Credential, b: Credential): boolean =>
  a.token === b.token && a.clientCertificate === b.clientCertificate && a.clientKey === b.clientKey;

/** Node leaves the message of an error empty when it tried several addresses. */
const explain = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error);
  if (error instanceof AggregateError) return error.errors.map(explain).join('; ');
  return error.message;
};

function parseEvent(line: string, request: TransportRequest): WatchEvent {
  try {
    const event = JSON.parse(line) as { type?: unknown; object?: KubeObject };
    if (typeof event.type === 'string' && event.object) return event as WatchEvent;
  } catch (cause) {
    throw new Error(`${describe(request)}: a watch event is not JSON (${line.length} characters)`, { cause });
  }
  throw new Error(`${describe(request)}: a watch event without type or object`, {
    cause: new Error(line.slice(0, 200)),
  });
}
