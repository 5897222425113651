import type { ResourceDefinition } from '@virtplane/resources';
import type { Transport } from '@virtplane/runtime';
import type { ObjectSource } from '../cache/object-source.ts';
import type { ResourceTable } from '../registry/served-resource.ts';

export interface CrdManager {
  /** Creates CustomResourceDefinitions that are missing and updates those that another version of the program left. */
  ensureBundled(definitions: readonly ResourceDefinition[]): Promise<void>;
  /** Resolves when everything seen so far is installed and its status written. */
  settled(): Promise<void>;
  close(): void;
}

/** Keeps the resource table in step with CustomResourceDefinition objects. `transport` is the server's own client. */
export function createCrdManager(
  _source: ObjectSource,
  _table: ResourceTable,
  _transport: Transport,
  _onError: (error: unknown) => void,
): CrdManager {
  throw new Error('not written yet');
}
