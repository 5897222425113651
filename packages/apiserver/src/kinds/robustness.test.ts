import { builtInResources, type JsonSchema, type KubeObject } from '@virtplane/resources';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { tableOf } from '../table/table.ts';
import { serveBuiltIn } from './serve-built-in.ts';

/** Any value that Go's decoder lets pass: right types, anything missing, odd contents. */
function valueFor(schema: JsonSchema, depth: number): fc.Arbitrary<unknown> {
  switch (schema['x-scalar']) {
    case 'quantity':
      return fc.constantFrom('1', '500m', '-1Gi', '0', '1e3');
    case 'time':
    case 'microtime':
      return fc.constant('2024-01-01T00:00:00Z');
    case 'bytes':
      return fc.constantFrom('', 'AQ==');
    case 'int-or-string':
      return fc.constantFrom<string | number>(0, -1, 80, 'http', '25%', '200%', '');
    case 'raw':
      return fc.constant({});
  }
  switch (schema.type) {
    case 'string':
      return schema.enum
        ? fc.constantFrom(...(schema.enum as string[]), 'other')
        : fc.constantFrom('', 'a', 'A_', 'a/b', 'None', 'Exists', 'In');
    case 'boolean':
      return fc.boolean();
    case 'integer':
    case 'number':
      return fc.constantFrom(0, 1, -1, 70_000);
    case 'array':
      return depth > 7 ? fc.constant([]) : fc.array(valueFor(schema.items ?? {}, depth + 1), { maxLength: 2 });
    case 'object': {
      if (depth > 7) return fc.constant({});
      if (schema.properties) {
        const members = Object.entries(schema.properties).map(
          ([name, member]) => [name, valueFor(member, depth + 1)] as const,
        );
        // Half of what is wide: otherwise nothing deep is ever reached.
        return fc
          .subarray(members, { maxLength: Math.min(members.length, 6) })
          .chain((some) => fc.record(Object.fromEntries(some)));
      }
      const values = schema.additionalProperties;
      return typeof values === 'object'
        ? fc.dictionary(fc.constantFrom('a', 'cpu', 'memory', 'x.io/y', 'storage'), valueFor(values, depth + 1), {
            maxKeys: 2,
          })
        : fc.constant({});
    }
    default:
      return fc.constant({});
  }
}

describe('no accepted body makes a kind throw', () => {
  test.each(builtInResources.map((definition) => [`${definition.group}/${definition.kind}`, definition] as const))(
    '%s',
    (_, definition) => {
      const served = serveBuiltIn(definition);
      const { strategy } = served;
      const schema = served.versions[0]!.schema;
      const objects = valueFor(definition.schema, 0) as fc.Arbitrary<KubeObject>;
      const prepared = (body: KubeObject): KubeObject => {
        const object = { ...structuredClone(body), metadata: { name: 'n', ...body.metadata } };
        expect(schema.decodeFault(object)).toBeUndefined();
        schema.prune(object, []);
        schema.applyDefaults(object);
        strategy.applyDefaults?.(object);
        return object;
      };
      fc.assert(
        fc.property(objects, objects, (body, other) => {
          const created = prepared(body);
          strategy.prepareForCreate?.(created);
          schema.validate(created);
          strategy.validate?.(created);
          strategy.warnings?.(created);
          const old = prepared(other);
          strategy.prepareForCreate?.(old);
          const updated = prepared(body);
          strategy.prepareForUpdate?.(updated, old);
          strategy.validate?.(updated);
          strategy.validateUpdate?.(updated, old);
          const status = prepared(body);
          strategy.prepareForStatusUpdate?.(status, old);
          strategy.validateStatusUpdate?.(status, old);
          strategy.selectableFields?.(updated);
          strategy.gracePeriodSeconds?.(updated, undefined);
          tableOf(served, definition.version, [updated], {}, { asVersion: 'v1', nowMs: 0 });
        }),
        { numRuns: 60 },
      );
    },
  );
});
