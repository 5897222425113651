/** A scripted libvirtd for tests: answers calls as told, over a real unix socket. */
import { mkdtemp, rm } from 'node:fs/promises';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MessageReader } from '../message-reader.ts';
import { headerBytes, messageStatus, messageType, procedure, program } from '../protocol.ts';
import { XdrReader, XdrWriter } from '../xdr.ts';

export interface FakeCall {
  program: number;
  procedure: number;
  type: number;
  serial: number;
  status: number;
  body: XdrReader;
  reply(body?: (writer: XdrWriter) => void): void;
  refuse(code: number, domain: number, message: string): void;
  send(
    message: { program?: number; procedure: number; type: number; status?: number; serial?: number },
    body?: (writer: XdrWriter) => void,
  ): void;
  sendRaw(bytes: Uint8Array): void;
  hangUp(): void;
}

export interface FakeLibvirtd {
  socketPath: string;
  calls: { program: number; procedure: number; type: number }[];
  close(): Promise<void>;
}

/** @param answer called for everything but the opening handshake. */
export async function startFakeLibvirtd(answer: (call: FakeCall) => void): Promise<FakeLibvirtd> {
  const directory = await mkdtemp(join(tmpdir(), 'vp-libvirt-'));
  const socketPath = join(directory, 'sock');
  const calls: FakeLibvirtd['calls'] = [];
  const sockets = new Set<net.Socket>();
  const server = net.createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => sockets.delete(socket));
    const reader = new MessageReader(1024 * 1024);
    socket.on('data', (chunk) => {
      for (const message of reader.push(chunk)) {
        const call = readCall(socket, message);
        calls.push({ program: call.program, procedure: call.procedure, type: call.type });
        if (call.program === program.remote && call.procedure === procedure.authList) {
          call.reply((writer) => writer.u32(1).u32(0));
        } else if (call.program === program.remote && call.procedure === procedure.connectOpen) call.reply();
        else answer(call);
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(socketPath, resolve));
  return {
    socketPath,
    calls,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
      await rm(directory, { recursive: true });
    },
  };
}

function readCall(socket: net.Socket, message: Buffer): FakeCall {
  const call = {
    program: message.readUInt32BE(4),
    procedure: message.readUInt32BE(12),
    type: message.readUInt32BE(16),
    serial: message.readUInt32BE(20),
    status: message.readUInt32BE(24),
    body: new XdrReader(Buffer.from(message), headerBytes),
  };
  const send: FakeCall['send'] = (header, body) => {
    const writer = new XdrWriter(headerBytes);
    body?.(writer);
    const bytes = writer.finish();
    const words = [
      bytes.length,
      header.program ?? program.remote,
      1,
      header.procedure,
      header.type,
      header.serial ?? 0,
      header.status ?? messageStatus.ok,
    ];
    words.forEach((word, i) => {
      bytes.writeUInt32BE(word >>> 0, i * 4);
    });
    socket.write(bytes);
  };
  const { program: number, procedure: proc, serial } = call;
  return {
    ...call,
    send,
    reply: (body) => send({ program: number, procedure: proc, type: messageType.reply, serial }, body),
    refuse: (code, domain, text) =>
      send(
        { program: number, procedure: proc, type: messageType.reply, serial, status: messageStatus.error },
        (writer) =>
          writer.i32(code).i32(domain).optionalString(text).i32(2).u32(0).u32(0).u32(0).u32(0).i32(0).i32(0).u32(0),
      ),
    sendRaw: (bytes) => void socket.write(bytes),
    hangUp: () => void socket.destroy(),
  };
}
