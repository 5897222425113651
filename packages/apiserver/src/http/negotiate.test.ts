import { isStatusError } from '@virtplane/resources';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { aggregatedDiscoveryVersion, negotiate, wantsPretty } from './negotiate.ts';

const kubectl =
  'application/json;as=Table;v=v1;g=meta.k8s.io,application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json';

describe('negotiate', () => {
  test.each([
    [undefined, { format: 'json' }],
    ['*/*', { format: 'json' }],
    ['application/yaml', { format: 'yaml' }],
    ['application/json;q=0.1, application/yaml', { format: 'yaml' }],
    ['application/vnd.kubernetes.protobuf,application/json', { format: 'json' }],
    ['application/vnd.kubernetes.protobuf, */*', { format: 'json' }],
    [kubectl, { format: 'json', as: 'Table', asVersion: 'v1' }],
    [`${kubectl} `, { format: 'json', as: 'Table', asVersion: 'v1' }],
    ['application/json;as=Table;v=v2;g=meta.k8s.io,application/json', { format: 'json' }],
    [
      'application/vnd.kubernetes.protobuf;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json',
      { format: 'json', as: 'PartialObjectMetadataList', asVersion: 'v1' },
    ],
    ['application/json;pretty=1', { format: 'json', pretty: true }],
  ])('%s', (header, expected) => {
    const result = negotiate(header);
    expect(result).toMatchObject(expected);
    if (!('as' in expected)) expect(result.as).toBeUndefined();
  });

  test.each([
    ['application/xml', '406: Not Acceptable\n\nAvailable representations: '],
    [
      'application/vnd.kubernetes.protobuf',
      'only the following media types are accepted: application/json, application/yaml',
    ],
    ['application/json;as=Foo;v=v1;g=meta.k8s.io', 'only the following media types are accepted'],
  ])('%s is refused', (header, message) => {
    expect(() => negotiate(header)).toThrow(message);
  });

  test('a watch is never YAML', () => {
    expect(() => negotiate('application/yaml', true)).toThrow('stream=watch');
  });

  test('never throws anything but 406', () => {
    const word = fc.constantFrom(
      'application',
      'json',
      '/',
      ';',
      ',',
      'q=',
      'as=Table',
      'g=meta.k8s.io',
      'v=v1',
      '*',
      ' ',
    );
    const header = fc.oneof(
      fc.string(),
      fc.array(word, { maxLength: 20 }).map((words) => words.join('')),
    );
    fc.assert(
      fc.property(header, fc.boolean(), (text, stream) => {
        aggregatedDiscoveryVersion(text);
        try {
          expect(['json', 'yaml']).toContain(negotiate(text, stream).format);
        } catch (error) {
          expect(isStatusError(error, 'NotAcceptable')).toBe(true);
        }
      }),
    );
  });
});

test('aggregated discovery is chosen by the order of the clauses', () => {
  const clause = (v: string) => `application/json;g=apidiscovery.k8s.io;v=${v};as=APIGroupDiscoveryList`;
  expect(aggregatedDiscoveryVersion(`${clause('v2')},${clause('v2beta1')},application/json`)).toBe('v2');
  expect(aggregatedDiscoveryVersion(`${clause('v2beta1')},application/json`)).toBe('v2beta1');
  expect(aggregatedDiscoveryVersion(`${clause('v3')},application/json`)).toBeUndefined();
  expect(aggregatedDiscoveryVersion('application/json')).toBeUndefined();
});

test('people get indented JSON', () => {
  const none = new URLSearchParams();
  expect(wantsPretty(none, 'curl/8.0', false)).toBe(true);
  expect(wantsPretty(new URLSearchParams('pretty=false'), 'curl/8.0', true)).toBe(false);
  expect(wantsPretty(none, 'kubectl/v1.32', false)).toBe(false);
});
