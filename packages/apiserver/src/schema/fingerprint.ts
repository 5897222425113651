import { createHash } from 'node:crypto';
import type { JsonSchema, ResourceDefinition } from '@virtplane/resources';

/**
 * Tells declarations apart. Types are visited once, not everywhere they are used: a fraction of the work of writing the
 * schema out.
 */
export function fingerprintOf(
  definition: ResourceDefinition,
  schemas: readonly JsonSchema[] = [definition.schema],
): string {
  const hash = createHash('sha256');
  const numbers = new Map<JsonSchema, number>();
  const parts: string[] = [];
  const visit = (schema: JsonSchema): void => {
    const known = numbers.get(schema);
    if (known !== undefined) {
      parts.push(`#${known}`);
      return;
    }
    numbers.set(schema, numbers.size);
    const { properties, items, additionalProperties, ...own } = schema;
    parts.push(JSON.stringify(own));
    if (properties) {
      for (const name in properties) {
        parts.push(`.${name}`);
        visit(properties[name]!);
      }
    }
    if (items) {
      parts.push('[]');
      visit(items);
    }
    if (typeof additionalProperties === 'object') {
      parts.push('{}');
      visit(additionalProperties);
    } else if (additionalProperties !== undefined) parts.push(`{${additionalProperties}}`);
  };
  for (const schema of schemas) visit(schema);
  const {
    group,
    version,
    servedVersions,
    kind,
    plural,
    singular,
    shortNames,
    categories,
    namespaced,
    verbs,
    subresources,
    columns,
  } = definition;
  hash.update(
    JSON.stringify({
      group,
      version,
      servedVersions,
      kind,
      plural,
      singular,
      shortNames,
      categories,
      namespaced,
      verbs,
      subresources,
      columns,
    }),
  );
  hash.update(parts.join('\n'));
  return hash.digest('hex').slice(0, 16);
}
