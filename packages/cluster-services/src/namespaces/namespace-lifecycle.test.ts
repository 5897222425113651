import {
  ConfigMap,
  type KubeObject,
  Namespace,
  Pod,
  Secret,
  VirtualMachine,
  VirtualMachineInstance,
} from '@virtplane/resources';
import { type RunningController, runController } from '@virtplane/runtime';
import { createTestContext, eventually, type TestContext } from '@virtplane/runtime/testing';
import { afterEach, expect, test } from 'vitest';
import { namespaceLifecycle } from './namespace-lifecycle.ts';

let context: TestContext;
let running: RunningController;
afterEach(async () => {
  await running?.stop();
  context?.stop();
});

const inTeam = (apiVersion: string, kind: string, name: string, finalizers: string[] = []): KubeObject => ({
  apiVersion,
  kind,
  metadata: { name, namespace: 'team', ...(finalizers.length > 0 && { finalizers }) },
});
const start = async (objects: KubeObject[]) => {
  context = createTestContext({
    definitions: [ConfigMap, Namespace, Pod, Secret, VirtualMachine, VirtualMachineInstance],
    objects,
  });
  await context.client(Namespace).create({ metadata: { name: 'team' } });
  running = runController(namespaceLifecycle(context), context);
};
const namespace = () => context.objects(Namespace).find((n) => n.metadata.name === 'team');

test('everything in it goes, then it goes itself; other namespaces are not touched', async () => {
  await start([
    inTeam('v1', 'ConfigMap', 'a'),
    inTeam('v1', 'Secret', 'b'),
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'other', namespace: 'elsewhere' } },
  ]);
  await context.client(Namespace).delete({ name: 'team' });
  await eventually(() => namespace() === undefined, 'the namespace is gone');
  expect(context.objects(ConfigMap).map((o) => o.metadata.name)).toEqual(['other']);
  expect(context.objects(Secret)).toEqual([]);
});

test('guests go before Pods and Pods before the rest, and the conditions tell what is waited for', async () => {
  await start([
    inTeam('kubevirt.io/v1', 'VirtualMachineInstance', 'vmi', ['foregroundDeleteVirtualMachine']),
    inTeam('v1', 'Pod', 'virt-launcher-vmi'),
    inTeam('v1', 'Secret', 'keys', ['example.com/hold']),
  ]);
  await context.client(Namespace).delete({ name: 'team' });
  await eventually(() => (namespace()?.status?.conditions?.length ?? 0) > 0, 'conditions');
  expect(context.objects(Pod)).toHaveLength(1);
  expect(context.objects(Secret)[0]?.metadata.deletionTimestamp).toBeUndefined();
  const conditions = () =>
    Object.fromEntries(
      (namespace()?.status?.conditions ?? []).map((c) => [c.type, `${c.status} ${c.reason}: ${c.message}`]),
    );
  expect(conditions()).toEqual({
    NamespaceDeletionDiscoveryFailure: 'False ResourcesDiscovered: All resources successfully discovered',
    NamespaceDeletionGroupVersionParsingFailure: 'False ParsedGroupVersions: All legacy kube types successfully parsed',
    NamespaceDeletionContentFailure:
      'False ContentDeleted: All content successfully deleted, may be waiting on finalization',
    NamespaceContentRemaining:
      'True SomeResourcesRemain: Some resources are remaining: virtualmachineinstances.kubevirt.io has 1 resource instances',
    NamespaceFinalizersRemaining:
      'True SomeFinalizersRemain: Some content in the namespace has finalizers remaining: foregroundDeleteVirtualMachine in 1 resource instances',
  });
  await context
    .client(VirtualMachineInstance)
    .patch({ namespace: 'team', name: 'vmi' }, 'merge', { metadata: { finalizers: null } });
  await context.clock.advance(1000);
  await eventually(
    () => context.objects(Pod).length === 0 && context.objects(Secret)[0]?.metadata.deletionTimestamp !== undefined,
    'the other stages',
  );
  expect(namespace()).toBeDefined();
  await context.client(Secret).patch({ namespace: 'team', name: 'keys' }, 'merge', { metadata: { finalizers: null } });
  await context.clock.advance(1000);
  await eventually(() => namespace() === undefined, 'the namespace is gone');
});

test('a refused deletion is told in the conditions and tried again', async () => {
  await start([inTeam('v1', 'ConfigMap', 'a')]);
  context.api.intercept = (request) => {
    if (request.method === 'DELETE' && request.path.includes('configmaps')) throw new Error('webhook says no');
  };
  await context.client(Namespace).delete({ name: 'team' });
  await eventually(() => (namespace()?.status?.conditions?.length ?? 0) > 0, 'conditions');
  expect(namespace()?.status?.conditions?.find((c) => c.type === 'NamespaceDeletionContentFailure')).toMatchObject({
    status: 'True',
    message: 'Failed to delete all resource types, 1 remaining: configmaps: webhook says no',
  });
  delete context.api.intercept;
  await context.clock.advance(1000);
  await eventually(() => namespace() === undefined, 'the namespace is gone');
});
