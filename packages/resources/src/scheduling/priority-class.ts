import { defineBuiltIn } from '../define.ts';
import { ObjectMetaSchema } from '../meta/types.ts';
import { bool, field, int32, kind, named, present, required, string, type TypeOf } from '../schema/builder.ts';

const priorityClass = kind('io.k8s.api.scheduling.v1.PriorityClass', '', {
  metadata: [1, present(ObjectMetaSchema)],
  value: [2, required(int32)],
  globalDefault: [3, bool],
  description: [4, string],
  preemptionPolicy: [
    5,
    field(string, '', { default: 'PreemptLowerPriority', enum: ['Never', 'PreemptLowerPriority'] }),
  ],
});
export interface PriorityClass extends TypeOf<typeof priorityClass> {}
export const PriorityClassSchema = named<PriorityClass>(priorityClass);
export const PriorityClass = defineBuiltIn<PriorityClass>({
  schema: PriorityClassSchema,
  group: 'scheduling.k8s.io',
  version: 'v1',
  kind: 'PriorityClass',
  plural: 'priorityclasses',
  shortNames: ['pc'],
  clusterScoped: true,
});
