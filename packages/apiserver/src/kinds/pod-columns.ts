import { type ContainerStatus, humanAge, type Pod } from '@virtplane/resources';
import { AGE, column, NAME, NONE, orNone, wide } from './columns.ts';
import type { BuiltInColumn } from './strategy.ts';

interface Summary {
  readonly ready: number;
  readonly reason: string;
  readonly restarts: number;
  readonly lastRestart: string;
}

const stopReason = (terminated: NonNullable<NonNullable<ContainerStatus['state']>['terminated']>): string =>
  terminated.reason
    ? terminated.reason
    : terminated.signal
      ? `Signal:${terminated.signal}`
      : `ExitCode:${terminated.exitCode}`;

/** What the one line of a pod says. Source: kubernetes pkg/printers/internalversion printPod. */
export function summaryOf(pod: Pod): Summary {
  const { status } = pod;
  let reason = status?.reason ? status.reason : (status?.phase ?? '');
  let ready = 0;
  let restarts = 0;
  let lastRestart = '';
  const count = (container: ContainerStatus): void => {
    restarts += container.restartCount;
    const finishedAt = container.lastState?.terminated?.finishedAt ?? '';
    if (finishedAt > lastRestart) lastRestart = finishedAt;
  };
  let isInitializing = false;
  const initial = status?.initContainerStatuses ?? [];
  for (let i = 0; i < initial.length && !isInitializing; i++) {
    const container = initial[i]!;
    count(container);
    const { terminated, waiting } = container.state ?? {};
    if (terminated?.exitCode === 0) continue;
    isInitializing = true;
    if (terminated) reason = `Init:${stopReason(terminated)}`;
    else if (waiting?.reason && waiting.reason !== 'PodInitializing') reason = `Init:${waiting.reason}`;
    else reason = `Init:${i}/${pod.spec.initContainers?.length ?? 0}`;
  }
  if (!isInitializing) {
    restarts = 0;
    let isRunning = false;
    for (const container of (status?.containerStatuses ?? []).toReversed()) {
      count(container);
      const { terminated, waiting, running } = container.state ?? {};
      if (waiting?.reason) reason = waiting.reason;
      else if (terminated) reason = stopReason(terminated);
      else if (container.ready && running) {
        isRunning = true;
        ready++;
      }
    }
    if (reason === 'Completed' && isRunning) {
      const isReady = status?.conditions?.some((c) => c.type === 'Ready' && c.status === 'True');
      reason = isReady ? 'Running' : 'NotReady';
    }
  }
  if (pod.metadata.deletionTimestamp) reason = status?.reason === 'NodeLost' ? 'Unknown' : 'Terminating';
  return { ready, reason, restarts, lastRestart };
}

function readinessGates(pod: Pod): string {
  const gates = pod.spec.readinessGates ?? [];
  if (gates.length === 0) return NONE;
  const met = gates.filter((gate) =>
    pod.status?.conditions?.some((c) => c.type === gate.conditionType && c.status === 'True'),
  );
  return `${met.length}/${gates.length}`;
}

export const podColumns: readonly BuiltInColumn[] = [
  NAME,
  column('Ready', (pod: Pod) => `${summaryOf(pod).ready}/${pod.spec.containers.length}`),
  column('Status', (pod: Pod) => summaryOf(pod).reason),
  column('Restarts', (pod: Pod, nowMs) => {
    const { restarts, lastRestart } = summaryOf(pod);
    return lastRestart === '' ? String(restarts) : `${restarts} (${humanAge(lastRestart, nowMs)} ago)`;
  }),
  AGE,
  wide('IP', (pod: Pod) => orNone(pod.status?.podIPs?.[0]?.ip ?? pod.status?.podIP)),
  wide('Node', (pod: Pod) => orNone(pod.spec.nodeName)),
  wide('Nominated Node', (pod: Pod) => orNone(pod.status?.nominatedNodeName)),
  wide('Readiness Gates', readinessGates),
];
