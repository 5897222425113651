import { type Event, type EventsEvent, humanAge, invalid, type KubeObject } from '@virtplane/resources';
import { column, wide } from './columns.ts';
import type { BuiltInColumn, Strategy } from './strategy.ts';

interface EventView {
  readonly lastSeen: string | undefined;
  readonly firstSeen: string | undefined;
  readonly type: string;
  readonly reason: string;
  readonly object: { readonly kind?: string; readonly name?: string; readonly fieldPath?: string };
  readonly source: string;
  readonly message: string;
  readonly count: number;
}

const sourceText = (
  source: { component?: string; host?: string } | undefined,
  controller: string | undefined,
): string => [source?.component || controller, source?.host].filter((part) => part).join(', ');

function coreView(event: Event): EventView {
  const firstSeen = event.firstTimestamp ?? event.eventTime;
  return {
    lastSeen: event.series?.lastObservedTime ?? event.lastTimestamp ?? firstSeen,
    firstSeen,
    type: event.type ?? '',
    reason: event.reason ?? '',
    object: event.involvedObject,
    source: sourceText(event.source, event.reportingComponent),
    message: event.message ?? '',
    count: event.series?.count ?? (event.count || 1),
  };
}

function groupView(event: EventsEvent): EventView {
  const firstSeen = event.deprecatedFirstTimestamp ?? event.eventTime;
  return {
    lastSeen: event.series?.lastObservedTime ?? event.deprecatedLastTimestamp ?? firstSeen,
    firstSeen,
    type: event.type ?? '',
    reason: event.reason ?? '',
    object: event.regarding ?? {},
    source: sourceText(event.deprecatedSource, event.reportingController),
    message: event.note ?? '',
    count: event.series?.count ?? (event.deprecatedCount || 1),
  };
}

/** Source: kubernetes pkg/printers/internalversion printEvent. */
function columnsOf<T extends KubeObject>(view: (event: T) => EventView): readonly BuiltInColumn[] {
  return [
    column('Last Seen', (event: T, nowMs) => humanAge(view(event).lastSeen, nowMs)),
    column('Type', (event: T) => view(event).type),
    column('Reason', (event: T) => view(event).reason),
    column('Object', (event: T) => {
      const { kind = '', name = '' } = view(event).object;
      return kind === '' ? name : `${kind.toLowerCase()}/${name}`;
    }),
    wide('Subobject', (event: T) => view(event).object.fieldPath ?? ''),
    wide('Source', (event: T) => view(event).source),
    column('Message', (event: T) => view(event).message.trim()),
    wide('First Seen', (event: T, nowMs) => humanAge(view(event).firstSeen, nowMs)),
    { name: 'Count', type: 'string', priority: 1, cell: (event) => String(view(event as T).count) },
    { name: 'Name', type: 'string', format: 'name', priority: 1, cell: (event) => event.metadata?.name ?? '' },
  ];
}

/** Source: kubernetes pkg/registry/core/event/strategy.go. */
export const eventStrategy: Strategy = {
  validate(event: Event) {
    const namespace = event.involvedObject?.namespace ?? '';
    const own = event.metadata.namespace ?? '';
    // Events about cluster-scoped objects lie in the default namespace.
    const isExpected = namespace === '' ? own === 'default' || own === 'kube-system' || own === '' : namespace === own;
    return isExpected ? [] : [invalid('involvedObject.namespace', namespace, 'does not match event.namespace')];
  },
  selectableFields: (event: Event) => ({
    'involvedObject.kind': event.involvedObject?.kind ?? '',
    'involvedObject.namespace': event.involvedObject?.namespace ?? '',
    'involvedObject.name': event.involvedObject?.name ?? '',
    'involvedObject.uid': event.involvedObject?.uid ?? '',
    'involvedObject.apiVersion': event.involvedObject?.apiVersion ?? '',
    'involvedObject.resourceVersion': event.involvedObject?.resourceVersion ?? '',
    'involvedObject.fieldPath': event.involvedObject?.fieldPath ?? '',
    reason: event.reason ?? '',
    reportingComponent: event.reportingComponent ?? '',
    source: event.source?.component || event.reportingComponent || '',
    type: event.type ?? '',
  }),
  columns: columnsOf(coreView),
  generation: 'none',
  allowCreateOnUpdate: true,
  allowUnconditionalUpdate: true,
};

export const eventsEventStrategy: Strategy = {
  selectableFields: (event: EventsEvent) => ({
    'regarding.kind': event.regarding?.kind ?? '',
    'regarding.namespace': event.regarding?.namespace ?? '',
    'regarding.name': event.regarding?.name ?? '',
    'regarding.uid': event.regarding?.uid ?? '',
    'regarding.apiVersion': event.regarding?.apiVersion ?? '',
    'regarding.resourceVersion': event.regarding?.resourceVersion ?? '',
    'regarding.fieldPath': event.regarding?.fieldPath ?? '',
    reason: event.reason ?? '',
    reportingController: event.reportingController ?? '',
    type: event.type ?? '',
  }),
  columns: columnsOf(groupView),
  generation: 'none',
  allowCreateOnUpdate: true,
  allowUnconditionalUpdate: true,
};
