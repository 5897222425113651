import type { Pod } from '@virtplane/resources';

export const isPodFinal = (pod: Pod): boolean => pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed';

/** A launcher pod is live while its phase isn't final and not all of its containers have ended. */
export function isPodLive(pod: Pod): boolean {
  if (isPodFinal(pod)) return false;
  const statuses = pod.status?.containerStatuses ?? [];
  return statuses.length === 0 || statuses.some((status) => !status.state?.terminated);
}

/** The guest can be started: every container is ready, and `compute` runs. Readiness gates play no part here. */
export function isPodReady(pod: Pod): boolean {
  const statuses = pod.status?.containerStatuses ?? [];
  return (
    pod.status?.phase === 'Running' &&
    statuses.length > 0 &&
    statuses.every((status) => status.ready) &&
    statuses.some((status) => status.name === 'compute' && status.state?.running)
  );
}

/** The pod that the instance runs in: the live one, else the youngest. */
export function currentPod(pods: readonly Pod[]): Pod | undefined {
  let current: Pod | undefined;
  for (const pod of pods) {
    if (isPodLive(pod)) return pod;
    if (!current || (pod.metadata.creationTimestamp ?? '') > (current.metadata.creationTimestamp ?? '')) current = pod;
  }
  return current;
}

/** Why an image of the pod cannot be had. */
export function imageProblem(pod: Pod): { readonly reason: string; readonly message: string } | undefined {
  for (const status of [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])]) {
    const waiting = status.state?.waiting;
    if (waiting?.reason === 'ErrImagePull' || waiting?.reason === 'ImagePullBackOff')
      return { reason: waiting.reason, message: waiting.message ?? '' };
  }
  return undefined;
}
