import type { ResourceDefinition } from '@virtplane/resources';
import type { RequestBody } from '../http/request.ts';
import type { StrictJson } from './strict-json.ts';

export interface BodyOptions {
  /** The kind that the path serves; absent for DeleteOptions and other bodies that are no stored kind. */
  readonly definition?: ResourceDefinition;
  /** Go's name of what is expected, for messages; default: the definition's kind. */
  readonly kind?: string;
}

/** Decodes JSON, YAML and (built-in kinds) protobuf. An absent body is `undefined`. Throws StatusError 400 or 415. */
export function decodeBody(_body: RequestBody, _options: BodyOptions = {}): StrictJson {
  throw new Error('not written yet');
}
