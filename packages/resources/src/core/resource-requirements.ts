import { map, message, named, quantity, type TypeOf } from '../schema/builder.ts';

const resourceRequirements = message('io.k8s.api.core.v1.ResourceRequirements', '', {
  limits: [1, map(quantity)],
  requests: [2, map(quantity)],
});
export interface ResourceRequirements extends TypeOf<typeof resourceRequirements> {}
export const ResourceRequirementsSchema = named<ResourceRequirements>(resourceRequirements);
