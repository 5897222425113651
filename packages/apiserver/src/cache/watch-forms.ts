import { apiVersionOf, type KubeObject, type Status } from '@virtplane/resources';
import type { WatchSink } from '../http/request.ts';
import type { ServedResource } from '../registry/served-resource.ts';
import { partialObjectMetadata } from '../table/partial-metadata.ts';
import { tableOf } from '../table/table.ts';
import type { ObjectCodec } from './codec.ts';
import type { Item } from './item.ts';
import type { CacheEvent } from './ring.ts';
import type { WatchTarget } from './watcher.ts';

type Type = 'ADDED' | 'MODIFIED' | 'DELETED';

/** How a watcher wants its objects. `id` tells forms apart: equal ids give equal bytes. */
export interface WatchForm {
  readonly id: string;
  /** One line, newline included. */
  line(type: Type, item: Item, revision: number): Buffer;
  bookmark(revision: number, initialEventsEnd: boolean): Buffer;
  /** The form of all lines after the first, where that differs (Tables name their columns once). */
  readonly rest?: WatchForm;
}

const OPEN: Readonly<Record<Type, Buffer>> = {
  ADDED: Buffer.from('{"type":"ADDED","object":'),
  MODIFIED: Buffer.from('{"type":"MODIFIED","object":'),
  DELETED: Buffer.from('{"type":"DELETED","object":'),
};
const CLOSE = Buffer.from('}\n');

const jsonLine = (type: string, object: unknown): Buffer => Buffer.from(`${JSON.stringify({ type, object })}\n`);

const INITIAL_END = { 'k8s.io/initial-events-end': 'true' };

const bookmarkMeta = (revision: number, initialEventsEnd: boolean) => ({
  resourceVersion: String(revision),
  ...(initialEventsEnd && { annotations: INITIAL_END }),
});

/** Whole objects in one served version: the stored bytes between two constant pieces. */
export function plainForm(codec: ObjectCodec, version: string): WatchForm {
  return {
    id: version,
    line(type, item, revision) {
      const pieces =
        revision === item.revision
          ? [OPEN[type], ...codec.pieces(item.bytes, version), CLOSE]
          : [OPEN[type], codec.head(version), Buffer.from(String(revision)), codec.afterRevision(item.bytes), CLOSE];
      return Buffer.concat(pieces);
    },
    bookmark: (revision, end) =>
      jsonLine('BOOKMARK', {
        kind: codec.kind,
        apiVersion: apiVersionOf({ group: codec.group, version }),
        metadata: bookmarkMeta(revision, end),
      }),
  };
}

export function partialForm(codec: ObjectCodec, asVersion: 'v1' | 'v1beta1'): WatchForm {
  return {
    id: `metadata/${asVersion}`,
    line: (type, item, revision) =>
      jsonLine(type, partialObjectMetadata(codec.inVersion(item.object, codec.version, revision), asVersion)),
    bookmark: (revision, end) =>
      jsonLine('BOOKMARK', {
        kind: 'PartialObjectMetadata',
        apiVersion: `meta.k8s.io/${asVersion}`,
        metadata: bookmarkMeta(revision, end),
      }),
  };
}

export function tableForm(
  served: ServedResource,
  codec: ObjectCodec,
  version: string,
  asVersion: 'v1' | 'v1beta1',
  includeObject: string | undefined,
  nowMs: () => number,
): WatchForm {
  const form = (withoutColumns: boolean): WatchForm => ({
    id: `table/${asVersion}/${version}/${includeObject ?? ''}/${withoutColumns}`,
    line(type, item, revision) {
      const object: KubeObject = codec.inVersion(item.object, version, revision);
      const metadata = { resourceVersion: String(revision) };
      const options = {
        asVersion,
        nowMs: nowMs(),
        withoutColumns,
        ...(includeObject !== undefined && { includeObject }),
      };
      return jsonLine(type, tableOf(served, version, [object], metadata, options));
    },
    bookmark: (revision, end) =>
      jsonLine('BOOKMARK', {
        kind: 'Table',
        apiVersion: `meta.k8s.io/${asVersion}`,
        metadata: bookmarkMeta(revision, end),
        columnDefinitions: null,
        rows: [],
      }),
  });
  return { ...form(false), rest: form(true) };
}

const errorLine = (status: Status): Buffer => jsonLine('ERROR', status);

export const tooOldStatus = (revision: number, oldest: number): Status => ({
  kind: 'Status',
  apiVersion: 'v1',
  metadata: {},
  status: 'Failure',
  message: `too old resource version: ${revision} (${oldest})`,
  reason: 'Expired',
  code: 410,
});

/** Writes lines to a peer. What an event looks like in a form is made once and shared by all peers that want that form. */
export class SinkTarget implements WatchTarget {
  readonly #sink: WatchSink;
  #form: WatchForm;
  #sentBytes = 0;

  constructor(sink: WatchSink, form: WatchForm) {
    this.#sink = sink;
    this.#form = form;
  }

  get backlogBytes(): number {
    return this.#sink.queuedBytes;
  }

  get takenBytes(): number {
    return this.#sentBytes - this.#sink.queuedBytes;
  }

  send(type: Type, item: Item, revision: number, event: CacheEvent | undefined): void {
    if (event === undefined) this.#write(this.#form.line(type, item, revision));
    else {
      const id = `${type}/${this.#form.id}`;
      event.forms ??= new Map();
      let line = event.forms.get(id);
      if (line === undefined) {
        line = this.#form.line(type, item, revision);
        event.forms.set(id, line);
      }
      this.#write(line);
    }
    if (this.#form.rest !== undefined) this.#form = this.#form.rest;
  }

  bookmark(revision: number, initialEventsEnd: boolean): void {
    this.#write(this.#form.bookmark(revision, initialEventsEnd));
  }

  expired(revision: number, oldest: number): void {
    this.#write(errorLine(tooOldStatus(revision, oldest)));
  }

  end(): void {
    this.#sink.end();
  }

  #write(line: Buffer): void {
    this.#sentBytes += line.length;
    this.#sink.write(line);
  }
}
