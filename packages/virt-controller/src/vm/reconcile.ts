import { ControllerRevision, isStatusError, VirtualMachine, VirtualMachineInstance } from '@virtplane/resources';
import {
  type Controller,
  type ControllerContext,
  controllerOf,
  controllerReference,
  hasFinalizer,
  isBeingDeleted,
  isConflict,
  isControlledBy,
  keyText,
  type ObjectKey,
  type ReconcileResult,
  semanticallyEqual,
  timestamp,
} from '@virtplane/runtime';
import { COMPONENT, MACHINE_FINALIZER } from '../names.ts';
import { OwnWrites } from '../own-writes.ts';
import { isFinal } from '../vmi/phase.ts';
import { renderInstance } from './instance.ts';
import { type Plan, planVm } from './plan.ts';
import { isRestartRequired, renderRevision, revisionName, staleRevisions } from './revision.ts';
import { type Failure, vmStatus } from './status.ts';

export interface VmControllerOptions {
  /** From 0 to 1; tests hand in their own. */
  readonly random?: () => number;
}

const FIRST_RETRY_MS = 1000;
const LONGEST_RETRY_MS = 300_000;

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Keeps the instance of each VirtualMachine as its run strategy and the requests to it demand. */
export function vmController(context: ControllerContext, options: VmControllerOptions = {}): Controller {
  const { client, informers, clock } = context;
  const { random = Math.random } = options;
  const events = context.events(COMPONENT);
  const machines = informers(VirtualMachine);
  const instances = informers(VirtualMachineInstance);
  const revisions = informers(ControllerRevision);
  const created = new OwnWrites<VirtualMachineInstance>();
  /** Refused attempts in a row, by key of the machine. */
  const refused = new Map<string, number>();

  /** The instance of the machine's name, as new as this controller's own writes. */
  async function instanceOf(key: ObjectKey): Promise<VirtualMachineInstance | undefined> {
    const cached = instances.get(key);
    const settled = await created.settle(
      keyText(key),
      (made) => cached?.metadata.uid === made.metadata.uid,
      () => client(VirtualMachineInstance).find(key),
    );
    return settled.ahead ? settled.object : cached;
  }

  async function createInstance(vm: VirtualMachine, paused: boolean): Promise<VirtualMachineInstance> {
    const name = revisionName(vm);
    const namespace = vm.metadata.namespace ?? '';
    const [vmi] = await Promise.all([
      client(VirtualMachineInstance).create(renderInstance(vm, paused, name)),
      revisions.get({ namespace, name }) ?? createRevision(vm),
    ]);
    created.remember(keyText({ namespace, name: vm.metadata.name ?? '' }), vmi);
    events.normal(
      vm,
      'SuccessfulCreate',
      `Started the virtual machine by creating the new virtual machine instance ${vmi.metadata.name}`,
    );
    return vmi;
  }

  async function createRevision(vm: VirtualMachine): Promise<void> {
    try {
      await client(ControllerRevision).create(renderRevision(vm));
    } catch (error) {
      // Made by an earlier attempt for the same generation.
      if (!isConflict(error)) throw error;
    }
  }

  async function deleteInstance(vm: VirtualMachine, vmi: VirtualMachineInstance): Promise<void> {
    try {
      await client(VirtualMachineInstance).delete(
        { namespace: vmi.metadata.namespace ?? '', name: vmi.metadata.name ?? '' },
        { ...(vmi.metadata.uid && { uid: vmi.metadata.uid }) },
      );
    } catch (error) {
      if (!isStatusError(error, 'NotFound')) throw error;
      return;
    }
    events.normal(
      vm,
      'SuccessfulDelete',
      `Stopped the virtual machine by deleting the virtual machine instance ${vmi.metadata.uid}`,
    );
  }

  async function setRunning(vm: VirtualMachine): Promise<void> {
    const change = vm.spec.running === undefined ? { runStrategy: 'Always' } : { running: true };
    const { namespace = '', name = '', resourceVersion } = vm.metadata;
    await client(VirtualMachine).patch({ namespace, name }, 'merge', { metadata: { resourceVersion }, spec: change });
  }

  async function removeFinalizer(object: VirtualMachine | VirtualMachineInstance): Promise<void> {
    if (hasFinalizer(object, MACHINE_FINALIZER))
      await writeFinalizers(object, object.metadata.finalizers?.filter((f) => f !== MACHINE_FINALIZER) ?? []);
  }

  /** The resource version keeps a list that somebody else has changed meanwhile. */
  async function writeFinalizers(object: VirtualMachine | VirtualMachineInstance, finalizers: string[]): Promise<void> {
    const { namespace = '', name = '', resourceVersion } = object.metadata;
    const resource = object.kind === VirtualMachine.kind ? client(VirtualMachine) : client(VirtualMachineInstance);
    try {
      await resource.patch({ namespace, name }, 'merge', { metadata: { resourceVersion, finalizers } });
    } catch (error) {
      if (!isStatusError(error, 'NotFound')) throw error;
    }
  }

  /** An instance of the machine's name that nobody controls becomes its own. */
  async function adopt(vm: VirtualMachine, vmi: VirtualMachineInstance): Promise<VirtualMachineInstance> {
    const { namespace = '', name = '', resourceVersion } = vmi.metadata;
    const adopted = await client(VirtualMachineInstance).patch({ namespace, name }, 'merge', {
      metadata: {
        resourceVersion,
        ownerReferences: [...(vmi.metadata.ownerReferences ?? []), controllerReference(vm, VirtualMachine)],
        finalizers: [...(vmi.metadata.finalizers ?? []), MACHINE_FINALIZER],
      },
    });
    return adopted;
  }

  /** Carries the plan out. Returns the instance afterwards and, if the API refused, why. */
  async function act(
    vm: VirtualMachine,
    vmi: VirtualMachineInstance | undefined,
    plan: Plan,
  ): Promise<{ vmi: VirtualMachineInstance | undefined; failure?: Failure }> {
    const { step } = plan;
    try {
      if (step?.do === 'create-instance') return { vmi: await createInstance(vm, step.paused) };
      if (step?.do === 'delete-instance') await deleteInstance(vm, step.vmi);
      if (step?.do === 'set-running') await setRunning(vm);
      return { vmi };
    } catch (error) {
      if (step?.do === 'create-instance') {
        events.warning(vm, 'FailedCreate', `Error creating virtual machine instance: ${messageOf(error)}`);
        return { vmi, failure: { reason: 'FailedCreate', message: `Failure while starting VMI: ${messageOf(error)}` } };
      }
      if (step?.do === 'delete-instance' && !isConflict(error)) {
        const name = vmi?.metadata.name;
        events.warning(vm, 'FailedDelete', `Error deleting virtual machine instance ${name}: ${messageOf(error)}`);
        return {
          vmi,
          failure: { reason: 'FailedDelete', message: `Failure attempting to delete VMI: ${messageOf(error)}` },
        };
      }
      throw error;
    }
  }

  async function removeStaleRevisions(vm: VirtualMachine, vmi: VirtualMachineInstance | undefined): Promise<void> {
    const mine = revisions.by('owner', vm.metadata.uid ?? '');
    // Until the instance tells which revision it was made from, all may be needed.
    if (mine.length <= 1 || (vmi && !vmi.status?.virtualMachineRevisionName)) return;
    for (const revision of staleRevisions(mine, vm, vmi)) {
      const { namespace = '', name = '' } = revision.metadata;
      try {
        await client(ControllerRevision).delete({ namespace, name });
      } catch (error) {
        if (!isStatusError(error, 'NotFound')) throw error;
      }
    }
  }

  async function writeStatus(
    vm: VirtualMachine,
    vmi: VirtualMachineInstance | undefined,
    plan: Pick<Plan, 'requests' | 'startFailure'>,
    failure: Failure | undefined,
  ): Promise<VirtualMachine> {
    const restartRequired =
      vmi !== undefined && isRestartRequired(vm, vmi, revisions.by('owner', vm.metadata.uid ?? ''));
    const status = vmStatus({ vm, vmi, plan, failure, restartRequired, now: timestamp(clock.now()) });
    return semanticallyEqual(status, vm.status) ? vm : client(VirtualMachine).updateStatus({ ...vm, status });
  }

  async function reconcileDeletion(vm: VirtualMachine, vmi: VirtualMachineInstance | undefined): Promise<void> {
    // With cascade=orphan the garbage collector takes the owner reference off; the guest keeps running.
    if (!vmi || hasFinalizer(vm, 'orphan')) return removeFinalizer(vm);
    if (!isBeingDeleted(vmi)) await deleteInstance(vm, vmi);
    const plan = { requests: vm.status?.stateChangeRequests ?? [], startFailure: vm.status?.startFailure ?? undefined };
    await writeStatus(vm, vmi, plan, undefined);
    if (isFinal(vmi)) await removeFinalizer(vmi);
  }

  return {
    name: 'virtual-machine',
    for: VirtualMachine,
    owns: [ControllerRevision],
    // By name, not by owner: an instance that nobody owns may have to be adopted.
    watches: [
      {
        resource: VirtualMachineInstance,
        map: ({ metadata }) => [{ namespace: metadata?.namespace ?? '', name: metadata?.name ?? '' }],
      },
    ],

    async reconcile(key): Promise<ReconcileResult> {
      const vm = machines.get(key);
      if (!vm) {
        created.forget(keyText(key));
        refused.delete(keyText(key));
        return undefined;
      }
      const found = await instanceOf(key);
      let vmi = found && isControlledBy(found, vm) ? found : undefined;
      if (isBeingDeleted(vm)) {
        await reconcileDeletion(vm, vmi);
        return undefined;
      }
      if (found && !vmi && !controllerOf(found) && !isBeingDeleted(found)) vmi = await adopt(vm, found);

      const plan = planVm({ vm, vmi, nowMs: clock.now(), jitter: random() });
      const done = await act(vm, vmi, plan);
      // The machine's spec has changed: what it should show is decided when that is seen.
      if (plan.step?.do === 'set-running' && !done.failure) return undefined;
      const [written] = await Promise.all([
        writeStatus(vm, done.vmi, plan, done.failure),
        removeStaleRevisions(vm, done.vmi),
      ]);
      if (vmi && isFinal(vmi)) await removeFinalizer(vmi);
      if (!hasFinalizer(written, MACHINE_FINALIZER))
        await writeFinalizers(written, [...(written.metadata.finalizers ?? []), MACHINE_FINALIZER]);
      return next(keyText(key), plan, done.failure);
    },
  };

  function next(key: string, plan: Plan, failure: Failure | undefined): ReconcileResult {
    if (failure) {
      const attempts = (refused.get(key) ?? 0) + 1;
      refused.set(key, attempts);
      return { afterMs: Math.min(FIRST_RETRY_MS * 2 ** (attempts - 1), LONGEST_RETRY_MS) };
    }
    refused.delete(key);
    return plan.step?.do === 'wait' ? { afterMs: Math.max(1, plan.step.untilMs - clock.now()) } : undefined;
  }
}
