import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { isStatusError, Pod, VirtualMachine, VirtualMachineInstance } from '@virtplane/resources';
import { createTestContext, type TestContext } from '@virtplane/runtime/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { subresourceExtension } from './extension.ts';
import { conflict } from './refusals.ts';

let node: WebSocketServer;
let front: Server;
let context: TestContext;
let agents: WebSocket[] = [];
let opened: string[] = [];
let refuse = false;

const listening = async (server: {
  once(event: 'listening', call: () => void): unknown;
  address(): unknown;
}): Promise<number> => {
  if (!server.address()) await new Promise<void>((resolve) => server.once('listening', resolve));
  return (server.address() as AddressInfo).port;
};

/** A node's agent that streams, and an API server that hands upgrades to the extension. */
beforeEach(async () => {
  agents = [];
  opened = [];
  refuse = false;
  node = new WebSocketServer({ port: 0, host: '127.0.0.1', handleProtocols: () => 'plain.kubevirt.io' });
  node.on('connection', (socket, request) => {
    agents.push(socket);
    opened.push(request.url ?? '');
    socket.send(Buffer.from('hello'));
  });
  const nodePort = await listening(node);
  context = createTestContext({ definitions: [VirtualMachine, VirtualMachineInstance, Pod] });
  context.api.put<VirtualMachineInstance>({
    apiVersion: 'kubevirt.io/v1',
    kind: 'VirtualMachineInstance',
    metadata: { namespace: 'ns', name: 'vm1' },
    spec: { domain: { devices: {} } },
    status: { phase: 'Running', nodeName: 'node1', interfaces: [{ ipAddress: '10.0.0.1' }] },
  });
  const extension = subresourceExtension({
    client: context.client,
    version: '0.1.0',
    streams: { pingEveryMs: 20, silenceMs: 200, queueLimitBytes: 64 * 1024 },
    nodes: {
      request: () => Promise.reject(new Error('not asked here')),
      async openStream(_name, path, query) {
        if (refuse) throw conflict('virtualmachineinstance', 'vm1', 'busy');
        const socket = new WebSocket(`ws://127.0.0.1:${nodePort}${path}?${query}`, 'plain.kubevirt.io');
        await new Promise<void>((resolve, reject) => {
          socket.once('open', () => {
            socket.pause();
            resolve();
          });
          socket.once('error', reject);
        });
        return socket;
      },
    },
  });
  front = createServer();
  front.on('upgrade', (raw, socket, head) => {
    const url = new URL(raw.url ?? '', 'http://front');
    const request = {
      method: raw.method ?? '',
      path: url.pathname,
      version: 'v1',
      segments: url.pathname.split('/').slice(4),
      query: url.searchParams,
      headers: raw.headers,
      user: { username: 'alice', groups: [] },
      body: Buffer.alloc(0),
      signal: new AbortController().signal,
    };
    extension.upgrade?.(request, raw, socket, head).catch((error: unknown) => {
      const code = isStatusError(error) ? error.code : 500;
      socket.end(`HTTP/1.1 ${code} Refused\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
    });
  });
  front.listen(0, '127.0.0.1');
});

afterEach(async () => {
  for (const socket of [...agents, ...node.clients]) socket.terminate();
  await Promise.all([
    new Promise((resolve) => node.close(resolve)),
    new Promise((resolve) => {
      front.close(resolve);
      front.closeAllConnections();
    }),
  ]);
  context.stop();
});

async function connect(
  path: string,
  protocols = ['plain.kubevirt.io'],
): Promise<{ socket: WebSocket; messages: Buffer[] }> {
  const port = await listening(front);
  const socket = new WebSocket(
    `ws://127.0.0.1:${port}/apis/subresources.kubevirt.io/v1/namespaces/ns/virtualmachineinstances/vm1/${path}`,
    protocols,
  );
  const messages: Buffer[] = [];
  socket.on('message', (data: Buffer) => messages.push(data));
  await new Promise<void>((resolve, reject) => {
    socket.once('open', resolve);
    socket.once('error', reject);
  });
  return { socket, messages };
}

async function until(condition: () => boolean): Promise<void> {
  const deadline = performance.now() + 5000;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error('it did not happen within 5 s');
    await new Promise((resolve) => setImmediate(resolve));
  }
}

const closing = (socket: WebSocket): Promise<number> => new Promise((resolve) => socket.once('close', resolve));

test('bytes pass both ways, the first ones too, with their boundaries', async () => {
  const { socket, messages } = await connect('console');
  expect(socket.protocol).toBe('plain.kubevirt.io');
  await until(() => messages.length === 1);
  expect(messages[0]?.toString()).toBe('hello');
  const received: Buffer[] = [];
  agents[0]?.on('message', (data: Buffer, binary: boolean) => {
    if (binary) received.push(data);
  });
  socket.send(Buffer.from('a'));
  socket.send(Buffer.from('bc'));
  await until(() => received.length === 2);
  expect(received.map(String)).toEqual(['a', 'bc']);
  socket.close(1000);
});

test('the credential of a browser is not echoed', async () => {
  const { socket } = await connect('console', ['base64url.bearer.authorization.k8s.io.dG9rZW4', 'plain.kubevirt.io']);
  expect(socket.protocol).toBe('plain.kubevirt.io');
});

test.each([
  [1000, 1000],
  [4000, 4000],
])('the node ends with %i: the client sees %i', async (code, expected) => {
  const { socket } = await connect('vnc?preserveSession=true&shared=true');
  await until(() => agents.length === 1);
  expect(opened).toEqual(['/v1/namespaces/ns/virtualmachineinstances/vm1/vnc?preserveSession=true&shared=true']);
  const closed = closing(socket);
  agents[0]?.close(code);
  expect(await closed).toBe(expected);
});

test('the node breaks off: not a clean end', async () => {
  const { socket } = await connect('portforward/22/tcp');
  await until(() => agents.length === 1);
  const closed = closing(socket);
  agents[0]?.terminate();
  expect(await closed).not.toBe(1000);
});

test('the client leaves: the node hears of it', async () => {
  const { socket } = await connect('console');
  await until(() => agents.length === 1);
  const agent = agents[0];
  if (!agent) throw new Error('no agent');
  const closed = closing(agent);
  socket.close();
  expect(await closed).toBe(1000);
});

test('refused before the upgrade: an HTTP answer, no socket', async () => {
  refuse = true;
  await expect(connect('console')).rejects.toThrow('409');
  await expect(connect('nothing')).rejects.toThrow('404');
});

test('a client that does not read holds the node back, and gets all in the end', async () => {
  const { socket, messages } = await connect('console');
  await until(() => messages.length === 1);
  socket.pause();
  const agent = agents[0];
  if (!agent) throw new Error('no agent');
  const piece = Buffer.alloc(64 * 1024, 7);
  const count = 400;
  for (let i = 0; i < count; i++) agent.send(piece);
  socket.resume();
  await until(() => messages.length === count + 1);
  expect(messages.at(-1)?.length).toBe(piece.length);
});

test('a silent side is dropped', async () => {
  const { socket } = await connect('console');
  await until(() => agents.length === 1);
  const agent = agents[0];
  if (!agent) throw new Error('no agent');
  const closed = closing(agent);
  // A paused peer answers no ping.
  socket.pause();
  await closed;
  socket.terminate();
});
