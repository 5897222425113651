import { expect, test } from 'vitest';
import { Sessions } from './sessions.ts';

const request = (shared = false, preserve = false) => ({ shared, preserve });

test('a newer session displaces, a shared one joins, preserve is refused', () => {
  const sessions = new Sessions();
  const displaced: string[] = [];
  const enter = (name: string, shared: boolean) => {
    const leave = sessions.enter(
      'u',
      'vnc',
      {
        displace: () => {
          displaced.push(name);
          leave();
        },
      },
      request(shared),
    );
    return leave;
  };
  expect(sessions.isRefused('u', 'vnc', request(false, true))).toBe(false);
  enter('a', false);
  enter('b', true);
  expect(displaced).toEqual([]);
  expect(sessions.isRefused('u', 'vnc', request(false, true))).toBe(true);
  expect(sessions.isRefused('u', 'vnc', request(true, true))).toBe(false);
  expect(sessions.isRefused('u', 'console', request(false, true))).toBe(false);
  const leave = enter('c', false);
  expect(displaced).toEqual(['a', 'b']);
  expect(sessions.count('u', 'vnc')).toBe(1);
  leave();
  expect(sessions.count('u', 'vnc')).toBe(0);
});
