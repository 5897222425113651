import { defineBuiltIn } from '../define.ts';
import { ObjectMetaSchema } from '../meta/types.ts';
import { int32, kind, message, named, present, required, string, type TypeOf } from '../schema/builder.ts';

const scaleSpec = message('io.k8s.api.autoscaling.v1.ScaleSpec', '', {
  replicas: [1, int32],
});
export interface ScaleSpec extends TypeOf<typeof scaleSpec> {}
export const ScaleSpecSchema = named<ScaleSpec>(scaleSpec);

const scaleStatus = message('io.k8s.api.autoscaling.v1.ScaleStatus', '', {
  replicas: [1, required(int32)],
  selector: [2, string],
});
export interface ScaleStatus extends TypeOf<typeof scaleStatus> {}
export const ScaleStatusSchema = named<ScaleStatus>(scaleStatus);

const scale = kind('io.k8s.api.autoscaling.v1.Scale', 'Desired and present number of replicas of another object.', {
  metadata: [1, present(ObjectMetaSchema)],
  spec: [2, ScaleSpecSchema],
  status: [3, ScaleStatusSchema],
});
export interface Scale extends TypeOf<typeof scale> {}
export const ScaleSchema = named<Scale>(scale);
export const Scale = defineBuiltIn<Scale>({
  schema: ScaleSchema,
  group: 'autoscaling',
  version: 'v1',
  kind: 'Scale',
  plural: 'scales',
  verbs: [],
});
