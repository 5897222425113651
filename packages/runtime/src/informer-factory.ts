import type { KubeObject, ResourceDefinition } from '@virtplane/resources';
import { qualifiedName } from '@virtplane/resources';
import type { Client } from './client.ts';
import type { Clock } from './clock.ts';
import type { Informer, InformerFactory, InformerOptions } from './controller.ts';
import { SharedInformer } from './informer.ts';
import type { Logger } from './log.ts';
import { runReflector } from './reflector.ts';

export interface InformerFactoryParts {
  readonly client: Client;
  readonly clock: Clock;
  readonly log: Logger;
}

/** One informer per resource and narrowing, started when it is first asked for, all stopped together. */
export function createInformerFactory({ client, clock, log }: InformerFactoryParts): InformerFactory {
  const abort = new AbortController();
  const informers = new Map<string, SharedInformer<KubeObject>>();

  const factory = <T extends KubeObject>(
    definition: ResourceDefinition<T>,
    options: InformerOptions = {},
  ): Informer<T> => {
    const { namespace = '', labelSelector = '', fieldSelector = '' } = options;
    const resource = qualifiedName(definition);
    const id = `${resource}/${definition.version}|${namespace}|${labelSelector}|${fieldSelector}`;
    let informer = informers.get(id);
    if (!informer) {
      if (abort.signal.aborted) throw new Error(`informers are stopped; ${resource} cannot be watched any more`);
      informer = new SharedInformer<KubeObject>(resource, log);
      informers.set(id, informer);
      // Never rejects: it logs and tries again until aborted.
      void runReflector<KubeObject>({
        name: resource,
        source: client<KubeObject>(definition),
        sink: informer.sink,
        clock,
        log,
        signal: abort.signal,
        namespace,
        labelSelector,
        fieldSelector,
      });
    }
    return informer as Informer<KubeObject> as Informer<T>;
  };
  return Object.assign(factory, { stop: () => abort.abort() });
}
