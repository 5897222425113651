export interface StrictJson {
  readonly value: unknown;
  /** Go path form (`spec.size`, `metadata.labels.a`), each once, in document order. */
  readonly duplicates: string[];
}

/** JSON with what JSON.parse hides: duplicate keys, integers that JavaScript cannot hold. Throws StatusError 400. */
export function parseStrictJson(_bytes: Buffer): StrictJson {
  throw new Error('not written yet');
}
