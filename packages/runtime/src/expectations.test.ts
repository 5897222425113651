import { expect, test } from 'vitest';
import { Expectations } from './expectations.ts';
import { createManualClock } from './testing/index.ts';

test('unsatisfied until everything asked for was seen', () => {
  const expectations = new Expectations(createManualClock());
  expect(expectations.satisfied('vm')).toBe(true);
  expectations.expectCreations('vm', 2);
  expectations.expectDeletion('vm', 'u1');
  expectations.creationObserved('vm');
  expectations.deletionObserved('vm', 'u1');
  expectations.deletionObserved('vm', 'u1');
  expect(expectations.satisfied('vm')).toBe(false);
  expectations.creationObserved('vm');
  expect(expectations.satisfied('vm')).toBe(true);
  expectations.creationObserved('vm');
  expect(expectations.satisfied('vm')).toBe(true);
});

test('lapse after five minutes', async () => {
  const clock = createManualClock();
  const expectations = new Expectations(clock);
  expectations.expectCreations('vm', 1);
  await clock.advance(299_999);
  expect(expectations.satisfied('vm')).toBe(false);
  await clock.advance(1);
  expect(expectations.satisfied('vm')).toBe(true);
});
