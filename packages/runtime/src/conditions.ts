/** A condition of a status. Source: meta/v1 Condition; older kinds leave out some fields or carry probe and heartbeat times. */
export interface Condition {
  type: string;
  status: string;
  reason?: string;
  message?: string;
  lastTransitionTime?: string | null;
  lastProbeTime?: string | null;
  lastHeartbeatTime?: string | null;
  observedGeneration?: number;
}

type Conditions<C extends Condition> = readonly C[] | undefined;

export function getCondition<C extends Condition>(conditions: Conditions<C>, type: string): C | undefined {
  return conditions?.find((c) => c.type === type);
}

export const isConditionTrue = (conditions: Conditions<Condition>, type: string): boolean =>
  getCondition(conditions, type)?.status === 'True';

/**
 * The list with the condition set. `lastTransitionTime` becomes `nowTime` only when the status changes; when nothing but
 * times would change, the very same list comes back, so that callers can see by identity that there is nothing to write.
 */
export function setCondition<C extends Condition>(
  conditions: readonly C[] | undefined,
  condition: C,
  nowTime: string,
): C[] {
  const list = (conditions ?? []) as C[];
  const index = list.findIndex((c) => c.type === condition.type);
  const old = list[index];
  if (!old) return [...list, { ...condition, lastTransitionTime: condition.lastTransitionTime ?? nowTime }];
  if (old.status !== condition.status)
    return list.with(index, { ...condition, lastTransitionTime: condition.lastTransitionTime ?? nowTime });
  const same =
    old.reason === condition.reason &&
    old.message === condition.message &&
    old.observedGeneration === condition.observedGeneration;
  if (same) return list;
  const next = { ...old, ...condition };
  if (old.lastTransitionTime === undefined) delete next.lastTransitionTime;
  else next.lastTransitionTime = old.lastTransitionTime;
  return list.with(index, next);
}

/** The list without the condition; the very same list when it has none. */
export function removeCondition<C extends Condition>(conditions: readonly C[] | undefined, type: string): C[] {
  const list = (conditions ?? []) as C[];
  return list.some((c) => c.type === type) ? list.filter((c) => c.type !== type) : list;
}
