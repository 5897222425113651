import type { TLSSocket } from 'node:tls';
import { isStatusError, type StatusError } from '@virtplane/resources';
import type { Logger, UserInfo } from '@virtplane/runtime';
import type { Authenticator } from '../auth/authenticate.ts';
import type { Authorizer } from '../auth/authorizer.ts';
import { type CertificateIdentity, identityOfSocket, noCertificate } from '../auth/certificates.ts';
import { impersonated } from '../auth/impersonation.ts';
import { internal } from '../errors.ts';
import { readBody } from './body.ts';
import { deadlineExceeded, deadlineMs } from './deadline.ts';
import type { Dispatcher } from './dispatch.ts';
import type { Exchange, RawRequest } from './exchange.ts';
import { negotiate, wantsPretty } from './negotiate.ts';
import type { RequestInfo } from './request.ts';
import { type Form, sendAnswer, sendStatus } from './respond.ts';
import { isLongRunning, requestInfo } from './router.ts';

/** What was answered, for metrics. */
export interface Served {
  readonly verb: string;
  readonly group: string;
  readonly resource: string;
  readonly subresource: string;
  readonly code: number;
  readonly seconds: number;
}

export interface ServeOptions {
  readonly authenticator: Authenticator;
  readonly authorizer: Authorizer;
  readonly dispatcher: Dispatcher;
  readonly log: Logger;
  readonly observe?: (served: Served) => void;
}

/** A connection shows one certificate; it is read once. */
const identities = new WeakMap<object, CertificateIdentity>();

export function certificateOf(raw: RawRequest): CertificateIdentity {
  const connection: object | undefined = 'stream' in raw ? (raw.stream.session ?? undefined) : raw.socket;
  if (connection === undefined) return noCertificate;
  let identity = identities.get(connection);
  if (!identity) {
    identity = identityOfSocket(raw.socket as TLSSocket);
    identities.set(connection, identity);
  }
  return identity;
}

/** Any error as a refusal; what is not meant for users goes to the log. */
export function toStatusError(error: unknown, log: Logger, about: Record<string, unknown>): StatusError {
  if (isStatusError(error)) return error;
  log.error('a request failed inside the server', { ...about, error });
  return internal(error instanceof Error ? error.message : String(error));
}

/** The form of refusals; where the client accepts nothing that we make they are JSON. */
function refusalForm(exchange: Exchange): Form {
  try {
    const { format, pretty } = negotiate(exchange.headers.accept);
    return { format, pretty: wantsPretty(exchange.query, exchange.userAgent, pretty) };
  } catch {
    return { format: 'json', pretty: wantsPretty(exchange.query, exchange.userAgent, false) };
  }
}

/** Authentication, impersonation, authorization, deadline, answer: for every request that is no upgrade. */
export function createServe({ authenticator, authorizer, dispatcher, log, observe }: ServeOptions) {
  async function answer(exchange: Exchange, info: RequestInfo, user: UserInfo): Promise<void> {
    const result = await dispatcher.dispatch({
      method: exchange.method,
      info,
      query: exchange.query,
      headers: exchange.headers,
      user,
      userAgent: exchange.userAgent,
      body: () => readBody(exchange),
      get signal() {
        return exchange.signal;
      },
      warn: (text) => exchange.warn(text),
    });
    const form = result.kind === 'json' || result.kind === 'object' ? refusalForm(exchange) : jsonForm;
    if ('code' in result) exchange.code = result.code;
    await sendAnswer(exchange, result, form);
  }

  async function refuse(exchange: Exchange, error: unknown, nosniff = false): Promise<void> {
    const status = toStatusError(error, log, { method: exchange.method, path: exchange.path, audit: exchange.auditId });
    exchange.code = status.code;
    await sendStatus(exchange, status, refusalForm(exchange), nosniff);
  }

  async function serve(exchange: Exchange): Promise<void> {
    let info: RequestInfo | undefined;
    let timer: NodeJS.Timeout | undefined;
    const startedMs = performance.now();
    try {
      const user = impersonated(
        authenticator.authenticate({ headers: exchange.headers, certificate: certificateOf(exchange.raw) }),
        exchange.headers,
        authorizer,
      );
      info = requestInfo(exchange.method, exchange.path, exchange.query);
      const known = info;
      try {
        dispatcher.authorize(user, known);
      } catch (error) {
        await refuse(exchange, error, true);
        return;
      }
      if (!isLongRunning(known)) {
        timer = setTimeout(
          () => {
            const error = deadlineExceeded(known);
            exchange.abort(error);
            if (!exchange.answered) void refuse(exchange, error);
          },
          deadlineMs(known, exchange.query),
        );
      }
      await answer(exchange, known, user);
    } catch (error) {
      // Whoever is not there any more needs no answer, and an aborted handler's error is our own doing.
      if (!exchange.closed && !exchange.answered) await refuse(exchange, error);
      else if (!isStatusError(error) && !exchange.closed) {
        log.error('an answer broke off', { path: exchange.path, audit: exchange.auditId, error });
        exchange.out.destroy();
      }
    } finally {
      clearTimeout(timer);
      observe?.({
        verb: info?.verb ?? exchange.method.toLowerCase(),
        group: info?.group ?? '',
        resource: info?.resource ?? '',
        subresource: info?.subresource ?? '',
        code: exchange.code,
        seconds: (performance.now() - startedMs) / 1000,
      });
    }
  }

  return (exchange: Exchange): void => {
    serve(exchange).catch((error: unknown) => {
      log.error('a request could not be answered', { path: exchange.path, audit: exchange.auditId, error });
      exchange.out.destroy();
    });
  };
}

const jsonForm: Form = { format: 'json', pretty: false };
