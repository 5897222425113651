import type { Clock } from '../clock.ts';

interface Timer {
  readonly at: number;
  readonly sequence: number;
  readonly callback: () => void;
}

/** A clock that stands still until it is told: timers fire only within `advance`. */
export interface ManualClock extends Clock {
  /** Lets `ms` pass: fires the timers that fall due in their order, giving promises the chance to run in between. */
  advance(ms: number): Promise<void>;
  /** Timers that wait. */
  readonly pending: number;
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

export function createManualClock(startMs: number = Date.UTC(2026, 0, 1)): ManualClock {
  let now = startMs;
  let sequence = 0;
  const timers = new Set<Timer>();

  const nextDue = (until: number): Timer | undefined => {
    let due: Timer | undefined;
    for (const timer of timers) {
      if (timer.at > until) continue;
      if (!due || timer.at < due.at || (timer.at === due.at && timer.sequence < due.sequence)) due = timer;
    }
    return due;
  };

  return {
    now: () => now,
    after(delayMs, callback) {
      const timer: Timer = { at: now + Math.max(0, delayMs), sequence: sequence++, callback };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    async advance(ms) {
      const until = now + ms;
      await turn();
      for (let due = nextDue(until); due; due = nextDue(until)) {
        now = Math.max(now, due.at);
        timers.delete(due);
        due.callback();
        await turn();
        await turn();
      }
      now = until;
      await turn();
    },
    get pending() {
      return timers.size;
    },
  };
}
