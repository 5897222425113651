import { ControllerRevision, VirtualMachine, type VirtualMachineInstance } from '@virtplane/resources';
import { controllerReference, semanticallyEqual } from '@virtplane/runtime';

/** Records the spec that an instance was started from: what a later edit is compared with. */
export const revisionName = (vm: VirtualMachine): string =>
  `revision-start-vm-${vm.metadata.uid}-${vm.metadata.generation ?? 1}`;

export function renderRevision(vm: VirtualMachine): ControllerRevision {
  return {
    apiVersion: 'apps/v1',
    kind: ControllerRevision.kind,
    metadata: {
      name: revisionName(vm),
      namespace: vm.metadata.namespace ?? '',
      ownerReferences: [controllerReference(vm, VirtualMachine)],
    },
    data: { spec: vm.spec },
    revision: vm.metadata.generation ?? 1,
  };
}

/** Revisions that neither the instance nor the next start needs. */
export function staleRevisions(
  revisions: readonly ControllerRevision[],
  vm: VirtualMachine,
  vmi: VirtualMachineInstance | undefined,
): ControllerRevision[] {
  const used = new Set([revisionName(vm), vmi?.status?.virtualMachineRevisionName]);
  return revisions.filter((revision) => !used.has(revision.metadata.name));
}

/** Whether the template differs from what the running guest was started with. */
export function isRestartRequired(
  vm: VirtualMachine,
  vmi: VirtualMachineInstance,
  revisions: readonly ControllerRevision[],
): boolean {
  const started = vmi.status?.virtualMachineRevisionName;
  if (!started || started === revisionName(vm)) return false;
  const revision = revisions.find((r) => r.metadata.name === started);
  const spec = (revision?.data as { readonly spec?: VirtualMachine['spec'] } | undefined)?.spec;
  return spec !== undefined && !semanticallyEqual(spec.template, vm.spec.template);
}
