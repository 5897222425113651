import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:http2';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as tlsConnect } from 'node:tls';
import { gunzipSync } from 'node:zlib';
import type { ApiExtension, Logger } from '@virtplane/runtime';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createAuthenticator } from '../auth/authenticate.ts';
import type { Attributes } from '../auth/authorizer.ts';
import { ensurePki, type Pki } from '../bootstrap/pki.ts';
import { createDispatcher } from './dispatch.ts';
import { createListener, type Listener } from './listener.ts';
import type { ApiAnswer, ApiRequest, WatchSink } from './request.ts';
import { createServe } from './serve.ts';
import { createUpgrade } from './upgrade.ts';

const quiet: Logger = { debug() {}, info() {}, warn() {}, error() {}, child: () => quiet };

interface Answer {
  readonly code: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

let directory: string;
let pki: Pki;
let listener: Listener;
let port: number;
let answer: (request: ApiRequest) => Promise<ApiAnswer> | ApiAnswer;
const asked: Attributes[] = [];

const extension: ApiExtension = {
  group: 'subresources.test',
  versions: ['v1'],
  resources: () => [],
  handle: async ({ segments, body, user }) => ({
    code: 202,
    body: JSON.stringify({ segments, body: body.toString(), user: user.username }),
  }),
  async upgrade({ segments }, raw, socket) {
    socket.end(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nX-Protocol: ${raw.headers['sec-websocket-protocol']}\r\n\r\n${segments.join('/')}`,
    );
  },
};

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'virtplane-front-'));
  pki = await ensurePki(directory, ['localhost', '127.0.0.1']);
  const authenticator = createAuthenticator({
    staticToken: (token) => (token === 'good' ? { username: 'bob', groups: [] } : undefined),
    serviceAccounts: {
      issue: () => {
        throw new Error('not asked for here');
      },
      verify: () => undefined,
      jwks: { keys: [] },
    },
    bootstrapToken: () => undefined,
  });
  const authorizer = {
    authorize(a: Attributes) {
      asked.push(a);
      return { allowed: a.user.username !== 'system:anonymous' || a.path === '/version', reason: '' };
    },
  };
  const dispatcher = createDispatcher({
    authorizer,
    extensions: [extension],
    serves: (group, version) => group === '' && version === 'v1',
    paths: (path) => (path === '/version' ? { kind: 'object', code: 200, object: { major: '1' } } : undefined),
    virtual: [],
    core: async (r) => answer(r),
  });
  const pipeline = { authenticator, authorizer, dispatcher, log: quiet };
  listener = createListener({
    context: { ...pki.serving, ca: pki.caCert },
    onRequest: createServe(pipeline),
    onUpgrade: createUpgrade(pipeline),
    log: quiet,
  });
  port = await listener.listen(0, '127.0.0.1');
});

afterAll(async () => {
  await listener.close(0);
  rmSync(directory, { recursive: true, force: true });
});

interface Ask {
  readonly method?: string;
  readonly path: string;
  readonly headers?: Record<string, string>;
  readonly body?: string | Buffer;
  /** Present a client certificate. */
  readonly client?: { readonly cert: string; readonly key: string };
}

const bob = { authorization: 'Bearer good' };

const http1 = ({ method = 'GET', path, headers = bob, body, client }: Ask): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const r = request(
      { host: '127.0.0.1', port, method, path, headers, ca: pki.caCert, agent: false, ...client },
      (res) => {
        const chunks: Buffer[] = [];
        res.on('data', (c: Buffer) => chunks.push(c));
        res.on('end', () => resolve({ code: res.statusCode ?? 0, headers: res.headers, body: Buffer.concat(chunks) }));
        res.on('error', reject);
      },
    );
    r.on('error', reject);
    r.end(body);
  });

const http2 = ({ method = 'GET', path, headers = bob, body, client }: Ask): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const session = connect(`https://127.0.0.1:${port}`, { ca: pki.caCert, ...client });
    session.on('error', reject);
    const stream = session.request({ ':method': method, ':path': path, ...headers }, { endStream: body === undefined });
    const chunks: Buffer[] = [];
    let got: Record<string, string | string[] | undefined> = {};
    stream.on('response', (h) => {
      got = h as typeof got;
    });
    stream.on('data', (c: Buffer) => chunks.push(c));
    stream.on('end', () => {
      session.close();
      resolve({ code: Number(got[':status']), headers: got, body: Buffer.concat(chunks) });
    });
    stream.on('error', reject);
    if (body !== undefined) stream.end(body);
  });

describe.each([
  ['HTTP/1.1', http1],
  ['HTTP/2', http2],
])('%s', (_name, ask) => {
  test('a request reaches the registry with what it says', async () => {
    answer = ({ method, info, user, body, accept, query }) => ({
      kind: 'object',
      code: 201,
      object: {
        method,
        verb: info.verb,
        user: user.username,
        groups: user.groups,
        body: body.kind === 'bytes' ? body.bytes.toString() : body.kind,
        type: body.contentType,
        format: accept.format,
        dryRun: query.get('dryRun'),
      },
    });
    const { code, headers, body } = await ask({
      method: 'POST',
      path: '/api/v1/namespaces/a/pods?dryRun=All',
      headers: { ...bob, 'content-type': 'application/json' },
      body: '{"a":1}',
    });
    expect(code).toBe(201);
    expect(JSON.parse(body.toString())).toEqual({
      method: 'POST',
      verb: 'create',
      user: 'bob',
      groups: ['system:authenticated'],
      body: '{"a":1}',
      type: 'application/json',
      format: 'json',
      dryRun: 'All',
    });
    expect(headers).toMatchObject({ 'content-type': 'application/json', 'cache-control': 'no-cache, private' });
    expect(headers['audit-id']).toMatch(/^[0-9a-f-]{36}$/);
  });

  test('warnings, once each', async () => {
    answer = ({ warn }) => {
      warn('old ä');
      warn('old ä');
      warn('other');
      return { kind: 'object', code: 200, object: {} };
    };
    const { headers } = await ask({ path: '/api/v1/pods' });
    const values = [headers.warning].flat().join(', ');
    expect(Buffer.from(values, 'latin1').toString()).toBe('299 - "old ä", 299 - "other"');
  });

  test('client certificates say who asks; a wrong token is 401, none is anonymous', async () => {
    answer = ({ user }) => ({ kind: 'object', code: 200, object: user });
    const admin = await ask({ path: '/api/v1/pods', headers: {}, client: pki.admin });
    expect(JSON.parse(admin.body.toString())).toEqual({
      username: 'kubernetes-admin',
      groups: ['system:masters', 'system:authenticated'],
    });
    const wrong = await ask({ path: '/api/v1/pods', headers: { authorization: 'Bearer bad' } });
    expect(wrong.code).toBe(401);
    expect(JSON.parse(wrong.body.toString())).toMatchObject({
      reason: 'Unauthorized',
      message: 'Unauthorized',
      code: 401,
    });
    expect(wrong.headers['x-content-type-options']).toBeUndefined();
    const anonymous = await ask({ path: '/api/v1/pods', headers: {} });
    expect(anonymous.code).toBe(403);
    expect(anonymous.headers['x-content-type-options']).toBe('nosniff');
    expect(JSON.parse(anonymous.body.toString()).message).toBe(
      'pods is forbidden: User "system:anonymous" cannot list resource "pods" in API group "" at the cluster scope',
    );
    expect((await ask({ path: '/version', headers: {} })).code).toBe(200);
  });

  test('a certificate of somebody else is 401, unless a token speaks for itself', async () => {
    const stranger = await ensurePki(join(directory, 'stranger'), ['localhost']);
    const refused = await ask({ path: '/version', headers: {}, client: stranger.admin });
    expect(refused.code).toBe(401);
    expect((await ask({ path: '/version', headers: bob, client: stranger.admin })).code).toBe(200);
    // A certificate for servers does not make a client.
    expect((await ask({ path: '/version', headers: {}, client: pki.serving })).code).toBe(401);
  });

  test('paths that belong to nothing', async () => {
    const unknown = await ask({ path: '/foo' });
    expect([unknown.code, unknown.body.toString(), unknown.headers['content-type']]).toEqual([
      404,
      '404 page not found\n',
      'text/plain; charset=utf-8',
    ]);
    expect((await ask({ path: '/apis/foo.io/v1/bars' })).body.toString()).toBe('404 page not found\n');
    expect(JSON.parse((await ask({ path: '/api//v1/namespaces' })).body.toString())).toMatchObject({
      message: 'the server could not find the requested resource',
      details: {},
      code: 404,
    });
    expect(JSON.parse((await ask({ path: '/api/v1/namespaces/%2e%2e' })).body.toString())).toMatchObject({
      code: 400,
      message: 'Name parameter invalid: "..": may not be \'..\'',
    });
    for (const method of ['HEAD', 'OPTIONS']) expect((await ask({ method, path: '/api/v1/pods' })).code).toBe(405);
    expect((await ask({ path: '/api/v1/pods', headers: { ...bob, accept: 'application/xml' } })).code).toBe(406);
  });

  test('long lists come in pieces, compressed when asked for', async () => {
    const piece = Buffer.from('"0123456789abcdef"'.repeat(5000));
    const pieces = Array.from({ length: 30 }, () => piece);
    answer = () => ({ kind: 'json', code: 200, pieces });
    const plain = await ask({ path: '/api/v1/pods' });
    expect(plain.body.equals(Buffer.concat([...pieces, Buffer.from('\n')]))).toBe(true);
    expect(plain.headers['content-length']).toBe(String(plain.body.length));
    const packed = await ask({ path: '/api/v1/pods', headers: { ...bob, 'accept-encoding': 'gzip' } });
    expect(packed.headers['content-encoding']).toBe('gzip');
    expect(packed.body.length).toBeLessThan(plain.body.length / 10);
    expect(gunzipSync(packed.body).equals(plain.body)).toBe(true);
  });

  test('pretty and YAML', async () => {
    answer = () => ({ kind: 'json', code: 200, pieces: [Buffer.from('{"a":[1],'), Buffer.from('"b":"x"}')] });
    expect((await ask({ path: '/api/v1/pods?pretty=true' })).body.toString()).toBe(
      '{\n  "a": [\n    1\n  ],\n  "b": "x"\n}\n',
    );
    const yaml = await ask({ path: '/api/v1/pods', headers: { ...bob, accept: 'application/yaml' } });
    expect([yaml.headers['content-type'], yaml.body.toString()]).toEqual(['application/yaml', 'a:\n  - 1\nb: x\n']);
  });

  test('bodies over 3 MiB are refused', async () => {
    answer = () => ({ kind: 'object', code: 200, object: {} });
    const { code, body } = await ask({ method: 'POST', path: '/api/v1/pods', body: Buffer.alloc(3 * 1024 * 1024 + 1) });
    expect(code).toBe(413);
    expect(JSON.parse(body.toString())).toMatchObject({
      reason: 'RequestEntityTooLarge',
      message: 'Request entity too large: limit is 3145728',
    });
  });

  test('what fails inside is a 500 without a stack', async () => {
    answer = () => {
      throw new Error('boom');
    };
    const { code, body } = await ask({ path: '/api/v1/pods' });
    expect(code).toBe(500);
    expect(JSON.parse(body.toString()).message).toBe('Internal error occurred: boom');
  });

  test('the deadline is a 504 and aborts the work', async () => {
    let aborted = false;
    answer = ({ signal }) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => {
          aborted = true;
          reject(signal.reason);
        });
      });
    const { code, body } = await ask({ method: 'DELETE', path: '/api/v1/namespaces/a/pods/p?timeout=30ms' });
    expect([code, JSON.parse(body.toString()).reason, aborted]).toEqual([504, 'Timeout', true]);
    expect((await ask({ path: '/api/v1/pods?timeout=x' })).code).toBe(400);
  });

  test('extensions get segments and body', async () => {
    const { code, body } = await ask({
      method: 'PUT',
      path: '/apis/subresources.test/v1/namespaces/a/virtualmachines/v/start',
      body: '{}',
    });
    expect([code, JSON.parse(body.toString())]).toEqual([
      202,
      { segments: ['namespaces', 'a', 'virtualmachines', 'v', 'start'], body: '{}', user: 'bob' },
    ]);
    expect(asked.at(-1)).toMatchObject({
      verb: 'update',
      resource: 'virtualmachines',
      subresource: 'start',
      name: 'v',
    });
  });

  test('a watch sends headers at once, events as they come, and stops when the peer goes', async () => {
    let sink: WatchSink | undefined;
    const stopped = new Promise<void>((resolve) => {
      answer = () => ({
        kind: 'watch',
        start(s) {
          sink = s;
          return resolve;
        },
      });
    });
    const path = '/api/v1/pods?watch=1';
    const first = new Promise<string>((resolve, reject) => {
      if (ask === http1) {
        const r = request({ host: '127.0.0.1', port, path, headers: bob, ca: pki.caCert, agent: false }, (res) => {
          sink?.write(Buffer.from('{"type":"ADDED"}\n'));
          res.on('data', (c: Buffer) => {
            resolve(c.toString());
            r.destroy();
          });
        });
        r.on('error', reject);
        r.end();
      } else {
        const session = connect(`https://127.0.0.1:${port}`, { ca: pki.caCert });
        const stream = session.request({ ':path': path, ...bob });
        stream.on('response', () => sink?.write(Buffer.from('{"type":"ADDED"}\n')));
        stream.on('data', (c: Buffer) => {
          resolve(c.toString());
          session.destroy();
        });
        stream.on('error', reject);
      }
    });
    expect(await first).toBe('{"type":"ADDED"}\n');
    await stopped;
    expect(sink?.queuedBytes).toBe(0);
  });
});

/** Everything that the server says to an upgrade, without ALPN as Go's WebSocket clients come. */
const upgrade = (path: string, headers: Record<string, string>): Promise<string> =>
  new Promise((resolve, reject) => {
    const socket = tlsConnect({ host: '127.0.0.1', port, ca: pki.caCert, servername: 'localhost' }, () => {
      const lines = Object.entries({ Connection: 'Upgrade', Upgrade: 'websocket', Host: 'localhost', ...headers });
      socket.write(`GET ${path} HTTP/1.1\r\n${lines.map(([k, v]) => `${k}: ${v}`).join('\r\n')}\r\n\r\n`);
    });
    let text = '';
    socket.on('data', (c: Buffer) => {
      text += c.toString();
    });
    socket.on('end', () => resolve(text));
    socket.on('error', reject);
  });

describe('upgrades', () => {
  const console = '/apis/subresources.test/v1/namespaces/a/virtualmachineinstances/v/console';
  const bearer = `base64url.bearer.authorization.k8s.io.${Buffer.from('good').toString('base64url')}`;

  test('reach the extension, also with a token among the protocols, which is not echoed', async () => {
    const text = await upgrade(console, { 'Sec-WebSocket-Protocol': `${bearer}, plain.kubevirt.io` });
    expect(text).toMatch(/^HTTP\/1\.1 101 /);
    expect(text).toContain('X-Protocol: plain.kubevirt.io\r\n');
    expect(text.endsWith('namespaces/a/virtualmachineinstances/v/console')).toBe(true);
  });

  test.each([
    ['403', console, {}],
    ['401', console, { 'Sec-WebSocket-Protocol': bearer }],
    ['401', console, { Authorization: 'Bearer bad' }],
    ['404', '/api/v1/pods?watch=1', { Authorization: 'Bearer good' }],
    ['400', console, { Authorization: 'Bearer good', Upgrade: 'SPDY/3.1' }],
    ['400', '/api/v1/namespaces/%zz', { Authorization: 'Bearer good' }],
  ])('%s is a whole HTTP answer (%s %o)', async (code, path, headers) => {
    const text = await upgrade(path, headers);
    expect(text.startsWith(`HTTP/1.1 ${code} `)).toBe(true);
    expect(JSON.parse(text.slice(text.indexOf('\r\n\r\n')))).toMatchObject({ kind: 'Status', code: Number(code) });
  });
});

test('a port that is taken is one clear sentence', async () => {
  const second = createListener({
    context: { ...pki.serving, ca: pki.caCert },
    onRequest: () => undefined,
    onUpgrade: () => undefined,
    log: quiet,
  });
  await expect(second.listen(port, '127.0.0.1')).rejects.toThrow(
    `port 127.0.0.1:${port} is taken by another process: stop it or choose another port`,
  );
});
