export * from './definition.ts';
export * from './meta/field-error.ts';
export * from './meta/object.ts';
export * from './meta/status.ts';
export type { JsonSchema } from './schema/json-schema.ts';
