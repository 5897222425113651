import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { isStatusError } from '@virtplane/resources';
import fc from 'fast-check';
import { afterEach, expect, test } from 'vitest';
import { WebSocketServer } from 'ws';
import { type ClusterConfig, type CredentialSource, fixedCredential } from './cluster-config.ts';
import { HttpsTransport } from './https-transport.ts';
import { readLines } from './json-lines.ts';
import { widget, widgets } from './testing/widget.ts';
import { createClient } from './typed-client.ts';
import { openWebSocket } from './web-socket.ts';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

const listen = async (server: Server): Promise<number> => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  return (server.address() as AddressInfo).port;
};

async function serve(handler: RequestListener, credentials: CredentialSource = fixedCredential({ token: 't0ken' })) {
  const port = await listen(createServer(handler));
  const config: ClusterConfig = { server: `http://127.0.0.1:${port}/prefix`, credentials, namespace: 'default' };
  const warnings: string[] = [];
  const transport = new HttpsTransport(config, { onWarning: (text) => warnings.push(text), answerTimeoutMs: 2000 });
  closers.push(() => transport.close());
  return { transport, client: createClient(transport), config, warnings };
}

const body = async (request: AsyncIterable<Buffer>): Promise<unknown> => {
  let text = '';
  for await (const chunk of request) text += chunk;
  return text === '' ? undefined : JSON.parse(text);
};

test('verbs reach the right paths with the right bodies', async () => {
  const seen: unknown[] = [];
  const { client, warnings } = await serve(async (request, response) => {
    seen.push([request.method, request.url, request.headers['content-type'], await body(request)]);
    response.setHeader('content-type', 'application/json');
    response.setHeader('warning', ['299 - "first \\"one\\""', '299 - "second"']);
    response.end(JSON.stringify({ metadata: { resourceVersion: '7' }, items: [{ metadata: { name: 'a' } }] }));
    if (request.headers.authorization !== 'Bearer t0ken') throw new Error('no token');
  });
  const c = client(widgets);
  const list = await c.list({ namespace: 'ns', labelSelector: 'a=b', limit: 2 });
  expect(list.items[0]).toEqual({ apiVersion: 'example.com/v1', kind: 'Widget', metadata: { name: 'a' } });
  await c.patch({ namespace: 'ns', name: 'w' }, 'merge', { spec: {} }, { subresource: 'status', dryRun: true });
  await c.delete({ namespace: 'ns', name: 'w' }, { uid: 'u', propagationPolicy: 'Foreground', gracePeriodSeconds: 0 });
  await c.create({ metadata: { namespace: 'ns', name: 'w' } });
  expect(seen).toEqual([
    ['GET', '/prefix/apis/example.com/v1/namespaces/ns/widgets?labelSelector=a%3Db&limit=2', undefined, undefined],
    [
      'PATCH',
      '/prefix/apis/example.com/v1/namespaces/ns/widgets/w/status?dryRun=All',
      'application/merge-patch+json',
      { spec: {} },
    ],
    [
      'DELETE',
      '/prefix/apis/example.com/v1/namespaces/ns/widgets/w',
      'application/json',
      {
        kind: 'DeleteOptions',
        apiVersion: 'v1',
        gracePeriodSeconds: 0,
        propagationPolicy: 'Foreground',
        preconditions: { uid: 'u' },
      },
    ],
    [
      'POST',
      '/prefix/apis/example.com/v1/namespaces/ns/widgets',
      'application/json',
      { apiVersion: 'example.com/v1', kind: 'Widget', metadata: { namespace: 'ns', name: 'w' } },
    ],
  ]);
  expect(warnings.slice(0, 2)).toEqual(['first "one"', 'second']);
});

test('refusals come as StatusError, with or without a Status body; find turns NotFound into undefined', async () => {
  const { client, transport } = await serve((request, response) => {
    if (request.url?.endsWith('/plain')) {
      response.writeHead(503, { 'retry-after': '3' }).end('upstream gone');
      return;
    }
    response.writeHead(404, { 'content-type': 'application/json' });
    response.end(
      JSON.stringify({
        kind: 'Status',
        apiVersion: 'v1',
        metadata: {},
        status: 'Failure',
        message: 'widgets.example.com "x" not found',
        reason: 'NotFound',
        code: 404,
      }),
    );
  });
  expect(await client(widgets).find({ namespace: 'ns', name: 'x' })).toBeUndefined();
  await expect(client(widgets).get({ namespace: 'ns', name: 'x' })).rejects.toThrow(
    'widgets.example.com "x" not found',
  );
  const error = await transport.request({ method: 'GET', path: '/plain' }).catch((e: unknown) => e);
  expect(isStatusError(error, 'ServiceUnavailable') && error.status).toMatchObject({
    code: 503,
    message: 'GET /plain: the server answered 503: upstream gone',
    details: { retryAfterSeconds: 3 },
  });
});

test('an unreachable server is said by address', async () => {
  const { config } = await serve(() => {});
  await closers.splice(0, 1)[0]?.();
  const transport = new HttpsTransport(config);
  await expect(transport.request({ method: 'GET', path: '/api' })).rejects.toThrow(
    /GET \/api: cannot reach http:\/\/127.0.0.1:\d+: .*ECONNREFUSED/,
  );
});

test('a request without an answer ends', async () => {
  const { config } = await serve(() => {});
  const transport = new HttpsTransport(config, { answerTimeoutMs: 50 });
  closers.push(() => transport.close());
  await expect(transport.request({ method: 'GET', path: '/api' })).rejects.toThrow('no answer within 0.05 s');
});

test('401 asks the credential source anew, once', async () => {
  let token = 'old';
  const source: CredentialSource = {
    current: async () => ({ token }),
    refused: () => {
      token = 'new';
    },
  };
  let calls = 0;
  const { transport } = await serve((request, response) => {
    calls++;
    response.statusCode = request.headers.authorization === 'Bearer new' ? 200 : 401;
    response.end('ok');
  }, source);
  expect(await transport.request({ method: 'GET', path: '/readyz' })).toBe('ok');
  expect(calls).toBe(2);
});

test('a watch yields events across chunk and character boundaries, and finishes with the stream', async () => {
  const event = (name: string) => `${JSON.stringify({ type: 'ADDED', object: widget(name) })}\n`;
  const bytes = Buffer.from(event('ä€😀') + event('b'));
  const { client } = await serve(async (_request, response) => {
    for (const byte of bytes) {
      response.write(Buffer.of(byte));
      if (byte > 127) await new Promise((resolve) => setImmediate(resolve));
    }
    response.end();
  });
  const names: unknown[] = [];
  for await (const { object } of client(widgets).watch({ resourceVersion: '1' })) names.push(object.metadata?.name);
  expect(names).toEqual(['ä€😀', 'b']);
});

test('abort finishes a watch; a broken stream throws with its cause', async () => {
  let broken = false;
  const { client } = await serve((_request, response) => {
    response.write(`${JSON.stringify({ type: 'ADDED', object: widget('a') })}\n`, () => {
      if (broken) response.destroy();
    });
  });
  const abort = new AbortController();
  let events = 0;
  for await (const _ of client(widgets).watch({ signal: abort.signal })) {
    events++;
    abort.abort();
  }
  expect(events).toBe(1);
  broken = true;
  const error = await (async () => {
    for await (const _ of client(widgets).watch()) events++;
  })().catch((e: unknown) => e);
  expect(error).toBeInstanceOf(Error);
  expect((error as Error).message).toBe('GET /apis/example.com/v1/widgets: the watch broke off');
  expect((error as Error).cause).toBeInstanceOf(Error);
});

test('client certificates over TLS', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'virtplane-tls-'));
  closers.push(() => rm(directory, { recursive: true }));
  const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: directory, stdio: 'pipe' });
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  openssl('req', '-x509', ...newKey, '-keyout', 'ca.key', '-out', 'ca.crt', '-subj', '/CN=ca', '-days', '2');
  await writeFile(join(directory, 'san'), 'subjectAltName=IP:127.0.0.1');
  for (const [name, subject] of [
    ['server', '/CN=server'],
    ['client', '/O=system:masters/CN=admin'],
  ] as const) {
    openssl('req', ...newKey, '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', subject);
    openssl(
      'x509',
      '-req',
      '-in',
      `${name}.csr`,
      '-CA',
      'ca.crt',
      '-CAkey',
      'ca.key',
      '-CAcreateserial',
      '-out',
      `${name}.crt`,
      '-days',
      '2',
      '-extfile',
      'san',
    );
  }
  const read = (name: string) => readFile(join(directory, name), 'utf8');
  const ca = await read('ca.crt');
  const server = createTlsServer(
    { ca, key: await read('server.key'), cert: await read('server.crt'), requestCert: true },
    (request, response) => {
      const socket = request.socket as TLSSocket;
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ user: socket.getPeerCertificate().subject?.CN }));
    },
  );
  const port = await listen(server);
  const credentials = fixedCredential({
    clientCertificate: await read('client.crt'),
    clientKey: await read('client.key'),
  });
  const config: ClusterConfig = {
    server: `https://127.0.0.1:${port}`,
    certificateAuthority: ca,
    credentials,
    namespace: 'default',
  };
  const transport = new HttpsTransport(config);
  closers.push(() => transport.close());
  expect(await transport.request({ method: 'GET', path: '/whoami' })).toEqual({ user: 'admin' });
  const { certificateAuthority: _, ...untrusting } = config;
  const stranger = new HttpsTransport(untrusting);
  closers.push(() => stranger.close());
  await expect(stranger.request({ method: 'GET', path: '/whoami' })).rejects.toThrow(/cannot reach .*certificate/);
  const careless = new HttpsTransport({ ...untrusting, insecureSkipTlsVerify: true });
  closers.push(() => careless.close());
  expect(await careless.request({ method: 'GET', path: '/whoami' })).toEqual({ user: 'admin' });
  const broken = new HttpsTransport({
    ...config,
    certificateAuthority: 'nonsense',
    credentials: fixedCredential({ clientCertificate: 'x', clientKey: 'y' }),
  });
  await expect(broken.request({ method: 'GET', path: '/whoami' })).rejects.toThrow(
    /the certificates for https:.* cannot be used/,
  );
});

test('a WebSocket opens with its protocol, and a refused upgrade is a StatusError', async () => {
  const sockets = new WebSocketServer({ noServer: true });
  const server = createServer();
  server.on('upgrade', (request, socket, head) => {
    if (request.url?.startsWith('/refused')) {
      const status = JSON.stringify({
        kind: 'Status',
        status: 'Failure',
        message: 'VMI is not running',
        reason: 'Conflict',
        code: 409,
        metadata: {},
      });
      socket.end(
        `HTTP/1.1 409 Conflict\r\ncontent-type: application/json\r\ncontent-length: ${status.length}\r\nconnection: close\r\n\r\n${status}`,
      );
      return;
    }
    sockets.handleUpgrade(request, socket, head, (ws) =>
      ws.send(`${request.url} ${ws.protocol} ${request.headers.authorization}`),
    );
  });
  const port = await listen(server);
  const config: ClusterConfig = {
    server: `http://127.0.0.1:${port}`,
    credentials: fixedCredential({ token: 't' }),
    namespace: 'd',
  };
  const socket = await openWebSocket(config, '/console', { protocols: ['plain.kubevirt.io'], query: { a: '1' } });
  closers.push(() => socket.terminate());
  const [message] = await new Promise<[Buffer]>((resolve) => socket.once('message', (data: Buffer) => resolve([data])));
  expect(message.toString()).toBe('/console?a=1 plain.kubevirt.io Bearer t');
  const error = await openWebSocket(config, '/refused').catch((e: unknown) => e);
  expect(isStatusError(error, 'Conflict') && error.message).toBe('VMI is not running');
});

test('lines come out the same however the bytes are cut', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.string({ unit: 'grapheme' })),
      fc.array(fc.integer({ min: 1, max: 9 })),
      async (texts, cuts) => {
        const lines = texts.map((t) => JSON.stringify(t));
        const bytes = Buffer.from(lines.map((l) => `${l}\n`).join(''));
        async function* chunks() {
          let at = 0;
          for (let i = 0; at < bytes.length; i++) {
            const size = cuts.length === 0 ? bytes.length : (cuts[i % cuts.length] ?? 1);
            yield bytes.subarray(at, at + size);
            at += size;
          }
        }
        const out: string[] = [];
        for await (const line of readLines(chunks())) out.push(line);
        expect(out).toEqual(lines);
      },
    ),
  );
});
