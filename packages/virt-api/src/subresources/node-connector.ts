import { request as httpsRequest } from 'node:https';
import { isIPv6 } from 'node:net';
import type { SecureContextOptions } from 'node:tls';
import { type Node, type Status, StatusError } from '@virtplane/resources';
import type { WebSocket } from 'ws';
import { internalError } from './refusals.ts';

export interface NodeAnswer {
  readonly code: number;
  readonly contentType: string;
  readonly body: Buffer;
}

/** How virt-api reaches the agent of a node. Refusals of the agent are answers; an unreachable node rejects with StatusError. */
export interface NodeConnector {
  request(node: string, method: 'GET' | 'PUT', path: string, body?: string): Promise<NodeAnswer>;
  /** Resolves with an open WebSocket that is paused, so that no frame is lost before somebody listens. */
  openStream(node: string, path: string, query: URLSearchParams): Promise<WebSocket>;
}

export interface NodeConnectorOptions {
  /** The node object as it is now, for its address and its agent's port. */
  readonly find: (name: string) => Promise<Node | undefined> | Node | undefined;
  /** CA that signs the agents' serving certificates, and virt-api's client certificate. */
  readonly tls: Pick<SecureContextOptions, 'ca' | 'cert' | 'key'>;
  /** Longest wait for an answer; default 60 s (a freeze of the guest's file systems takes its time). */
  readonly timeoutMs?: number;
}

const SUBPROTOCOL = 'plain.kubevirt.io';
const MAX_BODY_BYTES = 64 * 1024 * 1024;

/** Speaks to the agents over HTTPS on each node's internal address. */
export function nodeConnector({ find, tls, timeoutMs = 60_000 }: NodeConnectorOptions): NodeConnector {
  async function endpoint(name: string): Promise<string> {
    const node = await find(name);
    const address = node?.status?.addresses?.find((a) => a.type === 'InternalIP')?.address;
    const port = node?.status?.daemonEndpoints?.kubeletEndpoint?.Port;
    if (!address || !port) throw internalError(`node "${name}" does not tell where its agent listens`);
    return `${isIPv6(address) ? `[${address}]` : address}:${port}`;
  }
  const unreachable = (node: string, cause: Error): StatusError =>
    internalError(`the agent of node "${node}" cannot be reached: ${cause.message}`);

  return {
    async request(node, method, path, body) {
      const url = `https://${await endpoint(node)}${path}`;
      return new Promise((resolve, reject) => {
        const fail = (cause: Error): void => reject(unreachable(node, cause));
        const headers = body === undefined ? {} : { 'content-type': 'application/json' };
        const outgoing = httpsRequest(url, { method, ...tls, headers, timeout: timeoutMs }, (incoming) => {
          const chunks: Buffer[] = [];
          let length = 0;
          incoming.on('data', (chunk: Buffer) => {
            length += chunk.length;
            if (length > MAX_BODY_BYTES)
              incoming.destroy(new Error(`its answer is longer than ${MAX_BODY_BYTES} bytes`));
            else chunks.push(chunk);
          });
          incoming.on('error', fail);
          incoming.on('end', () =>
            resolve({
              code: incoming.statusCode ?? 500,
              contentType: incoming.headers['content-type'] ?? 'application/octet-stream',
              body: Buffer.concat(chunks),
            }),
          );
        });
        outgoing.on('timeout', () => outgoing.destroy(new Error(`no answer within ${timeoutMs / 1000} s`)));
        outgoing.on('error', fail);
        outgoing.end(body);
      });
    },

    async openStream(node, path, query) {
      const { WebSocket: Socket } = await import('ws');
      const search = query.size > 0 ? `?${query}` : '';
      const socket = new Socket(`wss://${await endpoint(node)}${path}${search}`, SUBPROTOCOL, {
        ...tls,
        perMessageDeflate: false,
        handshakeTimeout: timeoutMs,
      });
      return new Promise((resolve, reject) => {
        const fail = (cause: Error): void => reject(unreachable(node, cause));
        socket.on('error', fail);
        socket.once('unexpected-response', (outgoing, incoming) => {
          const chunks: Buffer[] = [];
          incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
          incoming.on('error', fail);
          incoming.on('end', () => {
            const answer = { code: incoming.statusCode ?? 500, contentType: '', body: Buffer.concat(chunks) };
            reject(refusalOf(answer, node));
            outgoing.destroy();
          });
        });
        socket.once('open', () => {
          socket.pause();
          socket.off('error', fail);
          resolve(socket);
        });
      });
    },
  };
}

/** The refusal in an agent's answer: the agent speaks in the API's own Status shape. */
export function refusalOf(answer: NodeAnswer, node: string): StatusError {
  const text = answer.body.toString('utf8');
  try {
    const status = JSON.parse(text) as Partial<Status> | null;
    if (status?.kind === 'Status' && typeof status.code === 'number' && typeof status.message === 'string')
      return new StatusError(status as Status);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  return internalError(`the agent of node "${node}" answered ${answer.code}: ${text.slice(0, 300)}`);
}
