/** Go's time.Duration: nanoseconds as bigint, with Go's grammar, error texts and print. */
export class DurationError extends Error {
  override readonly name = 'DurationError';
}

const LIMIT = 1n << 63n;
/** An int64 has 19 digits; the rest is room for leading zeros. */
const MAX_DIGITS = 64;

const UNITS: ReadonlyMap<string, bigint> = new Map([
  ['ns', 1n],
  ['us', 1_000n],
  ['µs', 1_000n],
  ['μs', 1_000n],
  ['ms', 1_000_000n],
  ['s', 1_000_000_000n],
  ['m', 60_000_000_000n],
  ['h', 3_600_000_000_000n],
]);

/** Go's time.quote: bytes outside printable ASCII as \xNN. */
function quote(text: string): string {
  let out = '"';
  for (const byte of Buffer.from(text, 'utf8')) {
    if (byte === 0x22 || byte === 0x5c) out += `\\${String.fromCharCode(byte)}`;
    else if (byte < 0x20 || byte >= 0x7f) out += `\\x${byte.toString(16).padStart(2, '0')}`;
    else out += String.fromCharCode(byte);
  }
  return `${out}"`;
}

const isDigit = (c: string | undefined): boolean => c !== undefined && c >= '0' && c <= '9';

function skipDigits(text: string, from: number): number {
  let at = from;
  while (isDigit(text[at])) at++;
  return at;
}

/**
 * Nanoseconds of `1h30m`, `1.5s`, `-2ms`.
 * @throws DurationError `time: invalid duration "abc"`, `time: missing unit in duration "10"`, `time: unknown unit "d" in …`
 */
export function parseDuration(text: string): bigint {
  const invalid = (): DurationError => new DurationError(`time: invalid duration ${quote(text)}`);
  let at = text[0] === '-' || text[0] === '+' ? 1 : 0;
  const negative = text[0] === '-';
  const body = text.slice(at);
  if (body === '0') return 0n;
  if (body === '') throw invalid();
  let total = 0n;
  while (at < text.length) {
    const wholeEnd = skipDigits(text, at);
    const whole = text.slice(at, wholeEnd);
    const fractionEnd = text[wholeEnd] === '.' ? skipDigits(text, wholeEnd + 1) : wholeEnd;
    const fraction = text.slice(wholeEnd + 1, fractionEnd);
    if ((whole === '' && fraction === '') || whole.length > MAX_DIGITS) throw invalid();
    let unitEnd = fractionEnd;
    while (unitEnd < text.length && text[unitEnd] !== '.' && !isDigit(text[unitEnd])) unitEnd++;
    const unitName = text.slice(fractionEnd, unitEnd);
    if (unitName === '') throw new DurationError(`time: missing unit in duration ${quote(text)}`);
    const unit = UNITS.get(unitName);
    if (unit === undefined) {
      throw new DurationError(`time: unknown unit ${quote(unitName)} in duration ${quote(text)}`);
    }
    total += BigInt(whole === '' ? 0 : whole) * unit;
    // More than 18 decimals are finer than any unit; Go ignores what overflows likewise.
    const decimals = fraction.slice(0, 18);
    if (decimals !== '') total += (BigInt(decimals) * unit) / 10n ** BigInt(decimals.length);
    if (total > LIMIT) throw invalid();
    at = unitEnd;
  }
  if (negative) return -total;
  if (total === LIMIT) throw invalid();
  return total;
}

/** Whole milliseconds, rounded towards zero. @throws DurationError */
export const durationMs = (text: string): number => Number(parseDuration(text) / 1_000_000n);

function withFraction(nanos: bigint, unit: bigint): string {
  const whole = nanos / unit;
  const rest = nanos % unit;
  if (rest === 0n) return String(whole);
  const digits = String(unit).length - 1;
  return `${whole}.${String(rest).padStart(digits, '0').replace(/0+$/, '')}`;
}

/** Go's Duration.String: `48h0m0s`, `1m30s`, `1.5s`, `2ms`, `0s`. */
export function formatDuration(nanos: bigint): string {
  if (nanos === 0n) return '0s';
  const sign = nanos < 0n ? '-' : '';
  const size = nanos < 0n ? -nanos : nanos;
  if (size < 1_000n) return `${sign}${size}ns`;
  if (size < 1_000_000n) return `${sign}${withFraction(size, 1_000n)}µs`;
  if (size < 1_000_000_000n) return `${sign}${withFraction(size, 1_000_000n)}ms`;
  const seconds = size / 1_000_000_000n;
  const hours = seconds / 3600n;
  const minutes = (seconds / 60n) % 60n;
  const rest = `${withFraction(size % 60_000_000_000n, 1_000_000_000n)}s`;
  if (hours > 0n) return `${sign}${hours}h${minutes}m${rest}`;
  return minutes > 0n ? `${sign}${minutes}m${rest}` : `${sign}${rest}`;
}

export const formatDurationMs = (milliseconds: number): string =>
  formatDuration(BigInt(Math.trunc(milliseconds)) * 1_000_000n);
