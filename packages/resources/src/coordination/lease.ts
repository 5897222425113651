import { defineBuiltIn } from '../define.ts';
import { ObjectMetaSchema } from '../meta/types.ts';
import { field, int32, kind, message, microTime, named, present, string, type TypeOf } from '../schema/builder.ts';

const leaseSpec = message('io.k8s.api.coordination.v1.LeaseSpec', '', {
  holderIdentity: [1, field(string, 'Name of the holder.')],
  leaseDurationSeconds: [2, field(int32, 'Seconds after which an unrenewed lease may be taken over.')],
  acquireTime: [3, microTime],
  renewTime: [4, microTime],
  leaseTransitions: [5, int32],
});
export interface LeaseSpec extends TypeOf<typeof leaseSpec> {}
export const LeaseSpecSchema = named<LeaseSpec>(leaseSpec);

const lease = kind(
  'io.k8s.api.coordination.v1.Lease',
  'A claim that must be renewed, used for leader election and node heartbeats.',
  {
    metadata: [1, present(ObjectMetaSchema)],
    spec: [2, present(field(LeaseSpecSchema, 'Who holds it and until when.'))],
  },
);
export interface Lease extends TypeOf<typeof lease> {}
export const LeaseSchema = named<Lease>(lease);
export const Lease = defineBuiltIn<Lease>({
  schema: LeaseSchema,
  group: 'coordination.k8s.io',
  version: 'v1',
  kind: 'Lease',
  plural: 'leases',
});
