import { Event } from '@virtplane/resources';
import { afterEach, expect, test } from 'vitest';
import { createEventRecorder } from './events.ts';
import { refusal } from './refusals.ts';
import { createTestContext, eventually, type TestContext } from './testing/index.ts';
import { widget } from './testing/widget.ts';

let context: TestContext;
afterEach(() => context.stop());

const start = () => {
  context = createTestContext({ definitions: [Event] });
  return createEventRecorder({ ...context, component: 'virt-controller', host: 'node1' });
};
const about = widget('w');
about.metadata = { ...about.metadata, uid: 'u1', resourceVersion: '5' };

test('writes an Event, and counts up when it happens again', async () => {
  const recorder = start();
  recorder.normal(about, 'Created', 'made it');
  await eventually(() => context.objects(Event).length === 1, 'the event');
  await context.clock.advance(5000);
  recorder.normal(about, 'Created', 'made it');
  recorder.warning(about, 'Failed', 'broke it');
  await eventually(() => context.objects(Event).length === 2, 'the other event');
  const [first, second] = context.objects(Event);
  expect(first).toMatchObject({
    metadata: { namespace: 'default', name: expect.stringMatching(/^w\.[0-9a-f]{15,16}$/) },
    involvedObject: {
      kind: 'Widget',
      apiVersion: 'example.com/v1',
      namespace: 'default',
      name: 'w',
      uid: 'u1',
      resourceVersion: '5',
    },
    type: 'Normal',
    reason: 'Created',
    message: 'made it',
    count: 2,
    firstTimestamp: '2026-01-01T00:00:00Z',
    lastTimestamp: '2026-01-01T00:00:05Z',
    source: { component: 'virt-controller', host: 'node1' },
    reportingComponent: 'virt-controller',
  });
  expect(second).toMatchObject({ type: 'Warning', count: 1 });
});

test('an expired Event starts anew, and cluster-scoped objects are spoken of in namespace default', async () => {
  const recorder = start();
  const node = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n', uid: 'u' } };
  recorder.normal(node, 'Starting', 'up');
  await eventually(() => context.objects(Event).length === 1, 'the event');
  const [event] = context.objects(Event);
  expect(event?.metadata?.namespace).toBe('default');
  await context.client(Event).delete({ namespace: 'default', name: event?.metadata?.name ?? '' });
  recorder.normal(node, 'Starting', 'up');
  await eventually(() => context.objects(Event).length === 1, 'the event again');
  expect(context.objects(Event)[0]).toMatchObject({ count: 1 });
});

test('similar events are combined, and an object that floods is cut short', async () => {
  const recorder = start();
  for (let i = 0; i < 100; i++) recorder.warning(about, 'Failed', `attempt ${i}`);
  await eventually(() => context.objects(Event).some((e) => e.count === 15), 'the combined event');
  const events = context.objects(Event);
  expect(events).toHaveLength(11);
  expect(events.find((e) => e.count === 15)?.message).toBe('(combined from similar events): attempt 24');
});

test('a server that fails is asked again; a refusal is logged; nothing is thrown', async () => {
  const recorder = start();
  let failures = 2;
  context.api.intercept = () => {
    if (failures-- > 0) throw new Error('connection refused');
  };
  recorder.normal(about, 'Created', 'made it');
  await eventually(() => context.clock.pending === 1, 'the back-off');
  await context.clock.advance(10_000);
  expect(context.objects(Event)).toHaveLength(1);
  context.api.intercept = () => {
    throw refusal(403, 'Forbidden', 'you may not');
  };
  recorder.normal(about, 'Other', 'x');
  await eventually(() => context.logged.some((e) => e.level === 'warn'), 'the log line');
  expect(context.logged.at(-1)).toMatchObject({ message: 'cannot record an event', fields: { reason: 'Other' } });
});
