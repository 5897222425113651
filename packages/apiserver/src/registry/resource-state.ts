import { type KubeObject, qualifiedName, type ResourceDefinition } from '@virtplane/resources';
import { ObjectCodec } from '../cache/codec.ts';
import { Collection } from '../cache/collection.ts';
import { Item, keyOf, type StringMap } from '../cache/item.ts';
import type { ResourceName } from '../errors.ts';
import type { StoredEntry } from '../store/store.ts';
import type { ServedResource, ServedVersion } from './served-resource.ts';

/** Lookups that would otherwise scan everything: pods of a node (agent, scheduler, drain), events of an object (describe). */
const INDEXED: Readonly<Record<string, readonly string[]>> = {
  '/pods': ['spec.nodeName'],
  '/events': ['involvedObject.uid'],
  'events.k8s.io/events': ['regarding.uid'],
};

/** Prefix of a resource's keys in the store. */
const storagePrefix = (group: string, plural: string): string => `${group === '' ? 'core' : group}/${plural}/`;

function atPath(object: unknown, path: readonly string[]): unknown {
  let value = object;
  for (const step of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = (value as Record<string, unknown>)[step];
  }
  return value;
}

/** A write that is not durable yet. */
export interface PendingWrite {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  /** The new content; of a deletion the last one. */
  readonly item: Item;
}

/** One resource as this server holds it: its declaration now, its committed objects, and writes on their way to the disk. */
export class ResourceState {
  /** Replaced when a CustomResourceDefinition changes. */
  served: ServedResource;
  readonly codec: ObjectCodec;
  readonly collection: Collection;
  /** Newest write of a key that is not durable yet. */
  readonly pending = new Map<string, PendingWrite>();
  readonly prefix: string;
  readonly name: ResourceName;
  readonly qualified: string;
  #paths: readonly (readonly [string, readonly string[]])[] = [];

  constructor(served: ServedResource, loadRevision: number) {
    const { definition } = served;
    this.served = served;
    this.codec = new ObjectCodec(definition.group, definition.version, definition.kind);
    const indexed = INDEXED[`${definition.group}/${definition.plural}`] ?? [];
    this.collection = new Collection(this.codec, loadRevision, indexed);
    this.prefix = storagePrefix(definition.group, definition.plural);
    this.name = { group: definition.group, resource: definition.plural };
    this.qualified = qualifiedName(definition);
    this.replace(served);
  }

  get definition(): ResourceDefinition {
    return this.served.definition;
  }

  replace(served: ServedResource): void {
    this.served = served;
    this.#paths = served.definition.selectableFields.map(
      (field) => [field, field.replace(/^\./, '').split('.')] as const,
    );
  }

  version(name: string): ServedVersion | undefined {
    return this.served.versions.find((v) => v.name === name);
  }

  /** The newest content, durable or not: what a write is decided upon. */
  latest(key: string): Item | undefined {
    const pending = this.pending.get(key);
    if (pending === undefined) return this.collection.get(key);
    return pending.type === 'DELETED' ? undefined : pending.item;
  }

  fieldsOf(object: KubeObject): StringMap | undefined {
    if (this.served.strategy.selectableFields !== undefined) return this.served.strategy.selectableFields(object);
    if (this.#paths.length === 0) return undefined;
    const fields: Record<string, string> = {};
    for (const [field, path] of this.#paths) {
      const value = atPath(object, path);
      fields[field] = value === undefined || value === null ? '' : String(value);
    }
    return fields;
  }

  item(revision: number, bytes: Buffer, object: KubeObject): Item {
    const meta = object.metadata ?? {};
    const key = keyOf(meta.namespace ?? '', meta.name ?? '');
    return new Item(key, revision, bytes, object, this.fieldsOf(object));
  }

  /** An entry of the store. Bytes of another version than today's stored one are written anew. */
  restore(entry: StoredEntry): Item {
    const object: KubeObject = JSON.parse(entry.bytes.toString());
    if (this.codec.fits(entry.bytes)) return this.item(entry.revision, entry.bytes, object);
    const ordered = this.codec.ordered(object);
    ordered.metadata.resourceVersion = String(entry.revision);
    return this.item(entry.revision, this.codec.encode(ordered), ordered);
  }
}
