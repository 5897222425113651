import {
  isStatusError,
  type KubeObject,
  Namespace,
  qualifiedName,
  type ResourceDefinition,
} from '@virtplane/resources';
import { type Controller, type ControllerContext, setCondition, timestamp } from '@virtplane/runtime';
import { can, Discovery } from '../discovery/discovery.ts';
import { type DeletionProgress, deletionConditions } from './conditions.ts';
import { deletionStages } from './stages.ts';

const finalizer = 'kubernetes';
const checkAgainMs = 1000;

/** Empties a namespace that is being deleted, and lets it go once nothing is left in it. */
export function namespaceLifecycle({ client, informers, clock, log }: ControllerContext): Controller {
  const discovery = new Discovery(client);
  const namespaces = informers(Namespace);

  /** Deletes all objects of a resource; tells how many are left and what holds them. */
  const empty = async (definition: ResourceDefinition, namespace: string, progress: MutableProgress): Promise<void> => {
    const resource = client(definition);
    try {
      if (can(definition, 'deletecollection'))
        await resource.deleteCollection({ namespace, propagationPolicy: 'Background' });
      else
        for (const { metadata } of (await resource.list({ namespace })).items)
          await deleteOne(definition, namespace, metadata?.name ?? '');
      const { items, metadata } = await resource.list({ namespace, limit: 500 });
      if (items.length === 0) return;
      progress.remaining.set(qualifiedName(definition), items.length + (metadata.remainingItemCount ?? 0));
      for (const name of items.flatMap((item: KubeObject) => item.metadata?.finalizers ?? []))
        progress.finalizers.set(name, (progress.finalizers.get(name) ?? 0) + 1);
    } catch (error) {
      // Served a moment ago and no more: its definition went, and its objects with it.
      if (isStatusError(error, 'NotFound') || isStatusError(error, 'MethodNotAllowed')) return;
      log.warn('cannot empty a namespace of a resource', { namespace, resource: qualifiedName(definition), error });
      progress.contentFailures.push(
        `${qualifiedName(definition)}: ${error instanceof Error ? error.message : String(error)}`,
      );
    }
  };

  const deleteOne = async (definition: ResourceDefinition, namespace: string, name: string): Promise<void> => {
    try {
      await client(definition).delete({ namespace, name }, { propagationPolicy: 'Background' });
    } catch (error) {
      if (!isStatusError(error, 'NotFound')) throw error;
    }
  };

  const deleteContent = async (namespace: string): Promise<DeletionProgress> => {
    const { resources, failures } = await discovery.discover();
    const progress: MutableProgress = {
      discoveryFailures: failures.map((f) => f.groupVersion),
      contentFailures: [],
      remaining: new Map(),
      finalizers: new Map(),
    };
    for (const stage of deletionStages(resources)) {
      for (const definition of stage) await empty(definition, namespace, progress);
      if (progress.remaining.size > 0 || progress.contentFailures.length > 0) break;
    }
    return progress;
  };

  return {
    name: 'namespace-lifecycle',
    for: Namespace,
    async reconcile(key) {
      const namespace = namespaces.get(key);
      if (!namespace?.metadata?.deletionTimestamp || !namespace.spec?.finalizers?.includes(finalizer)) return undefined;
      const progress = await deleteContent(key.name);
      const done =
        progress.remaining.size === 0 &&
        progress.contentFailures.length === 0 &&
        progress.discoveryFailures.length === 0;
      const current = await client(Namespace).find(key);
      if (!current || current.metadata.uid !== namespace.metadata.uid) return undefined;
      if (done) {
        const finalizers = (current.spec?.finalizers ?? []).filter((f) => f !== finalizer);
        await client(Namespace).subresource(key, 'finalize', 'PUT', {
          ...current,
          spec: { ...current.spec, finalizers },
        });
        return undefined;
      }
      const before = current.status?.conditions ?? [];
      const now = timestamp(clock.now());
      const conditions = deletionConditions(progress).reduce(
        (list, condition) => setCondition(list, condition, now),
        before,
      );
      if (conditions !== before || current.status?.phase !== 'Terminating')
        await client(Namespace).updateStatus({
          ...current,
          status: { ...current.status, phase: 'Terminating', conditions },
        });
      return { afterMs: checkAgainMs };
    },
  };
}

interface MutableProgress extends DeletionProgress {
  readonly contentFailures: string[];
  readonly remaining: Map<string, number>;
  readonly finalizers: Map<string, number>;
}
