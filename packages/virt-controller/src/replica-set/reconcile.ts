import {
  formatLabelSelector,
  isStatusError,
  VirtualMachineInstance,
  VirtualMachineInstanceReplicaSet,
} from '@virtplane/resources';
import {
  type Controller,
  type ControllerContext,
  controllerReference,
  keyOf,
  removeCondition,
  semanticallyEqual,
  setCondition,
  timestamp,
} from '@virtplane/runtime';
import { COMPONENT } from '../names.ts';
import { planReplicas } from './plan.ts';

const RETRY_MS = 10_000;

/** Keeps as many instances of a template as a VirtualMachineInstanceReplicaSet asks for. */
export function replicaSetController({ client, informers, clock, events }: ControllerContext): Controller {
  const sets = informers(VirtualMachineInstanceReplicaSet);
  const instances = informers(VirtualMachineInstance);
  const recorder = events(COMPONENT);
  /** Instances made and not told by the informer yet, by uid of the set and of the instance. */
  const unseen = new Map<string, Map<string, VirtualMachineInstance>>();

  async function instancesOf(setUid: string): Promise<readonly VirtualMachineInstance[]> {
    const cached = instances.by('owner', setUid);
    const made = unseen.get(setUid);
    if (!made) return cached;
    const all = [...cached];
    for (const [uid, vmi] of made) {
      const known = cached.some((other) => other.metadata.uid === uid);
      const now = known ? undefined : await client(VirtualMachineInstance).find(keyOf(vmi));
      if (now?.metadata.uid === uid) all.push(now);
      else made.delete(uid);
    }
    if (made.size === 0) unseen.delete(setUid);
    return all;
  }

  async function createInstance(set: VirtualMachineInstanceReplicaSet): Promise<void> {
    const { template } = set.spec;
    const setUid = set.metadata.uid ?? '';
    const vmi = await client(VirtualMachineInstance).create({
      apiVersion: 'kubevirt.io/v1',
      kind: VirtualMachineInstance.kind,
      metadata: {
        generateName: set.metadata.name ?? '',
        namespace: set.metadata.namespace ?? '',
        ...(template.metadata?.labels && { labels: template.metadata.labels }),
        ...(template.metadata?.annotations && { annotations: template.metadata.annotations }),
        ownerReferences: [controllerReference(set, VirtualMachineInstanceReplicaSet)],
      },
      spec: template.spec ?? { domain: { devices: {} } },
    });
    const made = unseen.get(setUid) ?? new Map<string, VirtualMachineInstance>();
    made.set(vmi.metadata.uid ?? '', vmi);
    unseen.set(setUid, made);
    recorder.normal(
      set,
      'SuccessfulCreate',
      `Started the virtual machine by creating the new virtual machine instance ${vmi.metadata.name}`,
    );
  }

  async function removeInstance(set: VirtualMachineInstanceReplicaSet, vmi: VirtualMachineInstance): Promise<void> {
    const { uid } = vmi.metadata;
    try {
      await client(VirtualMachineInstance).delete(keyOf(vmi), { ...(uid && { uid }) });
    } catch (error) {
      if (!isStatusError(error, 'NotFound')) throw error;
      return;
    }
    recorder.normal(
      set,
      'SuccessfulDelete',
      `Stopped the virtual machine by deleting the virtual machine instance ${uid}`,
    );
  }

  return {
    name: 'virtual-machine-instance-replica-set',
    for: VirtualMachineInstanceReplicaSet,
    owns: [VirtualMachineInstance],
    async reconcile(key) {
      const set = sets.get(key);
      if (!set) return undefined;
      const plan = planReplicas(set, await instancesOf(set.metadata.uid ?? ''));
      let failure: string | undefined;
      try {
        for (let i = 0; i < plan.create; i++) await createInstance(set);
        for (const vmi of plan.remove) await removeInstance(set, vmi);
      } catch (error) {
        failure = error instanceof Error ? error.message : String(error);
        recorder.warning(set, 'FailedCreate', `Error creating virtual machine instance: ${failure}`);
      }
      const now = timestamp(clock.now());
      const paused = set.spec.paused
        ? setCondition(
            set.status?.conditions,
            { type: 'ReplicaPaused', status: 'True', reason: 'Paused', message: 'Controller got paused' },
            now,
          )
        : removeCondition(set.status?.conditions, 'ReplicaPaused');
      const conditions =
        failure === undefined
          ? removeCondition(paused, 'ReplicaFailure')
          : setCondition(
              paused,
              { type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message: failure },
              now,
            );
      const status = {
        ...set.status,
        conditions,
        replicas: plan.replicas,
        readyReplicas: plan.readyReplicas,
        labelSelector: formatLabelSelector(set.spec.selector),
      };
      if (!semanticallyEqual(status, set.status))
        await client(VirtualMachineInstanceReplicaSet).updateStatus({ ...set, status });
      return failure === undefined ? undefined : { afterMs: RETRY_MS };
    },
  };
}
