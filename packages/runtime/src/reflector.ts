import type { KubeList, KubeObject, Status } from '@virtplane/resources';
import { isStatusError, StatusError } from '@virtplane/resources';
import { BackOff, pause } from './back-off.ts';
import type { ListOptions, WatchOptions } from './client.ts';
import type { Clock } from './clock.ts';
import type { Logger } from './log.ts';
import { isExpired } from './refusals.ts';
import type { WatchEvent } from './transport.ts';

/** Where a reflector gets its objects from: `client(Pod)` is one. */
export interface ListWatch<T extends KubeObject> {
  list(options?: ListOptions): Promise<KubeList<T>>;
  watch(options?: WatchOptions): AsyncIterable<WatchEvent<T>>;
}

export interface ReflectorSink<T extends KubeObject> {
  /** The whole state of the server; what is not in it is gone. */
  replace(objects: readonly T[]): void;
  upsert(object: T): void;
  remove(object: T): void;
}

export interface ReflectorOptions<T extends KubeObject> {
  /** For log lines: `pods`. */
  readonly name: string;
  readonly source: ListWatch<T>;
  readonly sink: ReflectorSink<T>;
  readonly clock: Clock;
  readonly log: Logger;
  readonly signal: AbortSignal;
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  /** Applied to each object on receipt, so that only what is needed is ever held. */
  readonly transform?: (object: T) => T;
}

const pageSize = 500;
const watchSeconds = { least: 300, spread: 300 };
/** A stream that ended without a word this soon is a server in trouble. */
const tooShortMs = 1000;

/**
 * Keeps a sink equal to the server's state until `signal` aborts: pages through a list, then watches from its resource
 * version with bookmarks. A stream's end resumes from the last version seen; 410 Expired lists anew (the sink sees what was
 * deleted meanwhile as absent); anything else waits with jittered back-off. Never rejects.
 * Source: client-go Reflector.
 */
export async function runReflector<T extends KubeObject>(options: ReflectorOptions<T>): Promise<void> {
  const { name, source, sink, clock, log, signal, transform } = options;
  const backOff = new BackOff(500, 10_000);
  const narrowing = {
    ...(options.namespace && { namespace: options.namespace }),
    ...(options.labelSelector && { labelSelector: options.labelSelector }),
    ...(options.fieldSelector && { fieldSelector: options.fieldSelector }),
    signal,
  };
  let version: string | undefined;
  let expiredInARow = 0;

  const listAll = async (): Promise<string> => {
    const objects: T[] = [];
    let token: string | undefined;
    let limit: number | undefined = pageSize;
    for (;;) {
      let page: KubeList<T>;
      try {
        page = await source.list({ ...narrowing, ...(limit && { limit }), ...(token && { continue: token }) });
      } catch (error) {
        if (!token || !isExpired(error)) throw error;
        // The list took longer than the server keeps history: one answer, without pages, cannot expire half-way.
        objects.length = 0;
        token = undefined;
        limit = undefined;
        continue;
      }
      for (const object of page.items) objects.push(transform ? transform(object) : object);
      token = page.metadata.continue;
      if (!token) {
        if (signal.aborted) return '';
        sink.replace(objects);
        return page.metadata.resourceVersion ?? '';
      }
    }
  };

  /** Returns how many events came. */
  const follow = async (): Promise<number> => {
    let events = 0;
    const stream = source.watch({
      ...narrowing,
      ...(version && { resourceVersion: version }),
      allowWatchBookmarks: true,
      timeoutSeconds: watchSeconds.least + Math.floor(Math.random() * watchSeconds.spread),
    });
    for await (const { type, object } of stream) {
      if (signal.aborted) break;
      if (type === 'ERROR') throw new StatusError(object as KubeObject as Status);
      events++;
      if (type === 'ADDED' || type === 'MODIFIED') sink.upsert(transform ? transform(object) : object);
      else if (type === 'DELETED') sink.remove(object);
      version = object.metadata?.resourceVersion ?? version;
      backOff.reset();
      expiredInARow = 0;
    }
    return events;
  };

  while (!signal.aborted) {
    try {
      version ??= await listAll();
      if (signal.aborted) return;
      const startedMs = clock.now();
      const events = await follow();
      if (events === 0 && clock.now() - startedMs < tooShortMs) await pause(clock, backOff.nextMs(), signal);
    } catch (error) {
      if (signal.aborted) return;
      if (isExpired(error)) {
        log.debug('watch expired, listing anew', { resource: name, resourceVersion: version });
        version = undefined;
        // Again without an event in between: the server keeps too little history. Listing in a loop would not help it.
        if (expiredInARow++ > 0) await pause(clock, backOff.nextMs(), signal);
        continue;
      }
      const delayMs = Math.max(backOff.nextMs(), retryAfterMs(error));
      log.warn('cannot list or watch, will try again', { resource: name, afterMs: Math.round(delayMs), error });
      await pause(clock, delayMs, signal);
    }
  }
}

const retryAfterMs = (error: unknown): number =>
  isStatusError(error) ? (error.status.details?.retryAfterSeconds ?? 0) * 1000 : 0;
