import { isStatusError } from '@virtplane/resources';
import type { Item } from '../cache/item.ts';
import { keyRange, selects } from '../cache/selection.ts';
import type { Operation } from './context.ts';
import { readDeleteOptions, removeOne } from './delete.ts';
import { listOptions } from './options.ts';
import type { Outcome } from './outcome.ts';
import { selectionOf } from './read.ts';

/** Deletions under way at once: enough to share commits, few enough to let others in between. */
const AT_ONCE = 256;

/** Selectors come from the query, how to delete from the body. Answers what was deleted, as it was before. */
export async function removeCollection(operation: Operation): Promise<Outcome> {
  const { registry, request, state } = operation;
  const list = listOptions(request.query, false);
  const selection = selectionOf(operation, list);
  const options = readDeleteOptions(operation);
  const { from, until } = keyRange(selection.namespace);
  const next = state.collection.snapshot().cursor(from, until);
  const items: Item[] = [];
  for (let item = next(); item !== undefined; item = next()) if (selects(selection, item)) items.push(item);
  for (let i = 0; i < items.length; i += AT_ONCE)
    await Promise.all(
      items.slice(i, i + AT_ONCE).map(async ({ key, name }) => {
        try {
          await removeOne(operation, key, name, options);
        } catch (error) {
          // Somebody else was faster.
          if (!isStatusError(error, 'NotFound')) throw error;
        }
      }),
    );
  return { kind: 'list', list: { items, revision: registry.queue.published } };
}
