import type { Discovery } from '../discovery/discovery.ts';
import type { Health } from '../discovery/health.ts';
import type { VersionInfo } from '../discovery/version.ts';
import type { OpenApi } from '../openapi/openapi.ts';
import type { PathHandler } from './dispatch.ts';
import type { ApiAnswer } from './request.ts';

export interface PathOptions {
  readonly discovery: Discovery;
  readonly health: Health;
  readonly version: VersionInfo;
  readonly openApi: Pick<OpenApi, 'handle'>;
  /** Prometheus text. */
  readonly metrics: () => string | Promise<string>;
  readonly issuer: string;
  readonly jwks: { readonly keys: readonly object[] };
  /** Without trailing slash. */
  readonly serverUrl: () => string;
}

const object = (body: object): ApiAnswer => ({ kind: 'object', code: 200, object: body });

/** Answers what belongs to no stored resource. */
export function createPaths(options: PathOptions): PathHandler {
  const { discovery, health, version, openApi, metrics, issuer, jwks, serverUrl } = options;

  const fixed: ReadonlyMap<string, () => ApiAnswer | Promise<ApiAnswer>> = new Map<
    string,
    () => ApiAnswer | Promise<ApiAnswer>
  >([
    ['/version', () => object(version)],
    [
      '/',
      () =>
        object({
          paths: [...discovery.paths(), ...health.paths(), ...fixed.keys(), '/openapi/v2', '/openapi/v3']
            .filter((path) => path !== '/')
            .sort(),
        }),
    ],
    [
      '/metrics',
      async () => ({
        kind: 'text',
        code: 200,
        text: await metrics(),
        contentType: 'text/plain; version=0.0.4; charset=utf-8',
      }),
    ],
    [
      '/.well-known/openid-configuration',
      () =>
        object({
          issuer,
          jwks_uri: `${serverUrl()}/openid/v1/jwks`,
          response_types_supported: ['id_token'],
          subject_types_supported: ['public'],
          id_token_signing_alg_values_supported: ['ES256'],
        }),
    ],
    [
      '/openid/v1/jwks',
      () => ({ kind: 'text', code: 200, text: JSON.stringify(jwks), contentType: 'application/jwk-set+json' }),
    ],
  ]);

  return (path, { headers, query }) => {
    const handler = fixed.get(path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path);
    if (handler) return handler();
    const ifNoneMatch = headers['if-none-match'];
    if (path.startsWith('/openapi/')) return openApi.handle(path, headers.accept ?? '', query, ifNoneMatch);
    return health.handle(path, query) ?? discovery.handle(path, { accept: headers.accept, ifNoneMatch });
  };
}
