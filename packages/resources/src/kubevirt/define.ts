import { defineCustom } from '../define.ts';
import type { PrinterColumn, ResourceDefinition } from '../definition.ts';
import type { KubeObject } from '../meta/object.ts';

type KubevirtDeclaration<T extends KubeObject> = Omit<
  Parameters<typeof defineCustom<T>>[0],
  'group' | 'version' | 'servedVersions' | 'categories'
>;

export const AGE: PrinterColumn = { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' };
export const READY: PrinterColumn = {
  name: 'Ready',
  type: 'string',
  jsonPath: ".status.conditions[?(@.type=='Ready')].status",
};

/** Kinds of kubevirt.io are served as v1 and, for virtctl before 1.0, as v1alpha3 with the same schema. */
export const defineKubevirt = <T extends KubeObject>(declaration: KubevirtDeclaration<T>): ResourceDefinition<T> =>
  defineCustom<T>({
    ...declaration,
    group: 'kubevirt.io',
    version: 'v1',
    servedVersions: ['v1', 'v1alpha3'],
    categories: ['all'],
  });
