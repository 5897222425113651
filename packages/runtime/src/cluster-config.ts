/** Proof of who we are. Certificate and key are PEM texts. */
export interface Credential {
  readonly token?: string;
  readonly clientCertificate?: string;
  readonly clientKey?: string;
  readonly basic?: { readonly username: string; readonly password: string };
}

/** Where credentials come from; they may change while we run (token files, exec plugins). */
export interface CredentialSource {
  current(): Promise<Credential>;
  /** The server answered 401 to what `current` gave last: the next call must not give the same from a cache. */
  refused(): void;
}

/** How to reach one cluster as one user. */
export interface ClusterConfig {
  /** `https://host:6443`, with a path before `/api` where a gateway has one. */
  readonly server: string;
  /** PEM; absent: the certificate authorities that Node knows. */
  readonly certificateAuthority?: string;
  /** Do not verify the server's certificate. */
  readonly insecureSkipTlsVerify?: boolean;
  /** Name expected in the server's certificate instead of the host's. */
  readonly tlsServerName?: string;
  readonly credentials: CredentialSource;
  /** Namespace of the context; `default` when it names none. */
  readonly namespace: string;
  readonly impersonate?: { readonly user: string; readonly uid?: string; readonly groups?: readonly string[] };
}

export const fixedCredential = (credential: Credential): CredentialSource => ({
  current: () => Promise.resolve(credential),
  refused: () => {},
});

/** Headers that carry the credential and whom to act as. */
export function identityHeaders(config: ClusterConfig, credential: Credential): Record<string, string | string[]> {
  const headers: Record<string, string | string[]> = {};
  if (credential.token) headers.authorization = `Bearer ${credential.token}`;
  else if (credential.basic) {
    const { username, password } = credential.basic;
    headers.authorization = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
  }
  if (config.impersonate) {
    headers['impersonate-user'] = config.impersonate.user;
    if (config.impersonate.uid) headers['impersonate-uid'] = config.impersonate.uid;
    if (config.impersonate.groups?.length) headers['impersonate-group'] = [...config.impersonate.groups];
  }
  return headers;
}

export interface TlsOptions {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly rejectUnauthorized?: false;
  readonly servername?: string;
}

/** Options of node:tls for a connection to this cluster. */
export function tlsOptions(config: ClusterConfig, credential: Credential): TlsOptions {
  return {
    ...(config.certificateAuthority && { ca: config.certificateAuthority }),
    ...(config.insecureSkipTlsVerify && { rejectUnauthorized: false as const }),
    ...(config.tlsServerName && { servername: config.tlsServerName }),
    ...(credential.clientCertificate && { cert: credential.clientCertificate }),
    ...(credential.clientKey && { key: credential.clientKey }),
  };
}
