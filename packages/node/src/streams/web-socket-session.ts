import type { Duplex } from 'node:stream';
import type { Clock } from '@virtplane/runtime';
import type { WebSocket } from 'ws';

/** Above this the other side is not read any more; a serial reader that lets it grow beyond is ended. */
export const queueLimitBytes = 1 << 20;
const pingMs = 10_000;
const silentMs = 60_000;

export const subprotocol = 'plain.kubevirt.io';

/** Normal closure; virtctl ends with success. */
export const closeNormal = 1000;
/** Another user connected; virtctl says so for anything that is not 1000. */
export const closeDisplaced = 1001;
export const closeSlowReader = 1008;
export const closeFailure = 1011;

/**
 * Keeps a WebSocket honest: pings every 10 s, ends it when the peer has been silent for 60 s, swallows nothing (errors end the
 * session through `close`).
 */
export function keepAlive(socket: WebSocket, clock: Clock): void {
  let lastHeardMs = clock.now();
  const heard = (): void => {
    lastHeardMs = clock.now();
  };
  socket.on('pong', heard);
  socket.on('ping', heard);
  socket.on('message', heard);
  let cancel: () => void = () => undefined;
  const tick = (): void => {
    if (socket.readyState !== socket.OPEN) return;
    if (clock.now() - lastHeardMs > silentMs) {
      socket.terminate();
      return;
    }
    socket.ping();
    cancel = clock.after(pingMs, tick);
  };
  cancel = clock.after(pingMs, tick);
  socket.on('close', () => cancel());
  // ws reports protocol violations here and closes by itself afterwards.
  socket.on('error', () => socket.terminate());
}

/** Bytes of a WebSocket message, whatever form ws hands it out in. */
export function messageBytes(data: Buffer | ArrayBuffer | Buffer[]): Buffer {
  if (Buffer.isBuffer(data)) return data;
  return Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data);
}

/**
 * Joins a WebSocket and a byte stream, reading neither side faster than the other takes it. `rewrite` may change what the
 * client sends. Ends both when either ends.
 */
export function join(socket: WebSocket, stream: Duplex, rewrite: (bytes: Buffer) => Buffer = (bytes) => bytes): void {
  socket.on('message', (data, isBinary) => {
    if (!isBinary) return;
    if (!stream.write(rewrite(messageBytes(data)))) {
      socket.pause();
      stream.once('drain', () => socket.resume());
    }
  });
  stream.on('data', (bytes: Buffer) => {
    socket.send(bytes, { binary: true }, () => {
      if (stream.isPaused() && socket.bufferedAmount < queueLimitBytes / 2) stream.resume();
    });
    if (socket.bufferedAmount > queueLimitBytes) stream.pause();
  });
  stream.on('end', () => socket.close(closeNormal));
  stream.on('error', (error) => socket.close(closeFailure, error.message.slice(0, 100)));
  stream.on('close', () => socket.close(closeNormal));
  socket.on('close', () => stream.destroy());
}
