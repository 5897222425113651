import { Quantity } from '@virtplane/resources';

export const QUANTITY_FAULT =
  "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";

const cache = new Map<string, string>();
const CACHE_SIZE = 4096;
const CACHED_LENGTH = 32;

/** The canonical text of a quantity (`1024Mi` → `1Gi`, `0.5` → `500m`), or undefined for what is none. The same few occur again and again. */
export function canonicalQuantity(text: string): string | undefined {
  const known = cache.get(text);
  if (known !== undefined) return known;
  const canonical = Quantity.tryParse(text.trim())?.toString();
  if (canonical !== undefined && text.length <= CACHED_LENGTH) {
    if (cache.size >= CACHE_SIZE) cache.clear();
    cache.set(text, canonical);
  }
  return canonical;
}
