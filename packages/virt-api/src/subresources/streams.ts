import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { VirtualMachineInstance } from '@virtplane/resources';
import { type WebSocket, WebSocketServer } from 'ws';
import { type BridgeOptions, bridge } from './bridge.ts';
import type { NodeConnector } from './node-connector.ts';
import { conflict } from './refusals.ts';

const SUBPROTOCOL = 'plain.kubevirt.io';
const MAX_FRAME_BYTES = 16 * 1024 * 1024;

export interface StreamTarget {
  readonly vmi: VirtualMachineInstance;
  /** Path below the instance on its node: `console`, `portforward/22/tcp`. */
  readonly path: string;
  readonly query: URLSearchParams;
}

export const agentPath = (vmi: VirtualMachineInstance, path: string): string =>
  `/v1/namespaces/${encodeURIComponent(vmi.metadata.namespace ?? '')}/virtualmachineinstances/${encodeURIComponent(vmi.metadata.name ?? '')}/${path}`;

/** The node that runs the instance; a running one always has it. */
export function nodeOf(vmi: VirtualMachineInstance): string {
  const node = vmi.status?.nodeName;
  if (!node) throw conflict('virtualmachineinstance', vmi.metadata.name ?? '', 'VMI is not assigned to a node');
  return node;
}

/** Opens the node's stream first, so that its refusals still reach the client as a Status, then upgrades and joins the two. */
export function streams(nodes: NodeConnector, options?: BridgeOptions) {
  // The credential that browsers send as a subprotocol is never echoed.
  const server = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: MAX_FRAME_BYTES,
    handleProtocols: (offered) => (offered.has(SUBPROTOCOL) ? SUBPROTOCOL : false),
  });
  return async (
    { vmi, path, query }: StreamTarget,
    raw: IncomingMessage,
    socket: Duplex,
    head: Buffer,
    signal: AbortSignal,
  ): Promise<void> => {
    const node = await nodes.openStream(nodeOf(vmi), agentPath(vmi, path), query);
    if (signal.aborted || socket.destroyed) {
      node.terminate();
      return;
    }
    const client = await upgrade(server, raw, socket, head, node);
    if (client) await bridge(client, node, options);
  };
}

function upgrade(
  server: WebSocketServer,
  raw: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  node: WebSocket,
): Promise<WebSocket | undefined> {
  return new Promise((resolve) => {
    // A malformed handshake is answered by ws itself, which then ends the socket.
    const abandoned = (): void => {
      node.terminate();
      resolve(undefined);
    };
    socket.once('close', abandoned);
    server.handleUpgrade(raw, socket, head, (client) => {
      socket.off('close', abandoned);
      resolve(client);
    });
  });
}
