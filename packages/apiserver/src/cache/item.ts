import type { KubeObject } from '@virtplane/resources';

/** String values by field path (`spec.nodeName`), or labels. */
export type StringMap = Readonly<Record<string, string>>;

/**
 * One version of one object: its bytes, and beside them only what lists, watches and indexes ask for. The parsed object is
 * held weakly: while somebody in this process uses it, everybody shares it; otherwise it costs nothing.
 */
export class Item {
  /** `<namespace>/<name>`, or the name alone of cluster-scoped objects. Lists are in the order of these keys. */
  readonly key: string;
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly revision: number;
  readonly bytes: Buffer;
  readonly labels: StringMap | undefined;
  /** Selectable fields beyond metadata.name and metadata.namespace. */
  readonly fields: StringMap | undefined;
  #parsed: WeakRef<KubeObject> | undefined;

  constructor(key: string, revision: number, bytes: Buffer, object: KubeObject, fields: StringMap | undefined) {
    const meta = object.metadata ?? {};
    this.key = key;
    this.namespace = meta.namespace ?? '';
    this.name = meta.name ?? '';
    this.uid = meta.uid ?? '';
    this.revision = revision;
    this.bytes = bytes;
    this.labels = meta.labels;
    this.fields = fields;
    this.#parsed = undefined;
  }

  /** The object in its stored version. Shared: must not be changed. */
  get object(): KubeObject {
    const known = this.#parsed?.deref();
    if (known !== undefined) return known;
    const object: KubeObject = JSON.parse(this.bytes.toString());
    this.#parsed = new WeakRef(object);
    return object;
  }

  /** Hands over the object that the bytes were made from, so that it need not be parsed again. */
  share(object: KubeObject): void {
    this.#parsed = new WeakRef(object);
  }
}

export const keyOf = (namespace: string, name: string): string => (namespace === '' ? name : `${namespace}/${name}`);
