import { ConfigMap, Namespace, ServiceAccount } from '@virtplane/resources';
import { type RunningController, runController } from '@virtplane/runtime';
import { createTestContext, eventually, type TestContext } from '@virtplane/runtime/testing';
import { afterEach, expect, test } from 'vitest';
import { serviceAccounts } from './service-accounts.ts';

let context: TestContext;
let running: RunningController;
afterEach(async () => {
  await running?.stop();
  context?.stop();
});

test('each namespace gets both, and keeps them as they must be', async () => {
  context = createTestContext({ definitions: [ConfigMap, Namespace, ServiceAccount] });
  running = runController(serviceAccounts(context, 'PEM'), context);
  await context.client(Namespace).create({ metadata: { name: 'team' } });
  const key = { namespace: 'team', name: 'kube-root-ca.crt' };
  const data = () => context.objects(ConfigMap)[0]?.data;
  await eventually(() => context.objects(ServiceAccount).length === 1 && data() !== undefined, 'both');
  expect(context.objects(ServiceAccount)[0]?.metadata).toMatchObject({ namespace: 'team', name: 'default' });
  expect(data()).toEqual({ 'ca.crt': 'PEM' });
  await context.client(ConfigMap).patch(key, 'merge', { data: { 'ca.crt': 'forged', more: 'x' } });
  await eventually(() => JSON.stringify(data()) === '{"ca.crt":"PEM"}', 'the change is undone');
  await context.client(ServiceAccount).delete({ namespace: 'team', name: 'default' });
  await eventually(() => context.objects(ServiceAccount).length === 1, 'the account is back');
});

test('a namespace that is going is left alone', async () => {
  context = createTestContext({ definitions: [ConfigMap, Namespace, ServiceAccount] });
  await context.client(Namespace).create({ metadata: { name: 'team' } });
  await context.client(Namespace).delete({ name: 'team' });
  running = runController(serviceAccounts(context, 'PEM'), context);
  await context.clock.advance(1000);
  expect(context.objects(ServiceAccount)).toEqual([]);
  expect(context.objects(ConfigMap)).toEqual([]);
});
