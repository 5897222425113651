import type { IncomingHttpHeaders } from 'node:http';
import type { UserInfo } from '@virtplane/runtime';
import { unauthorized } from '../errors.ts';
import type { CertificateIdentity } from './certificates.ts';
import { defaultAudience, type ServiceAccountTokens } from './service-accounts.ts';

export interface Credentials {
  readonly headers: IncomingHttpHeaders;
  readonly certificate: CertificateIdentity;
}

export interface TokenAuthentication {
  readonly user: UserInfo;
  readonly audiences: readonly string[];
}

export interface Authenticator {
  /** Who asks; without credentials system:anonymous. Throws 401 when those that were shown are no good. */
  authenticate(credentials: Credentials): UserInfo;
  /** `undefined`: no such token. Throws an Error that says why a token is no good. */
  authenticateToken(token: string, audiences: readonly string[]): TokenAuthentication | undefined;
}

const anonymous: UserInfo = { username: 'system:anonymous', groups: ['system:unauthenticated'] };
const apiAudiences: readonly string[] = [defaultAudience];
const protocolPrefix = 'base64url.bearer.authorization.k8s.io.';

const authenticated = (user: UserInfo): UserInfo =>
  user.groups.includes('system:authenticated') ? user : { ...user, groups: [...user.groups, 'system:authenticated'] };

/** Splits a `Sec-WebSocket-Protocol` header into a bearer token and what remains. */
export function webSocketToken(header: string): { readonly token?: string; readonly protocols: string[] } {
  const all = header
    .split(',')
    .map((p) => p.trim())
    .filter((p) => p !== '');
  const tokens = all.filter((p) => p.startsWith(protocolPrefix));
  const protocols = all.filter((p) => !p.startsWith(protocolPrefix));
  if (tokens.length === 0) return { protocols };
  // A browser cannot send headers with a WebSocket; one token, and a protocol that can be echoed instead of it.
  if (tokens.length > 1 || protocols.length === 0) throw unauthorized();
  const encoded = (tokens[0] ?? '').slice(protocolPrefix.length);
  if (!/^[A-Za-z0-9_-]+$/.test(encoded)) throw unauthorized();
  return { token: Buffer.from(encoded, 'base64url').toString(), protocols };
}

function bearerToken(headers: IncomingHttpHeaders): string | undefined {
  const { authorization } = headers;
  if (authorization !== undefined) {
    const space = authorization.indexOf(' ');
    if (space > 0 && authorization.slice(0, space).toLowerCase() === 'bearer') {
      const token = authorization.slice(space + 1).trim();
      if (token !== '') return token;
    }
  }
  const protocols = headers['sec-websocket-protocol'];
  return protocols === undefined || headers.upgrade?.toLowerCase() !== 'websocket'
    ? undefined
    : webSocketToken(protocols).token;
}

export interface AuthenticatorOptions {
  readonly staticToken?: (token: string) => UserInfo | undefined;
  readonly serviceAccounts: ServiceAccountTokens;
  readonly bootstrapToken: (token: string) => UserInfo | undefined;
  readonly now?: () => number;
}

/** Certificates first, then tokens. Source: kube-apiserver's union of authenticators. */
export function createAuthenticator({
  staticToken,
  serviceAccounts,
  bootstrapToken,
  now = Date.now,
}: AuthenticatorOptions): Authenticator {
  const known = new WeakMap<UserInfo, UserInfo>();
  const complete = (user: UserInfo): UserInfo => {
    let full = known.get(user);
    if (!full) {
      full = authenticated(user);
      known.set(user, full);
    }
    return full;
  };

  const authenticateToken = (token: string, audiences: readonly string[]): TokenAuthentication | undefined => {
    const account = serviceAccounts.verify(token, audiences);
    if (account) return { user: complete(account.user), audiences: account.audiences };
    const user = staticToken?.(token) ?? bootstrapToken(token);
    return user && { user: complete(user), audiences };
  };

  return {
    authenticateToken,
    authenticate({ headers, certificate }) {
      if (certificate.kind === 'user' && now() < certificate.notAfterMs) return complete(certificate.user);
      const token = bearerToken(headers);
      if (token !== undefined) {
        let result: TokenAuthentication | undefined;
        try {
          result = authenticateToken(token, apiAudiences);
        } catch {
          // Why a token is refused is told by TokenReview to those who may ask, not to whoever sends it.
          throw unauthorized();
        }
        if (result) return result.user;
        throw unauthorized();
      }
      if (certificate.kind !== 'none') throw unauthorized();
      return anonymous;
    },
  };
}
