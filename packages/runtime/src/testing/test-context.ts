import type { KubeObject, ResourceDefinition } from '@virtplane/resources';
import type { Client } from '../client.ts';
import type { ControllerContext, InformerFactory } from '../controller.ts';
import { createInformerFactory } from '../informer-factory.ts';
import type { Logger } from '../log.ts';
import { createClient } from '../typed-client.ts';
import { InMemoryApi } from './in-memory-api.ts';
import { createManualClock, type ManualClock } from './manual-clock.ts';

export interface LogEntry {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

export interface RecordedEvent {
  readonly component: string;
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
  readonly about: KubeObject;
}

export interface TestContext extends ControllerContext {
  readonly client: Client;
  readonly informers: InformerFactory;
  readonly clock: ManualClock;
  readonly api: InMemoryApi;
  /** What `events(…)` recorded, oldest first; nothing is written to the API. */
  readonly recorded: RecordedEvent[];
  readonly logged: LogEntry[];
  /** What the API holds of a resource now. */
  objects<T extends KubeObject>(definition: ResourceDefinition<T>): T[];
  /** Ends informers and watches. */
  stop(): void;
}

export interface TestContextOptions {
  /** Put into the API as they are. */
  readonly objects?: readonly KubeObject[];
  /** Needed for discovery and for kinds whose plural is irregular. */
  readonly definitions?: readonly ResourceDefinition[];
  readonly nowMs?: number;
}

export function createTestContext(options: TestContextOptions = {}): TestContext {
  const clock = createManualClock(options.nowMs);
  const api = new InMemoryApi(clock, options.definitions);
  for (const object of options.objects ?? []) api.put(object);
  const client = createClient(api);
  const logged: LogEntry[] = [];
  const log = recordingLogger(logged);
  const recorded: RecordedEvent[] = [];
  const informers = createInformerFactory({ client, clock, log });
  return {
    client,
    informers,
    clock,
    log,
    api,
    recorded,
    logged,
    events: (component) => ({
      normal: (about, reason, message) => recorded.push({ component, type: 'Normal', reason, message, about }),
      warning: (about, reason, message) => recorded.push({ component, type: 'Warning', reason, message, about }),
    }),
    objects: (definition) => api.objects(definition),
    stop() {
      informers.stop();
      api.close();
    },
  };
}

export function recordingLogger(entries: LogEntry[], base: Record<string, unknown> = {}): Logger {
  const write =
    (level: LogEntry['level']) =>
    (message: string, fields: Record<string, unknown> = {}): void => {
      entries.push({ level, message, fields: { ...base, ...fields } });
    };
  return {
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
    child: (fields) => recordingLogger(entries, { ...base, ...fields }),
  };
}

/** Waits, letting promises and I/O run, until `condition` holds; rejects after `withinMs` of real time naming `what`. */
export async function eventually(condition: () => boolean, what: string, withinMs = 5000): Promise<void> {
  const deadline = performance.now() + withinMs;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`not within ${withinMs} ms: ${what}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}
