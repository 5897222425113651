import type { ApiAnswer } from '../http/request.ts';
import type { ResourceTable } from '../registry/served-resource.ts';

export interface OpenApi {
  /** `undefined`: no such path. `accept` and `ifNoneMatch` are the raw headers. */
  handle(
    path: string,
    accept: string,
    query: URLSearchParams,
    ifNoneMatch: string | undefined,
  ): Promise<ApiAnswer | undefined>;
  close(): void;
}

/** `/openapi/v2` and `/openapi/v3…`. Documents are made when asked for and kept as bytes, on disk too where `cacheDir` is given. */
export function createOpenApi(_table: ResourceTable, _options: { readonly cacheDir?: string } = {}): OpenApi {
  throw new Error('not written yet');
}
