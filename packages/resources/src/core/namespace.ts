import { defineBuiltIn } from '../define.ts';
import { ObjectMetaSchema } from '../meta/types.ts';
import { field, kind, list, message, named, present, required, string, type TypeOf, time } from '../schema/builder.ts';

const namespaceSpec = message('io.k8s.api.core.v1.NamespaceSpec', '', {
  finalizers: [1, list(string)],
});
export interface NamespaceSpec extends TypeOf<typeof namespaceSpec> {}
export const NamespaceSpecSchema = named<NamespaceSpec>(namespaceSpec);

const namespaceCondition = message('io.k8s.api.core.v1.NamespaceCondition', '', {
  type: [1, required(string)],
  status: [2, required(string)],
  lastTransitionTime: [4, time],
  reason: [5, string],
  message: [6, string],
});
export interface NamespaceCondition extends TypeOf<typeof namespaceCondition> {}
export const NamespaceConditionSchema = named<NamespaceCondition>(namespaceCondition);

const namespaceStatus = message('io.k8s.api.core.v1.NamespaceStatus', '', {
  phase: [1, field(string, 'Active or Terminating.')],
  conditions: [2, list(NamespaceConditionSchema, { merge: 'type' })],
});
export interface NamespaceStatus extends TypeOf<typeof namespaceStatus> {}
export const NamespaceStatusSchema = named<NamespaceStatus>(namespaceStatus);

const namespace = kind(
  'io.k8s.api.core.v1.Namespace',
  'A room for names: objects in different namespaces do not meet, and rights and quotas are given by namespace.',
  {
    metadata: [1, present(ObjectMetaSchema)],
    spec: [2, field(NamespaceSpecSchema, 'Finalizers that hold back the removal of the namespace.')],
    status: [3, field(NamespaceStatusSchema, 'Whether the namespace is active or being emptied.')],
  },
);
export interface Namespace extends TypeOf<typeof namespace> {}
export const NamespaceSchema = named<Namespace>(namespace);
export const Namespace = defineBuiltIn<Namespace>({
  schema: NamespaceSchema,
  group: '',
  version: 'v1',
  kind: 'Namespace',
  plural: 'namespaces',
  shortNames: ['ns'],
  clusterScoped: true,
  verbs: ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch'],
  status: true,
  subresources: [{ name: 'finalize', verbs: ['update'] }],
  selectableFields: ['status.phase'],
});
