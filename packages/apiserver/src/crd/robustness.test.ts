import { readFileSync } from 'node:fs';
import type { CustomResourceDefinition, JsonSchema, KubeObject } from '@virtplane/resources';
import { VirtualMachine } from '@virtplane/resources';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compileSchema } from '../schema/compile.ts';
import { servedFrom } from './serve.ts';
import { checkStructural } from './structural.ts';

const read = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`../../testdata/${name}`, import.meta.url), 'utf8'));

/** A document with one part replaced by anything. */
const damaged = (document: unknown): fc.Arbitrary<unknown> => {
  const paths: (string | number)[][] = [];
  const walk = (value: unknown, path: (string | number)[]): void => {
    if (path.length > 0) paths.push(path);
    if (Array.isArray(value)) for (const [i, item] of value.entries()) walk(item, [...path, i]);
    else if (value !== null && typeof value === 'object')
      for (const [key, item] of Object.entries(value)) walk(item, [...path, key]);
  };
  walk(document, []);
  return fc.tuple(fc.constantFrom(...paths), fc.jsonValue({ maxDepth: 3 })).map(([path, replacement]) => {
    const copy = structuredClone(document);
    let container = copy as Record<string | number, unknown>;
    for (const key of path.slice(0, -1)) container = container[key] as Record<string | number, unknown>;
    container[path.at(-1) ?? ''] = structuredClone(replacement);
    return copy;
  });
};

const walkThrough = (schema: JsonSchema, body: unknown): void => {
  const compiled = compileSchema(schema, { builtIn: false, kind: 'K', version: 'v1' });
  const object = body as KubeObject;
  if (compiled.decodeFault(object) !== undefined) return;
  const unknown: string[] = [];
  compiled.prune(object, unknown);
  const again: string[] = [];
  compiled.prune(object, again);
  expect(again).toEqual([]);
  compiled.applyDefaults(object);
  compiled.validate(object);
};

test('a damaged virtual machine is judged, never stumbled over', () => {
  fc.assert(
    fc.property(damaged(read('virtual-machine.json')), (body) => walkThrough(VirtualMachine.schema, body)),
    { numRuns: 300 },
  );
});

test('a schema that passes the structural check can be used on anything', () => {
  const crd = read('widget-crd.json') as CustomResourceDefinition;
  const schema = crd.spec.versions[0]?.schema?.openAPIV3Schema;
  const widget = {
    apiVersion: 'demo.vp.io/v1',
    kind: 'Widget',
    metadata: { name: 'w' },
    spec: { size: 1, list: [{ k: 'a' }], set: ['a'], m: { a: 1 } },
  };
  fc.assert(
    fc.property(damaged(schema), damaged(widget), (candidate, body) => {
      if (checkStructural('s', candidate).length > 0) return;
      const made = structuredClone(crd);
      made.spec.versions[0]!.schema = { openAPIV3Schema: candidate as JsonSchema };
      const served = servedFrom(made, () => made);
      walkThrough(served.versions[0]?.jsonSchema ?? {}, structuredClone(body));
    }),
    { numRuns: 400 },
  );
});
