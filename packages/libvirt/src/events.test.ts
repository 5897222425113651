import { afterEach, describe, expect, test } from 'vitest';
import { LibvirtConnection } from './connection.ts';
import { writeDomain } from './domain-ref.ts';
import { LibvirtConnectionError } from './errors.ts';
import { type DomainEvent, subscribeDomainEvents } from './events.ts';
import { messageType, procedure } from './protocol.ts';
import { type FakeCall, type FakeLibvirtd, startFakeLibvirtd } from './testing/fake-libvirtd.ts';
import { writeTypedParameters } from './typed-parameters.ts';
import type { XdrWriter } from './xdr.ts';

const domain = { name: 'ns_vm', uuid: '0a000000-0000-4000-8000-00000000000f', id: 3 };
let daemon: FakeLibvirtd | undefined;
let connection: LibvirtConnection | undefined;

/** Call 9000 sends the events, so that the test decides when. */
async function connected(events: (call: FakeCall) => void): Promise<LibvirtConnection> {
  let callbackId = 0;
  daemon = await startFakeLibvirtd((call) => {
    if (call.procedure === procedure.connectDomainEventCallbackRegisterAny) call.reply((w) => w.i32(callbackId++));
    else {
      events(call);
      call.reply();
    }
  });
  connection = await LibvirtConnection.connect({ socketPath: daemon.socketPath });
  return connection;
}

function emit(call: FakeCall, procedureNumber: number, fields: (writer: XdrWriter) => unknown): void {
  call.send({ procedure: procedureNumber, type: messageType.message }, (writer) => {
    fields(writeDomain(writer.i32(0), domain));
  });
}

afterEach(async () => {
  await connection?.close();
  await daemon?.close();
  connection = undefined;
  daemon = undefined;
});

const cases: [number, (writer: XdrWriter) => unknown, Partial<DomainEvent>][] = [
  [
    procedure.domainEventLifecycle,
    (w) => w.i32(5).i32(1),
    { kind: 'lifecycle', event: 'stopped', detail: 'destroyed' },
  ],
  [procedure.domainEventLifecycle, (w) => w.i32(2).i32(99), { kind: 'lifecycle', event: 'started', detail: 'unknown' }],
  [procedure.domainEventReboot, () => undefined, { kind: 'reboot' }],
  [procedure.domainEventWatchdog, (w) => w.i32(3), { kind: 'watchdog', action: 'poweroff' }],
  [
    procedure.domainEventIoErrorReason,
    (w) => w.string('/d.img').string('ua-root').i32(1).string('enospc'),
    { kind: 'ioError', sourcePath: '/d.img', deviceAlias: 'ua-root', action: 'pause', reason: 'enospc' },
  ],
  [
    procedure.domainEventAgentLifecycle,
    (w) => w.i32(1).i32(2),
    { kind: 'agentLifecycle', state: 'connected', reason: 'channel' },
  ],
  [procedure.domainEventMigrationIteration, (w) => w.i32(4), { kind: 'migrationIteration', iteration: 4 }],
  [
    procedure.domainEventJobCompleted,
    (w) =>
      writeTypedParameters(w, [
        { name: 'operation', type: 'int', value: 5 },
        { name: 'downtime', type: 'ullong', value: 57n },
      ]),
    { kind: 'jobCompleted', operation: 'migrationOut', values: { operation: 5, downtime: 57 } },
  ],
  [procedure.domainEventDeviceRemoved, (w) => w.string('ua-d'), { kind: 'deviceRemoved', deviceAlias: 'ua-d' }],
];

test.each(cases)('message %d is decoded', async (number, fields, expected) => {
  const open = await connected((call) => emit(call, number, fields));
  const events = await subscribeDomainEvents(open);
  await open.call(9000);
  expect((await events.next()).value).toEqual({ domain, ...expected });
});

describe('a subscription', () => {
  const lifecycle = (call: FakeCall) => emit(call, procedure.domainEventLifecycle, (w) => w.i32(4).i32(0));

  test('registers each kind once for all listeners, and each of them gets every event', async () => {
    const open = await connected(lifecycle);
    const [first, second] = await Promise.all([subscribeDomainEvents(open), subscribeDomainEvents(open)]);
    await open.call(9000);
    expect((await first.next()).value).toEqual((await second.next()).value);
    const registered = daemon!.calls.filter(
      ({ procedure: number }) => number === procedure.connectDomainEventCallbackRegisterAny,
    );
    expect(registered).toHaveLength(8);
  });

  test('ends quietly when closed', async () => {
    const open = await connected(lifecycle);
    const events = await subscribeDomainEvents(open);
    const seen: DomainEvent[] = [];
    const consumed = (async () => {
      for await (const event of events) seen.push(event);
    })();
    await open.call(9000);
    await expect.poll(() => seen.length).toBe(1);
    events.close();
    await consumed;
  });

  test('delivers what came before the end of the connection, then throws', async () => {
    const open = await connected((call) => {
      lifecycle(call);
      call.hangUp();
    });
    const events = await subscribeDomainEvents(open);
    await open.call(9000).catch(() => undefined);
    expect((await events.next()).value).toMatchObject({ kind: 'lifecycle' });
    await expect(events.next()).rejects.toBeInstanceOf(LibvirtConnectionError);
  });
});
