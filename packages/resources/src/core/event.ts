import { defineBuiltIn } from '../define.ts';
import { ObjectMetaSchema } from '../meta/types.ts';
import {
  field,
  int32,
  kind,
  message,
  microTime,
  named,
  required,
  string,
  type TypeOf,
  time,
} from '../schema/builder.ts';
import { ObjectReferenceSchema } from './references.ts';

const eventSource = message('io.k8s.api.core.v1.EventSource', '', {
  component: [1, string],
  host: [2, string],
});
export interface EventSource extends TypeOf<typeof eventSource> {}
export const EventSourceSchema = named<EventSource>(eventSource);

const eventSeries = message('io.k8s.api.core.v1.EventSeries', '', {
  count: [1, int32],
  lastObservedTime: [2, microTime],
});
export interface EventSeries extends TypeOf<typeof eventSeries> {}
export const EventSeriesSchema = named<EventSeries>(eventSeries);

const eventType = kind(
  'io.k8s.api.core.v1.Event',
  'A report that something happened to an object. Events vanish after a while.',
  {
    metadata: [1, required(ObjectMetaSchema)],
    involvedObject: [2, required(field(ObjectReferenceSchema, 'The object that the event is about.'))],
    reason: [3, field(string, 'One word for what happened.')],
    message: [4, field(string, 'What happened, in a sentence.')],
    source: [5, EventSourceSchema],
    firstTimestamp: [6, time],
    lastTimestamp: [7, time],
    count: [8, field(int32, 'How often it happened.')],
    type: [9, field(string, 'Normal or Warning.')],
    eventTime: [10, microTime],
    series: [11, EventSeriesSchema],
    action: [12, string],
    related: [13, ObjectReferenceSchema],
    reportingComponent: [14, string],
    reportingInstance: [15, string],
  },
);
export interface Event extends TypeOf<typeof eventType> {}
export const EventSchema = named<Event>(eventType);
export const Event = defineBuiltIn<Event>({
  schema: EventSchema,
  group: '',
  version: 'v1',
  kind: 'Event',
  plural: 'events',
  shortNames: ['ev'],
  selectableFields: [
    'involvedObject.kind',
    'involvedObject.namespace',
    'involvedObject.name',
    'involvedObject.uid',
    'involvedObject.apiVersion',
    'involvedObject.resourceVersion',
    'involvedObject.fieldPath',
    'reason',
    'reportingComponent',
    'source',
    'type',
  ],
});
