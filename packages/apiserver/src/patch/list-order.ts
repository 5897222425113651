/**
 * The order of a merged list. Items that `order` names come in its order; the rest keep theirs. Between the two, the next of
 * the rest goes first only if both it and the next named one stood in the original and it stood first; so new items come
 * before untouched ones: [a,b,c] + [d] = [d,a,b,c], [a,b,c] + [b,d] = [a,b,d,c]. Source: strategicpatch normalizeElementOrder.
 */
export function mergeOrder<T>(
  merged: readonly T[],
  order: readonly unknown[],
  original: readonly unknown[],
  identityOf: (item: unknown) => unknown,
): T[] {
  const text = (item: unknown): string => JSON.stringify(identityOf(item)) ?? '';
  const rank = new Map<string, number>();
  order.forEach((item, index) => {
    const key = text(item);
    if (!rank.has(key)) rank.set(key, index);
  });
  const position = new Map<string, number>();
  original.forEach((item, index) => {
    const key = text(item);
    if (!position.has(key)) position.set(key, index);
  });
  const named = merged
    .filter((item) => rank.has(text(item)))
    .sort((a, b) => (rank.get(text(a)) ?? 0) - (rank.get(text(b)) ?? 0));
  const rest = merged.filter((item) => !rank.has(text(item)));
  const result: T[] = [];
  let next = 0;
  for (const item of named) {
    const at = position.get(text(item));
    for (; next < rest.length && at !== undefined; next++) {
      const other = rest[next] as T;
      const otherAt = position.get(text(other));
      if (otherAt === undefined || otherAt > at) break;
      result.push(other);
    }
    result.push(item);
  }
  return [...result, ...rest.slice(next)];
}

/** A list that is replaced whole takes the order that comes with it only where that names its items. */
export function applyDirectiveFreeOrder(patch: readonly unknown[], order: readonly unknown[]): readonly unknown[] {
  return mergeOrder(patch, order, patch, (item) => item);
}
