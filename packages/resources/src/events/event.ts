import { EventSourceSchema } from '../core/event.ts';
import { ObjectReferenceSchema } from '../core/references.ts';
import { defineBuiltIn } from '../define.ts';
import { ObjectMetaSchema } from '../meta/types.ts';
import {
  field,
  int32,
  kind,
  message,
  microTime,
  named,
  present,
  required,
  string,
  type TypeOf,
  time,
} from '../schema/builder.ts';

const eventsEventSeries = message('io.k8s.api.events.v1.EventSeries', '', {
  count: [1, required(int32)],
  lastObservedTime: [2, required(microTime)],
});
export interface EventsEventSeries extends TypeOf<typeof eventsEventSeries> {}
export const EventsEventSeriesSchema = named<EventsEventSeries>(eventsEventSeries);

const eventsEvent = kind(
  'io.k8s.api.events.v1.Event',
  'A report that something happened to an object. Events vanish after a while.',
  {
    metadata: [1, present(ObjectMetaSchema)],
    eventTime: [2, required(microTime)],
    series: [3, EventsEventSeriesSchema],
    reportingController: [4, string],
    reportingInstance: [5, string],
    action: [6, string],
    reason: [7, field(string, 'One word for what happened.')],
    regarding: [8, field(ObjectReferenceSchema, 'The object that the event is about.')],
    related: [9, ObjectReferenceSchema],
    note: [10, field(string, 'What happened, in a sentence.')],
    type: [11, string],
    deprecatedSource: [12, EventSourceSchema],
    deprecatedFirstTimestamp: [13, time],
    deprecatedLastTimestamp: [14, time],
    deprecatedCount: [15, int32],
  },
);
export interface EventsEvent extends TypeOf<typeof eventsEvent> {}
export const EventsEventSchema = named<EventsEvent>(eventsEvent);
export const EventsEvent = defineBuiltIn<EventsEvent>({
  schema: EventsEventSchema,
  group: 'events.k8s.io',
  version: 'v1',
  kind: 'Event',
  plural: 'events',
  shortNames: ['ev'],
  selectableFields: [
    'regarding.kind',
    'regarding.namespace',
    'regarding.name',
    'regarding.uid',
    'regarding.apiVersion',
    'regarding.resourceVersion',
    'regarding.fieldPath',
    'reason',
    'reportingController',
    'type',
  ],
});
