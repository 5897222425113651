import type { ResourceDefinition } from '@virtplane/resources';
import { qualifiedName } from '@virtplane/resources';
import { can } from '../discovery/discovery.ts';

/** What makes and what is a guest, makers first, so that nothing is started again. */
const guests = [
  'virtualmachines.kubevirt.io',
  'virtualmachineinstancereplicasets.kubevirt.io',
  'virtualmachineinstancemigrations.kubevirt.io',
  'virtualmachineinstances.kubevirt.io',
];

/**
 * The order in which a namespace's content goes: guests shut down while their launcher Pods, volumes and secrets are still
 * there; then Pods; then the rest. A stage begins when the one before it is empty.
 */
export function deletionStages(resources: readonly ResourceDefinition[]): ResourceDefinition[][] {
  const inNamespaces = resources.filter(
    (r) => r.namespaced && can(r, 'list') && (can(r, 'deletecollection') || can(r, 'delete')),
  );
  const first = inNamespaces.filter((r) => guests.includes(qualifiedName(r)));
  first.sort((a, b) => guests.indexOf(qualifiedName(a)) - guests.indexOf(qualifiedName(b)));
  const pods = inNamespaces.filter((r) => qualifiedName(r) === 'pods');
  const rest = inNamespaces.filter((r) => !first.includes(r) && !pods.includes(r));
  return [first, pods, rest].filter((stage) => stage.length > 0);
}
