import type { OwnerReference, ResourceDefinition } from '@virtplane/resources';
import {
  foregroundFinalizer,
  isForegroundDeleting,
  isOrphaning,
  type Owned,
  type OwnerGraph,
  orphanFinalizer,
} from './graph.ts';

type Propagation = 'Background' | 'Foreground' | 'Orphan';

export type Step =
  | { readonly do: 'delete'; readonly object: Owned; readonly propagation: Propagation }
  /** Takes these owners off the object. */
  | { readonly do: 'disown'; readonly object: Owned; readonly owners: readonly string[] }
  /** The object no longer holds up its owners' deletion: a circle would wait for itself. */
  | { readonly do: 'unblock'; readonly object: Owned }
  | { readonly do: 'finalize'; readonly object: Owned; readonly finalizer: string }
  /** Ask the server whether this owner exists, then plan again. */
  | {
      readonly do: 'verify';
      readonly object: Owned;
      readonly owner: OwnerReference;
      readonly resource: ResourceDefinition;
    }
  /** The reference points where no owner may be: say so, keep the object. */
  | { readonly do: 'report'; readonly object: Owned; readonly owner: OwnerReference }
  | { readonly do: 'look'; readonly uid: string };

export interface Knowledge {
  readonly graph: OwnerGraph;
  /** The server said so, or the deletion was seen. */
  isAbsent(uid: string): boolean;
  /** What a reference's apiVersion and kind stand for; `undefined` when the server serves no such kind. */
  resourceOf(owner: OwnerReference): ResourceDefinition | undefined;
}

/**
 * What is to be done about one object. Owners are told by uid. An object goes when all its owners are gone, or wait for it in
 * the foreground; it stays while one owner lives. Source: kube-controller-manager garbagecollector.
 */
export function planCollection(uid: string, knowledge: Knowledge): Step[] {
  const object = knowledge.graph.get(uid);
  if (!object) return [];
  if (isOrphaning(object)) return planOrphaning(object, knowledge.graph);
  if (isForegroundDeleting(object)) return planForeground(object, knowledge.graph);
  if (object.deleting || object.owners.length === 0) return [];
  return planByOwners(object, knowledge);
}

function planOrphaning(object: Owned, graph: OwnerGraph): Step[] {
  const steps: Step[] = graph
    .dependentsOf(object.uid)
    .map((dependent) => ({ do: 'disown', object: dependent, owners: [object.uid] }));
  steps.push({ do: 'finalize', object, finalizer: orphanFinalizer });
  return steps;
}

function planForeground(object: Owned, graph: OwnerGraph): Step[] {
  const dependents = graph.dependentsOf(object.uid);
  const blocking = dependents.filter((d) =>
    d.owners.some((o) => o.uid === object.uid && o.blockOwnerDeletion === true),
  );
  if (blocking.length === 0) return [{ do: 'finalize', object, finalizer: foregroundFinalizer }];
  return blocking.filter((d) => !isForegroundDeleting(d)).map((d) => ({ do: 'look', uid: d.uid }));
}

function planByOwners(object: Owned, knowledge: Knowledge): Step[] {
  const { graph } = knowledge;
  const steps: Step[] = [];
  const gone: string[] = [];
  const waiting: string[] = [];
  let alive = 0;
  for (const owner of object.owners) {
    const found = graph.get(owner.uid);
    const resource = found?.resource ?? knowledge.resourceOf(owner);
    if (resource?.namespaced && (object.namespace === '' || (found && found.namespace !== object.namespace))) {
      steps.push({ do: 'report', object, owner });
      alive++;
    } else if (found) {
      if (isForegroundDeleting(found)) waiting.push(owner.uid);
      else alive++;
    } else if (knowledge.isAbsent(owner.uid)) gone.push(owner.uid);
    else if (resource) steps.push({ do: 'verify', object, owner, resource });
    // A kind that is not served (now): its CRD may come back, so its objects cannot be called gone.
    else alive++;
  }
  if (steps.some((step) => step.do === 'verify')) return steps.filter((step) => step.do === 'verify');
  if (alive > 0) {
    if (gone.length + waiting.length > 0) steps.push({ do: 'disown', object, owners: [...gone, ...waiting] });
    return steps;
  }
  if (waiting.length > 0) {
    const dependents = graph.dependentsOf(object.uid);
    if (dependents.length > 0) {
      const circle =
        dependents.some(isForegroundDeleting) && object.owners.some((owner) => owner.blockOwnerDeletion === true);
      if (circle) steps.push({ do: 'unblock', object }, { do: 'look', uid: object.uid });
      else steps.push({ do: 'delete', object, propagation: 'Foreground' });
      return steps;
    }
  }
  steps.push({ do: 'delete', object, propagation: wishedPropagation(object) });
  return steps;
}

/** A finalizer that somebody put on the object before its deletion says how it wants to go. */
function wishedPropagation(object: Owned): Propagation {
  if (object.finalizers.includes(orphanFinalizer)) return 'Orphan';
  if (object.finalizers.includes(foregroundFinalizer)) return 'Foreground';
  return 'Background';
}
