import { createHash, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import type { Pod, Secret, ServiceAccount } from '@virtplane/resources';
import type { UserInfo } from '@virtplane/runtime';
import type { ObjectSource } from '../cache/object-source.ts';
import { serviceAccountUsername } from './rbac/compile.ts';

export const defaultAudience = 'https://kubernetes.default.svc';
const issuer = defaultAudience;

/** An object that must live as long as the token shall be valid. */
export interface BoundObject {
  readonly kind: 'Pod' | 'Secret';
  readonly name: string;
  readonly uid: string;
}

export interface TokenOptions {
  readonly audiences: readonly string[];
  readonly expirationSeconds: number;
  readonly boundObject?: BoundObject;
}

export interface IssuedToken {
  readonly token: string;
  /** RFC 3339. */
  readonly expirationTimestamp: string;
}

export interface VerifiedToken {
  readonly user: UserInfo;
  /** Those of the token that the caller accepts. */
  readonly audiences: readonly string[];
}

interface Reference {
  readonly name: string;
  readonly uid: string;
}

interface Claims {
  readonly aud: readonly string[];
  readonly exp: number;
  readonly iat: number;
  readonly nbf: number;
  readonly iss: string;
  readonly sub: string;
  readonly 'kubernetes.io': {
    readonly namespace: string;
    readonly serviceaccount: Reference;
    readonly pod?: Reference;
    readonly secret?: Reference;
  };
}

export interface ServiceAccountSources {
  readonly serviceAccounts: ObjectSource<ServiceAccount>;
  readonly pods: ObjectSource<Pod>;
  readonly secrets: ObjectSource<Secret>;
}

export interface ServiceAccountTokens {
  /** A JWT for the account, whose uid must be set. */
  issue(account: ServiceAccount, options: TokenOptions): IssuedToken;
  /** `undefined`: no JWT of ours. Throws an Error that says why one of ours is refused. */
  verify(token: string, audiences: readonly string[]): VerifiedToken | undefined;
  /** JSON Web Key Set with the public key. */
  readonly jwks: { readonly keys: readonly object[] };
}

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const maxCachedSignatures = 10_000;

const isReference = (value: unknown): value is Reference =>
  typeof value === 'object' && value !== null && 'name' in value && 'uid' in value;

function isClaims(value: unknown): value is Claims {
  if (typeof value !== 'object' || value === null) return false;
  const claims = value as Partial<Claims>;
  const own = claims['kubernetes.io'];
  return (
    Array.isArray(claims.aud) &&
    typeof claims.exp === 'number' &&
    typeof own === 'object' &&
    typeof own.namespace === 'string' &&
    isReference(own.serviceaccount)
  );
}

function decodePart(part: string | undefined): unknown {
  try {
    return JSON.parse(Buffer.from(part ?? '', 'base64url').toString());
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/**
 * ServiceAccount tokens: JWTs signed with ES256. A token is good while its account, and the object that it is bound to, live
 * with the uid that they had. Source: Kubernetes' bound service account tokens.
 */
export function createServiceAccountTokens(
  privateKey: KeyObject,
  sources: ServiceAccountSources,
  now: () => number = Date.now,
): ServiceAccountTokens {
  const publicKey = createPublicKey(privateKey);
  const kid = createHash('sha256')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest('base64url');
  const header = encode({ alg: 'ES256', kid });
  /** Signatures that have been checked: an account's client sends the same token with each request. */
  const checked = new Map<string, Claims>();

  const signatureHolds = (signed: string, signature: string): boolean =>
    verify(
      'sha256',
      Buffer.from(signed),
      { key: publicKey, dsaEncoding: 'ieee-p1363' },
      Buffer.from(signature, 'base64url'),
    );

  function claimsOf(token: string): Claims | undefined {
    const known = checked.get(token);
    if (known) return known;
    const parts = token.split('.');
    if (parts.length !== 3) return undefined;
    const head = decodePart(parts[0]);
    if (typeof head !== 'object' || head === null || !('alg' in head)) return undefined;
    const claims = decodePart(parts[1]);
    if (typeof claims !== 'object' || claims === null || !('iss' in claims) || claims.iss !== issuer) return undefined;
    if (head.alg !== 'ES256' || !signatureHolds(`${parts[0]}.${parts[1]}`, parts[2] ?? '') || !isClaims(claims)) {
      throw new Error('the signature of the service account token does not verify');
    }
    if (checked.size >= maxCachedSignatures) checked.clear();
    checked.set(token, claims);
    return claims;
  }

  return {
    issue(account, { audiences, expirationSeconds, boundObject }) {
      const { name = '', namespace = '', uid = '' } = account.metadata ?? {};
      const iat = Math.floor(now() / 1000);
      const exp = iat + expirationSeconds;
      const claims: Claims = {
        aud: audiences,
        exp,
        iat,
        iss: issuer,
        'kubernetes.io': {
          namespace,
          ...(boundObject?.kind === 'Pod' ? { pod: { name: boundObject.name, uid: boundObject.uid } } : {}),
          ...(boundObject?.kind === 'Secret' ? { secret: { name: boundObject.name, uid: boundObject.uid } } : {}),
          serviceaccount: { name, uid },
        },
        nbf: iat,
        sub: serviceAccountUsername(namespace, name),
      };
      const signed = `${header}.${encode(claims)}`;
      const signature = sign('sha256', Buffer.from(signed), { key: privateKey, dsaEncoding: 'ieee-p1363' });
      return {
        token: `${signed}.${signature.toString('base64url')}`,
        expirationTimestamp: new Date(exp * 1000).toISOString().replace('.000Z', 'Z'),
      };
    },

    verify(token, audiences) {
      const claims = claimsOf(token);
      if (claims === undefined) return undefined;
      const seconds = now() / 1000;
      if (seconds >= claims.exp) throw new Error('the service account token has expired');
      // A minute of leeway for clocks that were set back.
      if (seconds + 60 < claims.nbf) throw new Error('the service account token is not valid yet');
      const accepted = claims.aud.filter((a) => audiences.includes(a));
      if (accepted.length === 0) throw new Error('the service account token is meant for another audience');
      const { namespace, serviceaccount, pod, secret } = claims['kubernetes.io'];
      const account = sources.serviceAccounts.get(namespace, serviceaccount.name);
      if (account?.metadata?.uid !== serviceaccount.uid) throw new Error('the service account of the token is gone');
      if (pod && sources.pods.get(namespace, pod.name)?.metadata?.uid !== pod.uid) {
        throw new Error('the pod that the token is bound to is gone');
      }
      if (secret && sources.secrets.get(namespace, secret.name)?.metadata?.uid !== secret.uid) {
        throw new Error('the secret that the token is bound to is gone');
      }
      return {
        user: {
          username: serviceAccountUsername(namespace, serviceaccount.name),
          uid: serviceaccount.uid,
          groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`],
          ...(pod
            ? {
                extra: {
                  'authentication.kubernetes.io/pod-name': [pod.name],
                  'authentication.kubernetes.io/pod-uid': [pod.uid],
                },
              }
            : {}),
        },
        audiences: accepted,
      };
    },

    jwks: { keys: [{ use: 'sig', kid, alg: 'ES256', ...publicKey.export({ format: 'jwk' }) }] },
  };
}
