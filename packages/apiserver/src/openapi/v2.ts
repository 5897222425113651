import { encodeDefinition, encodeDocument, encodePath } from './gnostic.ts';
import { type PathItem, pathsOf, queryType } from './paths.ts';
import { Definitions } from './schemas.ts';
import type { VersionOf } from './v3.ts';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** As much work as is done before others get their turn. */
const SLICE_MS = 8;

/** Lets others run when the slice is used up. */
class Slices {
  #startedMs = performance.now();

  async step(): Promise<void> {
    if (performance.now() - this.#startedMs < SLICE_MS) return;
    await turn();
    this.#startedMs = performance.now();
  }
}

async function gather(
  resources: readonly VersionOf[],
  slices: Slices,
): Promise<{ definitions: Definitions; paths: PathItem[] }> {
  const definitions = new Definitions('v2');
  const paths: PathItem[] = [];
  for (const { served, version } of resources) {
    const found = served.versions.find((v) => v.name === version);
    if (found) definitions.addResource(served, found);
    paths.push(...pathsOf(served.definition, version));
    await slices.step();
  }
  return { definitions, paths };
}

/** The OpenAPI v2 document of everything, as gnostic's protobuf message. */
export async function buildV2Protobuf(resources: readonly VersionOf[], release: string): Promise<Buffer> {
  const slices = new Slices();
  const { definitions, paths } = await gather(resources, slices);
  const encodedPaths: Buffer[] = [];
  for (const path of paths) {
    encodedPaths.push(encodePath(path));
    await slices.step();
  }
  const encodedDefinitions: Buffer[] = [];
  for (const [name, schema] of definitions.all()) {
    encodedDefinitions.push(encodeDefinition(name, schema));
    await slices.step();
  }
  return encodeDocument(release, encodedPaths, encodedDefinitions);
}

/** The OpenAPI v2 document of everything, as JSON. */
export async function buildV2Json(resources: readonly VersionOf[], release: string): Promise<Buffer> {
  const slices = new Slices();
  const { definitions, paths } = await gather(resources, slices);
  const parts: string[] = [];
  for (const path of paths) {
    parts.push(`${JSON.stringify(path.path)}:${JSON.stringify(pathItem(path))}`);
    await slices.step();
  }
  const schemas: string[] = [];
  for (const [name, schema] of definitions.all()) {
    schemas.push(`${JSON.stringify(name)}:${JSON.stringify(schema)}`);
    await slices.step();
  }
  const info = JSON.stringify({ title: 'Kubernetes', version: release });
  return Buffer.from(
    `{"swagger":"2.0","info":${info},"paths":{${parts.join(',')}},"definitions":{${schemas.join(',')}}}`,
  );
}

function pathItem(item: PathItem): Record<string, unknown> {
  const out: Record<string, unknown> = {};
  for (const operation of item.operations) {
    out[operation.method] = {
      operationId: operation.id,
      consumes: operation.consumes,
      produces: ['application/json'],
      parameters: operation.queries.map((name) => ({ name, in: 'query', type: queryType(name) })),
      responses: {
        '200': {
          description: 'OK',
          ...(operation.answers === undefined ? {} : { schema: { $ref: `#/definitions/${operation.answers}` } }),
        },
      },
      'x-kubernetes-action': operation.action,
      'x-kubernetes-group-version-kind': operation.gvk,
    };
  }
  if (item.parameters.length > 0) {
    out.parameters = item.parameters.map((name) => ({ name, in: 'path', required: true, type: 'string' }));
  }
  return out;
}
