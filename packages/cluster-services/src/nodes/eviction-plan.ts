import { type Pod, type Taint, tolerates } from '@virtplane/resources';

/**
 * When the Pod must leave its node because of NoExecute taints: epoch milliseconds (in the past: now), `undefined`: never.
 * The shortest tolerationSeconds of the tolerations that match counts, from when the taint came (`sinceMs` where it does not
 * say). Source: kube-controller-manager taint eviction.
 */
export function evictionTimeMs(pod: Pod, taints: readonly Taint[], sinceMs: number): number | undefined {
  let leaveMs: number | undefined;
  for (const taint of taints) {
    if (taint.effect !== 'NoExecute') continue;
    const matching = (pod.spec?.tolerations ?? []).filter((toleration) => tolerates(toleration, taint));
    if (matching.length === 0) return sinceMs;
    const seconds = Math.min(...matching.map((t) => Number(t.tolerationSeconds ?? Number.POSITIVE_INFINITY)));
    if (seconds === Number.POSITIVE_INFINITY) continue;
    const addedMs = taint.timeAdded ? Date.parse(taint.timeAdded) : sinceMs;
    const atMs = (Number.isNaN(addedMs) ? sinceMs : addedMs) + Math.max(0, seconds) * 1000;
    leaveMs = leaveMs === undefined ? atMs : Math.min(leaveMs, atMs);
  }
  return leaveMs;
}
