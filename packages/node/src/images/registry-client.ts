import type { RegistryCredentials } from './credentials.ts';
import { errorText, ImageError } from './errors.ts';
import { manifestMediaTypes } from './manifest.ts';
import { formatReference, type ImageReference } from './reference.ts';

export interface RegistryOptions {
  /** Registries (host or host:port) spoken to over plain HTTP, besides 127.0.0.1 and localhost with a port. */
  readonly insecureRegistries?: readonly string[];
  readonly fetch?: typeof fetch;
  /** A server that sends nothing for this long is given up. */
  readonly idleTimeoutMs?: number;
}

const maxManifestBytes = 4 << 20;
const maxTokenBytes = 1 << 20;

/** `Bearer realm="…",service="…",scope="…"` → scheme and parameters. */
export function parseChallenge(header: string): { scheme: string; parameters: Record<string, string> } {
  const space = header.indexOf(' ');
  const scheme = (space < 0 ? header : header.slice(0, space)).toLowerCase();
  const parameters: Record<string, string> = {};
  if (space >= 0) {
    for (const match of header.slice(space + 1).matchAll(/([a-zA-Z_]+)=(?:"([^"]*)"|([^",\s]+))/g)) {
      parameters[(match[1] ?? '').toLowerCase()] = match[2] ?? match[3] ?? '';
    }
  }
  return { scheme, parameters };
}

const baseUrl = (registry: string, insecure: readonly string[]): string => {
  const host = registry === 'docker.io' ? 'registry-1.docker.io' : registry;
  const bare = registry.replace(/:\d+$/, '');
  const plain = bare === '127.0.0.1' || bare === 'localhost' || bare === '[::1]' || insecure.includes(registry);
  return `${plain ? 'http' : 'https'}://${host}`;
};

/** Reads a body to its end, refusing what is longer than expected: a registry is not trusted. */
async function readLimited(response: Response, limitBytes: number, what: string): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of response.body ?? []) {
    length += part.length;
    if (length > limitBytes) throw new ImageError('ErrImagePull', `${what} is larger than ${limitBytes} bytes`);
    parts.push(part);
  }
  return Buffer.concat(parts);
}

/**
 * Reads from one repository by the OCI distribution API: anonymous first, then as the registry's challenge asks (Bearer token
 * or Basic). Throws ImageError `ErrImagePull` in containerd's manner: what, where, why.
 */
export class RegistryClient {
  readonly #image: ImageReference;
  readonly #credentials: RegistryCredentials | undefined;
  readonly #base: string;
  readonly #fetch: typeof fetch;
  readonly #idleTimeoutMs: number;
  #authorization: string | undefined;

  constructor(image: ImageReference, credentials: RegistryCredentials | undefined, options: RegistryOptions = {}) {
    this.#image = image;
    this.#credentials = credentials;
    this.#base = baseUrl(image.registry, options.insecureRegistries ?? []);
    this.#fetch = options.fetch ?? fetch;
    this.#idleTimeoutMs = options.idleTimeoutMs ?? 30_000;
  }

  /** `which`: a tag or a digest. Returns the raw bytes; whoever asked by digest verifies. */
  async manifest(which: string): Promise<Buffer> {
    const response = await this.#get(`/manifests/${which}`, { accept: manifestMediaTypes.join(', ') });
    return readLimited(response, maxManifestBytes, `manifest of ${formatReference(this.#image)}`);
  }

  /**
   * Streams a blob from `offset` on. `resumed` is false when the server ignored the range: the bytes then start at 0.
   * Iteration fails when nothing arrives for the idle time.
   */
  async blob(digest: string, offset: number): Promise<{ resumed: boolean; bytes: AsyncIterable<Uint8Array> }> {
    const response = await this.#get(`/blobs/${digest}`, offset > 0 ? { range: `bytes=${offset}-` } : {});
    if (!response.body) throw this.#failure(`blob ${digest}`, 'the answer has no body');
    return { resumed: response.status === 206, bytes: this.#untilIdle(response.body, digest) };
  }

  async *#untilIdle(body: ReadableStream<Uint8Array>, digest: string): AsyncIterable<Uint8Array> {
    const reader = body.getReader();
    try {
      for (;;) {
        let timer: NodeJS.Timeout | undefined;
        const idle = new Promise<never>((_, reject) => {
          timer = setTimeout(
            () => reject(this.#failure(`blob ${digest}`, `no data for ${this.#idleTimeoutMs / 1000} s`)),
            this.#idleTimeoutMs,
          );
          timer.unref();
        });
        const next = await Promise.race([reader.read(), idle]).finally(() => clearTimeout(timer));
        if (next.done) return;
        yield next.value;
      }
    } finally {
      // Ends the transfer also when the reader stopped early; a server that already went away has nothing to add.
      reader.cancel().catch(() => undefined);
    }
  }

  async #get(path: string, headers: Record<string, string>): Promise<Response> {
    const url = `${this.#base}/v2/${this.#image.repository}${path}`;
    let response = await this.#send(url, this.#withAuthorization(headers));
    if (response.status === 401) {
      const challenge = response.headers.get('www-authenticate');
      await response.body?.cancel();
      this.#authorization = await this.#authorize(challenge);
      response = await this.#send(url, this.#withAuthorization(headers));
    }
    if (response.ok) return response;
    await response.body?.cancel();
    throw this.#failure(path.slice(1), describeStatus(response.status));
  }

  #withAuthorization(headers: Record<string, string>): Record<string, string> {
    return this.#authorization === undefined ? headers : { ...headers, authorization: this.#authorization };
  }

  async #send(url: string, headers: Record<string, string>): Promise<Response> {
    const abort = new AbortController();
    const timer = setTimeout(
      () => abort.abort(new Error(`no answer for ${this.#idleTimeoutMs / 1000} s`)),
      this.#idleTimeoutMs,
    );
    timer.unref();
    try {
      // Redirects (blob stores) are followed; fetch drops the Authorization header when the origin changes.
      return await this.#fetch(url, { headers, signal: abort.signal });
    } catch (error) {
      throw new ImageError(
        'ErrImagePull',
        `failed to pull image "${formatReference(this.#image)}": GET ${url}: ${errorText(error)}`,
        { cause: error },
      );
    } finally {
      clearTimeout(timer);
    }
  }

  async #authorize(header: string | null): Promise<string> {
    const { scheme, parameters } = parseChallenge(header ?? '');
    const basic =
      this.#credentials &&
      `Basic ${Buffer.from(`${this.#credentials.username}:${this.#credentials.password}`).toString('base64')}`;
    if (scheme === 'basic') {
      if (basic === undefined)
        throw this.#failure(
          'authorization',
          'the registry asks for a user name and password: name a pull secret (imagePullSecret)',
        );
      return basic;
    }
    if (scheme !== 'bearer' || !parameters.realm)
      throw this.#failure('authorization', `the registry answered 401 with an unknown challenge "${header ?? ''}"`);
    let realm: URL;
    try {
      realm = new URL(parameters.realm);
    } catch {
      throw this.#failure('authorization', `the registry names an invalid token server "${parameters.realm}"`);
    }
    // Credentials never go over plain HTTP because a registry said so; only where the registry itself is spoken to that way.
    if (realm.protocol !== 'https:' && !(realm.protocol === 'http:' && this.#base.startsWith('http:'))) {
      throw this.#failure('authorization', `the registry names a token server without TLS: ${realm.origin}`);
    }
    if (parameters.service) realm.searchParams.set('service', parameters.service);
    realm.searchParams.set('scope', parameters.scope || `repository:${this.#image.repository}:pull`);
    const response = await this.#send(realm.href, basic === undefined ? {} : { authorization: basic });
    if (!response.ok) {
      await response.body?.cancel();
      throw this.#failure('authorization', `token server ${realm.host}: ${describeStatus(response.status)}`);
    }
    const body = await readLimited(response, maxTokenBytes, 'the token answer');
    let token: unknown;
    try {
      const parsed = JSON.parse(body.toString('utf8')) as { token?: unknown; access_token?: unknown };
      token = parsed.token ?? parsed.access_token;
    } catch {
      token = undefined;
    }
    if (typeof token !== 'string' || token === '')
      throw this.#failure('authorization', `token server ${realm.host} sent no token`);
    return `Bearer ${token}`;
  }

  #failure(what: string, why: string): ImageError {
    return new ImageError('ErrImagePull', `failed to pull image "${formatReference(this.#image)}": ${what}: ${why}`);
  }
}

const describeStatus = (code: number): string => {
  if (code === 401) return '401 Unauthorized: authentication required';
  if (code === 403) return '403 Forbidden: access to the image is denied';
  if (code === 404) return '404 Not Found: the image or tag does not exist';
  if (code === 429) return '429 Too Many Requests: the registry limits the rate';
  return `HTTP ${code}`;
};
