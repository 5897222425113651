import type { RawData, WebSocket } from 'ws';

export interface BridgeOptions {
  /** Default 10 s. */
  readonly pingEveryMs?: number;
  /** A side from which nothing has come for this long is dropped; default 60 s. */
  readonly silenceMs?: number;
  /** Bytes queued towards one side above which the other is not read; default 1 MiB. */
  readonly queueLimitBytes?: number;
}

const OPEN = 1;

/** Close codes that may be sent; others only ever come out of a broken connection. */
const isSendable = (code: number): boolean =>
  (code >= 1000 && code <= 1014 && code !== 1004 && code !== 1005 && code !== 1006) || (code >= 3000 && code <= 4999);

/**
 * Carries frames between a client and a node until one side ends; the other is then closed with the same code (1000: the end
 * of the stream, by which clients exit cleanly). Frames keep their boundaries: a datagram stays one. Resolves when both are
 * closed.
 */
export function bridge(client: WebSocket, node: WebSocket, options: BridgeOptions = {}): Promise<void> {
  const { pingEveryMs = 10_000, silenceMs = 60_000, queueLimitBytes = 1024 * 1024 } = options;
  const heard = new Map<WebSocket, number>();

  const forward = (from: WebSocket, to: WebSocket): void => {
    const alive = (): void => {
      heard.set(from, performance.now());
    };
    alive();
    let held = false;
    from.on('message', (data: RawData) => {
      alive();
      if (to.readyState !== OPEN) return;
      to.send(data, { binary: true }, () => {
        if (!held || to.bufferedAmount > queueLimitBytes / 2) return;
        held = false;
        alive();
        from.resume();
      });
      if (to.bufferedAmount > queueLimitBytes && !held) {
        held = true;
        from.pause();
      }
    });
    from.on('pong', alive);
    from.on('ping', alive);
    // `close` follows and says all there is to say.
    from.on('error', () => to.terminate());
    from.on('close', (code, reason) => {
      if (to.readyState !== OPEN) return;
      // A side that is held back could never take the close frame in.
      to.resume();
      to.close(code === 1005 ? 1000 : isSendable(code) ? code : 1011, reason);
    });
  };
  forward(client, node);
  forward(node, client);

  const timer = setInterval(() => {
    const now = performance.now();
    for (const side of [client, node]) {
      if (side.readyState !== OPEN) continue;
      // A side that is not read because of the other says nothing through no fault of its own.
      if (!side.isPaused && now - (heard.get(side) ?? now) > silenceMs) side.terminate();
      else side.ping();
    }
  }, pingEveryMs);
  timer.unref();

  const closed = (side: WebSocket): Promise<void> =>
    new Promise((resolve) => (side.readyState === 3 ? resolve() : side.once('close', () => resolve())));
  client.resume();
  node.resume();
  return Promise.all([closed(client), closed(node)]).then(() => clearInterval(timer));
}
