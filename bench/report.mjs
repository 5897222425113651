import { promises } from './promises.mjs';
import { references } from './references.mjs';
import { rounded } from './statistics.mjs';

/**
 * @typedef {object} Figure
 * @property {string} name
 * @property {number | null} value
 * @property {string} unit
 * @property {number} n how many runs or samples stand behind the value
 * @property {number | null} reference
 * @property {number | null} ratio value over reference
 * @property {number | null} target
 * @property {boolean | null} met
 */

/**
 * @param {string} name
 * @param {number} value
 * @param {number} n
 * @param {number} [reference] measured in the same run; otherwise the known one
 * @returns {Figure}
 */
export function figure(name, value, n, reference = references[name]) {
  const promised = promises[name];
  if (!promised) throw new Error(`there is no figure ${name}`);
  const { unit, honest: target = null } = promised;
  return {
    name,
    value: rounded(value),
    unit,
    n,
    reference: reference === undefined ? null : rounded(reference),
    ratio: reference ? rounded(value / reference) : null,
    target,
    met: target === null ? null : value <= target,
  };
}

/** A fifth above the target is the noise that a shared machine is granted. @param {Figure} f */
export const isMissed = ({ value, target }) => target !== null && (value === null || value > target * 1.2);

/** @param {readonly Figure[]} figures */
export function table(figures) {
  const header = ['figure', 'value', 'target', 'reference', 'ratio', 'n', ''];
  const show = (value) => (value === null ? '' : String(value));
  const rows = figures.map((f) => [
    promises[f.name]?.what ?? f.name,
    `${show(f.value)} ${f.unit}`,
    f.target === null ? '' : `≤ ${f.target}`,
    show(f.reference),
    show(f.ratio),
    String(f.n),
    f.met === null ? '' : f.met ? 'met' : isMissed(f) ? 'MISSED' : 'within 20 %',
  ]);
  const widths = header.map((title, i) => Math.max(title.length, ...rows.map((row) => row[i].length)));
  return [header, ...rows]
    .map((row) =>
      row
        .map((cell, i) => cell.padEnd(widths[i]))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
