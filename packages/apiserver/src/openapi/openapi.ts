import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ApiAnswer } from '../http/request.ts';
import type { ResourceTable, ServedResource } from '../registry/served-resource.ts';
import { fingerprintOf } from '../schema/fingerprint.ts';
import { buildV2Json, buildV2Protobuf } from './v2.ts';
import { buildV3, type VersionOf } from './v3.ts';

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

/** Release of Kubernetes whose API this is. */
const RELEASE = 'v1.25.0';
/** Part of every hash: documents of another shape get other addresses. */
const FORMAT = 1;
const YEAR_MS = 365 * 24 * 3600 * 1000;
const JSON_TYPE = 'application/json';
/** Clients ask for it with an @ for the second dot, but that is no valid media type and Go refuses to read it in an answer. */
const V2_PROTOBUF = 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf';
const V2_PROTOBUF_NAMES = ['spec.v2@v1.0+protobuf', 'spec.v2.v1.0+protobuf'];

/**
 * `/openapi/v2` and `/openapi/v3…`. Documents are made when asked for and kept as bytes; v2, which covers everything, also on
 * disk where `cacheDir` is given. A change of a resource only drops the documents of its group, and v2.
 */
export function createOpenApi(table: ResourceTable, options: { readonly cacheDir?: string } = {}): OpenApi {
  return new Documents(table, options.cacheDir);
}

interface GroupVersion {
  readonly hash: string;
  readonly resources: readonly VersionOf[];
}

class Documents implements OpenApi {
  readonly #table: ResourceTable;
  readonly #cacheDir: string | undefined;
  readonly #unsubscribe: () => void;
  /** `apis/apps/v1` → resources and hash. */
  #groupVersions: Map<string, GroupVersion> | undefined;
  readonly #v3 = new Map<string, { readonly hash: string; readonly bytes: Buffer }>();
  #v2: { readonly hash: string; readonly documents: Map<'json' | 'protobuf', Promise<Buffer>> } | undefined;

  constructor(table: ResourceTable, cacheDir: string | undefined) {
    this.#table = table;
    this.#cacheDir = cacheDir;
    this.#unsubscribe = table.onChange((group) => {
      this.#groupVersions = undefined;
      this.#v2 = undefined;
      const prefix = group === '' ? 'api/' : `apis/${group}/`;
      for (const key of this.#v3.keys()) if (key.startsWith(prefix)) this.#v3.delete(key);
    });
  }

  close(): void {
    this.#unsubscribe();
  }

  async handle(
    path: string,
    accept: string,
    query: URLSearchParams,
    ifNoneMatch: string | undefined,
  ): Promise<ApiAnswer | undefined> {
    if (path === '/openapi/v2') return this.#answerV2(accept, ifNoneMatch);
    if (path === '/openapi/v3' || path === '/openapi/v3/') return this.#answerIndex();
    if (path.startsWith('/openapi/v3/')) return this.#answerV3(path.slice('/openapi/v3/'.length), query, ifNoneMatch);
    return undefined;
  }

  #all(): Map<string, GroupVersion> {
    if (this.#groupVersions) return this.#groupVersions;
    const grouped = new Map<string, VersionOf[]>();
    for (const served of this.#table.all()) {
      const { group } = served.definition;
      for (const { name } of served.versions) {
        const key = group === '' ? `api/${name}` : `apis/${group}/${name}`;
        const list = grouped.get(key);
        if (list) list.push({ served, version: name });
        else grouped.set(key, [{ served, version: name }]);
      }
    }
    this.#groupVersions = new Map(
      [...grouped]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([key, resources]) => {
          const sorted = resources.toSorted((a, b) =>
            a.served.definition.plural < b.served.definition.plural ? -1 : 1,
          );
          return [key, { hash: hashOf([key, ...sorted.map(({ served }) => fingerprint(served))]), resources: sorted }];
        }),
    );
    return this.#groupVersions;
  }

  #answerIndex(): ApiAnswer {
    const paths: Record<string, { serverRelativeURL: string }> = {};
    for (const [key, { hash }] of this.#all()) paths[key] = { serverRelativeURL: `/openapi/v3/${key}?hash=${hash}` };
    return { kind: 'object', code: 200, object: { paths } };
  }

  #answerV3(key: string, query: URLSearchParams, ifNoneMatch: string | undefined): ApiAnswer | undefined {
    const wanted = this.#all().get(key);
    if (!wanted) return undefined;
    const { hash } = wanted;
    const asked = query.get('hash');
    if (asked !== null && asked !== hash) {
      return empty(301, 'text/plain; charset=utf-8', { location: `/openapi/v3/${key}?hash=${hash}` });
    }
    const headers: Record<string, string> = { etag: `"${hash}"`, vary: 'Accept' };
    if (asked !== null) {
      headers['cache-control'] = 'public, immutable';
      headers.expires = new Date(Date.now() + YEAR_MS).toUTCString();
    }
    if (matches(ifNoneMatch, hash)) return empty(304, JSON_TYPE, headers);
    let document = this.#v3.get(key);
    if (document?.hash !== hash) {
      document = { hash, bytes: buildV3(wanted.resources, RELEASE) };
      this.#v3.set(key, document);
    }
    return { kind: 'json', code: 200, pieces: [document.bytes], headers };
  }

  async #answerV2(accept: string, ifNoneMatch: string | undefined): Promise<ApiAnswer> {
    const form = V2_PROTOBUF_NAMES.some((name) => accept.includes(name)) ? 'protobuf' : 'json';
    const groups = this.#all();
    this.#v2 ??= { hash: hashOf([...groups.values()].map(({ hash }) => hash)), documents: new Map() };
    const { hash, documents } = this.#v2;
    const headers = { etag: `"${hash}-${form}"`, vary: 'Accept' };
    if (matches(ifNoneMatch, `${hash}-${form}`)) {
      return empty(304, form === 'json' ? JSON_TYPE : V2_PROTOBUF, headers);
    }
    let document = documents.get(form);
    if (!document) {
      document = this.#makeV2(
        form,
        hash,
        [...groups.values()].flatMap(({ resources }) => resources),
      );
      documents.set(form, document);
      // A failed attempt must not be answered for ever.
      document.catch(() => documents.delete(form));
    }
    const bytes = await document;
    return form === 'json'
      ? { kind: 'json', code: 200, pieces: [bytes], headers }
      : { kind: 'bytes', code: 200, bytes, contentType: V2_PROTOBUF, headers };
  }

  async #makeV2(form: 'json' | 'protobuf', hash: string, resources: readonly VersionOf[]): Promise<Buffer> {
    const name = `v2-${form}-${hash}`;
    const kept = await this.#read(name);
    if (kept) return kept;
    const bytes = await (form === 'json' ? buildV2Json(resources, RELEASE) : buildV2Protobuf(resources, RELEASE));
    await this.#keep(name, `v2-${form}-`, bytes);
    return bytes;
  }

  async #read(name: string): Promise<Buffer | undefined> {
    if (this.#cacheDir === undefined) return undefined;
    try {
      return await readFile(join(this.#cacheDir, name));
    } catch (error) {
      if (isFileError(error)) return undefined;
      throw error;
    }
  }

  /** The cache only saves time: a directory that cannot be written costs nothing but that. */
  async #keep(name: string, prefix: string, bytes: Buffer): Promise<void> {
    const directory = this.#cacheDir;
    if (directory === undefined) return;
    try {
      await mkdir(directory, { recursive: true });
      const old = (await readdir(directory)).filter((file) => file.startsWith(prefix) && file !== name);
      await writeFile(join(directory, `${name}.new`), bytes);
      await rename(join(directory, `${name}.new`), join(directory, name));
      for (const file of old) await rm(join(directory, file), { force: true });
    } catch (error) {
      if (!isFileError(error)) throw error;
    }
  }
}

const isFileError = (error: unknown): boolean => error instanceof Error && 'code' in error;

/** A 304 names the type of what the client has: caches take over its headers. */
const empty = (code: number, contentType: string, headers: Record<string, string>): ApiAnswer => ({
  kind: 'text',
  code,
  text: '',
  contentType,
  headers,
});

const matches = (ifNoneMatch: string | undefined, hash: string): boolean =>
  ifNoneMatch?.split(',').some((tag) => tag.trim().replace(/^W\//, '') === `"${hash}"`) ?? false;

const hashOf = (parts: readonly string[]): string =>
  createHash('sha256')
    .update(`${FORMAT}\n${RELEASE}\n${parts.join('\n')}`)
    .digest('hex')
    .toUpperCase();

const fingerprints = new WeakMap<ServedResource, string>();

function fingerprint(served: ServedResource): string {
  let known = fingerprints.get(served);
  if (known === undefined) {
    const schemas = served.versions.map((version) => version.jsonSchema ?? served.definition.schema);
    known = fingerprintOf(served.definition, schemas);
    fingerprints.set(served, known);
  }
  return known;
}
