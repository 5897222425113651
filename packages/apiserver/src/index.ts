export * from './auth/authorizer.ts';
export * from './cache/object-source.ts';
export * from './http/request.ts';
export * from './kinds/strategy.ts';
export * from './registry/served-resource.ts';
export * from './schema/compiled-schema.ts';
export * from './store/store.ts';
