const SHAPE = /^([+-]?)(\d*)(?:\.(\d*))?([numkMGTPE]|[KMGTPE]i|[eE][+-]?\d+)?$/;
const DECIMAL = ['n', 'u', 'm', '', 'k', 'M', 'G', 'T', 'P', 'E'];
const BINARY = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'];
const NANO = 1_000_000_000n;
/** Go caps what does not fit into its int64. */
const LARGEST = (2n ** 63n - 1n) * NANO;
/** Beyond this exponent everything is capped or rounded, whatever the digits say. */
const MAX_EXPONENT = 40;
const MAX_DIGITS = 64;

export const QUANTITY_FAULT =
  "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";

const cache = new Map<string, string | undefined>();
const CACHE_SIZE = 4096;

/** The canonical text of a quantity (`1024Mi` → `1Gi`, `0.5` → `500m`), or undefined for what is none. */
export function canonicalQuantity(text: string): string | undefined {
  const known = cache.get(text);
  if (known !== undefined) return known;
  const canonical = canonicalize(text.trim());
  if (text.length < 32) {
    if (cache.size >= CACHE_SIZE) cache.clear();
    cache.set(text, canonical);
  }
  return canonical;
}

/** The value in billionths, rounded up; undefined for what is no quantity. */
export function nanoValue(text: string): bigint | undefined {
  return parse(text)?.nano;
}

interface Parsed {
  readonly nano: bigint;
  readonly format: 'decimal' | 'binary' | 'exponent';
}

function parse(text: string): Parsed | undefined {
  const match = SHAPE.exec(text);
  if (!match) return undefined;
  const [, sign = '', whole = '', fraction = '', suffix = ''] = match;
  if (whole === '' && fraction === '') return undefined;
  if (whole.length + fraction.length > MAX_DIGITS) return undefined;
  const binary = suffix.endsWith('i');
  const isExponent = /^[eE]./.test(suffix);
  const exponent = isExponent ? Number(suffix.slice(1)) : binary ? 0 : (DECIMAL.indexOf(suffix) - 3) * 3;
  const bounded = Math.max(-MAX_EXPONENT, Math.min(MAX_EXPONENT, exponent));
  const digits = BigInt(whole + fraction) * (binary ? 1024n ** BigInt(BINARY.indexOf(suffix)) : 1n);
  const scale = 9 + bounded - fraction.length;
  let nano = digits;
  if (scale >= 0) nano *= 10n ** BigInt(scale);
  else {
    const divisor = 10n ** BigInt(-scale);
    nano = (nano + divisor - 1n) / divisor;
  }
  if (nano > LARGEST) nano = LARGEST;
  return { nano: sign === '-' ? -nano : nano, format: binary ? 'binary' : isExponent ? 'exponent' : 'decimal' };
}

/** Source: apimachinery resource.Quantity.CanonicalizeBytes. */
function canonicalize(text: string): string | undefined {
  const parsed = parse(text);
  if (!parsed) return undefined;
  let { nano } = parsed;
  if (nano === 0n) return '0';
  const magnitude = nano < 0n ? -nano : nano;
  if (parsed.format === 'binary' && magnitude >= 1024n * NANO && nano % NANO === 0n) {
    let value = nano / NANO;
    let step = 0;
    while (value % 1024n === 0n && step < BINARY.length - 1) {
      value /= 1024n;
      step++;
    }
    return `${value}${BINARY[step]}`;
  }
  let step = 0;
  while (nano % 1000n === 0n && step < DECIMAL.length - 1) {
    nano /= 1000n;
    step++;
  }
  if (parsed.format !== 'exponent') return `${nano}${DECIMAL[step]}`;
  return step === 3 ? String(nano) : `${nano}e${(step - 3) * 3}`;
}
