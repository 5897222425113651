import type { KubeObject } from '@virtplane/resources';
import type { Item } from '../cache/item.ts';

import type { WatchOptions } from '../cache/watcher.ts';

/** What an operation came to, before it takes the form that the client asked for. */
export type Outcome =
  | { readonly kind: 'item'; readonly code: number; readonly item: Item }
  /** Not stored, or not as it is answered: dry runs, last content of a deleted object. In the stored version. */
  | { readonly kind: 'object'; readonly code: number; readonly object: KubeObject }
  /** Of another kind than the resource: Status, Scale, TokenRequest. */
  | { readonly kind: 'other'; readonly code: number; readonly object: unknown }
  /** No object at all: what a container has written. */
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'list'; readonly list: ListOutcome }
  | { readonly kind: 'watch'; readonly watch: Omit<WatchOptions, 'published'> };

export interface ListOutcome {
  readonly items: readonly Item[];
  readonly revision: number;
  readonly continue?: string;
  readonly remainingItemCount?: number;
}
