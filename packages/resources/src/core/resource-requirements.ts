import { field, map, message, named, quantity, type TypeOf } from '../schema/builder.ts';

const resourceRequirements = message(
  'io.k8s.api.core.v1.ResourceRequirements',
  'What is set aside for a container and what it may use at most.',
  {
    limits: [1, field(map(quantity), 'Most that may be used.')],
    requests: [2, field(map(quantity), 'What is set aside; counts when a node is chosen.')],
  },
);
export interface ResourceRequirements extends TypeOf<typeof resourceRequirements> {}
export const ResourceRequirementsSchema = named<ResourceRequirements>(resourceRequirements);
