import { apiVersionOf, type KubeObject, type ObjectMeta } from '@virtplane/resources';

const ASCII_QUOTE = 0x22;

/** An object in the key order that its bytes have: see ObjectCodec. */
export interface StoredObject extends KubeObject {
  apiVersion: string;
  kind: string;
  metadata: ObjectMeta & { resourceVersion: string };
}

const headOf = (group: string, version: string, kind: string): string =>
  `{"apiVersion":"${apiVersionOf({ group, version })}","kind":"${kind}","metadata":{"resourceVersion":"`;

/**
 * The bytes of one resource's objects always begin `{"apiVersion":"g/v","kind":"K","metadata":{"resourceVersion":"N"`, so that
 * another served version, another resourceVersion (a deletion's) or no type at all (items of built-in lists) is a splice and
 * not a parse.
 */
export class ObjectCodec {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly apiVersion: string;
  readonly #head: Buffer;
  readonly #heads = new Map<string, Buffer>();

  constructor(group: string, version: string, kind: string) {
    this.group = group;
    this.version = version;
    this.kind = kind;
    this.apiVersion = apiVersionOf({ group, version });
    this.#head = Buffer.from(headOf(group, version, kind));
    this.#heads.set(version, this.#head);
  }

  /** The same content in the key order of the bytes; resourceVersion is to be filled in. Shares everything but the two upper levels. */
  ordered(object: KubeObject): StoredObject {
    const { apiVersion: _apiVersion, kind: _kind, metadata, ...rest } = object;
    const { resourceVersion: _resourceVersion, ...meta } = metadata ?? {};
    return { apiVersion: this.apiVersion, kind: this.kind, metadata: { resourceVersion: '', ...meta }, ...rest };
  }

  /** `object` must come from `ordered`. */
  encode(object: StoredObject): Buffer {
    const text = JSON.stringify(object);
    const length = Buffer.byteLength(text);
    // A buffer of its own: a slice of Node's pool would keep 8 KB alive as long as the object lives.
    const bytes = Buffer.allocUnsafeSlow(length);
    bytes.write(text, length === text.length ? 'latin1' : 'utf8');
    return bytes;
  }

  /** Do these bytes have this codec's head? (Not after a change of the stored version.) */
  fits(bytes: Buffer): boolean {
    return bytes.subarray(0, this.#head.length).equals(this.#head);
  }

  head(version: string): Buffer {
    let head = this.#heads.get(version);
    if (head === undefined) {
      head = Buffer.from(headOf(this.group, version, this.kind));
      this.#heads.set(version, head);
    }
    return head;
  }

  /** What follows the head: `N","name":…}`. */
  tail(bytes: Buffer): Buffer {
    return bytes.subarray(this.#head.length);
  }

  tailOffset(): number {
    return this.#head.length;
  }

  /** What follows the resourceVersion: `","name":…}`. */
  afterRevision(bytes: Buffer): Buffer {
    return bytes.subarray(bytes.indexOf(ASCII_QUOTE, this.#head.length));
  }

  /** Pieces of the object as it is served in `version`. */
  pieces(bytes: Buffer, version: string): Buffer[] {
    return version === this.version ? [bytes] : [this.head(version), this.tail(bytes)];
  }

  /** The parsed object in another version or with another resourceVersion; shares all below. */
  inVersion<T extends KubeObject>(object: T, version: string, revision?: number): T {
    if (version === this.version && revision === undefined) return object;
    return {
      ...object,
      apiVersion: apiVersionOf({ group: this.group, version }),
      ...(revision === undefined ? {} : { metadata: { ...object.metadata, resourceVersion: String(revision) } }),
    };
  }
}
