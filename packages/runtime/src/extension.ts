import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { UserInfo } from './transport.ts';

/** A resource as discovery lists it. Source: meta/v1 APIResource. */
export interface ApiResource {
  /** `virtualmachines/start`. */
  readonly name: string;
  readonly singularName: string;
  readonly namespaced: boolean;
  readonly kind: string;
  readonly verbs: readonly string[];
}

export interface ExtensionRequest {
  readonly method: string;
  /** Whole path, decoded segments in `segments`: `/apis/subresources.kubevirt.io/v1/namespaces/…`. */
  readonly path: string;
  readonly version: string;
  /** Segments after `/apis/<group>/<version>`. */
  readonly segments: readonly string[];
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  /** Already authenticated and authorized (resource `virtualmachineinstances/console`, verb get or update …). */
  readonly user: UserInfo;
  readonly body: Buffer;
  readonly signal: AbortSignal;
}

export interface ExtensionAnswer {
  readonly code: number;
  readonly contentType?: string;
  readonly body?: Buffer | string;
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * An API group served in process beside the stored resources: what an APIService delivers in a cluster
 * (`subresources.kubevirt.io`, the alias group `kubevirt`). Refusals are thrown as StatusError.
 */
export interface ApiExtension {
  readonly group: string;
  /** Preferred first. */
  readonly versions: readonly string[];
  resources(version: string): readonly ApiResource[];
  handle(request: ExtensionRequest): Promise<ExtensionAnswer>;
  /** WebSocket upgrade. Refusals are thrown before a byte is written; after that the extension owns the socket. */
  upgrade?(request: ExtensionRequest, raw: IncomingMessage, socket: Duplex, head: Buffer): Promise<void>;
}
