import type { KubeObject } from '@virtplane/resources';

/** Who asks. Source: authentication/v1 UserInfo. */
export interface UserInfo {
  readonly username: string;
  readonly uid?: string;
  readonly groups: readonly string[];
  readonly extra?: Readonly<Record<string, readonly string[]>>;
}

export type PatchType = 'json' | 'merge' | 'strategic' | 'apply';

export const patchContentType: Readonly<Record<PatchType, string>> = {
  json: 'application/json-patch+json',
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  apply: 'application/apply-patch+yaml',
};

export interface TransportRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Path without query: `/apis/kubevirt.io/v1/namespaces/default/virtualmachines/vm1/status`. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly contentType?: string;
  /** A JSON value. The receiver may keep it: callers never change it afterwards. */
  readonly body?: unknown;
  readonly signal?: AbortSignal;
}

export type WatchEventType = 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';

export interface WatchEvent<T extends KubeObject = KubeObject> {
  readonly type: WatchEventType;
  readonly object: T;
}

/**
 * One way to reach a Kubernetes API: in process (no sockets, no second parse; objects handed out are frozen or never changed
 * by the receiver) or over HTTPS. Refusals reject with StatusError, broken connections with an Error whose `cause` tells.
 */
export interface Transport {
  /** Resolves with the parsed answer body (`undefined` when empty). */
  request(request: TransportRequest): Promise<unknown>;
  /**
   * Streams watch events until the server ends the stream (iteration finishes) or `signal` aborts (finishes too). A refusal
   * before the stream rejects the first `next()` with StatusError; an ERROR event is yielded like any other.
   */
  watch(request: TransportRequest): AsyncIterable<WatchEvent>;
  close(): void;
}
