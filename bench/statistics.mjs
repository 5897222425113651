/** @param {readonly number[]} values @param {number} fraction 0.5 is the median */
export function quantile(values, fraction) {
  const sorted = Float64Array.from(values).sort();
  if (sorted.length === 0) return Number.NaN;
  return /** @type {number} */ (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * fraction))]);
}

/** @param {readonly number[]} values */
export const median = (values) => quantile(values, 0.5);

/** @param {readonly number[]} values */
export const sum = (values) => values.reduce((total, value) => total + value, 0);

/** Four significant digits: more is noise. @param {number} value */
export const rounded = (value) => (Number.isFinite(value) ? Number(value.toPrecision(4)) : null);

/** @param {number} ms */
export const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * Waits for a condition by asking again and again.
 * @template T
 * @param {string} what named when it does not come
 * @param {() => T | Promise<T>} check a truthy answer ends the wait
 * @param {{ withinMs?: number, everyMs?: number }} [options]
 * @returns {Promise<NonNullable<T>>}
 */
export async function until(what, check, { withinMs = 60_000, everyMs = 10 } = {}) {
  const end = Date.now() + withinMs;
  for (;;) {
    const answer = await check();
    if (answer) return answer;
    if (Date.now() > end) throw new Error(`waited ${withinMs / 1000} s in vain for ${what}`);
    await pause(everyMs);
  }
}
