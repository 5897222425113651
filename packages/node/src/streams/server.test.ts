import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request as httpsRequest } from 'node:https';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '@virtplane/runtime';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import type { GuestAccess, GuestEndpoint } from './guest-access.ts';
import { vmiConflict } from './refusals.ts';
import { SerialConsole } from './serial-console.ts';
import { type StreamServer, startStreamServer } from './server.ts';

const directory = mkdtempSync(join(tmpdir(), 'streams-'));
const pem = (name: string): string => readFileSync(join(directory, name), 'utf8');
const openssl = (...args: string[]): void => void execFileSync('openssl', args, { cwd: directory, stdio: 'ignore' });
const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];

function issue(name: string, subject: string, ca = 'ca'): void {
  openssl('req', ...newKey, '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', subject);
  writeFileSync(join(directory, 'san'), 'subjectAltName=IP:127.0.0.1\n');
  openssl(
    'x509',
    '-req',
    '-in',
    `${name}.csr`,
    '-CA',
    `${ca}.crt`,
    '-CAkey',
    `${ca}.key`,
    '-CAcreateserial',
    '-days',
    '1',
    '-extfile',
    'san',
    '-out',
    `${name}.crt`,
  );
}

beforeAll(() => {
  for (const ca of ['ca', 'strangers'])
    openssl('req', '-x509', ...newKey, '-keyout', `${ca}.key`, '-out', `${ca}.crt`, '-subj', `/CN=${ca}`, '-days', '1');
  issue('server', '/CN=node1');
  issue('api', '/CN=virtplane:virt-api');
  issue('admin', '/O=system:masters/CN=admin');
  issue('node', '/O=system:nodes/CN=system:node:other');
  issue('forged', '/CN=virtplane:virt-api', 'strangers');
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const quiet = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => quiet,
};

let stops: (() => unknown)[] = [];
let server: StreamServer;
let serialServer: Server;
let guestSide: Promise<Socket>;
let serial: SerialConsole;
let guests: Record<string, Partial<GuestEndpoint>>;
let acted: unknown[];

const listening = (listen: (done: () => void) => void): Promise<void> => new Promise((resolve) => listen(resolve));

beforeEach(async () => {
  stops = [];
  serialServer = createServer();
  const path = join(directory, 'serial');
  await listening((done) => serialServer.listen(path, done));
  guestSide = new Promise((resolve) => serialServer.once('connection', resolve));
  serial = new SerialConsole(path, systemClock, quiet);
  acted = [];
  guests = {
    vm1: { serial },
    starting: { phase: 'Scheduled' },
    dead: { phase: 'Failed' },
    paused: { paused: true, hasInterfaces: true },
  };
  const access: GuestAccess = {
    find: (namespace, name) => {
      const guest = namespace === 'ns' ? guests[name] : undefined;
      return guest && { uid: name, phase: 'Running', paused: false, hasInterfaces: false, ...guest };
    },
    act: async (...args) => {
      if (args[1] === 'paused') throw vmiConflict('paused', 'VMI is already paused');
      acted.push(args);
    },
    report: async () => ({ hostname: 'h' }),
    screenshot: async () => Buffer.from('png'),
    podLog: async (_, pod) => (pod === 'p' ? 'log' : undefined),
  };
  server = await startStreamServer({
    certificate: pem('server.crt'),
    key: pem('server.key'),
    clientCertificateAuthority: pem('ca.crt'),
    address: '127.0.0.1',
    port: 0,
    guests: access,
    clock: systemClock,
    log: quiet,
  });
});
afterEach(async () => {
  for (const stop of stops) await stop();
  await server.stop();
  serial.close();
  await new Promise((resolve) => serialServer.close(resolve));
});

const identity = (name: string) => ({ cert: pem(`${name}.crt`), key: pem(`${name}.key`), ca: pem('ca.crt') });
const base = '/v1/namespaces/ns/virtualmachineinstances';

function call(method: string, path: string, body?: string, as = 'api'): Promise<{ code: number; body: string }> {
  return new Promise((resolve, reject) => {
    const request = httpsRequest(
      { host: '127.0.0.1', port: server.port, method, path, ...identity(as) },
      (response) => {
        let text = '';
        response.on('data', (part) => {
          text += part;
        });
        response.on('end', () => resolve({ code: response.statusCode ?? 0, body: text }));
      },
    );
    request.on('error', reject);
    request.end(body);
  });
}

interface Client {
  readonly socket: WebSocket;
  text(): string;
  readonly closed: Promise<number>;
}

function open(path: string, as = 'api'): Promise<Client> {
  const socket = new WebSocket(`wss://127.0.0.1:${server.port}${base}/${path}`, ['plain.kubevirt.io'], identity(as));
  stops.push(() => socket.terminate());
  let text = '';
  socket.on('message', (data, binary) => {
    if (binary) text += data.toString();
  });
  const closed = new Promise<number>((resolve) => socket.on('close', resolve));
  return new Promise((resolve, reject) => {
    socket.on('open', () => resolve({ socket, text: () => text, closed }));
    socket.on('unexpected-response', (_, response) => {
      let body = '';
      response.on('data', (part) => {
        body += part;
      });
      response.on('end', () =>
        reject(new Error(`${response.statusCode} ${(JSON.parse(body) as { message: string }).message}`)),
      );
    });
    socket.on('error', reject);
  });
}

describe('who may connect', () => {
  test.each(['api', 'admin'])('%s', async (as) => {
    expect((await call('GET', `${base}/vm1/guestosinfo`, undefined, as)).code).toBe(200);
  });
  test('not another node', async () => {
    expect(await call('GET', `${base}/vm1/guestosinfo`, undefined, 'node')).toMatchObject({ code: 403 });
    await expect(open('vm1/console', 'node')).rejects.toThrow('403');
  });
  test('not a certificate of another authority', async () => {
    await expect(call('GET', `${base}/vm1/guestosinfo`, undefined, 'forged')).rejects.toThrow();
  });
});

describe('a renewed certificate', () => {
  const works = async () => expect((await call('GET', `${base}/vm1/guestosinfo`)).code).toBe(200);
  test('is used from then on', async () => {
    server.renew(pem('server.crt'), pem('server.key'));
    await works();
  });
  test.each([
    ['an empty file', () => ['', pem('server.key')]],
    ['the key of another', () => [pem('server.crt'), pem('api.key')]],
  ])('that is %s is refused, and the old one stays', async (_, pair) => {
    const [certificate = '', key = ''] = pair();
    expect(() => server.renew(certificate, key)).toThrow();
    await works();
  });
});

describe('console', () => {
  test('both ways, with what was printed before', async () => {
    const guest = await guestSide;
    guest.write('booting ');
    await vi.waitFor(() => expect(serial.recent().toString()).toBe('booting '));
    const client = await open('vm1/console');
    expect(client.socket.protocol).toBe('plain.kubevirt.io');
    guest.write('login: ');
    await vi.waitFor(() => expect(client.text()).toBe('booting login: '));
    const typed: string[] = [];
    guest.on('data', (bytes) => typed.push(bytes.toString()));
    client.socket.send('ignored text frame');
    client.socket.send(Buffer.from('root\n'));
    await vi.waitFor(() => expect(typed.join('')).toBe('root\n'));
  });

  test('a second one closes the first, a shared one does not', async () => {
    const guest = await guestSide;
    const first = await open('vm1/console');
    const second = await open('vm1/console?shared=true');
    const third = await open('vm1/console');
    expect(await first.closed).not.toBe(1000);
    expect(await second.closed).not.toBe(1000);
    guest.write('x');
    await vi.waitFor(() => expect(third.text()).toBe('x'));
  });

  test('ends when the guest ends', async () => {
    const client = await open('vm1/console');
    serial.close();
    expect(await client.closed).toBe(1000);
  });

  test.each([
    ['nope', '404 virtualmachineinstance.kubevirt.io "nope" not found'],
    ['starting', '400 Unable to connect to VirtualMachineInstance because phase is Scheduled instead of Running'],
    ['dead', '409 Operation cannot be fulfilled on virtualmachineinstance.kubevirt.io "dead": VMI is in failed status'],
    ['paused', '400 No serial consoles are present.'],
  ])('of %s is refused before the upgrade', async (name, text) => {
    await expect(open(`${name}/console`)).rejects.toThrow(text);
  });

  test('a client that does not read is ended and the guest goes on', async () => {
    const guest = await guestSide;
    const client = await open('vm1/console');
    client.socket.pause();
    const block = Buffer.alloc(256 * 1024, 'y');
    let sent = 0;
    const pump = (): void => {
      let more = true;
      while (more && sent < 64) {
        more = guest.write(block);
        sent++;
      }
      if (sent < 64) guest.once('drain', pump);
    };
    pump();
    await vi.waitFor(() => expect(sent).toBe(64), { timeout: 10_000 });
    client.socket.resume();
    expect(await client.closed).not.toBe(1000);
  });
});

describe('vnc', () => {
  const display = async (): Promise<{ received: string[] }> => {
    const path = join(directory, 'vnc');
    const received: string[] = [];
    const vnc = createServer((socket) => {
      socket.write('RFB 003.008\n');
      socket.on('data', (bytes) => received.push(bytes.toString('latin1')));
      socket.on('error', () => undefined);
    });
    await listening((done) => vnc.listen(path, done));
    stops.push(() => vnc.close());
    guests.vm1 = { vncSocketPath: path };
    return { received };
  };

  test('is joined, always as a shared viewer towards QEMU', async () => {
    const { received } = await display();
    const client = await open('vm1/vnc');
    await vi.waitFor(() => expect(client.text()).toBe('RFB 003.008\n'));
    client.socket.send(Buffer.from('RFB 003.008\n\x01\x00', 'latin1'));
    await vi.waitFor(() => expect(received.join('')).toBe('RFB 003.008\n\x01\x01'));
  });

  test('preserveSession refuses, without it the older one goes', async () => {
    await display();
    const first = await open('vm1/vnc');
    await expect(open('vm1/vnc?preserveSession=true')).rejects.toThrow('503 Active VNC connection. Request denied.');
    await open('vm1/vnc?shared=true');
    expect(first.socket.readyState).toBe(WebSocket.OPEN);
    await open('vm1/vnc');
    expect(await first.closed).not.toBe(1000);
  });

  test('without a display, or with a broken one', async () => {
    await expect(open('vm1/vnc')).rejects.toThrow('400 No graphics devices are present.');
    guests.vm1 = { vncSocketPath: join(directory, 'nothing') };
    await expect(open('vm1/vnc')).rejects.toThrow("500 Internal error occurred: the guest's display cannot be reached");
  });
});

describe('port-forward', () => {
  test('tcp both ways, and a closed port is refused before the upgrade', async () => {
    const echo = createServer((socket) => socket.pipe(socket));
    await listening((done) => echo.listen(0, '127.0.0.1', done));
    const { port } = echo.address() as { port: number };
    guests.vm1 = { hasInterfaces: true, ipAddress: '127.0.0.1' };
    const client = await open(`vm1/portforward/${port}/tcp`);
    client.socket.send(Buffer.from('hello'));
    await vi.waitFor(() => expect(client.text()).toBe('hello'));
    client.socket.close();
    await client.closed;
    await new Promise((resolve) => echo.close(resolve));
    await expect(open(`vm1/portforward/${port}`)).rejects.toThrow(
      `500 Internal error occurred: dialing VM: dial tcp 127.0.0.1:${port}: connect: connection refused`,
    );
  });

  test('udp, a datagram a frame', async () => {
    const { createSocket } = await import('node:dgram');
    const echo = createSocket('udp4');
    await listening((done) => echo.bind(0, '127.0.0.1', done));
    stops.push(() => echo.close());
    echo.on('message', (bytes, from) => echo.send(bytes, from.port, from.address));
    guests.vm1 = { hasInterfaces: true, ipAddress: '127.0.0.1' };
    const client = await open(`vm1/portforward/${echo.address().port}/udp`);
    client.socket.send(Buffer.from('ping'));
    await vi.waitFor(() => expect(client.text()).toBe('ping'));
  });

  test.each([
    [
      'paused/portforward/22',
      '409 Operation cannot be fulfilled on virtualmachineinstance.kubevirt.io "paused": VMI is paused',
    ],
    ['vm1/portforward/22', '400 no network interfaces are present'],
    ['vm1/portforward/x', '404 the server could not find the requested resource'],
  ])('%s is refused', async (path, text) => {
    await expect(open(path)).rejects.toThrow(text);
  });
});

describe('verbs and reports', () => {
  test('are handed on with their bodies', async () => {
    expect((await call('PUT', `${base}/vm1/freeze`, '{"unfreezeTimeout":"5m"}')).code).toBe(200);
    expect((await call('PUT', `${base}/vm1/pause`)).code).toBe(200);
    expect(acted).toEqual([
      ['ns', 'vm1', 'freeze', { unfreezeTimeout: '5m' }],
      ['ns', 'vm1', 'pause', undefined],
    ]);
    expect(await call('GET', `${base}/vm1/guestosinfo`)).toEqual({ code: 200, body: '{"hostname":"h"}' });
    expect(await call('GET', `${base}/vm1/vnc/screenshot`)).toEqual({ code: 200, body: 'png' });
    expect(await call('GET', '/v1/namespaces/ns/pods/p/log')).toEqual({ code: 200, body: 'log' });
  });

  test.each([
    ['PUT', 'paused/pause', undefined, 409],
    ['PUT', 'vm1/pause', '{', 400],
    ['GET', 'vm1/pause', undefined, 405],
    ['PUT', 'vm1/guestosinfo', undefined, 405],
    ['GET', 'vm1/nope', undefined, 404],
    ['GET', 'vm1/console', undefined, 400],
  ])('%s %s is refused with a Status', async (method, path, body, code) => {
    const answer = await call(method, `${base}/${path}`, body);
    expect(answer.code).toBe(code);
    expect(JSON.parse(answer.body)).toMatchObject({ kind: 'Status', code });
  });
});
