/**
 * Kubernetes quantities as admission compares them: exact amounts in billionths (10⁻⁹), the finest that a suffix can name.
 * Source: apimachinery api/resource.
 */
export const UNIT = 1_000_000_000n;

const SUFFIXES: Readonly<Record<string, bigint>> = {
  n: 1n,
  u: 1_000n,
  m: 1_000_000n,
  '': UNIT,
  k: UNIT * 1000n,
  M: UNIT * 1000n ** 2n,
  G: UNIT * 1000n ** 3n,
  T: UNIT * 1000n ** 4n,
  P: UNIT * 1000n ** 5n,
  E: UNIT * 1000n ** 6n,
  Ki: UNIT * 1024n,
  Mi: UNIT * 1024n ** 2n,
  Gi: UNIT * 1024n ** 3n,
  Ti: UNIT * 1024n ** 4n,
  Pi: UNIT * 1024n ** 5n,
  Ei: UNIT * 1024n ** 6n,
};

const FORM = /^([+-]?)([0-9.]+)([eEinumkKMGTP]*)([-+]?[0-9]*)$/;
const NUMBER = /^([0-9]*)(?:\.([0-9]*))?$/;

export const QUANTITY_FORM_TEXT =
  "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";

/** Beyond this no machine has as much; it also bounds what a hostile exponent can cost. */
const MAX_EXPONENT = 30;

export type ParsedQuantity = { readonly nanos: bigint } | { readonly error: string };

/** Reads a quantity, or tells with Kubernetes' sentence why it is none. Fractions of a billionth are rounded up. */
export function parseQuantity(text: string): ParsedQuantity {
  const form = text.length <= 128 ? FORM.exec(text) : null;
  if (!form) return { error: QUANTITY_FORM_TEXT };
  const [, sign = '', digits = '', letters = '', tail = ''] = form;
  const number = NUMBER.exec(digits);
  if (!number || digits === '.') return { error: 'unable to parse numeric part of quantity' };
  let unit: bigint | undefined;
  let divisor = 1n;
  if (tail !== '') {
    const exponent = Number(tail);
    if ((letters !== 'e' && letters !== 'E') || !Number.isInteger(exponent) || Math.abs(exponent) > MAX_EXPONENT)
      return { error: "unable to parse quantity's suffix" };
    unit = exponent >= 0 ? UNIT * 10n ** BigInt(exponent) : UNIT;
    if (exponent < 0) divisor = 10n ** BigInt(-exponent);
  } else {
    unit = Object.hasOwn(SUFFIXES, letters) ? SUFFIXES[letters] : undefined;
  }
  if (unit === undefined) return { error: "unable to parse quantity's suffix" };
  const [, whole = '', fraction = ''] = number;
  divisor *= 10n ** BigInt(fraction.length);
  const scaled = BigInt(`${whole}${fraction}` || '0') * unit;
  const nanos = (scaled + divisor - 1n) / divisor;
  return { nanos: sign === '-' ? -nanos : nanos };
}

/** An amount that the schema has accepted already; 0 when absent. */
export function nanosOf(quantity: string | number | undefined): bigint {
  if (quantity === undefined) return 0n;
  const parsed = parseQuantity(String(quantity));
  return 'nanos' in parsed ? parsed.nanos : 0n;
}

export const ceilUnits = (nanos: bigint): bigint => (nanos + UNIT - 1n) / UNIT;
