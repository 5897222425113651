import { generateKeyPairSync } from 'node:crypto';
import { isStatusError, type KubeObject, type Pod, type Secret, type ServiceAccount } from '@virtplane/resources';
import type { UserInfo } from '@virtplane/runtime';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ObjectSource } from '../cache/object-source.ts';
import { createAuthenticator, webSocketToken } from './authenticate.ts';
import type { Attributes } from './authorizer.ts';
import { createBootstrapTokens } from './bootstrap-tokens.ts';
import { noCertificate } from './certificates.ts';
import { impersonated } from './impersonation.ts';
import { createServiceAccountTokens, defaultAudience } from './service-accounts.ts';
import { parseTokenFile } from './token-file.ts';
import { createTokenRequests } from './token-request.ts';

function source<T extends KubeObject>(...objects: T[]): ObjectSource<T> & { objects: T[] } {
  return {
    objects,
    get: (namespace, name) => objects.find((o) => o.metadata?.namespace === namespace && o.metadata?.name === name),
    list: () => objects,
    subscribe: () => () => undefined,
  };
}

const account: ServiceAccount = { metadata: { namespace: 'adm', name: 'default', uid: 'u1' } };
const pod = { metadata: { namespace: 'adm', name: 'p', uid: 'u2' }, spec: { containers: [] } } as Pod;
const key = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;

describe('service account tokens', () => {
  const setup = () => {
    let nowMs = 1_000_000_000_000;
    const sources = { serviceAccounts: source(account), pods: source(pod), secrets: source<Secret>() };
    const tokens = createServiceAccountTokens(key, sources, () => nowMs);
    return { sources, tokens, requests: createTokenRequests(tokens, sources), pass: (ms: number) => (nowMs += ms) };
  };
  const audiences = [defaultAudience];

  test('what is issued verifies until it expires', () => {
    const { tokens, pass } = setup();
    const { token, expirationTimestamp } = tokens.issue(account, { audiences, expirationSeconds: 600 });
    expect(expirationTimestamp).toBe('2001-09-09T01:56:40Z');
    expect(tokens.verify(token, audiences)).toEqual({
      user: {
        username: 'system:serviceaccount:adm:default',
        uid: 'u1',
        groups: ['system:serviceaccounts', 'system:serviceaccounts:adm'],
      },
      audiences,
    });
    pass(600_000);
    expect(() => tokens.verify(token, audiences)).toThrow('expired');
  });

  test('another key, another audience, a gone account or pod: refused', () => {
    const { tokens, sources } = setup();
    const boundObject = { kind: 'Pod' as const, name: 'p', uid: 'u2' };
    const { token } = tokens.issue(account, { audiences, expirationSeconds: 600, boundObject });
    expect(tokens.verify(token, audiences)?.user.extra).toEqual({
      'authentication.kubernetes.io/pod-name': ['p'],
      'authentication.kubernetes.io/pod-uid': ['u2'],
    });
    expect(() => tokens.verify(token, ['other'])).toThrow('audience');
    sources.pods.objects.length = 0;
    expect(() => tokens.verify(token, audiences)).toThrow('pod');
    sources.serviceAccounts.objects[0] = { metadata: { ...account.metadata, uid: 'new' } };
    expect(() => tokens.verify(token, audiences)).toThrow('account of the token is gone');
    const other = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
    expect(() => createServiceAccountTokens(other, sources).verify(token, audiences)).toThrow('signature');
    const [head, , signature] = token.split('.');
    const forged = Buffer.from(JSON.stringify({ iss: defaultAudience, aud: audiences })).toString('base64url');
    expect(() => tokens.verify(`${head}.${forged}.${signature}`, audiences)).toThrow('signature');
    const unsigned = Buffer.from('{"alg":"none"}').toString('base64url');
    expect(() => tokens.verify(`${unsigned}.${forged}.`, audiences)).toThrow('signature');
  });

  test('nothing that is no token of ours is one', () => {
    const { tokens } = setup();
    fc.assert(fc.property(fc.string(), (text) => tokens.verify(text, audiences) === undefined));
  });

  test('TokenRequest', () => {
    const { requests, tokens } = setup();
    const answer = requests(account, { spec: { expirationSeconds: 600 } } as KubeObject);
    expect(answer).toMatchObject({
      kind: 'TokenRequest',
      metadata: { name: 'default', namespace: 'adm' },
      spec: { audiences, expirationSeconds: 600 },
    });
    expect(tokens.verify(answer.status?.token ?? '', audiences)?.user.uid).toBe('u1');
    expect(() => requests(account, { spec: { expirationSeconds: 5 } } as KubeObject)).toThrow(
      'spec.expirationSeconds: Invalid value: 5: may not specify a duration less than 10 minutes',
    );
    const bound = (ref: object) => requests(account, { spec: { boundObjectRef: ref } } as KubeObject);
    expect(() => bound({ kind: 'Pod', name: 'q' })).toThrow('pods "q" not found');
    expect(() => bound({ kind: 'Pod', name: 'p', uid: 'zz' })).toThrow('does not match the UID in record');
    expect(() => bound({ kind: 'Node', name: 'p' })).toThrow('to object of kind "Node"');
  });
});

describe('bootstrap tokens', () => {
  const data = (more: Record<string, string> = {}) =>
    Object.fromEntries(
      Object.entries({
        'token-id': 'abcdef',
        'token-secret': '0123456789abcdef',
        'usage-bootstrap-authentication': 'true',
        'auth-extra-groups': 'system:bootstrappers:nodes,system:masters',
        ...more,
      }).map(([k, v]) => [k, Buffer.from(v).toString('base64')]),
    );
  const user = (more?: Record<string, string>, token = 'abcdef.0123456789abcdef') =>
    createBootstrapTokens(
      source<Secret>({
        metadata: { namespace: 'kube-system', name: 'bootstrap-token-abcdef' },
        type: 'bootstrap.kubernetes.io/token',
        data: data(more),
      }),
      () => Date.parse('2026-01-01T00:00:00Z'),
    )(token);

  test('a live one gives groups for joining and no others', () => {
    expect(user()).toEqual({
      username: 'system:bootstrap:abcdef',
      groups: ['system:bootstrappers', 'system:bootstrappers:nodes'],
    });
    expect(user({ expiration: '2026-01-02T00:00:00Z' })).toBeDefined();
  });

  test.each([
    [{}, 'abcdef.0123456789abcdee'],
    [{}, 'abcdeg.0123456789abcdef'],
    [{}, 'abcdef'],
    [{ 'usage-bootstrap-authentication': 'false' }, undefined],
    [{ expiration: '2025-12-31T23:59:59Z' }, undefined],
    [{ expiration: 'soon' }, undefined],
  ])('%o %s is none', (more, token) => {
    expect(user(more as Record<string, string>, token)).toBeUndefined();
  });
});

test('token files', () => {
  const find = parseTokenFile('# people\nt1,bob,7,"dev,ops"\nt2,eve,8\n', 'tokens.csv');
  expect(find('t1')).toEqual({ username: 'bob', uid: '7', groups: ['dev', 'ops'] });
  expect(find('t2')).toEqual({ username: 'eve', uid: '8', groups: [] });
  expect(find('')).toBeUndefined();
  expect(() => parseTokenFile('\nonly', 'tokens.csv')).toThrow('tokens.csv line 2');
});

test('the chain: certificate, then token, then anonymous', () => {
  const authenticator = createAuthenticator({
    staticToken: (t) => (t === 'good' ? { username: 'bob', groups: [] } : undefined),
    serviceAccounts: createServiceAccountTokens(key, {
      serviceAccounts: source<ServiceAccount>(),
      pods: source<Pod>(),
      secrets: source<Secret>(),
    }),
    bootstrapToken: () => undefined,
    now: () => 1000,
  });
  const admin: UserInfo = { username: 'admin', groups: ['system:masters'] };
  const name = (
    headers: Record<string, string>,
    certificate = noCertificate as Parameters<typeof authenticator.authenticate>[0]['certificate'],
  ) => authenticator.authenticate({ headers, certificate }).username;
  const good = { authorization: 'bearer good' };
  expect(name({}, { kind: 'user', user: admin, notAfterMs: 2000 })).toBe('admin');
  expect(name(good, { kind: 'user', user: admin, notAfterMs: 2000 })).toBe('admin');
  expect(name(good, { kind: 'user', user: admin, notAfterMs: 900 })).toBe('bob');
  expect(name(good, { kind: 'invalid' })).toBe('bob');
  expect(() => name({}, { kind: 'invalid' })).toThrow('Unauthorized');
  expect(() => name({}, { kind: 'user', user: admin, notAfterMs: 900 })).toThrow('Unauthorized');
  expect(() => name({ authorization: 'Bearer x' })).toThrow('Unauthorized');
  expect(name({})).toBe('system:anonymous');
  expect(name({ authorization: 'Basic abc' })).toBe('system:anonymous');
});

test('tokens among WebSocket protocols', () => {
  const token = (text: string) => `base64url.bearer.authorization.k8s.io.${Buffer.from(text).toString('base64url')}`;
  expect(webSocketToken(`${token('t')}, v5`)).toEqual({ token: 't', protocols: ['v5'] });
  expect(webSocketToken('v5,v4')).toEqual({ protocols: ['v5', 'v4'] });
  for (const bad of [token('t'), `${token('t')},${token('u')},v5`, 'base64url.bearer.authorization.k8s.io.a=,v5']) {
    expect(() => webSocketToken(bad)).toThrow('Unauthorized');
  }
});

test('impersonation needs the verb for each part', () => {
  const asked: Attributes[] = [];
  const authorizer = {
    authorize: (a: Attributes) => {
      asked.push(a);
      return { allowed: a.name !== 'root', reason: '' };
    },
  };
  const admin: UserInfo = { username: 'admin', groups: [] };
  expect(impersonated(admin, {}, authorizer)).toBe(admin);
  expect(
    impersonated(
      admin,
      { 'impersonate-user': 'bob', 'impersonate-group': 'a, b', 'impersonate-extra-scopes%2fx': 's' },
      authorizer,
    ),
  ).toEqual({ username: 'bob', groups: ['a', 'b', 'system:authenticated'], extra: { 'scopes/x': ['s'] } });
  expect(asked.map(({ verb, resource, name }) => `${verb} ${resource} ${name}`)).toEqual([
    'impersonate users bob',
    'impersonate groups a',
    'impersonate groups b',
    'impersonate userextras s',
  ]);
  expect(impersonated(admin, { 'impersonate-user': 'system:serviceaccount:ns:x' }, authorizer).groups).toEqual([
    'system:serviceaccounts',
    'system:serviceaccounts:ns',
    'system:authenticated',
  ]);
  expect(() => impersonated(admin, { 'impersonate-user': 'root' }, authorizer)).toThrow(
    'users "root" is forbidden: User "admin" cannot impersonate resource "users" in API group "" at the cluster scope',
  );
  try {
    impersonated(admin, { 'impersonate-group': 'x' }, authorizer);
    expect.unreachable();
  } catch (error) {
    expect(isStatusError(error, 'BadRequest')).toBe(true);
  }
});
