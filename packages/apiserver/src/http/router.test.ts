import { isStatusError } from '@virtplane/resources';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { pathSegmentFault, requestInfo } from './router.ts';

const info = (target: string, method = 'GET') => {
  const [path = '', query = ''] = target.split('?');
  return requestInfo(method, path, new URLSearchParams(query));
};

describe('requestInfo', () => {
  test.each([
    ['GET', '/api/v1/namespaces', { verb: 'list', resource: 'namespaces', namespace: '', name: '' }],
    ['GET', '/api/v1/namespaces/', { verb: 'list', resource: 'namespaces', name: '' }],
    ['GET', '/api/v1/namespaces/a', { verb: 'get', resource: 'namespaces', namespace: '', name: 'a' }],
    ['GET', '/api/v1/namespaces/a/status', { resource: 'namespaces', name: 'a', subresource: 'status', namespace: '' }],
    ['PUT', '/api/v1/namespaces/a/finalize', { verb: 'update', resource: 'namespaces', subresource: 'finalize' }],
    ['GET', '/api/v1/namespaces/a/pods', { verb: 'list', resource: 'pods', namespace: 'a', name: '' }],
    ['DELETE', '/api/v1/namespaces/a/pods', { verb: 'deletecollection', resource: 'pods' }],
    ['DELETE', '/api/v1/namespaces/a/pods/p', { verb: 'delete', name: 'p' }],
    ['POST', '/api/v1/namespaces/a/pods/p/binding', { verb: 'create', name: 'p', subresource: 'binding' }],
    [
      'PATCH',
      '/apis/kubevirt.io/v1/namespaces/a/virtualmachines/v',
      { verb: 'patch', group: 'kubevirt.io', name: 'v' },
    ],
    ['GET', '/apis/apps/v1/deployments?watch=1', { verb: 'watch', resource: 'deployments', namespace: '' }],
    ['GET', '/apis/apps/v1/deployments?watch=false', { verb: 'list' }],
    ['GET', '/api/v1/namespaces/a/pods/p?watch=1', { verb: 'get', name: 'p' }],
    ['GET', '/api/v1/watch/namespaces/a/configmaps', { verb: 'watch', resource: 'configmaps', namespace: 'a' }],
    ['GET', '/api/v1/pods?fieldSelector=metadata.name%3Dx', { verb: 'list', name: 'x' }],
    ['GET', '/api/v1/pods?fieldSelector=metadata.name!%3Dx', { verb: 'list', name: '' }],
    ['HEAD', '/api/v1/pods', { verb: 'list' }],
    [
      'GET',
      '/apis/subresources.kubevirt.io/v1/namespaces/a/virtualmachines/v/portforward/22/tcp',
      { verb: 'get', resource: 'virtualmachines', name: 'v', subresource: 'portforward', rest: ['22', 'tcp'] },
    ],
    ['GET', '/api/v1/namespaces/%2e%2e', { name: '..' }],
  ])('%s %s', (method, path, expected) => {
    expect(info(path, method)).toMatchObject({ isResource: true, ...expected });
  });

  test.each([
    '/',
    '/api',
    '/api/',
    '/apis',
    '/api/v1',
    '/api/v1/',
    '/apis/apps',
    '/apis/apps/v1',
    '/version',
    '/api//v1/x',
  ])('%s names no resource', (path) => {
    expect(info(path)).toMatchObject({ isResource: false, verb: 'get', path });
  });

  test('refuses broken percent-encoding', () => {
    expect(() => info('/api/v1/namespaces/%zz')).toThrow('%zz');
  });

  test('never throws anything but a 400, whatever the path', () => {
    const segment = fc.oneof(
      fc.constantFrom('api', 'apis', 'v1', 'namespaces', 'watch', 'pods', 'status', '', '.', '..', '%', '%2f', '%00'),
      fc.string(),
    );
    const method = fc.constantFrom('GET', 'HEAD', 'OPTIONS', 'POST', 'PUT', 'PATCH', 'DELETE', 'TRACE');
    fc.assert(
      fc.property(method, fc.array(segment, { maxLength: 9 }), fc.string(), (m, segments, query) => {
        try {
          const result = requestInfo(m, `/${segments.join('/')}`, new URLSearchParams(query));
          expect(result.isResource).toBe(result.resource !== '' || result.version !== '' || result.group !== '');
        } catch (error) {
          expect(isStatusError(error) && error.code).toBe(400);
        }
      }),
    );
  });
});

test('names that a path must not carry', () => {
  expect(pathSegmentFault('..')).toBe("may not be '..'");
  expect(pathSegmentFault('a/b%')).toBe("may not contain '/';may not contain '%'");
  expect(pathSegmentFault('a.b')).toBeUndefined();
});
