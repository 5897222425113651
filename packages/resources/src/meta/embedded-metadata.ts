import type { Schema } from '../schema/builder.ts';
import type { ObjectMeta } from './object.ts';

/** Metadata of a template inside a custom resource: kept as it is given, which is how KubeVirt publishes it. */
export const embeddedMetadata: Schema<ObjectMeta> = {
  type: 'object',
  nullable: true,
  'x-kubernetes-preserve-unknown-fields': true,
};
