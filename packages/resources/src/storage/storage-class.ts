import { TopologySelectorTermSchema } from '../core/affinity.ts';
import { defineBuiltIn } from '../define.ts';
import { ObjectMetaSchema } from '../meta/types.ts';
import { bool, field, kind, list, map, named, present, required, string, type TypeOf } from '../schema/builder.ts';

const storageClass = kind('io.k8s.api.storage.v1.StorageClass', 'A kind of storage that volumes can be made of.', {
  metadata: [1, present(ObjectMetaSchema)],
  provisioner: [2, required(field(string, 'Name of the program that makes volumes of this class.'))],
  parameters: [3, field(map(string), 'Settings for the provisioner.')],
  reclaimPolicy: [
    4,
    field(string, 'What happens to a volume when its claim goes: Delete or Retain.', {
      default: 'Delete',
      enum: ['Delete', 'Retain'],
    }),
  ],
  mountOptions: [5, list(string)],
  allowVolumeExpansion: [6, field(bool, 'Whether claims may grow.')],
  volumeBindingMode: [
    7,
    field(string, 'Immediate, or WaitForFirstConsumer to choose the place with the first user.', {
      default: 'Immediate',
      enum: ['Immediate', 'WaitForFirstConsumer'],
    }),
  ],
  allowedTopologies: [8, list(TopologySelectorTermSchema, { type: 'atomic' })],
});
export interface StorageClass extends TypeOf<typeof storageClass> {}
export const StorageClassSchema = named<StorageClass>(storageClass);
export const StorageClass = defineBuiltIn<StorageClass>({
  schema: StorageClassSchema,
  group: 'storage.k8s.io',
  version: 'v1',
  kind: 'StorageClass',
  plural: 'storageclasses',
  shortNames: ['sc'],
  clusterScoped: true,
});
