import { opaque } from '../schema/builder.ts';
import type { JsonSchema } from '../schema/json-schema.ts';

/**
 * apiextensions/v1 JSONSchemaProps. It contains itself, and a schema graph may not: its own structure is checked by the code
 * that reads custom resource definitions, not by this schema.
 */
export const jsonSchemaProps = opaque<JsonSchema>(
  'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaProps',
  'An OpenAPI v3 schema that a custom resource must follow.',
);
