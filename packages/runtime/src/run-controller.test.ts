import type { ResourceDefinition } from '@virtplane/resources';
import { afterEach, expect, test } from 'vitest';
import type { Controller } from './controller.ts';
import { keyText } from './object-key.ts';
import { controllerReference } from './owner-references.ts';
import { refusal } from './refusals.ts';
import { type RunningController, runController } from './run-controller.ts';
import { createTestContext, eventually, type TestContext } from './testing/index.ts';
import { widget, widgets } from './testing/widget.ts';

const parts: ResourceDefinition = { ...widgets, kind: 'Part', plural: 'parts' };
const part = (name: string) => ({
  apiVersion: 'example.com/v1',
  kind: 'Part',
  metadata: { name, namespace: 'default' },
});

let context: TestContext;
let running: RunningController;
afterEach(async () => {
  await running?.stop();
  context?.stop();
});

const start = (controller: Partial<Controller> & Pick<Controller, 'reconcile'>): void => {
  running = runController({ name: 'test', for: widgets, ...controller }, context);
};

test('reconciles its own objects, the owners of what it owns, and what its watches map', async () => {
  context = createTestContext({ definitions: [widgets, parts], objects: [widget('w1')] });
  const looked: string[] = [];
  start({
    owns: [parts],
    watches: [
      { resource: parts, map: (o) => (o.metadata?.name === 'for-w9' ? [{ namespace: 'default', name: 'w9' }] : []) },
    ],
    async reconcile(key) {
      looked.push(keyText(key));
      return undefined;
    },
  });
  await eventually(() => looked.length === 1, 'the first look');
  const [owner] = context.objects(widgets);
  const owned = part('p1');
  await context.client(parts).create({
    ...owned,
    metadata: { ...owned.metadata, ownerReferences: [controllerReference(owner ?? {}, widgets)] },
  });
  await eventually(() => looked.length === 2, 'the owner');
  await context.client(parts).create(part('for-w9'));
  await eventually(() => looked.length === 3, 'the mapped key');
  await context.client(parts).delete({ namespace: 'default', name: 'p1' });
  await eventually(() => looked.length === 4, 'the owner, after the delete');
  expect(looked).toEqual(['default/w1', 'default/w1', 'default/w9', 'default/w1']);
});

test('errors are logged with the key and retried; conflicts are retried without noise', async () => {
  context = createTestContext({ definitions: [widgets], objects: [widget('bad'), widget('stale')] });
  const calls = new Map<string, number>();
  start({
    async reconcile({ name }) {
      const nth = (calls.get(name) ?? 0) + 1;
      calls.set(name, nth);
      if (name === 'stale' && nth < 3) throw refusal(409, 'Conflict', 'the object has been modified');
      if (name === 'bad' && nth < 3) throw new Error('the disk is on fire');
      return undefined;
    },
  });
  await eventually(() => calls.size === 2, 'both');
  await context.clock.advance(100);
  expect(Object.fromEntries(calls)).toEqual({ bad: 3, stale: 3 });
  const errors = context.logged.filter((e) => e.level === 'error');
  expect(errors.map((e) => e.fields.key)).toEqual(['default/bad', 'default/bad']);
  expect(errors[0]?.fields).toMatchObject({ controller: 'test', error: new Error('the disk is on fire') });
});

test('afterMs looks again then', async () => {
  context = createTestContext({ definitions: [widgets], objects: [widget('w')] });
  let calls = 0;
  start({
    async reconcile() {
      calls++;
      return calls < 3 ? { afterMs: 60_000 } : undefined;
    },
  });
  await eventually(() => calls === 1, 'the first look');
  await context.clock.advance(59_999);
  expect(calls).toBe(1);
  await context.clock.advance(1);
  expect(calls).toBe(2);
  await context.clock.advance(600_000);
  expect(calls).toBe(3);
});

test('stop waits for the call in hand', async () => {
  context = createTestContext({ definitions: [widgets], objects: [widget('w')] });
  let release: () => void = () => {};
  let ended = false;
  let entered = false;
  start({
    async reconcile() {
      entered = true;
      await new Promise<void>((resolve) => {
        release = resolve;
      });
      ended = true;
      return undefined;
    },
  });
  await eventually(() => entered, 'the call');
  const stopping = running.stop();
  expect(ended).toBe(false);
  release();
  await stopping;
  expect(ended).toBe(true);
});
