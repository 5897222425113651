import { expect, test } from 'vitest';
import { configMaps, namespaces, pods, widgets } from '../registry/core-fixture.ts';
import { checkFields, parseFieldSelector } from './field-selector.ts';
import { parseLabelSelector } from './label-selector.ts';

test.each([
  ['a=b', { a: 'b' }, true],
  ['a==b,c!=d', { a: 'b' }, true],
  ['a in (x, b),!z', { a: 'b' }, true],
  ['a notin (b)', { a: 'b' }, false],
  ['a notin (b)', {}, true],
  ['a', { a: '' }, true],
  ['a', {}, false],
  ['a in ()', { a: '' }, true],
  ['a=', { a: '' }, true],
  ['n>5', { n: '6' }, true],
  ['n>5', { n: 'x' }, false],
  ['n<5', {}, false],
  ['in in (in)', { in: 'in' }, true],
  ['toString', {}, false],
])('%s on %j: %s', (text, labels, expected) => {
  expect(parseLabelSelector(text)!(labels)).toBe(expected);
});

test.each([
  ['a b', "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt"],
  ['a gt 5', "unable to parse requirement: found 'gt', expected: in, notin, =, ==, !=, gt, lt"],
  ['a=b c', "found 'c', expected: ',' or 'end of string'"],
  ['=a', "found '=', expected: !, identifier, or 'end of string'"],
  ['a,', "found '', expected: identifier after ','"],
  ['a in b', "unable to parse requirement: found 'b' expected: '('"],
  ['a>x', /the value must be an integer/],
  ['a b/c/d=1', /unable to parse requirement/],
])('%s is refused', (text, message) => {
  expect(() => parseLabelSelector(text)).toThrow(message);
});

test('nothing selects everything', () => {
  expect(parseLabelSelector('')).toBeUndefined();
  expect(parseLabelSelector('  ')).toBeUndefined();
});

test('field selectors', () => {
  expect(parseFieldSelector('metadata.name=a\\,b,status.phase!=x,spec.y==')).toEqual([
    { field: 'metadata.name', operator: '=', value: 'a,b' },
    { field: 'spec.y', operator: '=', value: '' },
    { field: 'status.phase', operator: '!=', value: 'x' },
  ]);
  expect(() => parseFieldSelector('a,b=c')).toThrow("invalid selector: 'a,b=c'; can't understand 'a'");
  const check = (text: string, d = configMaps) => checkFields(parseFieldSelector(text), d.definition);
  expect(() => check('data.a=1')).toThrow(
    '"data.a" is not a known field selector: only "metadata.name", "metadata.namespace"',
  );
  expect(() => check('spec.foo=1', pods)).toThrow('field label not supported: spec.foo');
  expect(() => check('spec.size=1', widgets)).toThrow('field label not supported: spec.size');
  expect(() => check('metadata.namespace=x', namespaces)).toThrow('field label not supported: metadata.namespace');
  check('metadata.namespace=x,metadata.name=y');
});
