import type { Clock } from '@virtplane/runtime';

const initialBackOffMs = 1_000;
const maxBackOffMs = 10_000;
/** An unschedulable Pod is tried again after this time even if nothing changed. */
const retryAfterMs = 5 * 60_000;

interface QueuedPod {
  readonly key: string;
  priority: number;
  readonly addedAtMs: number;
  attempts: number;
  lastTriedAtMs: number;
}

/** A Pod taken off the queue for one attempt. */
export interface TakenPod {
  readonly key: string;
  readonly attempt: QueuedPod;
  readonly moves: number;
}

/**
 * Pods waiting for a node: active (tried next, by priority then age), backing off (1 s doubling to 10 s after each failed
 * attempt), unschedulable (wait for a change of the cluster). Source: kube-scheduler PriorityQueue.
 */
export class SchedulingQueue {
  private readonly active = new Map<string, QueuedPod>();
  private readonly backingOff = new Map<string, QueuedPod>();
  private readonly unschedulable = new Map<string, QueuedPod>();
  /** Changes seen while a Pod was being tried make its failure out of date. */
  private moves = 0;
  private readonly clock: Clock;
  private readonly wake: () => void;
  private cancelTimer: (() => void) | undefined;

  constructor(clock: Clock, wake: () => void) {
    this.clock = clock;
    this.wake = wake;
  }

  add(key: string, priority: number): void {
    const known = this.active.get(key) ?? this.backingOff.get(key) ?? this.unschedulable.get(key);
    if (known) {
      known.priority = priority;
      if (this.unschedulable.delete(key)) this.requeue(known);
      return;
    }
    this.active.set(key, { key, priority, addedAtMs: this.clock.now(), attempts: 0, lastTriedAtMs: 0 });
    this.wake();
  }

  remove(key: string): void {
    this.active.delete(key);
    this.backingOff.delete(key);
    this.unschedulable.delete(key);
  }

  /** The next Pod to try, taken out; give it back with `failed` unless it was placed. */
  take(): TakenPod | undefined {
    let first: QueuedPod | undefined;
    for (const pod of this.active.values()) {
      // Insertion order is age order, so only a higher priority changes the choice.
      if (!first || pod.priority > first.priority) first = pod;
    }
    if (!first) return undefined;
    this.active.delete(first.key);
    first.attempts++;
    first.lastTriedAtMs = this.clock.now();
    return { key: first.key, attempt: first, moves: this.moves };
  }

  /** No node takes it now. */
  failed(taken: TakenPod): void {
    if (taken.moves !== this.moves) this.requeue(taken.attempt);
    else this.unschedulable.set(taken.attempt.key, taken.attempt);
    this.arm();
  }

  /** Binding went wrong: try again after a back-off. */
  retry(taken: TakenPod): void {
    this.requeue(taken.attempt);
  }

  /** Something changed that may help: nodes, other Pods. */
  moveAll(): void {
    this.moves++;
    for (const pod of this.unschedulable.values()) this.requeue(pod);
    this.unschedulable.clear();
  }

  get size(): { readonly active: number; readonly backingOff: number; readonly unschedulable: number } {
    return { active: this.active.size, backingOff: this.backingOff.size, unschedulable: this.unschedulable.size };
  }

  close(): void {
    this.cancelTimer?.();
  }

  private readyAtMs(pod: QueuedPod): number {
    if (pod.attempts === 0) return 0;
    return pod.lastTriedAtMs + Math.min(maxBackOffMs, initialBackOffMs * 2 ** (pod.attempts - 1));
  }

  private requeue(pod: QueuedPod): void {
    if (this.readyAtMs(pod) <= this.clock.now()) {
      this.active.set(pod.key, pod);
      this.wake();
    } else {
      this.backingOff.set(pod.key, pod);
      this.arm();
    }
  }

  private arm(): void {
    this.cancelTimer?.();
    let next = Number.POSITIVE_INFINITY;
    for (const pod of this.backingOff.values()) next = Math.min(next, this.readyAtMs(pod));
    for (const pod of this.unschedulable.values()) next = Math.min(next, pod.lastTriedAtMs + retryAfterMs);
    if (next === Number.POSITIVE_INFINITY) return;
    this.cancelTimer = this.clock.after(next - this.clock.now(), () => this.flush());
  }

  private flush(): void {
    const now = this.clock.now();
    for (const pod of [...this.backingOff.values()]) {
      if (this.readyAtMs(pod) > now) continue;
      this.backingOff.delete(pod.key);
      this.active.set(pod.key, pod);
    }
    for (const pod of [...this.unschedulable.values()]) {
      if (pod.lastTriedAtMs + retryAfterMs > now) continue;
      this.unschedulable.delete(pod.key);
      this.active.set(pod.key, pod);
    }
    this.arm();
    if (this.active.size > 0) this.wake();
  }
}
