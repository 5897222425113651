import type { ImageReference } from './reference.ts';

export interface RegistryCredentials {
  readonly username: string;
  readonly password: string;
}

const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);

const fromEntry = (entry: unknown): RegistryCredentials | undefined => {
  if (typeof entry !== 'object' || entry === null) return undefined;
  const { auth, username, password, identitytoken } = entry as Record<string, unknown>;
  const token = text(identitytoken);
  const encoded = text(auth);
  if (encoded !== undefined) {
    const decoded = Buffer.from(encoded, 'base64').toString('utf8');
    const colon = decoded.indexOf(':');
    if (colon > 0) return { username: decoded.slice(0, colon), password: token ?? decoded.slice(colon + 1) };
  }
  const name = text(username);
  return name === undefined ? undefined : { username: name, password: token ?? text(password) ?? '' };
};

/** `https://index.docker.io/v1/` and `quay.io/team` → host and path prefix. */
const splitKey = (key: string): { host: string; path: string } => {
  const bare = key.replace(/^https?:\/\//, '');
  const slash = bare.indexOf('/');
  const host = slash < 0 ? bare : bare.slice(0, slash);
  const path =
    slash < 0
      ? ''
      : bare
          .slice(slash + 1)
          .replace(/\/+$/, '')
          .replace(/^v[12]$/, '');
  return { host: host === 'index.docker.io' || host === 'registry-1.docker.io' ? 'docker.io' : host, path };
};

/**
 * The credentials that a pull secret holds for an image: the longest matching key of `.dockerconfigjson` (`auths`) or of the
 * older `.dockercfg`. Throws with a sentence when the document is not JSON.
 */
export function credentialsFor(
  secretData: Readonly<Record<string, string>>,
  image: ImageReference,
): RegistryCredentials | undefined {
  const modern = secretData['.dockerconfigjson'];
  const legacy = secretData['.dockercfg'];
  const encoded = modern ?? legacy;
  if (encoded === undefined) throw new Error('the pull secret has neither .dockerconfigjson nor .dockercfg');
  let document: unknown;
  try {
    document = JSON.parse(Buffer.from(encoded, 'base64').toString('utf8'));
  } catch {
    throw new Error('the pull secret is not valid JSON');
  }
  const auths = modern === undefined ? document : (document as { auths?: unknown } | null)?.auths;
  if (typeof auths !== 'object' || auths === null) return undefined;
  let best: { length: number; credentials: RegistryCredentials } | undefined;
  for (const [key, entry] of Object.entries(auths)) {
    const { host, path } = splitKey(key);
    const matches =
      host === image.registry && (path === '' || image.repository === path || image.repository.startsWith(`${path}/`));
    const credentials = matches ? fromEntry(entry) : undefined;
    if (credentials && path.length >= (best?.length ?? 0)) best = { length: path.length, credentials };
  }
  return best?.credentials;
}
