import {
  type KubeObject,
  matchesFieldSelector,
  matchesRequirements,
  parseFieldSelector,
  parseLabelSelector,
} from '@virtplane/resources';
import { refusal } from '../refusals.ts';
import type { TransportRequest, WatchEvent, WatchEventType } from '../transport.ts';
import type { ApiPath } from './api-path.ts';
import type { Resource, Watcher } from './in-memory-resource.ts';

export type Matcher = (object: KubeObject) => boolean;

const valueAt = (object: unknown, path: string): string => {
  let at: unknown = object;
  for (const step of path.split('.')) {
    if (typeof at !== 'object' || at === null) return '';
    at = (at as Record<string, unknown>)[step];
  }
  return at === undefined || at === null ? '' : String(at);
};

/** Namespace and selectors of a request. Any field may be selected: real servers refuse what they do not index. */
export function matcher(path: ApiPath, request: TransportRequest): Matcher {
  const labels = parseLabelSelector(request.query?.labelSelector ?? '');
  const fields = parseFieldSelector(request.query?.fieldSelector ?? '');
  return (object) =>
    (path.namespace === undefined || object.metadata?.namespace === path.namespace) &&
    matchesRequirements(labels, object.metadata?.labels) &&
    matchesFieldSelector(fields, (field) => valueAt(object, field));
}

export interface WatchStart {
  /** Empty or `0`: from the current state. */
  readonly from: string;
  /** Revisions before this are forgotten. */
  readonly oldest: number;
  readonly signal: AbortSignal | undefined;
}

/** The events of one watch, until it is ended or aborted. */
export async function* follow(resource: Resource, matches: Matcher, start: WatchStart): AsyncIterable<WatchEvent> {
  const { from, oldest, signal } = start;
  const queue: WatchEvent[] = [];
  let ended = false;
  let wake: (() => void) | undefined;
  const emit = (type: WatchEventType, object: KubeObject): void => {
    queue.push({ type, object });
    wake?.();
  };
  const watcher: Watcher = {
    push: (change) => {
      const was = change.old !== undefined && matches(change.old);
      const is = change.type !== 'DELETED' && matches(change.object);
      if (is) emit(was ? 'MODIFIED' : 'ADDED', change.object);
      else if (was || (change.type === 'DELETED' && matches(change.object))) emit('DELETED', change.object);
    },
    end: () => {
      ended = true;
      wake?.();
    },
  };
  if (from === '' || from === '0') {
    for (const object of resource.items.values()) if (matches(object)) emit('ADDED', object);
  } else if (Number(from) < oldest) {
    const { status } = refusal(410, 'Expired', `too old resource version: ${from} (${oldest})`);
    yield { type: 'ERROR', object: status as KubeObject };
    return;
  } else {
    for (const change of resource.history) if (change.revision > Number(from)) watcher.push(change);
  }
  resource.watchers.add(watcher);
  signal?.addEventListener('abort', watcher.end);
  try {
    while (!ended) {
      const event = queue.shift();
      if (event) yield event;
      else
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
    }
  } finally {
    signal?.removeEventListener('abort', watcher.end);
    resource.watchers.delete(watcher);
  }
}
