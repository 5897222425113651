/**
 * Kubernetes quantities, exact. Source: apimachinery pkg/api/resource: a value is a whole number of nanos (finer input is
 * rounded away from zero), the suffix style of the input decides how it prints.
 */
export type QuantityFormat = 'DecimalSI' | 'DecimalExponent' | 'BinarySI';

export class QuantityError extends Error {
  override readonly name = 'QuantityError';
}

const WRONG_FORM = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
const WRONG_SUFFIX = "unable to parse quantity's suffix";

const NANOS = 1_000_000_000n;
/** Go caps binary quantities at the largest int64. */
const MAX_BINARY = ((1n << 63n) - 1n) * NANOS;
/** Beyond any real amount; keeps `1e999999999` from costing memory. Go accepts more. */
const MAX_EXPONENT = 4096;
const MAX_LENGTH = 4096;

const DECIMAL: Readonly<Record<string, number>> = { n: -9, u: -6, m: -3, '': 0, k: 3, M: 6, G: 9, T: 12, P: 15, E: 18 };
const BINARY: Readonly<Record<string, number>> = { Ki: 10, Mi: 20, Gi: 30, Ti: 40, Pi: 50, Ei: 60 };
const DECIMAL_NAME = new Map(Object.entries(DECIMAL).map(([suffix, exponent]) => [exponent, suffix]));
const BINARY_NAME = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'];
const SUFFIX_LETTERS = 'eEinumkKMGTP';

const isDigit = (code: number): boolean => code >= 48 && code <= 57;

interface Parts {
  readonly negative: boolean;
  readonly whole: string;
  readonly fraction: string;
  readonly suffix: string;
}

/** Go's hand-written scanner: letters may come in any order here, `interpret` refuses what is no suffix. */
function split(text: string): Parts {
  let at = 0;
  const sign = text[0];
  if (sign === '-' || sign === '+') at++;
  const digits = (): string => {
    const start = at;
    while (at < text.length && isDigit(text.charCodeAt(at))) at++;
    return text.slice(start, at);
  };
  const whole = digits();
  let fraction = '';
  if (text[at] === '.') {
    at++;
    fraction = digits();
  }
  const suffixStart = at;
  while (at < text.length && SUFFIX_LETTERS.includes(text[at]!)) at++;
  if (text[at] === '-' || text[at] === '+') at++;
  digits();
  if (at < text.length) throw new QuantityError(WRONG_FORM);
  return { negative: sign === '-', whole, fraction, suffix: text.slice(suffixStart) };
}

interface Scale {
  readonly base: 2 | 10;
  readonly exponent: number;
  readonly format: QuantityFormat;
}

function interpret(suffix: string): Scale {
  const decimal = DECIMAL[suffix];
  if (decimal !== undefined) return { base: 10, exponent: decimal, format: 'DecimalSI' };
  const binary = BINARY[suffix];
  if (binary !== undefined) return { base: 2, exponent: binary, format: 'BinarySI' };
  if (suffix.length > 1 && (suffix[0] === 'e' || suffix[0] === 'E') && /^[-+]?\d+$/.test(suffix.slice(1))) {
    const exponent = Number(suffix.slice(1));
    if (exponent <= MAX_EXPONENT) return { base: 10, exponent, format: 'DecimalExponent' };
  }
  throw new QuantityError(WRONG_SUFFIX);
}

/** `digits · 10^power`, rounded away from zero when it is no whole number. */
function shifted(digits: bigint, power: number, length: number): bigint {
  if (power >= 0) return digits * 10n ** BigInt(power);
  if (digits === 0n) return 0n;
  if (-power > length) return 1n;
  const divisor = 10n ** BigInt(-power);
  return (digits + divisor - 1n) / divisor;
}

/** Rounds towards positive infinity, as Go's Value and MilliValue do. */
const ceilDivide = (value: bigint, divisor: bigint): bigint => {
  const quotient = value / divisor;
  return value % divisor > 0n ? quotient + 1n : quotient;
};

function formatDecimal(nanos: bigint, format: QuantityFormat): string {
  let mantissa = nanos;
  let exponent = -9;
  while (mantissa % 10n === 0n) {
    mantissa /= 10n;
    exponent++;
  }
  while (exponent % 3 !== 0) {
    mantissa *= 10n;
    exponent--;
  }
  if (format === 'DecimalExponent') return exponent === 0 ? String(mantissa) : `${mantissa}e${exponent}`;
  // There is no suffix above E; Go drops the exponent there, which would change the value.
  while (exponent > 18) {
    mantissa *= 1000n;
    exponent -= 3;
  }
  return `${mantissa}${DECIMAL_NAME.get(exponent)}`;
}

function formatBinary(whole: bigint): string {
  let mantissa = whole;
  let power = 0;
  while (power < BINARY_NAME.length - 1 && mantissa % 1024n === 0n) {
    mantissa /= 1024n;
    power++;
  }
  return `${mantissa}${BINARY_NAME[power]}`;
}

export class Quantity {
  readonly #nanos: bigint;
  readonly format: QuantityFormat;

  private constructor(nanos: bigint, format: QuantityFormat) {
    this.#nanos = nanos;
    this.format = format;
  }

  static readonly zero = new Quantity(0n, 'DecimalSI');

  /** @throws QuantityError with Go's text. */
  static parse(text: string | number): Quantity {
    const source = String(text);
    if (source === '' || source.length > MAX_LENGTH) throw new QuantityError(WRONG_FORM);
    const { negative, whole, fraction, suffix } = split(source);
    const { base, exponent, format } = interpret(suffix);
    const digits = BigInt(`0${whole}${fraction}`);
    const length = whole.length + fraction.length;
    const nanos =
      base === 10
        ? shifted(digits, exponent - fraction.length + 9, length)
        : shifted(digits << BigInt(exponent), 9 - fraction.length, length + 20);
    if (format === 'BinarySI') {
      const capped = nanos > MAX_BINARY ? MAX_BINARY : nanos;
      // Below 1 a binary suffix would print as a rounded zero.
      return new Quantity(negative ? -capped : capped, capped > 0n && capped < NANOS ? 'DecimalSI' : format);
    }
    return new Quantity(negative ? -nanos : nanos, format);
  }

  /** Undefined for text that is no quantity. */
  static tryParse(text: string | number): Quantity | undefined {
    try {
      return Quantity.parse(text);
    } catch (error) {
      if (error instanceof QuantityError) return undefined;
      throw error;
    }
  }

  /** A whole number of units. Bytes that should print as Mi or Gi take `BinarySI`. */
  static of(value: bigint | number, format: QuantityFormat = 'DecimalSI'): Quantity {
    return new Quantity(BigInt(value) * NANOS, format);
  }

  static ofMilli(value: bigint | number, format: QuantityFormat = 'DecimalSI'): Quantity {
    return new Quantity(BigInt(value) * 1_000_000n, format);
  }

  /** A sum prints in the format of its first operand that is not zero. */
  add(other: Quantity): Quantity {
    return new Quantity(this.#nanos + other.#nanos, this.#nanos === 0n ? other.format : this.format);
  }

  sub(other: Quantity): Quantity {
    return new Quantity(this.#nanos - other.#nanos, this.#nanos === 0n ? other.format : this.format);
  }

  neg(): Quantity {
    return new Quantity(-this.#nanos, this.format);
  }

  cmp(other: Quantity): -1 | 0 | 1 {
    return this.#nanos < other.#nanos ? -1 : this.#nanos > other.#nanos ? 1 : 0;
  }

  equals(other: Quantity): boolean {
    return this.#nanos === other.#nanos;
  }

  sign(): -1 | 0 | 1 {
    return this.#nanos < 0n ? -1 : this.#nanos > 0n ? 1 : 0;
  }

  isZero(): boolean {
    return this.#nanos === 0n;
  }

  /** Whole units, rounded up. */
  value(): bigint {
    return ceilDivide(this.#nanos, NANOS);
  }

  /** Thousandths, rounded up: millicores. */
  milliValue(): bigint {
    return ceilDivide(this.#nanos, 1_000_000n);
  }

  /** Nearest floating-point number. Exact for whole values up to 2^53. */
  toNumber(): number {
    const whole = this.#nanos / NANOS;
    return Number(whole) + Number(this.#nanos - whole * NANOS) / 1e9;
  }

  /** Canonical form: no fraction, the largest suffix that loses nothing. */
  toString(): string {
    const nanos = this.#nanos;
    if (nanos === 0n) return '0';
    if (this.format !== 'BinarySI') return formatDecimal(nanos, this.format);
    const whole = nanos / NANOS;
    const small = whole > -1024n && whole < 1024n;
    return small || whole * NANOS !== nanos ? formatDecimal(nanos, 'DecimalSI') : formatBinary(whole);
  }

  toJSON(): string {
    return this.toString();
  }
}

/** What the API server stores: `1024Mi` → `1Gi`, `0.5` → `500m`. @throws QuantityError */
export const canonicalQuantity = (text: string | number): string => Quantity.parse(text).toString();

/** Whole units as a number, rounded up; for amounts of memory and storage. @throws QuantityError */
export const quantityBytes = (text: string | number): number => Number(Quantity.parse(text).value());

/** Thousandths as a number, rounded up; for CPU. @throws QuantityError */
export const quantityMilli = (text: string | number): number => Number(Quantity.parse(text).milliValue());
