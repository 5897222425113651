import type { ContainerState, ContainerStatus, Pod, PodCondition, PodStatus } from '@virtplane/resources';
import { setCondition, timestamp } from '@virtplane/runtime';

/** How far a container disk's image has got. */
export type ImageState =
  | { readonly state: 'pulling' }
  | { readonly state: 'present'; readonly digest: string }
  | { readonly state: 'failed'; readonly reason: string; readonly message: string };

/** What the node knows of one launcher Pod. */
export interface PodFacts {
  readonly nodeIp: string;
  /** Addresses of the sandbox; absent while there is none. */
  readonly podIps?: readonly string[];
  readonly sandboxError?: string;
  /** By image reference, as the Pod's containers name it. */
  readonly images: ReadonlyMap<string, ImageState>;
  /** The guest has ended: how the `compute` container has. */
  readonly ended?: { readonly exitCode: number; readonly message?: string };
  /** When its containers began; kept from the status where that has it. */
  readonly nowMs: number;
}

const computeName = 'compute';

/** A container of the launcher is "running" when network and images are there; QEMU itself comes and goes with the VMI. */
export const isReady = (facts: PodFacts): boolean =>
  facts.podIps !== undefined &&
  facts.ended === undefined &&
  [...facts.images.values()].every((image) => image.state === 'present');

function stateOf(
  previous: ContainerStatus | undefined,
  image: ImageState | undefined,
  facts: PodFacts,
  pending: string,
): ContainerState {
  const now = timestamp(facts.nowMs);
  const startedAt = previous?.state?.running?.startedAt;
  if (facts.ended) {
    const done = previous?.state?.terminated;
    if (done) return { terminated: done };
    const { exitCode, message } = facts.ended;
    const reason = exitCode === 0 ? 'Completed' : 'Error';
    return {
      terminated: { exitCode, reason, ...(message && { message }), ...(startedAt && { startedAt }), finishedAt: now },
    };
  }
  if (image?.state === 'failed') return { waiting: { reason: image.reason, message: image.message } };
  if (isReady(facts)) return { running: { startedAt: startedAt ?? now } };
  return { waiting: { reason: pending } };
}

/** Init containers copy a helper and show that an image can be started; here they have done so once the image is present. */
function initState(
  previous: ContainerStatus | undefined,
  image: ImageState | undefined,
  facts: PodFacts,
): ContainerState {
  if (previous?.state?.terminated) return previous.state;
  if (image?.state === 'failed') return { waiting: { reason: image.reason, message: image.message } };
  if (facts.podIps === undefined || image?.state === 'pulling') return { waiting: { reason: 'PodInitializing' } };
  const now = timestamp(facts.nowMs);
  return { terminated: { exitCode: 0, reason: 'Completed', startedAt: now, finishedAt: now } };
}

function containerStatus(
  container: { name: string; image?: string },
  previous: ContainerStatus | undefined,
  state: ContainerState,
  image: ImageState | undefined,
): ContainerStatus {
  const running = state.running !== undefined;
  return {
    name: container.name,
    image: container.image ?? '',
    imageID: image?.state === 'present' ? `${container.image ?? ''}@${image.digest}` : (previous?.imageID ?? ''),
    // A guest that reboots, or is reset by its watchdog, is the same container.
    restartCount: 0,
    ready: running || state.terminated?.exitCode === 0 ? running : false,
    started: running,
    state,
    lastState: {},
  };
}

const condition = (type: string, ok: boolean, reason?: string, message?: string): PodCondition => ({
  type,
  status: ok ? 'True' : 'False',
  ...(!ok && reason && { reason }),
  ...(!ok && message && { message }),
});

/** Source: kubelet status.GenerateContainersReadyCondition and GeneratePodReadyCondition. */
function renderConditions(
  pod: Pod,
  statuses: readonly ContainerStatus[],
  init: readonly ContainerStatus[],
  facts: PodFacts,
): PodCondition[] {
  const now = timestamp(facts.nowMs);
  const names = (list: readonly ContainerStatus[]): string => `[${list.map((s) => s.name).join(' ')}]`;
  const unready = statuses.filter((s) => !s.ready);
  const incomplete = init.filter((s) => s.state?.terminated?.exitCode !== 0);
  const gates = (pod.spec?.readinessGates ?? []).map((gate) => {
    const found = pod.status?.conditions?.find((c) => c.type === gate.conditionType);
    if (!found) return `corresponding condition of pod readiness gate "${gate.conditionType}" does not exist.`;
    return found.status === 'True'
      ? undefined
      : `the status of pod readiness gate "${gate.conditionType}" is not "True", but ${found.status}`;
  });
  const closed = gates.filter((text) => text !== undefined);
  const completed = facts.ended?.exitCode === 0;
  const notReady = completed
    ? (['PodCompleted', undefined] as const)
    : (['ContainersNotReady', `containers with unready status: ${names(unready)}`] as const);
  const containersReady = unready.length === 0 && !facts.ended;
  let conditions = pod.status?.conditions as PodCondition[] | undefined;
  const set = (wanted: PodCondition): void => {
    conditions = setCondition(conditions, wanted, now);
  };
  set(
    condition(
      'Initialized',
      incomplete.length === 0,
      'ContainersNotInitialized',
      `containers with incomplete status: ${names(incomplete)}`,
    ),
  );
  if (!containersReady) set(condition('Ready', false, ...notReady));
  else set(condition('Ready', closed.length === 0, 'ReadinessGatesNotReady', closed.join(', ')));
  set(condition('ContainersReady', containersReady, ...notReady));
  set(condition('PodScheduled', true));
  return conditions ?? [];
}

/** The status of a launcher Pod as kubelet would write it. What others wrote (readiness gates) stays. */
export function renderPodStatus(pod: Pod, facts: PodFacts): PodStatus {
  const before = pod.status ?? {};
  const previous = (list: readonly ContainerStatus[] | undefined, name: string): ContainerStatus | undefined =>
    list?.find((s) => s.name === name);
  const initContainerStatuses = (pod.spec?.initContainers ?? []).map((container) => {
    const old = previous(before.initContainerStatuses, container.name);
    const image = facts.images.get(container.image ?? '');
    return containerStatus(container, old, initState(old, image, facts), image);
  });
  const pending = initContainerStatuses.some((s) => s.state?.terminated === undefined)
    ? 'PodInitializing'
    : 'ContainerCreating';
  const containerStatuses = (pod.spec?.containers ?? []).map((container) => {
    const old = previous(before.containerStatuses, container.name);
    const image = container.name === computeName ? undefined : facts.images.get(container.image ?? '');
    return containerStatus(container, old, stateOf(old, image, facts, pending), image);
  });
  const phase = facts.ended
    ? facts.ended.exitCode === 0
      ? 'Succeeded'
      : 'Failed'
    : isReady(facts)
      ? 'Running'
      : 'Pending';
  const ips = facts.podIps ?? before.podIPs?.map(({ ip }) => ip ?? '') ?? [];
  const { message: _message, ...kept } = before;
  return {
    ...kept,
    phase,
    conditions: renderConditions(pod, containerStatuses, initContainerStatuses, facts),
    hostIP: facts.nodeIp,
    ...(ips[0] && { podIP: ips[0], podIPs: ips.map((ip) => ({ ip })) }),
    startTime: before.startTime ?? timestamp(facts.nowMs),
    ...(facts.sandboxError && { message: facts.sandboxError }),
    ...(initContainerStatuses.length > 0 && { initContainerStatuses }),
    containerStatuses,
  };
}
