import { expect, test } from 'vitest';
import { credentialsFor } from './credentials.ts';
import { parseReference } from './reference.ts';

const secret = (document: unknown): Record<string, string> => ({
  '.dockerconfigjson': Buffer.from(JSON.stringify(document)).toString('base64'),
});
const auth = (pair: string): { auth: string } => ({ auth: Buffer.from(pair).toString('base64') });

test.each([
  ['quay.io/team/img', { 'quay.io': auth('u:p') }, { username: 'u', password: 'p' }],
  ['quay.io/team/img', { 'quay.io': auth('u:p'), 'quay.io/team': auth('t:q:r') }, { username: 't', password: 'q:r' }],
  ['quay.io/teams/img', { 'quay.io/team': auth('t:q') }, undefined],
  ['fedora', { 'https://index.docker.io/v1/': auth('d:x') }, { username: 'd', password: 'x' }],
  ['reg:5000/img', { 'reg:5000': { username: 'a', password: 'b' } }, { username: 'a', password: 'b' }],
  ['reg:5000/img', { reg: auth('a:b') }, undefined],
])('%s', (image, auths, expected) => {
  expect(credentialsFor(secret({ auths }), parseReference(image))).toEqual(expected);
});

test('says what is wrong with a secret', () => {
  expect(() => credentialsFor({}, parseReference('a'))).toThrow('neither');
  expect(() => credentialsFor({ '.dockerconfigjson': 'e2E=' }, parseReference('a'))).toThrow('not valid JSON');
});
