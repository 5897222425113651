import type { ResourceDefinition } from '@virtplane/resources';
import type { Strategy } from './strategy.ts';

/** What is particular to a kind; custom resources share one strategy. */
export function strategyOf(_definition: ResourceDefinition): Strategy {
  throw new Error('not written yet');
}
