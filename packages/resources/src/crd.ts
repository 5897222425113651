import type { CustomResourceDefinition } from './apiextensions/custom-resource-definition.ts';
import type { PrinterColumn, ResourceDefinition } from './definition.ts';
import type { JsonSchema } from './schema/json-schema.ts';

const INT_OR_STRING: readonly JsonSchema[] = [{ type: 'integer' }, { type: 'string' }];

/** Keys that are ours, or that mean nothing in the schema of a custom resource. */
const UNPUBLISHED = new Set([
  '$id',
  'x-protobuf',
  'x-scalar',
  'x-inline',
  'x-kubernetes-patch-strategy',
  'x-kubernetes-patch-merge-key',
]);

/**
 * The schema as a CustomResourceDefinition publishes it: types spelled out in place. Shared parts stay shared by reference,
 * so the result costs little memory but must not be changed.
 */
export function publishedSchema(schema: JsonSchema, done = new Map<JsonSchema, JsonSchema>()): JsonSchema {
  const known = done.get(schema);
  if (known) return known;
  const out: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(schema)) if (!UNPUBLISHED.has(key)) out[key] = value;
  if (schema['x-kubernetes-int-or-string']) out.anyOf = INT_OR_STRING;
  if (schema.properties) {
    out.properties = Object.fromEntries(
      Object.entries(schema.properties).map(([name, member]) => [name, publishedSchema(member, done)]),
    );
  }
  if (schema.items) out.items = publishedSchema(schema.items, done);
  if (typeof schema.additionalProperties === 'object') {
    out.additionalProperties = publishedSchema(schema.additionalProperties, done);
  }
  done.set(schema, out);
  return out;
}

/** The server knows the metadata of every object; definitions only say that it is there. */
function rootSchema(schema: JsonSchema): JsonSchema {
  const published = publishedSchema(schema);
  return { ...published, properties: { ...published.properties, metadata: { type: 'object' } } };
}

function columnOf(column: PrinterColumn): PrinterColumn {
  const { name, type, jsonPath, format, description, priority } = column;
  return {
    ...(description !== undefined && { description }),
    ...(format !== undefined && { format }),
    jsonPath,
    name,
    ...(priority !== undefined && { priority }),
    type,
  };
}

/**
 * The CustomResourceDefinition of a custom kind, to be installed on a cluster or listed by the embedded server. Built on each
 * call: callers that need it often keep it.
 */
export function toCustomResourceDefinition(definition: ResourceDefinition): CustomResourceDefinition {
  const hasStatus = definition.subresources.some(({ name }) => name === 'status');
  const hasScale = definition.subresources.some(({ name }) => name === 'scale');
  const subresources = {
    ...(hasScale && {
      scale: {
        specReplicasPath: '.spec.replicas',
        statusReplicasPath: '.status.replicas',
        labelSelectorPath: '.status.labelSelector',
      },
    }),
    ...(hasStatus && { status: {} }),
  };
  const openAPIV3Schema = rootSchema(definition.schema);
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${definition.plural}.${definition.group}` },
    spec: {
      group: definition.group,
      names: {
        plural: definition.plural,
        singular: definition.singular,
        kind: definition.kind,
        listKind: definition.listKind,
        ...(definition.shortNames.length > 0 && { shortNames: [...definition.shortNames] }),
        ...(definition.categories.length > 0 && { categories: [...definition.categories] }),
      },
      scope: definition.namespaced ? 'Namespaced' : 'Cluster',
      conversion: { strategy: 'None' },
      versions: definition.servedVersions.map((name) => ({
        name,
        served: true,
        storage: name === definition.version,
        schema: { openAPIV3Schema },
        ...(hasStatus || hasScale ? { subresources } : {}),
        ...(definition.columns.length > 0 && { additionalPrinterColumns: definition.columns.map(columnOf) }),
      })),
    },
  };
}
