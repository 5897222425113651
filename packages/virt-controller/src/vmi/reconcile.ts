import {
  isStatusError,
  type KubeObject,
  LimitRange,
  Node,
  PersistentVolumeClaim,
  Pod,
  ResourceQuota,
  VirtualMachine,
  VirtualMachineInstance,
} from '@virtplane/resources';
import {
  type Controller,
  type ControllerContext,
  controllerOf,
  getCondition,
  isBeingDeleted,
  keyOf,
  keyText,
  type ObjectKey,
  type ReconcileResult,
  semanticallyEqual,
  timestamp,
} from '@virtplane/runtime';
import type { ControllerConfig } from '../config.ts';
import { renderLauncherPod } from '../launcher-pod/render.ts';
import { claimOf } from '../launcher-pod/volumes.ts';
import { COMPONENT, UNPAUSED_GATE } from '../names.ts';
import { isUnresponsive } from '../node/heartbeat.ts';
import { OwnWrites } from '../own-writes.ts';
import { type PodProblem, unpausedCondition } from './conditions.ts';
import { phaseOf } from './phase.ts';
import { planInstance, planPods } from './plan.ts';
import { currentPod, isPodFinal } from './pods.ts';

export interface VmiControllerOptions {
  readonly config: () => ControllerConfig;
  readonly launcherImage: string;
}

const BY_NODE = 'node';
const FIRST_RETRY_MS = 1000;
const LONGEST_RETRY_MS = 300_000;

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Gives each VirtualMachineInstance its launcher pod, follows it to the node, and lets it go when all is over. */
export function vmiController(context: ControllerContext, options: VmiControllerOptions): Controller {
  const { client, informers, clock } = context;
  const events = context.events(COMPONENT);
  const instances = informers(VirtualMachineInstance);
  const machines = informers(VirtualMachine);
  const pods = informers(Pod);
  const claims = informers(PersistentVolumeClaim);
  const nodes = informers(Node);
  instances.addIndex(BY_NODE, (vmi) => (vmi.status?.nodeName ? [vmi.status.nodeName] : []));
  /** By uid of the instance. */
  const created = new OwnWrites<Pod>();
  const refused = new Map<string, number>();

  async function podsOf(vmi: VirtualMachineInstance): Promise<readonly Pod[]> {
    const uid = vmi.metadata.uid ?? '';
    const cached = pods.by('owner', uid);
    const settled = await created.settle(
      uid,
      (made) => cached.some((pod) => pod.metadata.uid === made.metadata.uid),
      (made) => client(Pod).find(keyOf(made)),
    );
    return settled.object ? [...cached, settled.object] : cached;
  }

  /** The first claim of the instance that does not exist. */
  function missingClaim(vmi: VirtualMachineInstance): string | undefined {
    const namespace = vmi.metadata.namespace ?? '';
    for (const volume of vmi.spec.volumes ?? []) {
      const name = claimOf(volume);
      if (name !== undefined && !claims.get({ namespace, name })) return name;
    }
    return undefined;
  }

  function blockClaims(vmi: VirtualMachineInstance): Set<string> {
    const namespace = vmi.metadata.namespace ?? '';
    const block = new Set<string>();
    for (const volume of vmi.spec.volumes ?? []) {
      const name = claimOf(volume);
      if (name !== undefined && claims.get({ namespace, name })?.spec?.volumeMode === 'Block') block.add(name);
    }
    return block;
  }

  async function createPod(vmi: VirtualMachineInstance): Promise<Pod | PodProblem> {
    const missing = missingClaim(vmi);
    if (missing !== undefined) {
      const message = `failed to render launch manifest: didn't find PVC ${missing}`;
      if (getCondition(vmi.status?.conditions, 'Synchronized')?.message !== message)
        events.warning(vmi, 'FailedPvcNotFound', message);
      return { reason: 'FailedPvcNotFound', message };
    }
    try {
      const pod = await client(Pod).create(
        renderLauncherPod(vmi, {
          config: options.config(),
          launcherImage: options.launcherImage,
          blockClaims: blockClaims(vmi),
        }),
      );
      created.remember(vmi.metadata.uid ?? '', pod);
      events.normal(vmi, 'SuccessfulCreate', `Created virtual machine pod ${pod.metadata.name}`);
      return pod;
    } catch (error) {
      events.warning(vmi, 'FailedCreate', `Error creating pod: ${messageOf(error)}`);
      return { reason: 'FailedCreate', message: `failed to create virtual machine pod: ${messageOf(error)}` };
    }
  }

  async function deletePod(vmi: VirtualMachineInstance, pod: Pod): Promise<void> {
    const { name, uid } = pod.metadata;
    try {
      await client(Pod).delete(keyOf(pod), { ...(uid && { uid }) });
    } catch (error) {
      if (isStatusError(error, 'NotFound')) return;
      events.warning(vmi, 'FailedDelete', `Failed to delete virtual machine pod ${name}`);
      throw error;
    }
    events.normal(vmi, 'SuccessfulDelete', `Deleted virtual machine pod ${name}`);
  }

  /** The pod's readiness gate follows whether the guest is paused. */
  async function syncGate(vmi: VirtualMachineInstance, pod: Pod): Promise<void> {
    if (!pod.spec?.nodeName || isPodFinal(pod)) return;
    const wanted = unpausedCondition(vmi);
    const conditions = pod.status?.conditions;
    const at = conditions?.findIndex((c) => c.type === UNPAUSED_GATE) ?? -1;
    if (at >= 0 && conditions?.[at]?.status === wanted.status) return;
    const value = { type: UNPAUSED_GATE, ...wanted, lastTransitionTime: timestamp(clock.now()) };
    const path = '/status/conditions';
    const patch = !conditions
      ? [{ op: 'add', path, value: [value] }]
      : at < 0
        ? [{ op: 'add', path: `${path}/-`, value }]
        : [
            { op: 'test', path: `${path}/${at}/type`, value: UNPAUSED_GATE },
            { op: 'replace', path: `${path}/${at}`, value },
          ];
    // Conditions are put by type by everybody else; the version keeps this list from being another one.
    const test = { op: 'test', path: '/metadata/resourceVersion', value: pod.metadata.resourceVersion };
    try {
      await client(Pod).patch(keyOf(pod), 'json', [test, ...patch], { subresource: 'status' });
    } catch (error) {
      // Changed or gone meanwhile: the change itself brings the instance back here.
      if (!isStatusError(error) || error.code >= 500) throw error;
    }
  }

  function ownerGone(vmi: VirtualMachineInstance): boolean {
    const owner = controllerOf(vmi);
    if (owner?.kind !== VirtualMachine.kind) return true;
    return machines.get({ namespace: vmi.metadata.namespace ?? '', name: owner.name })?.metadata.uid !== owner.uid;
  }

  function nodeLost(vmi: VirtualMachineInstance): boolean {
    const name = vmi.status?.nodeName;
    if (!name) return false;
    const node = nodes.get({ name });
    return !node || isUnresponsive(node, clock.now());
  }

  async function write(vmi: VirtualMachineInstance, next: VirtualMachineInstance): Promise<void> {
    const same =
      semanticallyEqual(vmi.status, next.status) &&
      semanticallyEqual(vmi.metadata.labels, next.metadata.labels) &&
      semanticallyEqual(vmi.metadata.finalizers, next.metadata.finalizers);
    if (same) return;
    await client(VirtualMachineInstance).update(next);
    if (next.status?.reason === 'NodeUnresponsive' && vmi.status?.phase !== next.status.phase)
      events.normal(
        next,
        'NodeUnresponsive',
        `virt-handler on node ${next.status.nodeName} is not responsive, marking VMI as failed`,
      );
    if (getCondition(next.status?.conditions, 'Synchronized')?.reason === 'FailedGuaranteeResources')
      events.warning(next, 'FailedGuaranteeResources', 'failed to guarantee pod resources');
  }

  /** Instances that wait for a pod: something that may let one be made has changed in their namespace. */
  const pendingIn = ({ metadata }: KubeObject): readonly ObjectKey[] =>
    instances
      .list(metadata?.namespace)
      .filter((vmi) => getCondition(vmi.status?.conditions, 'Synchronized')?.status === 'False' && isWaiting(vmi))
      .map(keyOf);
  const isWaiting = (vmi: VirtualMachineInstance): boolean => {
    const phase = phaseOf(vmi);
    return phase === '' || phase === 'Pending';
  };
  /** Heartbeats of nodes that are well concern nobody. */
  const onLostNode = (object: KubeObject): readonly ObjectKey[] => {
    const name = object.metadata?.name ?? '';
    const node = nodes.get({ name });
    return node && !isUnresponsive(node, clock.now()) ? [] : instances.by(BY_NODE, name).map(keyOf);
  };

  return {
    name: 'virtual-machine-instance',
    for: VirtualMachineInstance,
    owns: [Pod],
    watches: [
      // An instance whose machine is gone must not wait for it.
      {
        resource: VirtualMachine,
        map: (vm) => {
          const key = keyOf(vm);
          const stays = machines.get(key)?.metadata.uid === vm.metadata?.uid && !isBeingDeleted(vm);
          return !stays && instances.get(key) ? [key] : [];
        },
      },
      { resource: ResourceQuota, map: pendingIn },
      { resource: LimitRange, map: pendingIn },
      { resource: PersistentVolumeClaim, map: pendingIn },
      { resource: Node, map: onLostNode },
    ],

    async reconcile(key): Promise<ReconcileResult> {
      const vmi = instances.get(key);
      const text = keyText(key);
      if (!vmi) {
        refused.delete(text);
        return undefined;
      }
      let owned = await podsOf(vmi);
      const steps = planPods({ vmi, pods: owned });
      let problem: PodProblem | undefined;
      if (steps.create) {
        const made = await createPod(vmi);
        if ('reason' in made) problem = made;
        else owned = [made];
      }
      for (const pod of steps.remove) await deletePod(vmi, pod);
      const pod = currentPod(owned);
      const next = planInstance({
        vmi,
        pods: owned,
        ownerGone: ownerGone(vmi),
        nodeLost: nodeLost(vmi),
        problem,
        now: timestamp(clock.now()),
      });
      await Promise.all([write(vmi, next), pod && syncGate(vmi, pod)]);
      if (problem?.reason !== 'FailedCreate') {
        refused.delete(text);
        return undefined;
      }
      const attempts = (refused.get(text) ?? 0) + 1;
      refused.set(text, attempts);
      return { afterMs: Math.min(FIRST_RETRY_MS * 2 ** (attempts - 1), LONGEST_RETRY_MS) };
    },
  };
}
