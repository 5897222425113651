import { asObject, type JsonObject } from './json.ts';
import { parseQuantity } from './quantity.ts';

/** The first of the domain's quantities that is none, as Kubernetes' decoder would tell it; `undefined` when all are. */
export function quantityError(domain: JsonObject | undefined): string | undefined {
  const resources = asObject(domain?.resources);
  for (const values of [asObject(resources?.requests), asObject(resources?.limits)]) {
    for (const name in values) {
      const error = errorOf(values[name]);
      if (error) return error;
    }
  }
  return errorOf(asObject(domain?.memory)?.guest);
}

function errorOf(value: unknown): string | undefined {
  if (typeof value !== 'string' && typeof value !== 'number') return undefined;
  const parsed = parseQuantity(String(value));
  return 'error' in parsed ? parsed.error : undefined;
}
