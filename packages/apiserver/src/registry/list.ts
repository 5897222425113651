import { type Item, keyOf } from '../cache/item.ts';
import { isWhole, keyRange, type Selection, selects } from '../cache/selection.ts';
import type { Snapshot } from '../cache/sorted-index.ts';
import { badRequest, expired, failure } from '../errors.ts';
import type { Operation } from './context.ts';
import { decodeContinue, encodeContinue } from './continue-token.ts';
import { type ListOptions, listOptions } from './options.ts';
import type { ListOutcome, Outcome } from './outcome.ts';
import { selectionOf, tooLargeRevision, waitFor } from './read.ts';

const TOO_OLD_TO_CONTINUE =
  'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.';

/** A moment to list at, and where in it to begin. */
interface View {
  readonly snapshot: Snapshot;
  readonly revision: number;
  /** First key of the page. */
  readonly from: string;
  readonly limit: number;
}

export async function list(operation: Operation): Promise<Outcome> {
  const options = listOptions(operation.request.query, false);
  const selection = selectionOf(operation, options);
  const view = await viewOf(operation, options, selection);
  const item = pointRead(operation, view.snapshot, selection);
  if (item !== null)
    return { kind: 'list', list: { items: item === undefined ? [] : [item], revision: view.revision } };
  return { kind: 'list', list: page(operation, view, selection) };
}

/** One key needs no scan; `null`: the selection is not about one key. */
function pointRead(operation: Operation, snapshot: Snapshot, selection: Selection): Item | undefined | null {
  const { name, namespace } = selection;
  if (name === undefined || (namespace === '' && operation.state.definition.namespaced)) return null;
  const item = snapshot.get(keyOf(namespace, name));
  return item !== undefined && selects(selection, item) ? item : undefined;
}

async function viewOf(operation: Operation, options: ListOptions, selection: Selection): Promise<View> {
  const { queue, clock } = operation.registry;
  const { collection } = operation.state;
  const { from } = keyRange(selection.namespace);
  const { resourceVersion: asked, match } = options;
  if (options.continue !== '') return continued(operation, options, from);
  let { limit } = options;
  let exact = match === 'Exact';
  if (limit > 0) {
    if (asked === 0) limit = 0;
    else if (asked !== undefined) {
      // Without a match parameter a page of revision N means exactly N.
      exact ||= match === undefined;
      if (asked > queue.published) throw tooLargeRevision(asked, queue.published);
    }
  }
  if (exact && asked !== undefined) {
    if (asked > queue.published) throw tooLargeRevision(asked, queue.published);
    const snapshot = collection.snapshotAt(asked, clock.now());
    if (snapshot === undefined) throw expired('The resourceVersion for the provided list is too old.');
    return { snapshot, revision: asked, from, limit };
  }
  await waitFor(operation, asked);
  return { snapshot: collection.snapshot(), revision: queue.published, from, limit };
}

function continued(operation: Operation, options: ListOptions, prefix: string): View {
  const { queue, clock } = operation.registry;
  const { collection } = operation.state;
  if (options.resourceVersion) throw badRequest('specifying resource version is not allowed when using continue');
  const token = decodeContinue(options.continue);
  const from = prefix + token.start;
  const { limit } = options;
  if (token.revision === -1) return { snapshot: collection.snapshot(), revision: queue.published, from, limit };
  if (token.revision > queue.published) throw tooLargeRevision(token.revision, queue.published);
  const snapshot = collection.snapshotAt(token.revision, clock.now());
  if (snapshot !== undefined) return { snapshot, revision: token.revision, from, limit };
  const refusal = failure(410, 'Expired', TOO_OLD_TO_CONTINUE);
  refusal.status.metadata.continue = encodeContinue({ revision: -1, start: token.start });
  throw refusal;
}

function page(operation: Operation, view: View, selection: Selection): ListOutcome {
  const { collection } = operation.state;
  const { from: first, until } = keyRange(selection.namespace);
  const { snapshot, revision, from, limit } = view;
  const items: Item[] = [];
  const next = indexedCursor(operation, view, selection) ?? snapshot.cursor(from, until);
  const whole = selection.name === undefined && selection.labels === undefined && selection.fields === undefined;
  for (let item = next(); item !== undefined; item = next()) {
    if (!whole && !selects(selection, item)) continue;
    if (limit > 0 && items.length === limit) {
      const start = `${items[limit - 1]!.key.slice(first.length)}\0`;
      collection.pin(revision, snapshot, operation.registry.clock.now());
      const end = until === undefined ? snapshot.size : snapshot.rank(until);
      return {
        items,
        revision,
        continue: encodeContinue({ revision, start }),
        ...(isWhole(selection) && { remainingItemCount: end - snapshot.rank(item.key) }),
      };
    }
    items.push(item);
  }
  return { items, revision };
}

/** The secondary index knows the newest state only. */
function indexedCursor(operation: Operation, view: View, selection: Selection): (() => Item | undefined) | undefined {
  if (view.revision !== operation.registry.queue.published) return undefined;
  const items = operation.state.collection.indexed(selection);
  if (items === undefined) return undefined;
  let i = 0;
  while (i < items.length && items[i]!.key < view.from) i++;
  return () => items[i++];
}
