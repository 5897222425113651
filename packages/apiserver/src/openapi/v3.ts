import type { ServedResource } from '../registry/served-resource.ts';
import { type PathItem, pathsOf, queryType } from './paths.ts';
import { Definitions } from './schemas.ts';

/** One resource in one of its versions. */
export interface VersionOf {
  readonly served: ServedResource;
  readonly version: string;
}

/** The OpenAPI v3 document of a group version. */
export function buildV3(resources: readonly VersionOf[], release: string): Buffer {
  const definitions = new Definitions('v3');
  const paths: Record<string, unknown> = {};
  for (const { served, version } of resources) {
    const found = served.versions.find((v) => v.name === version);
    if (found) definitions.addResource(served, found);
    for (const item of pathsOf(served.definition, version)) paths[item.path] = pathItem(item);
  }
  return Buffer.from(
    JSON.stringify({
      openapi: '3.0.0',
      info: { title: 'Kubernetes', version: release },
      paths,
      components: { schemas: Object.fromEntries(definitions.all()) },
    }),
  );
}

function pathItem(item: PathItem): Record<string, unknown> {
  const out: Record<string, unknown> = {};
  for (const operation of item.operations) {
    const schema = operation.answers === undefined ? {} : { $ref: `#/components/schemas/${operation.answers}` };
    out[operation.method] = {
      operationId: operation.id,
      parameters: operation.queries.map((name) => ({ name, in: 'query', schema: { type: queryType(name) } })),
      ...(operation.method === 'post' || operation.method === 'put' || operation.method === 'patch'
        ? {
            requestBody: {
              content: Object.fromEntries(
                operation.consumes.map((type) => [
                  type,
                  { schema: operation.method === 'patch' ? { type: 'object' } : schema },
                ]),
              ),
            },
          }
        : {}),
      responses: { '200': { description: 'OK', content: { 'application/json': { schema } } } },
      'x-kubernetes-action': operation.action,
      'x-kubernetes-group-version-kind': operation.gvk,
    };
  }
  if (item.parameters.length > 0) {
    out.parameters = item.parameters.map((name) => ({ name, in: 'path', required: true, schema: { type: 'string' } }));
  }
  return out;
}
