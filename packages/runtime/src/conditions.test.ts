import { expect, test } from 'vitest';
import { type Condition, getCondition, isConditionTrue, removeCondition, setCondition } from './conditions.ts';

const before: Condition[] = [{ type: 'Ready', status: 'False', reason: 'Starting', lastTransitionTime: 't0' }];

test('the transition time changes only with the status', () => {
  const told = setCondition(before, { type: 'Ready', status: 'False', reason: 'StillStarting' }, 't1');
  expect(told).toEqual([{ type: 'Ready', status: 'False', reason: 'StillStarting', lastTransitionTime: 't0' }]);
  const ready = setCondition(told, { type: 'Ready', status: 'True' }, 't2');
  expect(ready).toEqual([{ type: 'Ready', status: 'True', lastTransitionTime: 't2' }]);
  expect(isConditionTrue(ready, 'Ready')).toBe(true);
});

test('nothing to write is visible by identity', () => {
  expect(setCondition(before, { type: 'Ready', status: 'False', reason: 'Starting' }, 't9')).toBe(before);
  expect(removeCondition(before, 'Other')).toBe(before);
  expect(removeCondition(before, 'Ready')).toEqual([]);
  expect(getCondition(undefined, 'Ready')).toBeUndefined();
  expect(setCondition(undefined, { type: 'A', status: 'True' }, 't')).toEqual([
    { type: 'A', status: 'True', lastTransitionTime: 't' },
  ]);
});
