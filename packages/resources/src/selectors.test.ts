import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatFieldSelector, matchesFieldSelector, parseFieldSelector } from './field-selector.ts';
import {
  formatLabelRequirements,
  formatLabelSelector,
  type LabelRequirement,
  matchesLabelSelector,
  matchesRequirements,
  parseLabelSelector,
  SelectorError,
  selectsLabels,
} from './selectors.ts';

const LABEL_TEXT =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";

// Read off `kubectl top pods -l <selector>`, which parses before it connects.
test.each([
  ['a b', "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt"],
  ['a in', "unable to parse requirement: found '' expected: '('"],
  ['a in b', "unable to parse requirement: found 'b' expected: '('"],
  ['a in (', "unable to parse requirement: found '', expected: ',', ')' or identifier"],
  ['a in (b c', "unable to parse requirement: found 'c', expected: ',' or ')'"],
  ['a in (b', "unable to parse requirement: found '', expected: ',' or ')'"],
  ['!', "unable to parse requirement: found '', expected: identifier"],
  ['!a=b', "found '=', expected: ',' or 'end of string'"],
  ['a=b c', "found 'c', expected: ',' or 'end of string'"],
  [',', "found ',', expected: !, identifier, or 'end of string'"],
  ['a,', "found '', expected: identifier after ','"],
  ['a=b,,', "found ',', expected: identifier after ','"],
  [
    'a>x',
    "unable to parse requirement: values[0]: Invalid value: \"x\": for 'Gt', 'Lt' operators, the value must be an integer",
  ],
  ['a=b$', `unable to parse requirement: values[0][a]: Invalid value: "b$": ${LABEL_TEXT}`],
  ['a=(', "unable to parse requirement: found '(', expected: identifier"],
  ['a===b', "unable to parse requirement: found '=', expected: identifier"],
  ['a!', "unable to parse requirement: found '!', expected: in, notin, =, ==, !=, gt, lt"],
  ['a gt 5', "unable to parse requirement: found 'gt', expected: in, notin, =, ==, !=, gt, lt"],
  ['(a', "found '(', expected: !, identifier, or 'end of string'"],
  ['a=!b', "unable to parse requirement: found '!', expected: identifier"],
  ['a<>5', "unable to parse requirement: found '>', expected: identifier"],
  ['a in (b)c', "found 'c', expected: ',' or 'end of string'"],
  ['a in (b!)', "unable to parse requirement: found '!', expected: ',' or ')'"],
  ['a in (!)', "unable to parse requirement: found '!', expected: ',', ')' or identifier"],
  [
    'a in (b$,-)',
    `unable to parse requirement: [values[0][a]: Invalid value: "-": ${LABEL_TEXT}, values[1][a]: Invalid value: "b$": ${LABEL_TEXT}]`,
  ],
  ['/a', 'unable to parse requirement: <nil>: Invalid value: "/a": prefix part must be non-empty'],
])('%s is refused in the words of Go', (text, message) => {
  expect(() => parseLabelSelector(text)).toThrow(new SelectorError(message));
});

describe('matching', () => {
  const labels = { app: 'web', tier: 'front', n: '7', in: 'in' };
  test.each([
    ['', true],
    ['app', true],
    ['!app', false],
    ['app=web', true],
    ['app==web,tier=front', true],
    ['app=web,tier=back', false],
    ['app!=db', true],
    ['absent!=x', true],
    ['absent notin (x)', true],
    ['absent in ()', false],
    ['app in (db,web)', true],
    ['app notin (db,web)', false],
    ['in in (in)', true],
    ['x in (,)', false],
    ['n>6', true],
    ['n>7', false],
    ['n<10', true],
    ['app>1', false],
    ['app=', false],
    ['!constructor', true],
    ['toString', false],
  ])('%s → %s', (text, expected) => {
    expect(matchesRequirements(parseLabelSelector(text), labels)).toBe(expected);
  });

  test('selector objects', () => {
    expect(matchesLabelSelector(undefined, labels)).toBe(false);
    expect(matchesLabelSelector({}, undefined)).toBe(true);
    expect(matchesLabelSelector({ matchLabels: { app: 'web' } }, labels)).toBe(true);
    const expression = (operator: string, values?: string[]) => ({
      matchExpressions: [{ key: 'app', operator, ...(values && { values }) }],
    });
    expect(matchesLabelSelector(expression('In', ['web', 'db']), labels)).toBe(true);
    expect(matchesLabelSelector(expression('NotIn', ['web']), labels)).toBe(false);
    expect(matchesLabelSelector(expression('Exists'), labels)).toBe(true);
    expect(matchesLabelSelector(expression('DoesNotExist'), {})).toBe(true);
    expect(selectsLabels(expression('In', ['web']), labels)).toBe(true);
    expect(selectsLabels(expression('Like'), labels)).toBe(false);
    expect(selectsLabels(expression('toString'), labels)).toBe(false);
    expect(selectsLabels(undefined, labels)).toBe(false);
    expect(() => matchesLabelSelector(expression('Like'), labels)).toThrow(
      new SelectorError('"Like" is not a valid label selector operator'),
    );
    expect(formatLabelSelector({ matchLabels: { b: 'x', a: 'y' } })).toBe('a=y,b=x');
    expect(formatLabelSelector({})).toBe('<none>');
  });
});

const names = fc.stringMatching(/^[a-z][a-z0-9-]{0,5}[a-z0-9]$/);
const requirements: fc.Arbitrary<LabelRequirement> = fc.oneof(
  fc.record({ key: names, operator: fc.constantFrom('exists', '!'), values: fc.constant([]) }),
  fc.record({ key: names, operator: fc.constantFrom('=', '==', '!='), values: names.map((v) => [v]) }),
  fc.record({
    key: names,
    operator: fc.constantFrom('in', 'notin'),
    values: fc.uniqueArray(names, { minLength: 1 }).map((values) => values.sort()),
  }),
  fc.record({
    key: names,
    operator: fc.constantFrom('>', '<'),
    values: fc.integer({ min: 0 }).map((n) => [String(n)]),
  }),
);
const labelMaps = fc.dictionary(names, names);

test('printing and parsing keeps requirements', () => {
  fc.assert(
    fc.property(fc.uniqueArray(requirements, { selector: (r) => r.key }), (list) => {
      const text = formatLabelRequirements(list);
      const back = parseLabelSelector(text);
      expect(formatLabelRequirements(parseLabelSelector(formatLabelRequirements(back)))).toBe(
        formatLabelRequirements(back),
      );
      expect([...back].sort((a, b) => (a.key < b.key ? -1 : 1))).toEqual(
        [...list].sort((a, b) => (a.key < b.key ? -1 : 1)),
      );
    }),
  );
});

test('notin is the opposite of in, ! of exists', () => {
  fc.assert(
    fc.property(labelMaps, names, fc.array(names, { minLength: 1 }), (labels, key, values) => {
      const has = (text: string) => matchesRequirements(parseLabelSelector(text), labels);
      expect(has(`${key} notin (${values.join(',')})`)).toBe(!has(`${key} in (${values.join(',')})`));
      expect(has(`!${key}`)).toBe(!has(key));
      expect(has(`${key}!=${values[0]}`)).toBe(!has(`${key}=${values[0]}`));
    }),
  );
});

describe('field selectors', () => {
  test.each([
    ['a', "invalid selector: 'a'; can't understand 'a'"],
    ['a=b\\', 'invalid field selector: invalid escape sequence: \\'],
    ['a=b\\x', 'invalid field selector: invalid escape sequence: \\x'],
    ['a=b=c', 'invalid field selector: unescaped character in value: 61'],
  ])('%s is refused in the words of Go', (text, message) => {
    expect(() => parseFieldSelector(text)).toThrow(new SelectorError(message));
  });

  test('matching', () => {
    const pod: Record<string, string> = { 'metadata.name': 'a,b', 'status.phase': 'Running' };
    const has = (text: string) => matchesFieldSelector(parseFieldSelector(text), (field) => pod[field]);
    expect(has(',,metadata.name=a\\,b')).toBe(true);
    expect(has('status.phase!=Running')).toBe(false);
    expect(has('status.phase==Running,metadata.name!=x')).toBe(true);
    expect(has('spec.nodeName=')).toBe(true);
    expect(has('')).toBe(true);
  });

  test('any value survives printing and parsing', () => {
    fc.assert(
      fc.property(fc.string(), (value) => {
        const [back] = parseFieldSelector(formatFieldSelector([{ field: 'f', operator: '=', value }]));
        expect(back?.value).toBe(value);
      }),
    );
  });
});
