import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createManualClock } from './testing/index.ts';
import { WorkQueue } from './work-queue.ts';

test('a key is held once, and handed out again only after done', async () => {
  const queue = new WorkQueue({ clock: createManualClock() });
  queue.add('a');
  queue.add('b');
  queue.add('a');
  expect(queue.length).toBe(2);
  expect(await queue.take()).toBe('a');
  queue.add('a');
  expect(await queue.take()).toBe('b');
  const next = queue.take();
  queue.done('b');
  queue.done('a');
  expect(await next).toBe('a');
});

test('failures wait 5, 10, 20 ms … at most 1,000 s, until forgotten', async () => {
  const clock = createManualClock();
  const queue = new WorkQueue({ clock });
  const delays: number[] = [];
  for (let i = 0; i < 25; i++) {
    const before = clock.now();
    queue.addRateLimited('k');
    const taken = queue.take();
    while (queue.length === 0 && clock.pending > 0) await clock.advance(Math.max(5, 5 * 2 ** Math.min(i, 18)));
    expect(await taken).toBe('k');
    delays.push(clock.now() - before);
    queue.done('k');
  }
  expect(delays.slice(0, 4)).toEqual([5, 10, 20, 40]);
  expect(queue.failures('k')).toBe(25);
  queue.forget('k');
  const before = clock.now();
  queue.addRateLimited('k');
  await clock.advance(5);
  expect(queue.length).toBe(1);
  expect(clock.now() - before).toBe(5);
});

test('of several delays for one key the shortest counts', async () => {
  const clock = createManualClock();
  const queue = new WorkQueue({ clock });
  queue.addAfter('k', 100);
  queue.addAfter('k', 20);
  queue.addAfter('k', 50);
  await clock.advance(20);
  expect(queue.length).toBe(1);
  expect(clock.pending).toBe(0);
});

test('the overall bucket spaces retries of many keys', async () => {
  const clock = createManualClock();
  const queue = new WorkQueue({ clock, bucket: { perSecond: 10, burst: 2 } });
  for (const key of ['a', 'b', 'c', 'd']) queue.addRateLimited(key);
  await clock.advance(5);
  expect(queue.length).toBe(2);
  await clock.advance(95);
  expect(queue.length).toBe(3);
  await clock.advance(100);
  expect(queue.length).toBe(4);
});

test('stop waits for work in hand and hands out nothing more', async () => {
  const queue = new WorkQueue({ clock: createManualClock() });
  queue.add('a');
  queue.add('b');
  expect(await queue.take()).toBe('a');
  let stopped = false;
  const stopping = queue.stop().then(() => {
    stopped = true;
  });
  expect(await queue.take()).toBeUndefined();
  expect(stopped).toBe(false);
  queue.add('a');
  queue.done('a');
  await stopping;
  expect(queue.length).toBe(0);
});

type Step =
  | { readonly do: 'add' | 'later' | 'fail'; readonly key: number }
  | { readonly do: 'pass' | 'turn'; readonly key: number };

test('never one key twice at once, and no add is lost: the last look at a key starts after its last add', async () => {
  const steps = fc.array(
    fc.record({ do: fc.constantFrom<Step['do']>('add', 'add', 'later', 'fail', 'pass', 'turn'), key: fc.nat(3) }),
    { maxLength: 60 },
  );
  await fc.assert(
    fc.asyncProperty(steps, fc.integer({ min: 1, max: 4 }), async (plan, workers) => {
      const clock = createManualClock();
      const queue = new WorkQueue({ clock });
      const busy = new Set<string>();
      const wanted = new Map<string, number>();
      const seen = new Map<string, number>();
      const failing = new Set<string>();
      let overlaps = 0;
      const loop = async (): Promise<void> => {
        for (let key = await queue.take(); key !== undefined; key = await queue.take()) {
          if (busy.has(key)) overlaps++;
          busy.add(key);
          const version = wanted.get(key) ?? 0;
          await new Promise((resolve) => setImmediate(resolve));
          if (failing.delete(key)) queue.addRateLimited(key);
          else {
            seen.set(key, version);
            queue.forget(key);
          }
          busy.delete(key);
          queue.done(key);
        }
      };
      const running = Array.from({ length: workers }, loop);
      for (const step of plan) {
        const key = `k${step.key}`;
        if (step.do === 'turn') await new Promise((resolve) => setImmediate(resolve));
        else if (step.do === 'pass') await clock.advance(7);
        else {
          wanted.set(key, (wanted.get(key) ?? 0) + 1);
          if (step.do === 'fail') failing.add(key);
          if (step.do === 'later') queue.addAfter(key, step.key * 5);
          else queue.add(key);
        }
      }
      for (let i = 0; i < 12; i++) await clock.advance(10_000);
      await queue.stop();
      await Promise.all(running);
      expect(overlaps).toBe(0);
      expect(Object.fromEntries(seen)).toEqual(Object.fromEntries(wanted));
    }),
    { numRuns: 150 },
  );
});
