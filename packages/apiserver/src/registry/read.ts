import { checkFields, parseFieldSelector } from '../cache/field-selector.ts';
import { keyOf } from '../cache/item.ts';
import { parseLabelSelector } from '../cache/label-selector.ts';
import { requiredValue, type Selection } from '../cache/selection.ts';
import { failure, notFound } from '../errors.ts';
import type { Operation } from './context.ts';
import { type ListOptions, listOptions, parseRevision } from './options.ts';
import type { Outcome } from './outcome.ts';

/** How long a read waits for a revision that is not reached yet. */
const FUTURE_WAIT_MS = 3_000;
const MIN_WATCH_SECONDS = 1_800;

export async function get(operation: Operation): Promise<Outcome> {
  const { request, state } = operation;
  await waitFor(operation, parseRevision(request.query.get('resourceVersion') ?? ''));
  const item = state.collection.get(keyOf(request.info.namespace, request.info.name));
  if (item === undefined) throw notFound(state.name, request.info.name);
  return { kind: 'item', code: 200, item };
}

/** Waits until `revision` can be read. Throws StatusError 504. */
export async function waitFor(operation: Operation, revision: number | undefined): Promise<void> {
  const { queue } = operation.registry;
  if (revision === undefined || revision <= queue.published) return;
  if (!(await queue.reached(revision, FUTURE_WAIT_MS))) throw tooLargeRevision(revision, queue.published, 1);
}

export const tooLargeRevision = (revision: number, current: number, retryAfterSeconds?: number): Error =>
  failure(504, 'Timeout', `Timeout: Too large resource version: ${revision}, current: ${current}`, {
    causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
    ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
  });

/** Selectors of a list, watch or collection delete. Throws StatusError 400. */
export function selectionOf(operation: Operation, options: ListOptions): Selection {
  const { info } = operation.request;
  const { definition } = operation.state;
  const labels = options.labelSelector === '' ? undefined : parseLabelSelector(options.labelSelector);
  const fields = options.fieldSelector === '' ? [] : parseFieldSelector(options.fieldSelector);
  checkFields(fields, definition);
  const name = info.name !== '' ? info.name : requiredValue(fields, 'metadata.name');
  return {
    namespace: info.namespace,
    ...(name !== undefined && { name }),
    ...(labels !== undefined && { labels }),
    ...(fields.length > 0 && { fields }),
  };
}

export function watch(operation: Operation): Outcome {
  const { registry, request } = operation;
  const options = listOptions(request.query, true);
  const selection = selectionOf(operation, options);
  const seconds = options.timeoutSeconds || MIN_WATCH_SECONDS * (1 + Math.random());
  const after = options.resourceVersion || undefined;
  const initial = options.sendInitialEvents;
  return {
    kind: 'watch',
    watch: {
      selection,
      after: initial ? undefined : after,
      bookmarks: options.allowWatchBookmarks,
      initialEventsEnd: initial && options.allowWatchBookmarks,
      deadlineMs: registry.clock.now() + seconds * 1000,
    },
  };
}
