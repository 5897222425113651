import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseRoute } from './route.ts';

const at = '/v1/namespaces/ns/virtualmachineinstances/vm.1';

test.each([
  ['console', { to: 'console' }],
  ['vnc', { to: 'vnc' }],
  ['vnc/screenshot', { to: 'screenshot' }],
  ['portforward/22', { to: 'portforward', port: 22, protocol: 'tcp' }],
  ['portforward/53/udp', { to: 'portforward', port: 53, protocol: 'udp' }],
  ['pause', { to: 'verb', verb: 'pause' }],
  ['userlist', { to: 'report', report: 'userlist' }],
])('%s', (path, route) => {
  expect(parseRoute(`${at}/${path}`)).toEqual({ namespace: 'ns', name: 'vm.1', ...route });
});

test('the log of a launcher pod', () => {
  expect(parseRoute('/v1/namespaces/ns/pods/virt-launcher-x/log')).toEqual({
    to: 'podLog',
    namespace: 'ns',
    name: 'virt-launcher-x',
  });
});

test.each([
  'portforward',
  'portforward/0',
  'portforward/65536',
  'portforward/22x',
  'portforward/22/sctp',
  'portforward/22/tcp/x',
  'nope',
  'console/x',
  '%zz',
])('%s is nothing', (path) => {
  expect(parseRoute(`${at}/${path}`)).toBeUndefined();
});

test('no text makes it throw', () => {
  fc.assert(fc.property(fc.webPath(), (path) => void parseRoute(path)));
  fc.assert(fc.property(fc.string(), (path) => void parseRoute(`/${path}`)));
});
