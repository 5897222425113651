import { StatusError } from '@virtplane/resources';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonicalQuantity } from './quantity.ts';
import { parseStrictJson } from './strict-json.ts';
import { readStrictYaml } from './yaml.ts';

const parse = (text: string) => parseStrictJson(Buffer.from(text));
const refusal = (text: string | Buffer): string => {
  try {
    parseStrictJson(Buffer.from(text as string));
  } catch (error) {
    if (error instanceof StatusError) return `${error.code} ${error.status.message}`;
    throw error;
  }
  return 'accepted';
};

describe('strict JSON', () => {
  test('anything serialised reads back, without duplicates', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        if (text.includes('__proto__') || /\d{16}/.test(text)) return;
        expect(parse(text)).toEqual({ value: JSON.parse(text), duplicates: [] });
      }),
    );
  });

  test.each<[string, string[]]>([
    ['{"spec":{"size":1,"size":2}}', ['spec.size']],
    ['{"a":[{"k":1},{"k":1,"k":2,"k":3}],"a":1}', ['a[1].k', 'a']],
    ['{"metadata":{"labels":{"x":"1","\\u0078":"2"}}}', ['metadata.labels.x']],
    ['{"a":"{\\"b\\":1,\\"b\\":2}","b":"\\\\"}', []],
  ])('duplicates of %s', (text, duplicates) => {
    expect(parse(text).duplicates).toEqual(duplicates);
  });

  test.each<[string, string]>([
    ['', '400 unexpected end of JSON input'],
    ['{', '400 unexpected end of JSON input'],
    ['{"a":1', '400 unexpected end of JSON input'],
    ['{a:1}', "400 invalid character 'a' looking for beginning of object key string"],
    ['{"a" 1}', "400 invalid character '1' after object key"],
    ['{"a":1 "b"}', `400 invalid character '"' after object key:value pair`],
    ['[1 2]', "400 invalid character '2' after array element"],
    ['{"a":tru}', "400 invalid character '}' in literal true (expecting 'e')"],
    ['{"a":1.}', "400 invalid character '}' after decimal point in numeric literal"],
    ['{} x', "400 invalid character 'x' after top-level value"],
    ["'", "400 invalid character '\\'' looking for beginning of value"],
    ['{"a":"\\q"}', "400 invalid character 'q' in string escape code"],
    ['{"a":}', "400 invalid character '}' looking for beginning of value"],
    [
      '{"n":9007199254740993}',
      '400 the integer 9007199254740993 cannot be stored exactly: it must lie between -9007199254740991 and 9007199254740991',
    ],
    ['{"__proto__":{"x":1}}', '400 the key "__proto__" is not allowed'],
    ['{"a":{"\\u005f_proto__":1}}', '400 the key "__proto__" is not allowed'],
    [`${'['.repeat(5000)}${']'.repeat(5000)}`, '400 exceeded max depth of 1000'],
  ])('refuses %.40s', (text, message) => {
    expect(refusal(text)).toBe(message);
  });

  test('refuses bytes that are no UTF-8', () => {
    expect(refusal(Buffer.from([0x22, 0xff, 0x22]))).toBe('400 invalid UTF-8 in the body');
  });

  test.each(['9007199254740991', '-9007199254740991', '1234567890.1234567890', '1e300', '"99999999999999999999"'])(
    'keeps %s',
    (text) => {
      expect(parse(`[${text}]`).value).toEqual([JSON.parse(text)]);
    },
  );
});

describe('YAML as Go reads it', () => {
  test.each<[string, unknown]>([
    ['a: yes\nb: "yes"\nc: off', { a: true, b: 'yes', c: false }],
    ['a: 0777\nb: 0x10\nc: 1_000', { a: 511, b: 16, c: 1000 }],
    ['a: 2020-01-01\nb: 10:30', { a: '2020-01-01', b: '10:30' }],
    ['a: &x {k: 1}\nb: *x\nc: {<<: *x, d: 2}', { a: { k: 1 }, b: { k: 1 }, c: { k: 1, d: 2 } }],
    ['1: x', { '1': 'x' }],
    ['a: ~\nb: null\nc:', { a: null, b: null, c: null }],
    ['a: |\n  x\n  y\n', { a: 'x\ny\n' }],
    ['', null],
    ['{"a": 1}', { a: 1 }],
  ])('%j', (text, value) => {
    expect(readStrictYaml(Buffer.from(text)).value).toEqual(value);
  });

  test('duplicates are found', () => {
    expect(readStrictYaml(Buffer.from('spec: {size: 1, size: 2}')).duplicates).toEqual(['spec.size']);
  });

  test('alias bombs and broken text are refused', () => {
    const bomb = `a: &a [x,x,x,x,x,x,x,x,x,x]\n${['b', 'c', 'd', 'e', 'f'].map((n, i) => `${n}: &${n} [${Array(10).fill(`*${'abcdef'[i]}`).join()}]`).join('\n')}`;
    expect(() => readStrictYaml(Buffer.from(bomb))).toThrow(/alias/);
    expect(() => readStrictYaml(Buffer.from('a: [1'))).toThrow(/^yaml: /);
  });
});

describe('quantities', () => {
  test.each([
    ['1024Mi', '1Gi'],
    ['1536Mi', '1536Mi'],
    ['0.5Gi', '512Mi'],
    ['512Ki', '512Ki'],
    ['0.5Ki', '512'],
    ['1000m', '1'],
    ['0.5', '500m'],
    ['1500000000', '1500M'],
    ['1e3', '1e3'],
    ['1000e3', '1e6'],
    ['100', '100'],
    ['0', '0'],
    ['0Gi', '0'],
    ['-1Gi', '-1Gi'],
    ['1.5', '1500m'],
    ['0.0000000001', '1n'],
    ['1000k', '1M'],
    ['.5', '500m'],
  ])('%s → %s', (text, canonical) => {
    expect(canonicalQuantity(text)).toBe(canonical);
    expect(canonicalQuantity(canonical)).toBe(canonical);
  });

  test.each(['abc', '', '1Gib', '1 Gi', '1ee3', '--1'])('%j is none', (text) => {
    expect(canonicalQuantity(text)).toBeUndefined();
  });
});
