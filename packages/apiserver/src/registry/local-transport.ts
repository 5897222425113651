import { apiVersionOf, type KubeObject } from '@virtplane/resources';
import type { Transport, TransportRequest, UserInfo, WatchEvent } from '@virtplane/runtime';
import type { Collection } from '../cache/collection.ts';
import type { Item } from '../cache/item.ts';
import { tooOldStatus } from '../cache/watch-forms.ts';
import { Watcher, type WatchTarget } from '../cache/watcher.ts';
import { internal } from '../errors.ts';
import type { ApiRequest } from '../http/request.ts';
import { requestInfo } from '../http/router.ts';
import type { Operation, Registry } from './context.ts';
import { operationOf, run } from './handler.ts';
import type { Outcome } from './outcome.ts';
import type { WatchHub } from './watch-hub.ts';

const never = new AbortController().signal;

/** Stored objects of one version as everybody in the process shares them. */
function answerOf(operation: Operation, outcome: Outcome): unknown {
  const { state, version } = operation;
  switch (outcome.kind) {
    case 'item':
      return state.codec.inVersion(outcome.item.object, version);
    case 'object':
      return state.codec.inVersion(outcome.object, version);
    case 'text':
      return outcome.text;
    case 'other':
      return outcome.object;
    case 'list': {
      const { items, revision, continue: token, remainingItemCount } = outcome.list;
      return {
        kind: state.definition.listKind,
        apiVersion: apiVersionOf({ group: state.definition.group, version }),
        metadata: {
          resourceVersion: String(revision),
          ...(token !== undefined && { continue: token }),
          ...(remainingItemCount !== undefined && { remainingItemCount }),
        },
        items: items.map((item) => state.codec.inVersion(item.object, version)),
      };
    }
    case 'watch':
      throw internal('a watch was asked for as a plain request');
  }
}

/** Events for one consumer, waiting to be taken. The objects are those of the cache: a slow consumer costs references only. */
class EventStream implements WatchTarget, AsyncIterator<WatchEvent> {
  readonly backlogBytes = 0;
  readonly takenBytes = 0;
  readonly #collection: Collection;
  readonly #version: string;
  #events: WatchEvent[] = [];
  #at = 0;
  #ended = false;
  #wake: (() => void) | undefined;
  onReturn: () => void = () => {};

  constructor(collection: Collection, version: string) {
    this.#collection = collection;
    this.#version = version;
  }

  send(type: 'ADDED' | 'MODIFIED' | 'DELETED', item: Item, revision: number): void {
    const shown = revision === item.revision ? undefined : revision;
    this.#push({ type, object: this.#collection.codec.inVersion(item.object, this.#version, shown) });
  }

  bookmark(revision: number, initialEventsEnd: boolean): void {
    const { group, kind } = this.#collection.codec;
    this.#push({
      type: 'BOOKMARK',
      object: {
        kind,
        apiVersion: apiVersionOf({ group, version: this.#version }),
        metadata: {
          resourceVersion: String(revision),
          ...(initialEventsEnd && { annotations: { 'k8s.io/initial-events-end': 'true' } }),
        },
      },
    });
  }

  expired(revision: number, oldest: number): void {
    const status: unknown = tooOldStatus(revision, oldest);
    this.#push({ type: 'ERROR', object: status as KubeObject });
  }

  end(): void {
    this.#ended = true;
    this.#wake?.();
  }

  async next(): Promise<IteratorResult<WatchEvent>> {
    for (;;) {
      const event = this.#events[this.#at];
      if (event !== undefined) {
        if (++this.#at === this.#events.length) {
          this.#events = [];
          this.#at = 0;
        }
        return { done: false, value: event };
      }
      if (this.#ended) return { done: true, value: undefined };
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      this.#wake = undefined;
    }
  }

  async return(): Promise<IteratorResult<WatchEvent>> {
    this.#events = [];
    this.#at = 0;
    this.end();
    this.onReturn();
    return { done: true, value: undefined };
  }

  #push(event: WatchEvent): void {
    if (this.#ended) return;
    this.#events.push(event);
    this.#wake?.();
  }
}

/**
 * The API for the parts of this process: the same rules and refusals, no sockets and no second parse. The user is authorized
 * already. Objects handed out are the cache's own: they must not be changed. Bodies are copied once.
 */
export function localTransport(registry: Registry, hub: WatchHub, loaded: Promise<void>, user: UserInfo): Transport {
  const streams = new Set<EventStream>();

  function operationFor(request: TransportRequest, watch: boolean): Operation {
    const query = new URLSearchParams(request.query);
    if (watch) query.set('watch', 'true');
    const { body, method, path } = request;
    const contentType = request.contentType ?? 'application/json';
    const apiRequest: ApiRequest = {
      method,
      info: requestInfo(method, path, query),
      query,
      user,
      userAgent: 'virtplane',
      accept: { format: 'json' },
      body: body === undefined ? { kind: 'none', contentType } : { kind: 'value', contentType, value: body },
      signal: request.signal ?? never,
      warn: (text) => registry.log.debug('warning to a client of this process', { user: user.username, path, text }),
    };
    return operationOf(registry, apiRequest);
  }

  async function openWatch(request: TransportRequest): Promise<EventStream> {
    await loaded;
    const operation = operationFor(request, true);
    const outcome = await run(operation);
    if (outcome.kind !== 'watch') throw internal(`${request.path} can't be watched`);
    const { collection } = operation.state;
    const stream = new EventStream(collection, operation.version);
    const options = { ...outcome.watch, published: () => registry.queue.published };
    streams.add(stream);
    const watcher = hub.add((onEnd) => new Watcher(collection, stream, options, registry.clock, onEnd));
    stream.onReturn = () => {
      streams.delete(stream);
      watcher.cancel();
      request.signal?.removeEventListener('abort', abort);
    };
    const abort = (): void => void stream.return();
    if (request.signal?.aborted) abort();
    else request.signal?.addEventListener('abort', abort, { once: true });
    return stream;
  }

  return {
    async request(request) {
      await loaded;
      const operation = operationFor(request, false);
      return answerOf(operation, await run(operation));
    },
    watch(request) {
      return {
        [Symbol.asyncIterator]() {
          let stream: Promise<EventStream> | undefined;
          return {
            async next() {
              stream ??= openWatch(request);
              return (await stream).next();
            },
            async return() {
              if (stream !== undefined) await (await stream).return();
              return { done: true, value: undefined };
            },
          };
        },
      };
    },
    close() {
      for (const stream of [...streams]) void stream.return();
    },
  };
}
