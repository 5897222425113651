import type { KubeObject } from '@virtplane/resources';

/** What the built-in links read of the world: newest objects, those not yet durable included. */
export interface AdmissionSources {
  get(group: string, plural: string, namespace: string, name: string): KubeObject | undefined;
  list(group: string, plural: string, namespace?: string): readonly KubeObject[];
  isServed(group: string, plural: string): boolean;
}
