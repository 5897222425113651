import type { KubeObject } from '@virtplane/resources';

/** Committed objects of one resource, for parts of the server itself (RBAC, admission, CRDs). Objects must not be changed. */
export interface ObjectSource<T extends KubeObject = KubeObject> {
  get(namespace: string, name: string): T | undefined;
  list(namespace?: string): T[];
  /** Changes after they are durable, in revision order. Returns: unsubscribe. */
  subscribe(listener: (type: 'ADDED' | 'MODIFIED' | 'DELETED', object: T) => void): () => void;
}
