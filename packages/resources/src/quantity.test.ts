import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonicalQuantity, Quantity, QuantityError, quantityBytes, quantityMilli } from './quantity.ts';

const FORM = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
const SUFFIX = "unable to parse quantity's suffix";

// Read off `kubectl create quota --hard=cpu=<input> --dry-run=client`.
test.each([
  ['1024Mi', '1Gi'],
  ['1000m', '1'],
  ['0.5', '500m'],
  ['1500000000', '1500M'],
  ['1e3', '1e3'],
  ['12e1', '120'],
  ['1E', '1E'],
  ['1.5Gi', '1536Mi'],
  ['.5Gi', '512Mi'],
  ['0.5Ki', '512'],
  ['0.0001Ki', '102400u'],
  ['0.1n', '1n'],
  ['-0.1n', '-1n'],
  ['1e-10', '1e-9'],
  ['-1.5', '-1500m'],
  ['9Ei', '9223372036854775807'],
  ['7Ei', '7Ei'],
  ['1024Ei', '9223372036854775807'],
  ['.', '0'],
  ['+', '0'],
  ['01.50', '1500m'],
  ['123456789012345678901234567890', '123456789012345678901234567890'],
  ['0.1Mi', '104857600m'],
  ['1025Ki', '1025Ki'],
  ['1048576Ki', '1Gi'],
  ['-1024Ki', '-1Mi'],
  ['0Mi', '0'],
  ['100000n', '100u'],
  ['1e4', '10e3'],
  ['12345e-7', '1234500e-9'],
  ['1E+2', '100'],
  ['3e1000', '30e999'],
  ['1.0000000001Gi', '1073741824107374183n'],
  ['1000k', '1M'],
])('%s is stored as %s', (input, canonical) => {
  expect(canonicalQuantity(input)).toBe(canonical);
});

test.each([
  ['', FORM],
  ['aoeu', FORM],
  ['1.2.3', FORM],
  ['1 ', FORM],
  [' 1', FORM],
  ['9'.repeat(5000), FORM],
  ['12mi', SUFFIX],
  ['12GM', SUFFIX],
  ['2Gi3', SUFFIX],
  ['1e', SUFFIX],
  ['1eE', SUFFIX],
  ['1KiMi', SUFFIX],
  ['.5i', SUFFIX],
  ['-3.01e-', SUFFIX],
  ['1e999999999', SUFFIX],
])('%j is refused in the words of Go', (input, message) => {
  expect(() => Quantity.parse(input)).toThrow(new QuantityError(message));
  expect(Quantity.tryParse(input)).toBeUndefined();
});

test('a tiny exponent rounds up without being computed', () => {
  expect(canonicalQuantity('1e-99999999')).toBe('1e-9');
});

test('numbers in manifests are quantities too', () => {
  expect(canonicalQuantity(2)).toBe('2');
  expect(canonicalQuantity(0.1)).toBe('100m');
});

describe('sums keep the format of the first operand that is not zero', () => {
  // Memory of a launcher pod: request plus overhead in bytes.
  test.each([
    ['128Mi', 254017536, '379136Ki'],
    ['256Mi', 254017536, '510208Ki'],
    ['64Mi', 253886464, '313472Ki'],
    ['1Gi', 255852544, '1268Mi'],
    ['1G', 255708517, '1255708517'],
    ['2G', 255708517, '2255708517'],
  ])('%s + %d', (request, overhead, sum) => {
    expect(Quantity.parse(request).add(Quantity.of(overhead)).toString()).toBe(sum);
  });

  test('zero takes the format of what is added', () => {
    expect(Quantity.zero.add(Quantity.parse('1Gi')).toString()).toBe('1Gi');
    expect(Quantity.parse('0Gi').sub(Quantity.parse('2000')).toString()).toBe('-2k');
  });
});

test('values round up, as Go does', () => {
  expect(Quantity.parse('1.1').value()).toBe(2n);
  expect(Quantity.parse('-1.1').value()).toBe(-1n);
  expect(Quantity.parse('100u').milliValue()).toBe(1n);
  expect(quantityBytes('128Mi')).toBe(134217728);
  expect(quantityMilli('1.5')).toBe(1500);
  expect(Quantity.parse('1500m').toNumber()).toBe(1.5);
});

const quantityText = fc
  .tuple(
    fc.constantFrom('', '-', '+'),
    fc.nat({ max: 10 ** 12 }),
    fc.option(fc.nat({ max: 999_999 })),
    fc.constantFrom('', 'n', 'u', 'm', 'k', 'M', 'G', 'T', 'P', 'E', 'Ki', 'Mi', 'Gi', 'Ti', 'e3', 'E-2', 'e+7'),
  )
  .map(([sign, whole, fraction, suffix]) => `${sign}${whole}${fraction === null ? '' : `.${fraction}`}${suffix}`);
const quantities = quantityText.map((text) => Quantity.parse(text));

describe('laws', () => {
  test('printing and parsing keeps the value and is a fixed point', () => {
    fc.assert(
      fc.property(quantities, (q) => {
        const text = q.toString();
        const back = Quantity.parse(text);
        expect(back.equals(q)).toBe(true);
        expect(back.toString()).toBe(text);
      }),
    );
  });

  test('addition is associative and commutative, and subtraction undoes it', () => {
    fc.assert(
      fc.property(quantities, quantities, quantities, (a, b, c) => {
        expect(
          a
            .add(b)
            .add(c)
            .equals(a.add(b.add(c))),
        ).toBe(true);
        expect(a.add(b).equals(b.add(a))).toBe(true);
        expect(a.add(b).sub(b).equals(a)).toBe(true);
        expect(a.add(a.neg()).isZero()).toBe(true);
      }),
    );
  });

  test('order is total and agrees with addition', () => {
    fc.assert(
      fc.property(quantities, quantities, quantities, (a, b, c) => {
        expect(a.cmp(b)).toBe(-b.cmp(a) + 0);
        expect(a.add(c).cmp(b.add(c))).toBe(a.cmp(b));
        expect(a.sub(b).sign()).toBe(a.cmp(b));
      }),
    );
  });

  test('any text is a quantity or an error, nothing else', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[-+.0-9eEinumkKMGTP]{0,12}$/)), (text) => {
        Quantity.tryParse(text);
      }),
    );
  });
});
