import { matchesRequirements, parseLabelSelector as parse, SelectorError } from '@virtplane/resources';
import { badRequest } from '../errors.ts';
import type { StringMap } from './item.ts';

export type LabelSelector = (labels: StringMap | undefined) => boolean;

/** `undefined` selects everything. Throws StatusError 400. */
export function parseLabelSelector(text: string): LabelSelector | undefined {
  const requirements = refusing(() => parse(text));
  return requirements.length === 0 ? undefined : (labels) => matchesRequirements(requirements, labels);
}

/** A selector that cannot be read is the client's fault. */
export function refusing<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof SelectorError) throw badRequest(error.message);
    throw error;
  }
}
