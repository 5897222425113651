import type { PatchType } from '@virtplane/runtime';
import type { RequestBody } from '../http/request.ts';
import type { StrictJson } from '../schema/strict-json.ts';

/**
 * The patch document of a PATCH body. `ignore`: fieldValidation=Ignore (raw decoder texts). Throws StatusError 400
 * (`error decoding patch: …`, `error decoding YAML: …`) or 413 (more than 10,000 operations).
 */
export function decodePatch(_body: RequestBody, _type: PatchType, _ignore: boolean): StrictJson {
  throw new Error('not written yet');
}
