import type { TLSSocket } from 'node:tls';
import type { UserInfo } from '@virtplane/runtime';

/** What a client certificate says: nothing, somebody until `notAfterMs`, or that it does not verify. */
export type CertificateIdentity =
  | { readonly kind: 'none' }
  | { readonly kind: 'user'; readonly user: UserInfo; readonly notAfterMs: number }
  | { readonly kind: 'invalid' };

export const noCertificate: CertificateIdentity = { kind: 'none' };
const invalid: CertificateIdentity = { kind: 'invalid' };

const textList = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((v) => typeof v === 'string') : typeof value === 'string' ? [value] : [];

/** CN is the user, each O a group. Source: apiserver x509 CommonNameUserConversion. */
export function identityOfSocket(socket: TLSSocket): CertificateIdentity {
  const certificate = socket.getPeerCertificate();
  // Without a certificate Node answers an empty object.
  if (certificate === undefined || certificate === null || certificate.raw === undefined) return noCertificate;
  if (!socket.authorized) return invalid;
  const username = textList(certificate.subject?.CN)[0];
  if (username === undefined || username === '') return noCertificate;
  return {
    kind: 'user',
    user: { username, groups: textList(certificate.subject.O) },
    notAfterMs: Date.parse(certificate.valid_to),
  };
}
