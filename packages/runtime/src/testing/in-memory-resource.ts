import type { KubeObject, ObjectMeta, ResourceDefinition } from '@virtplane/resources';

export type Stored = KubeObject & { readonly metadata: ObjectMeta } & Record<string, unknown>;

export interface Change {
  readonly revision: number;
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly object: Stored;
  readonly old?: Stored;
}

export interface Resource {
  readonly group: string;
  readonly plural: string;
  definition?: ResourceDefinition;
  version: string;
  kind: string;
  namespaced: boolean;
  readonly items: Map<string, Stored>;
  history: Change[];
  readonly watchers: Set<Watcher>;
}

export interface Watcher {
  push(change: Change): void;
  end(): void;
}
