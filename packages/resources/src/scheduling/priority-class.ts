import { defineBuiltIn } from '../define.ts';
import { ObjectMetaSchema } from '../meta/types.ts';
import { bool, field, int32, kind, named, present, required, string, type TypeOf } from '../schema/builder.ts';

const priorityClass = kind('io.k8s.api.scheduling.v1.PriorityClass', 'A name for a scheduling priority.', {
  metadata: [1, present(ObjectMetaSchema)],
  value: [2, required(field(int32, 'The priority; higher goes first.'))],
  globalDefault: [3, field(bool, 'Used for pods that name no class.')],
  description: [4, string],
  preemptionPolicy: [
    5,
    field(string, 'Whether pods of the class may push out others.', {
      default: 'PreemptLowerPriority',
      enum: ['Never', 'PreemptLowerPriority'],
    }),
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
