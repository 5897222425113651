import type { Pod, Taint, Toleration } from '@virtplane/resources';

/** Source: core/v1 Toleration: no key with Exists tolerates everything, no effect matches all effects. */
export function tolerates(toleration: Toleration, taint: Taint): boolean {
  if (toleration.effect && toleration.effect !== taint.effect) return false;
  if (toleration.key && toleration.key !== taint.key) return false;
  if (!toleration.key) return toleration.operator === 'Exists';
  if (toleration.operator === 'Exists') return true;
  return (toleration.value ?? '') === (taint.value ?? '');
}

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
