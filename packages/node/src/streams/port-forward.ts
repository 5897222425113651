import { createSocket } from 'node:dgram';
import { connect, isIPv6, type Socket } from 'node:net';
import type { WebSocket } from 'ws';
import { closeFailure, messageBytes, queueLimitBytes } from './web-socket-session.ts';

const dialTimeoutMs = 10_000;

/** Connects to a guest's port. Rejects with a plain Error whose message names address and reason. */
export function dialTcp(address: string, port: number, timeoutMs = dialTimeoutMs): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: address, port });
    const fail = (why: string): void => {
      socket.destroy();
      reject(new Error(`dial tcp ${isIPv6(address) ? `[${address}]` : address}:${port}: ${why}`));
    };
    socket.setTimeout(timeoutMs, () => fail(`no answer within ${timeoutMs / 1000} s`));
    socket.once('error', (error: NodeJS.ErrnoException) =>
      fail(error.code === 'ECONNREFUSED' ? 'connect: connection refused' : error.message),
    );
    socket.once('connect', () => {
      socket.setTimeout(0);
      socket.removeAllListeners('error');
      socket.removeAllListeners('timeout');
      resolve(socket);
    });
  });
}

/** One datagram per binary frame, both ways. Datagrams may be lost, so a slow client loses them instead of queueing. */
export function joinUdp(client: WebSocket, address: string, port: number): void {
  const socket = createSocket(isIPv6(address) ? 'udp6' : 'udp4');
  socket.connect(port, address);
  socket.on('message', (bytes) => {
    if (client.bufferedAmount < queueLimitBytes) client.send(bytes, { binary: true });
  });
  socket.on('error', (error) => client.close(closeFailure, error.message.slice(0, 100)));
  let connected = false;
  const early: Buffer[] = [];
  socket.on('connect', () => {
    connected = true;
    for (const bytes of early.splice(0)) socket.send(bytes);
  });
  client.on('message', (data, isBinary) => {
    if (!isBinary) return;
    if (connected) socket.send(messageBytes(data));
    else if (early.length < 64) early.push(messageBytes(data));
  });
  client.on('close', () => socket.close());
}
