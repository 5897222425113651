import type { NamespaceCondition } from '@virtplane/resources';

/** What was found when a namespace's content was deleted once more. */
export interface DeletionProgress {
  /** Groups that could not be discovered. */
  readonly discoveryFailures: readonly string[];
  /** Deletions that the server refused. */
  readonly contentFailures: readonly string[];
  /** `virtualmachines.kubevirt.io` → how many are still there. */
  readonly remaining: ReadonlyMap<string, number>;
  /** Finalizer → how many objects it holds. */
  readonly finalizers: ReadonlyMap<string, number>;
}

const sorted = (map: ReadonlyMap<string, number>): [string, number][] => [...map].sort(([a], [b]) => (a < b ? -1 : 1));

/** The five conditions that explain why a namespace is still Terminating. Source: kube-controller-manager namespace deletion. */
export function deletionConditions(progress: DeletionProgress): NamespaceCondition[] {
  const { discoveryFailures, contentFailures, remaining, finalizers } = progress;
  const condition = (
    type: string,
    bad: boolean,
    badReason: string,
    goodReason: string,
    badMessage: string,
    goodMessage: string,
  ) => ({
    type,
    status: bad ? 'True' : 'False',
    reason: bad ? badReason : goodReason,
    message: bad ? badMessage : goodMessage,
  });
  return [
    condition(
      'NamespaceDeletionDiscoveryFailure',
      discoveryFailures.length > 0,
      'DiscoveryFailed',
      'ResourcesDiscovered',
      `Discovery failed for some groups, ${discoveryFailures.length} failing: ${discoveryFailures.join(', ')}`,
      'All resources successfully discovered',
    ),
    condition(
      'NamespaceDeletionGroupVersionParsingFailure',
      false,
      'GroupVersionParsingFailed',
      'ParsedGroupVersions',
      '',
      'All legacy kube types successfully parsed',
    ),
    condition(
      'NamespaceDeletionContentFailure',
      contentFailures.length > 0,
      'ContentDeletionFailed',
      'ContentDeleted',
      `Failed to delete all resource types, ${contentFailures.length} remaining: ${contentFailures.join(', ')}`,
      'All content successfully deleted, may be waiting on finalization',
    ),
    condition(
      'NamespaceContentRemaining',
      remaining.size > 0,
      'SomeResourcesRemain',
      'ContentRemoved',
      `Some resources are remaining: ${sorted(remaining)
        .map(([resource, count]) => `${resource} has ${count} resource instances`)
        .join(', ')}`,
      'All content successfully removed',
    ),
    condition(
      'NamespaceFinalizersRemaining',
      finalizers.size > 0,
      'SomeFinalizersRemain',
      'ContentHasNoFinalizers',
      `Some content in the namespace has finalizers remaining: ${sorted(finalizers)
        .map(([finalizer, count]) => `${finalizer} in ${count} resource instances`)
        .join(', ')}`,
      'All content-preserving finalizers finished',
    ),
  ];
}
