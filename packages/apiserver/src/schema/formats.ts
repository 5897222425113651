import { isIP, isIPv4, isIPv6 } from 'node:net';
import { patternTest } from './patterns.ts';

type FormatTest = (value: string) => boolean;

const matches =
  (pattern: string, flags = ''): FormatTest =>
  (value) =>
    value.length <= 2048 && new RegExp(pattern, flags).test(value);

const DATE = /^(\d{4})-(\d{2})-(\d{2})$/;
const DATE_TIME =
  /^(\d{4}-\d{2}-\d{2})[Tt ](?:[01]\d|2[0-3]):[0-5]\d:(?:[0-5]\d|60)(?:[.,]\d{1,9})?(?:[Zz]|[+-](?:[01]\d|2[0-3]):?[0-5]\d)$/;

function isDate(value: string): boolean {
  const match = DATE.exec(value);
  if (!match) return false;
  const [, year, month, day] = match.map(Number) as [number, number, number, number];
  return month >= 1 && month <= 12 && day >= 1 && day <= new Date(Date.UTC(year, month, 0)).getUTCDate();
}

export function isDateTime(value: string): boolean {
  const match = DATE_TIME.exec(value);
  return match !== null && isDate(match[1] ?? '');
}

function isBase64(value: string): boolean {
  return value.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(value);
}

function isCidr(value: string): boolean {
  const [address = '', bits = '', ...rest] = value.split('/');
  const version = isIP(address);
  return rest.length === 0 && version !== 0 && /^\d{1,3}$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128);
}

const hasLuhnSum = (digits: string): boolean => {
  let sum = 0;
  for (let i = 0; i < digits.length; i++) {
    const digit = Number(digits[digits.length - 1 - i]);
    const doubled = i % 2 === 1 ? digit * 2 : digit;
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
};

const isIsbn10 = (value: string): boolean => {
  const digits = value.replace(/[- ]/g, '');
  if (!/^\d{9}[\dX]$/.test(digits)) return false;
  const sum = [...digits].reduce((total, c, i) => total + (10 - i) * (c === 'X' ? 10 : Number(c)), 0);
  return sum % 11 === 0;
};
const isIsbn13 = (value: string): boolean => {
  const digits = value.replace(/[- ]/g, '');
  return (
    /^\d{13}$/.test(digits) && [...digits].reduce((total, c, i) => total + Number(c) * (i % 2 ? 3 : 1), 0) % 10 === 0
  );
};

const isUri: FormatTest = (value) => URL.canParse(value) || value.startsWith('/');

const UUID = '^[0-9a-f]{8}-?[0-9a-f]{4}-?%[0-9a-f]{3}-?[0-9a-f]{4}-?[0-9a-f]{12}$';

/** Formats that a real server checks, by name without dashes; all others are ignored. Source: apiextensions validation/formats.go. */
const FORMATS: Readonly<Record<string, FormatTest>> = {
  datetime: isDateTime,
  date: isDate,
  duration: (value) =>
    /^[+-]?(\d+(\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h|d|w)?(\s*(\d+(\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h|d|w))*$/.test(value) &&
    value.length < 256,
  byte: isBase64,
  ipv4: isIPv4,
  ipv6: isIPv6,
  cidr: isCidr,
  mac: matches('^([0-9a-f]{2}([:-])([0-9a-f]{2}\\2){4}[0-9a-f]{2}|([0-9a-f]{4}\\.){2}[0-9a-f]{4})$', 'i'),
  uuid: matches(UUID.replace('%', '[0-9a-f]'), 'i'),
  uuid3: matches(UUID.replace('%', '3'), 'i'),
  uuid4: matches(
    UUID.replace('%', '4').replace('-?[0-9a-f]{4}-?[0-9a-f]{12}', '-?[89ab][0-9a-f]{3}-?[0-9a-f]{12}'),
    'i',
  ),
  uuid5: matches(
    UUID.replace('%', '5').replace('-?[0-9a-f]{4}-?[0-9a-f]{12}', '-?[89ab][0-9a-f]{3}-?[0-9a-f]{12}'),
    'i',
  ),
  uri: isUri,
  email: (value) => value.length <= 320 && /^[^\s@<>]+@[^\s@<>]+$/.test(value),
  hostname: (value) =>
    value.length <= 255 &&
    patternTest('^[a-zA-Z0-9]([-a-zA-Z0-9]*[a-zA-Z0-9])?(\\.[a-zA-Z0-9]([-a-zA-Z0-9]*[a-zA-Z0-9])?)*\\.?$')(value),
  isbn: (value) => isIsbn10(value) || isIsbn13(value),
  isbn10: isIsbn10,
  isbn13: isIsbn13,
  creditcard: (value) => {
    const digits = value.replace(/[- ]/g, '');
    return /^\d{13,19}$/.test(digits) && hasLuhnSum(digits);
  },
  ssn: matches('^\\d{3}[- ]?\\d{2}[- ]?\\d{4}$'),
  hexcolor: matches('^#?([0-9a-fA-F]{3}|[0-9a-fA-F]{6})$'),
  rgbcolor: matches(
    '^rgb\\(\\s*(\\d{1,2}|1\\d\\d|2[0-4]\\d|25[0-5])\\s*,\\s*(\\d{1,2}|1\\d\\d|2[0-4]\\d|25[0-5])\\s*,\\s*(\\d{1,2}|1\\d\\d|2[0-4]\\d|25[0-5])\\s*\\)$',
  ),
  bsonobjectid: matches('^[0-9a-fA-F]{24}$'),
};

export function formatTest(format: string): FormatTest | undefined {
  const name = format.replaceAll('-', '');
  return Object.hasOwn(FORMATS, name) ? FORMATS[name] : undefined;
}
