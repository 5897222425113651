import { apiVersionOf, type KubeObject, type ListMeta } from '@virtplane/resources';
import type { Item } from '../cache/item.ts';
import { partialForm, plainForm, SinkTarget, tableForm, type WatchForm } from '../cache/watch-forms.ts';
import { Watcher } from '../cache/watcher.ts';
import type { ApiAnswer, Negotiated } from '../http/request.ts';
import { partialObjectMetadata } from '../table/partial-metadata.ts';
import { tableOf } from '../table/table.ts';
import type { Operation } from './context.ts';
import type { ListOutcome, Outcome } from './outcome.ts';
import type { WatchHub } from './watch-hub.ts';

/** Size of the pieces that lists are joined into. */
const PIECE_BYTES = 256 * 1024;
/** Bytes copied between two turns of the event loop: a few milliseconds. */
const SLICE_BYTES = 8 << 20;
/** Objects parsed and turned into rows between two turns. */
const SLICE_OBJECTS = 500;

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** An outcome in the form that the client asked for. */
export async function render(operation: Operation, outcome: Outcome, hub: WatchHub): Promise<ApiAnswer> {
  const { accept, query } = operation.request;
  const { state, version } = operation;
  switch (outcome.kind) {
    case 'other':
      return { kind: 'object', code: outcome.code, object: outcome.object };
    case 'text':
      return { kind: 'text', code: 200, text: outcome.text, contentType: 'text/plain' };
    case 'item':
      if (accept.as === undefined)
        return { kind: 'json', code: outcome.code, pieces: state.codec.pieces(outcome.item.bytes, version) };
      return single(operation, outcome.code, outcome.item.object);
    case 'object':
      return single(operation, outcome.code, outcome.object);
    case 'list':
      return { kind: 'json', code: 200, pieces: await listPieces(operation, outcome.list) };
    case 'watch': {
      const form = watchForm(operation, accept, query.get('includeObject') ?? undefined);
      const options = { ...outcome.watch, published: () => operation.registry.queue.published };
      return {
        kind: 'watch',
        start(sink) {
          const watcher = hub.add(
            (onEnd) =>
              new Watcher(state.collection, new SinkTarget(sink, form), options, operation.registry.clock, onEnd),
          );
          return () => watcher.cancel();
        },
      };
    }
  }
}

function single(operation: Operation, code: number, stored: KubeObject): ApiAnswer {
  const { accept, query } = operation.request;
  const { state, version, registry } = operation;
  const object = state.codec.inVersion(stored, version);
  const asVersion = accept.asVersion ?? 'v1';
  if (accept.as === 'Table') {
    const metadata = { resourceVersion: object.metadata?.resourceVersion ?? '' };
    const includeObject = query.get('includeObject');
    const options = { asVersion, nowMs: registry.clock.now(), ...(includeObject !== null && { includeObject }) };
    return { kind: 'object', code, object: tableOf(state.served, version, [object], metadata, options) };
  }
  if (accept.as !== undefined) return { kind: 'object', code, object: partialObjectMetadata(object, asVersion) };
  return { kind: 'object', code, object };
}

function watchForm(operation: Operation, accept: Negotiated, includeObject: string | undefined): WatchForm {
  const { state, version, registry } = operation;
  const asVersion = accept.asVersion ?? 'v1';
  if (accept.as === undefined) return plainForm(state.codec, version);
  if (accept.as === 'Table')
    return tableForm(state.served, state.codec, version, asVersion, includeObject, () => registry.clock.now());
  return partialForm(state.codec, asVersion);
}

const listMeta = (list: ListOutcome): ListMeta => ({
  resourceVersion: String(list.revision),
  ...(list.continue !== undefined && { continue: list.continue }),
  ...(list.remainingItemCount !== undefined && { remainingItemCount: list.remainingItemCount }),
});

async function listPieces(operation: Operation, list: ListOutcome): Promise<Buffer[]> {
  const { accept } = operation.request;
  const { state, version } = operation;
  if (accept.as === 'Table') return tablePieces(operation, list);
  if (accept.as !== undefined) {
    const asVersion = accept.asVersion ?? 'v1';
    const head = listHead('PartialObjectMetadataList', `meta.k8s.io/${asVersion}`, listMeta(list));
    return objectPieces(head, list.items, (item) => partialObjectMetadata(item.object, asVersion));
  }
  const { definition } = state;
  const head = listHead(definition.listKind, apiVersionOf({ group: definition.group, version }), listMeta(list));
  // Items of built-in lists carry no type, those of custom resources do.
  const itemHead = definition.builtIn ? Buffer.from('{"metadata":{"resourceVersion":"') : state.codec.head(version);
  return joined(head, list.items, itemHead, state.codec.tailOffset());
}

const listHead = (kind: string, apiVersion: string, metadata: ListMeta): string =>
  `{"kind":${JSON.stringify(kind)},"apiVersion":${JSON.stringify(apiVersion)},"metadata":${JSON.stringify(metadata)},"items":[`;

/** `head item , item … ]}`: each item is `itemHead` and its bytes from `offset` on. */
async function joined(head: string, items: readonly Item[], itemHead: Buffer, offset: number): Promise<Buffer[]> {
  const pieces: Buffer[] = [Buffer.from(head)];
  let piece = Buffer.allocUnsafeSlow(0);
  let at = 0;
  let sinceTurn = 0;
  for (let i = 0; i < items.length; i++) {
    const { bytes } = items[i]!;
    const length = 1 + itemHead.length + bytes.length - offset;
    if (at + length > piece.length) {
      if (at > 0) pieces.push(piece.subarray(0, at));
      piece = Buffer.allocUnsafeSlow(Math.max(PIECE_BYTES, length));
      at = 0;
    }
    if (i > 0) piece[at++] = 0x2c;
    itemHead.copy(piece, at);
    at += itemHead.length;
    bytes.copy(piece, at, offset);
    at += bytes.length - offset;
    sinceTurn += length;
    if (sinceTurn > SLICE_BYTES) {
      sinceTurn = 0;
      await turn();
    }
  }
  if (at > 0) pieces.push(piece.subarray(0, at));
  pieces.push(Buffer.from(']}\n'));
  return pieces;
}

async function objectPieces(head: string, items: readonly Item[], form: (item: Item) => unknown): Promise<Buffer[]> {
  const pieces: Buffer[] = [Buffer.from(head)];
  for (let i = 0; i < items.length; i += SLICE_OBJECTS) {
    if (i > 0) await turn();
    const texts = items.slice(i, i + SLICE_OBJECTS).map((item) => JSON.stringify(form(item)));
    pieces.push(Buffer.from(`${i > 0 ? ',' : ''}${texts.join(',')}`));
  }
  pieces.push(Buffer.from(']}\n'));
  return pieces;
}

async function tablePieces(operation: Operation, list: ListOutcome): Promise<Buffer[]> {
  const { accept, query } = operation.request;
  const { state, version, registry } = operation;
  const includeObject = query.get('includeObject');
  const options = {
    asVersion: accept.asVersion ?? ('v1' as const),
    nowMs: registry.clock.now(),
    ...(includeObject !== null && { includeObject }),
  };
  const { rows: _, ...head } = tableOf(state.served, version, [], listMeta(list), options);
  const pieces: Buffer[] = [Buffer.from(`${JSON.stringify(head).slice(0, -1)},"rows":[`)];
  for (let i = 0; i < list.items.length; i += SLICE_OBJECTS) {
    if (i > 0) await turn();
    const objects = list.items.slice(i, i + SLICE_OBJECTS).map((item) => state.codec.inVersion(item.object, version));
    const { rows } = tableOf(state.served, version, objects, {}, { ...options, withoutColumns: true });
    pieces.push(Buffer.from(`${i > 0 ? ',' : ''}${JSON.stringify(rows).slice(1, -1)}`));
  }
  pieces.push(Buffer.from(']}\n'));
  return pieces;
}
