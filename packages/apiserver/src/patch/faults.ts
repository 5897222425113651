import type { StatusError } from '@virtplane/resources';
import { failure } from '../errors.ts';

/** The one answer to every JSON patch that cannot be carried out. */
export const patchRefused = (): StatusError =>
  failure(422, 'Invalid', 'the server rejected our request due to an error in our request', {});
