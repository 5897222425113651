import { type Clock, systemClock } from './clock.ts';
import type { ControllerContext, EventRecorder } from './controller.ts';
import { createEventRecorder } from './events.ts';
import { createInformerFactory } from './informer-factory.ts';
import type { Logger } from './log.ts';
import type { Transport } from './transport.ts';
import { createClient } from './typed-client.ts';

export interface ControllerContextParts {
  readonly transport: Transport;
  readonly log: Logger;
  readonly clock?: Clock;
  /** Named in events as the place they come from. */
  readonly host?: string;
}

/** Everything that controllers are handed, over one transport. End with `informers.stop()`. */
export function createControllerContext({
  transport,
  log,
  clock = systemClock,
  host,
}: ControllerContextParts): ControllerContext {
  const client = createClient(transport);
  const recorders = new Map<string, EventRecorder>();
  return {
    client,
    clock,
    log,
    informers: createInformerFactory({ client, clock, log }),
    events(component) {
      let recorder = recorders.get(component);
      if (!recorder) {
        recorder = createEventRecorder({ client, clock, log, component, ...(host && { host }) });
        recorders.set(component, recorder);
      }
      return recorder;
    },
  };
}
