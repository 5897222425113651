import { Event, isStatusError, type KubeObject } from '@virtplane/resources';
import type { Client } from './client.ts';
import type { Clock } from './clock.ts';
import type { EventRecorder } from './controller.ts';
import type { Logger } from './log.ts';
import { isNamespaceTerminating } from './refusals.ts';
import { timestamp } from './timestamp.ts';
import { Bucket } from './work-queue.ts';

export interface EventRecorderOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly log: Logger;
  /** Who speaks: `virt-controller`, `virt-handler`, `default-scheduler`. */
  readonly component: string;
  /** The node it speaks from. */
  readonly host?: string;
}

interface Known {
  readonly namespace: string;
  readonly name: string;
  readonly firstTimestamp: string;
  count: number;
}

interface Similar {
  readonly messages: Set<string>;
  sinceMs: number;
}

type EventType = 'Normal' | 'Warning';

const remembered = 4096;
const similarLimit = 10;
const similarWindowMs = 600_000;
/** Per object and component: 25 at once, then one in five minutes. */
const spam = { burst: 25, perSecond: 1 / 300 };
const longestQueue = 1000;
const attempts = 5;

/**
 * Records core/v1 Events in the background, in order. The same event again counts up by a patch instead of making another;
 * more than ten of one reason that differ only in their message within ten minutes are combined into one; an object that
 * floods is cut short. Never throws into its caller. Source: client-go record.EventCorrelator.
 */
export function createEventRecorder(options: EventRecorderOptions): EventRecorder {
  const { client, clock, component, host } = options;
  const log = options.log.child({ component });
  const events = client(Event);
  const known = new Map<string, Known>();
  const similar = new Map<string, Similar>();
  const buckets = new Map<string, Bucket>();
  let last: Promise<void> = Promise.resolve();
  let queued = 0;
  let serial = 0;

  const record = (about: KubeObject, type: EventType, reason: string, message: string): void => {
    const meta = about.metadata ?? {};
    const source = `${component}\0${host ?? ''}\0${about.kind}\0${meta.namespace ?? ''}\0${meta.name}\0${meta.uid ?? ''}`;
    if (!remember(buckets, source, () => new Bucket(spam.perSecond, spam.burst, clock)).take()) {
      log.debug('event dropped: too many about one object', { kind: about.kind, name: meta.name, reason });
      return;
    }
    if (queued >= longestQueue) {
      log.warn('event dropped: the server takes none', { kind: about.kind, name: meta.name, reason });
      return;
    }
    queued++;
    // Copied now: the caller may change or forget its object.
    const reference = {
      kind: about.kind ?? '',
      apiVersion: about.apiVersion ?? '',
      name: meta.name ?? '',
      ...(meta.namespace && { namespace: meta.namespace }),
      ...(meta.uid && { uid: meta.uid }),
      ...(meta.resourceVersion && { resourceVersion: meta.resourceVersion }),
    };
    const combined = combine(`${source}\0${type}\0${reason}`, message);
    const identity = `${source}\0${type}\0${reason}\0${combined.identity}`;
    const nowMs = clock.now();
    last = last
      .then(() => deliver(reference, identity, type, reason, combined.message, nowMs))
      .catch((error: unknown) => {
        if (isNamespaceTerminating(error)) return;
        log.warn('cannot record an event', { kind: reference.kind, name: reference.name, reason, error });
      })
      .finally(() => {
        queued--;
      });
  };

  const combine = (group: string, message: string): { identity: string; message: string } => {
    const nowMs = clock.now();
    const entry = remember(similar, group, () => ({ messages: new Set<string>(), sinceMs: nowMs }));
    if (nowMs - entry.sinceMs > similarWindowMs) {
      entry.messages.clear();
      entry.sinceMs = nowMs;
    }
    if (entry.messages.has(message)) return { identity: message, message };
    if (entry.messages.size >= similarLimit)
      return { identity: '\0combined', message: `(combined from similar events): ${message}` };
    entry.messages.add(message);
    return { identity: message, message };
  };

  const deliver = async (
    reference: { kind: string; apiVersion: string; name: string; namespace?: string },
    identity: string,
    type: EventType,
    reason: string,
    message: string,
    nowMs: number,
  ): Promise<void> => {
    const now = timestamp(nowMs);
    const old = known.get(identity);
    if (old) {
      try {
        await patiently(() => events.patch(old, 'merge', { count: old.count + 1, lastTimestamp: now, message }));
        old.count++;
        return;
      } catch (error) {
        // Events expire: what was counted up before starts anew.
        if (!isStatusError(error, 'NotFound')) throw error;
        known.delete(identity);
      }
    }
    const namespace = reference.namespace ?? 'default';
    const nanoseconds = BigInt(Math.trunc(nowMs)) * 1_000_000n + BigInt(serial++ % 1_000_000);
    const name = `${reference.name}.${nanoseconds.toString(16)}`;
    await patiently(() =>
      events.create({
        apiVersion: 'v1',
        kind: 'Event',
        metadata: { name, namespace },
        involvedObject: reference,
        reason,
        message: message.slice(0, 1024),
        type,
        count: 1,
        firstTimestamp: now,
        lastTimestamp: now,
        source: { component, ...(host && { host }) },
        reportingComponent: component,
        reportingInstance: host ?? '',
      }),
    );
    if (known.size >= remembered) known.delete(known.keys().next().value ?? '');
    known.set(identity, { namespace, name, firstTimestamp: now, count: 1 });
  };

  /** Refusals are final; an unreachable server is asked again. */
  const patiently = async <R>(act: () => Promise<R>): Promise<R> => {
    for (let attempt = 1; ; attempt++) {
      try {
        return await act();
      } catch (error) {
        if (attempt === attempts || (isStatusError(error) && error.code < 500 && error.code !== 429)) throw error;
        await new Promise<void>((resolve) => clock.after(1000 * 2 ** (attempt - 1), resolve));
      }
    }
  };

  return {
    normal: (about, reason, message) => record(about, 'Normal', reason, message),
    warning: (about, reason, message) => record(about, 'Warning', reason, message),
  };
}

/** An entry of a bounded map, made if absent; the oldest goes when there are too many. */
function remember<V>(map: Map<string, V>, key: string, make: () => V): V {
  let value = map.get(key);
  if (value === undefined) {
    if (map.size >= remembered) map.delete(map.keys().next().value ?? '');
    value = make();
    map.set(key, value);
  }
  return value;
}
