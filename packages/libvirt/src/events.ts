/**
 * libvirt's domain events as one typed union. A connection registers each kind once, however many listen; events of one
 * connection come in libvirt's order. Events may precede the reply of the call that caused them.
 */
import { callArguments, type LibvirtConnection } from './connection.ts';
import { type Domain, readDomain } from './domain-ref.ts';
import { LibvirtConnectionError } from './errors.ts';
import { eventId, procedure } from './protocol.ts';
import { parameterRecord, readTypedParameters } from './typed-parameters.ts';
import type { XdrReader } from './xdr.ts';

const lifecycleDetails = {
  defined: ['added', 'updated', 'renamed', 'fromSnapshot'],
  undefined: ['removed', 'renamed'],
  started: ['booted', 'migrated', 'restored', 'fromSnapshot', 'wakeup'],
  suspended: [
    'paused',
    'migrated',
    'ioError',
    'watchdog',
    'restored',
    'fromSnapshot',
    'apiError',
    'postcopy',
    'postcopyFailed',
  ],
  resumed: ['unpaused', 'migrated', 'fromSnapshot', 'postcopy', 'postcopyFailed'],
  stopped: ['shutdown', 'destroyed', 'crashed', 'migrated', 'saved', 'failed', 'fromSnapshot'],
  shutdown: ['finished', 'guest', 'host'],
  pmsuspended: ['memory', 'disk'],
  crashed: ['panicked', 'crashloaded'],
} as const;

type LifecycleDetails = typeof lifecycleDetails;
const lifecycleKinds = Object.keys(lifecycleDetails) as (keyof LifecycleDetails)[];

const watchdogActions = ['none', 'pause', 'reset', 'poweroff', 'shutdown', 'debug', 'injectNmi'] as const;
const ioErrorActions = ['none', 'pause', 'report'] as const;
const jobOperations = [
  'unknown',
  'start',
  'save',
  'restore',
  'migrationIn',
  'migrationOut',
  'snapshot',
  'snapshotRevert',
  'dump',
  'backup',
  'snapshotDelete',
] as const;

export type LifecycleEvent = {
  [K in keyof LifecycleDetails]: {
    kind: 'lifecycle';
    domain: Domain;
    event: K;
    detail: LifecycleDetails[K][number] | 'unknown';
  };
}[keyof LifecycleDetails];

export type DomainEvent =
  | LifecycleEvent
  | { kind: 'reboot'; domain: Domain }
  | { kind: 'watchdog'; domain: Domain; action: (typeof watchdogActions)[number] }
  | {
      kind: 'ioError';
      domain: Domain;
      sourcePath: string;
      deviceAlias: string;
      action: (typeof ioErrorActions)[number];
      /** QEMU's reason, e.g. `enospc`; empty when it gives none. */
      reason: string;
    }
  | {
      kind: 'agentLifecycle';
      domain: Domain;
      state: 'connected' | 'disconnected';
      reason: 'unknown' | 'domainStarted' | 'channel';
    }
  | {
      kind: 'jobCompleted';
      domain: Domain;
      operation: (typeof jobOperations)[number];
      values: Record<string, number | string | boolean>;
    }
  | { kind: 'migrationIteration'; domain: Domain; iteration: number }
  | { kind: 'deviceRemoved'; domain: Domain; deviceAlias: string };

const registrations = [
  eventId.lifecycle,
  eventId.reboot,
  eventId.watchdog,
  eventId.ioErrorReason,
  eventId.agentLifecycle,
  eventId.migrationIteration,
  eventId.jobCompleted,
  eventId.deviceRemoved,
];

/** @returns undefined for messages that are no domain event of the union. */
function decodeDomainEvent(procedureNumber: number, body: XdrReader): DomainEvent | undefined {
  switch (procedureNumber) {
    case procedure.domainEventLifecycle: {
      body.i32();
      const domain = readDomain(body);
      const event = lifecycleKinds[body.i32()];
      if (event === undefined) return undefined;
      const details: readonly string[] = lifecycleDetails[event];
      return { kind: 'lifecycle', domain, event, detail: details[body.i32()] ?? 'unknown' } as LifecycleEvent;
    }
    case procedure.domainEventReboot:
      body.i32();
      return { kind: 'reboot', domain: readDomain(body) };
    case procedure.domainEventWatchdog:
      body.i32();
      return { kind: 'watchdog', domain: readDomain(body), action: watchdogActions[body.i32()] ?? 'none' };
    case procedure.domainEventIoErrorReason:
      body.i32();
      return {
        kind: 'ioError',
        domain: readDomain(body),
        sourcePath: body.string(),
        deviceAlias: body.string(),
        action: ioErrorActions[body.i32()] ?? 'none',
        reason: body.string(),
      };
    case procedure.domainEventAgentLifecycle: {
      body.i32();
      const domain = readDomain(body);
      const state = body.i32() === 1 ? 'connected' : 'disconnected';
      const reason = (['unknown', 'domainStarted', 'channel'] as const)[body.i32()] ?? 'unknown';
      return { kind: 'agentLifecycle', domain, state, reason };
    }
    case procedure.domainEventMigrationIteration:
      body.i32();
      return { kind: 'migrationIteration', domain: readDomain(body), iteration: body.i32() };
    case procedure.domainEventJobCompleted: {
      body.i32();
      const domain = readDomain(body);
      const values = parameterRecord(readTypedParameters(body));
      return { kind: 'jobCompleted', domain, operation: jobOperations[Number(values.operation)] ?? 'unknown', values };
    }
    case procedure.domainEventDeviceRemoved:
      body.i32();
      return { kind: 'deviceRemoved', domain: readDomain(body), deviceAlias: body.string() };
    default:
      return undefined;
  }
}

/** A consumer that is this far behind has stopped consuming. */
const maxQueuedEvents = 10_000;

/**
 * The events of one connection. Iteration ends quietly after `close()`, and throws LibvirtConnectionError when the
 * connection ends: then reconnect, subscribe again and read the state of every domain, for events were missed.
 */
export class DomainEventStream implements AsyncIterableIterator<DomainEvent> {
  readonly #queue: DomainEvent[] = [];
  readonly #detach: (stream: DomainEventStream) => void;
  #waiting: { resolve(result: IteratorResult<DomainEvent>): void; reject(error: Error): void } | undefined;
  #failure: Error | undefined;
  #done = false;

  /** Made by `subscribeDomainEvents`. */
  constructor(detach: (stream: DomainEventStream) => void) {
    this.#detach = detach;
  }

  push(event: DomainEvent): void {
    if (this.#done || this.#failure) return;
    if (this.#waiting) {
      this.#waiting.resolve({ value: event, done: false });
      this.#waiting = undefined;
      return;
    }
    if (this.#queue.length >= maxQueuedEvents) {
      this.fail(new LibvirtConnectionError(`${maxQueuedEvents} libvirt events were not consumed; subscribe again`));
      return;
    }
    this.#queue.push(event);
  }

  fail(error: Error): void {
    if (this.#done || this.#failure) return;
    this.#failure = error;
    this.#detach(this);
    this.#waiting?.reject(error);
    this.#waiting = undefined;
  }

  close(): void {
    if (this.#done) return;
    this.#done = true;
    this.#queue.length = 0;
    this.#detach(this);
    this.#waiting?.resolve({ value: undefined, done: true });
    this.#waiting = undefined;
  }

  next(): Promise<IteratorResult<DomainEvent>> {
    const event = this.#queue.shift();
    if (event) return Promise.resolve({ value: event, done: false });
    if (this.#done) return Promise.resolve({ value: undefined, done: true });
    if (this.#failure) return Promise.reject(this.#failure);
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
    });
  }

  return(): Promise<IteratorResult<DomainEvent>> {
    this.close();
    return Promise.resolve({ value: undefined, done: true });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}

interface Hub {
  streams: Set<DomainEventStream>;
  registered: Promise<void>;
}

const hubs = new WeakMap<LibvirtConnection, Hub>();

/** Subscribes to every kind of the union, for all domains. What happens after this resolves is delivered. */
export async function subscribeDomainEvents(connection: LibvirtConnection): Promise<DomainEventStream> {
  let hub = hubs.get(connection);
  if (!hub) {
    const streams = new Set<DomainEventStream>();
    connection.onEvent((procedureNumber, body) => {
      const event = decodeDomainEvent(procedureNumber, body);
      if (event) for (const stream of streams) stream.push(event);
    });
    connection.onClose((error) => {
      for (const stream of [...streams]) stream.fail(error);
    });
    hub = { streams, registered: register(connection) };
    hubs.set(connection, hub);
  }
  const { streams, registered } = hub;
  const stream = new DomainEventStream((ended) => streams.delete(ended));
  streams.add(stream);
  try {
    await registered;
  } catch (error) {
    hubs.delete(connection);
    stream.close();
    throw error;
  }
  return stream;
}

async function register(connection: LibvirtConnection): Promise<void> {
  await Promise.all(
    registrations.map((id) =>
      connection.call(procedure.connectDomainEventCallbackRegisterAny, callArguments().i32(id).u32(0)),
    ),
  );
}
