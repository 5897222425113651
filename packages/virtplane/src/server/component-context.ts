import {
  type ControllerContext,
  createClient,
  createEventRecorder,
  createInformerFactory,
  type EventRecorder,
  type Logger,
  systemClock,
  type Transport,
} from '@virtplane/runtime';

/** Everything a component gets: one identity, one set of shared informers. */
export function componentContext(transport: Transport, log: Logger): ControllerContext {
  const client = createClient(transport);
  const recorders = new Map<string, EventRecorder>();
  return {
    client,
    informers: createInformerFactory({ client, clock: systemClock, log }),
    events(component) {
      let recorder = recorders.get(component);
      if (!recorder) {
        recorder = createEventRecorder({ client, clock: systemClock, log, component });
        recorders.set(component, recorder);
      }
      return recorder;
    },
    clock: systemClock,
    log,
  };
}
