import { defineBuiltIn } from '../define.ts';
import { ObjectMetaSchema } from '../meta/types.ts';
import { int32, kind, message, microTime, named, present, string, type TypeOf } from '../schema/builder.ts';

const leaseSpec = message('io.k8s.api.coordination.v1.LeaseSpec', '', {
  holderIdentity: [1, string],
  leaseDurationSeconds: [2, int32],
  acquireTime: [3, microTime],
  renewTime: [4, microTime],
  leaseTransitions: [5, int32],
});
export interface LeaseSpec extends TypeOf<typeof leaseSpec> {}
export const LeaseSpecSchema = named<LeaseSpec>(leaseSpec);

const lease = kind('io.k8s.api.coordination.v1.Lease', '', {
  metadata: [1, present(ObjectMetaSchema)],
  spec: [2, present(LeaseSpecSchema)],
});
export interface Lease extends TypeOf<typeof lease> {}
export const LeaseSchema = named<Lease>(lease);
export const Lease = defineBuiltIn<Lease>({
  schema: LeaseSchema,
  group: 'coordination.k8s.io',
  version: 'v1',
  kind: 'Lease',
  plural: 'leases',
});
