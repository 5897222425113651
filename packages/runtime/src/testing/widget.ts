import type { KubeObject, ResourceDefinition } from '@virtplane/resources';

/** A resource that exists only in tests of the machinery. */
export interface Widget extends KubeObject {
  spec?: { size?: number };
  status?: { ready?: boolean };
}

export const widgets: ResourceDefinition<Widget> = {
  group: 'example.com',
  version: 'v1',
  servedVersions: ['v1'],
  kind: 'Widget',
  listKind: 'WidgetList',
  plural: 'widgets',
  singular: 'widget',
  shortNames: [],
  categories: [],
  namespaced: true,
  builtIn: false,
  verbs: ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'],
  subresources: [{ name: 'status', verbs: ['get', 'patch', 'update'] }],
  columns: [],
  selectableFields: [],
  schema: { type: 'object' },
};

export const widget = (name: string, spec: Widget['spec'] = {}, namespace = 'default'): Widget => ({
  apiVersion: 'example.com/v1',
  kind: 'Widget',
  metadata: { name, namespace },
  spec,
});
