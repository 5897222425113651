import type { UserInfo } from '@virtplane/runtime';

/** Kubernetes' verb of a request; for paths of no API the lower-case HTTP method. */
export type RequestVerb =
  | 'get'
  | 'list'
  | 'watch'
  | 'create'
  | 'update'
  | 'patch'
  | 'delete'
  | 'deletecollection'
  | 'connect'
  | (string & {});

/** What a path says. Source: apiserver request.RequestInfo. */
export interface RequestInfo {
  readonly path: string;
  readonly verb: RequestVerb;
  /** false: discovery, health, OpenAPI, unknown: authorized by path. */
  readonly isResource: boolean;
  /** '' for /api. */
  readonly group: string;
  readonly version: string;
  /** Empty: cluster scope or all namespaces. */
  readonly namespace: string;
  /** Plural. */
  readonly resource: string;
  /** Empty on collections. */
  readonly name: string;
  /** First segment after the name: `status`, `console`. */
  readonly subresource: string;
  /** Segments after the subresource: `['22', 'tcp']`. */
  readonly rest: readonly string[];
}

/** The form that the client asked for in Accept. */
export interface Negotiated {
  readonly format: 'json' | 'yaml';
  readonly as?: 'Table' | 'PartialObjectMetadata' | 'PartialObjectMetadataList';
  /** Version of meta.k8s.io for `as`. */
  readonly asVersion?: 'v1' | 'v1beta1';
}

/** A body as it came, or as a value from a client in this process. */
export type RequestBody =
  | { readonly kind: 'bytes'; readonly contentType: string; readonly bytes: Buffer }
  | { readonly kind: 'value'; readonly contentType: string; readonly value: unknown }
  | { readonly kind: 'none'; readonly contentType: string };

/** An authenticated, authorized request for stored resources. */
export interface ApiRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly info: RequestInfo;
  readonly query: URLSearchParams;
  readonly user: UserInfo;
  readonly userAgent: string;
  readonly accept: Negotiated;
  readonly body: RequestBody;
  /** Aborts at the deadline and when the client goes away. */
  readonly signal: AbortSignal;
  /** Adds a `Warning: 299` header (deduplicated by the HTTP layer). */
  warn(text: string): void;
}

/** Takes the bytes of one watch. */
export interface WatchSink {
  /** Queues a chunk (one event line, newline included; shared buffer, never changed). */
  write(chunk: Buffer): void;
  /** Bytes queued and not yet taken by the peer. */
  readonly queuedBytes: number;
  end(): void;
}

export type ApiAnswer =
  /** A single object or list already serialised as JSON, in pieces. */
  | { readonly kind: 'json'; readonly code: number; readonly pieces: readonly Buffer[]; readonly headers?: Headers }
  | { readonly kind: 'object'; readonly code: number; readonly object: unknown; readonly headers?: Headers }
  | {
      readonly kind: 'text';
      readonly code: number;
      readonly text: string;
      readonly contentType: string;
      readonly headers?: Headers;
    }
  /** Anything that is not text: protobuf documents, images. */
  | {
      readonly kind: 'bytes';
      readonly code: number;
      readonly bytes: Buffer;
      readonly contentType: string;
      readonly headers?: Headers;
    }
  /** The HTTP layer sends headers at once, then calls `start`; the returned function ends the watch when the peer goes. */
  | { readonly kind: 'watch'; start(sink: WatchSink): () => void };

type Headers = Readonly<Record<string, string>>;

export type ApiHandler = (request: ApiRequest) => Promise<ApiAnswer>;
