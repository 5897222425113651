import { afterEach, describe, expect, test } from 'vitest';
import { callArguments, LibvirtConnection } from './connection.ts';
import { findDomainByName, screenshotDomain } from './domain.ts';
import { isDomainGone, LibvirtConnectionError, LibvirtError, LibvirtTimeoutError } from './errors.ts';
import { messageStatus, messageType, procedure, program } from './protocol.ts';
import { connectWhenReady, LibvirtLink } from './reconnect.ts';
import { type FakeCall, type FakeLibvirtd, startFakeLibvirtd } from './testing/fake-libvirtd.ts';

const domain = { name: 'a', uuid: '00000000-0000-0000-0000-000000000001', id: 1 };
let daemon: FakeLibvirtd | undefined;
let connection: LibvirtConnection | undefined;

async function connected(answer: (call: FakeCall) => void): Promise<LibvirtConnection> {
  daemon = await startFakeLibvirtd(answer);
  connection = await LibvirtConnection.connect({ socketPath: daemon.socketPath });
  return connection;
}

afterEach(async () => {
  await connection?.close();
  await daemon?.close();
  connection = undefined;
  daemon = undefined;
});

describe('calls', () => {
  test('run in parallel and are matched by serial, whatever the order of the answers', async () => {
    const waiting: FakeCall[] = [];
    const open = await connected((call) => {
      waiting.push(call);
      if (waiting.length === 3) for (const each of waiting.reverse()) each.reply((w) => w.u32(each.procedure));
    });
    const answers = await Promise.all([101, 102, 103].map((number) => open.call(number)));
    expect(answers.map((reader) => reader.u32())).toEqual([101, 102, 103]);
  });

  test("an error carries libvirt's code, domain and words", async () => {
    const open = await connected((call) =>
      call.refuse(55, 10, 'Requested operation is not valid: domain is not running'),
    );
    const error = await open.call(procedure.domainSuspend).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(LibvirtError);
    expect(error).toMatchObject({
      code: 55,
      domain: 10,
      codeName: 'operationInvalid',
      message: 'Requested operation is not valid: domain is not running',
    });
    expect(isDomainGone(error)).toBe(true);
  });

  test('a code without a name is kept as a number', async () => {
    const open = await connected((call) => call.refuse(9999, 0, 'new'));
    await expect(open.call(5)).rejects.toMatchObject({ code: 9999, codeName: undefined });
  });

  test('a missing domain is undefined, not an error', async () => {
    const open = await connected((call) => call.refuse(42, 10, 'Domain not found'));
    expect(await findDomainByName(open, 'x')).toBeUndefined();
  });

  test('time out alone; the late answer disturbs nobody', async () => {
    let late: FakeCall | undefined;
    const open = await connected((call) => {
      if (call.procedure === 1001) late = call;
      else {
        late?.reply((w) => w.u32(0));
        call.reply((w) => w.u32(7));
      }
    });
    await expect(open.call(1001, undefined, { timeoutMs: 20 })).rejects.toBeInstanceOf(LibvirtTimeoutError);
    expect((await open.call(1002)).u32()).toBe(7);
  });

  test('are rejected when the daemon dies, and afterwards at once', async () => {
    const open = await connected((call) => call.hangUp());
    await expect(open.call(5)).rejects.toBeInstanceOf(LibvirtConnectionError);
    expect(open.isOpen).toBe(false);
    await expect(open.call(5)).rejects.toThrow(/closed the connection/);
  });

  test.each([
    ['an absurd length', Buffer.from('ffffffff00000000', 'hex')],
    ['a length below the header', Buffer.from('00000004', 'hex')],
  ])('%s ends the connection with a clear error', async (_name, bytes) => {
    const open = await connected((call) => call.sendRaw(bytes));
    await expect(open.call(5)).rejects.toThrow(/not libvirt RPC: a message of \d+ bytes/);
  });

  test('an error reply that ends early ends the connection, it does not crash the process', async () => {
    const open = await connected((call) => {
      const { serial } = call;
      call.send({ procedure: call.procedure, type: messageType.reply, serial, status: messageStatus.error });
    });
    await expect(open.call(5)).rejects.toThrow(/ends early/);
  });
});

test('keepalive pings are answered', async () => {
  const pongs: FakeCall[] = [];
  const open = await connected((call) => {
    if (call.program === program.keepAlive) pongs.push(call);
    else {
      call.send({ program: program.keepAlive, procedure: 1, type: messageType.message });
      call.reply();
    }
  });
  await open.call(5);
  await open.call(5);
  await expect.poll(() => pongs.length).toBeGreaterThan(0);
  expect(pongs[0]).toMatchObject({ procedure: 2, type: messageType.message });
});

describe('streams', () => {
  const picture = (call: FakeCall, bytes: number) => {
    if (call.type === messageType.stream) {
      call.send({ procedure: call.procedure, type: messageType.stream, serial: call.serial, status: messageStatus.ok });
      return;
    }
    const stream = {
      procedure: call.procedure,
      type: messageType.stream,
      serial: call.serial,
      status: messageStatus.continue,
    };
    call.reply((w) => w.optionalString('image/png'));
    for (let sent = 0; sent < bytes; sent += 1000) call.send(stream, (w) => w.fixed(Buffer.alloc(1000, 1)));
    call.send(stream);
  };

  test('a screenshot is gathered and the stream finished', async () => {
    const open = await connected((call) => picture(call, 5000));
    const { mimeType, data } = await screenshotDomain(open, domain);
    expect([mimeType, data.length]).toEqual(['image/png', 5000]);
  });

  test('a stream beyond its limit ends the connection', async () => {
    const open = await connected((call) => picture(call, 5000));
    await expect(open.download(211, callArguments(), { limitBytes: 3000 })).rejects.toThrow(/more than 3000 bytes/);
  });

  test('a refused call rejects once and leaves the connection usable', async () => {
    const open = await connected((call) => {
      if (call.procedure === procedure.domainScreenshot) call.refuse(55, 10, 'no');
      else call.reply();
    });
    await expect(screenshotDomain(open, domain)).rejects.toThrow('no');
    await open.call(5);
  });
});

describe('connecting', () => {
  test('nobody there: says where it looked', async () => {
    await expect(LibvirtConnection.connect({ socketPath: '/nonexistent/sock' })).rejects.toThrow(
      'No libvirtd answers at /nonexistent/sock (ENOENT)',
    );
  });

  test('waits for a daemon that is starting', async () => {
    const early = await startFakeLibvirtd(() => undefined);
    await early.close();
    await expect(connectWhenReady({ socketPath: early.socketPath, waitMs: 30 })).rejects.toBeInstanceOf(
      LibvirtConnectionError,
    );
  });

  test('a link reconnects after the end and shares one attempt', async () => {
    daemon = await startFakeLibvirtd((call) => (call.procedure === 5 ? call.hangUp() : call.reply()));
    const { socketPath, calls } = daemon;
    let attempts = 0;
    const link = new LibvirtLink(() => {
      attempts++;
      return LibvirtConnection.connect({ socketPath });
    });
    const [first, same] = await Promise.all([link.get(), link.get()]);
    expect(first).toBe(same);
    expect(attempts).toBe(1);
    await expect(first.call(5)).rejects.toBeInstanceOf(LibvirtConnectionError);
    const second = await link.get();
    expect(second).not.toBe(first);
    await second.call(6);
    expect(calls.filter((call) => call.procedure === 6)).toHaveLength(1);
    await link.close();
    await expect(link.get()).rejects.toThrow(/was closed/);
  });
});
