import {
  type CustomResourceDefinition,
  isStatusError,
  type KubeList,
  type KubeObject,
  type ResourceDefinition,
  toCustomResourceDefinition,
} from '@virtplane/resources';
import { patchContentType, type Transport } from '@virtplane/runtime';
import type { ObjectSource } from '../cache/object-source.ts';
import { serveBuiltIn } from '../kinds/serve-built-in.ts';
import type { ResourceTable, ServedResource } from '../registry/served-resource.ts';
import { fingerprintOf } from '../schema/fingerprint.ts';
import { CLEANUP_FINALIZER, isTrue, wantedStatus } from './conditions.ts';
import { servedFrom } from './serve.ts';

const PATH = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
/** Fingerprint of the declaration that a definition was made from, and the generation that it had then. */
const MADE_FROM = 'virtplane.io/made-from';
const CLEANUP_RETRY_MS = 500;

export interface CrdManager {
  /** Serves these kinds at once, then creates or updates their CustomResourceDefinitions where another version of the program left others. */
  ensureBundled(definitions: readonly ResourceDefinition[]): Promise<void>;
  /** Resolves when everything seen so far is installed and its status written. */
  settled(): Promise<void>;
  close(): void;
}

/** Keeps the resource table in step with CustomResourceDefinition objects. `transport` is the server's own client. */
export function createCrdManager(
  source: ObjectSource,
  table: ResourceTable,
  transport: Transport,
  onError: (error: unknown) => void,
): CrdManager {
  return new Manager(source as ObjectSource<CustomResourceDefinition>, table, transport, onError);
}

class Manager implements CrdManager {
  readonly #source: ObjectSource<CustomResourceDefinition>;
  readonly #table: ResourceTable;
  readonly #transport: Transport;
  readonly #onError: (error: unknown) => void;
  readonly #bundled = new Map<string, { readonly definition: ResourceDefinition; readonly fingerprint: string }>();
  /** One chain of work for each definition, so that its changes are handled in order. */
  readonly #work = new Map<string, Promise<void>>();
  readonly #unsubscribe: () => void;
  readonly #closed = new AbortController();

  constructor(
    source: ObjectSource<CustomResourceDefinition>,
    table: ResourceTable,
    transport: Transport,
    onError: (error: unknown) => void,
  ) {
    this.#source = source;
    this.#table = table;
    this.#transport = transport;
    this.#onError = onError;
    this.#unsubscribe = source.subscribe((type, crd) => {
      if (type === 'DELETED') this.#gone(crd);
      else this.#changed(crd);
    });
    for (const crd of source.list()) this.#changed(crd);
  }

  async ensureBundled(definitions: readonly ResourceDefinition[]): Promise<void> {
    for (const definition of definitions) {
      const name = `${definition.plural}.${definition.group}`;
      this.#bundled.set(name, { definition, fingerprint: fingerprintOf(definition) });
      this.#table.install(serveBuiltIn(definition));
    }
    await Promise.all([...this.#bundled.keys()].map((name) => this.#ensure(name)));
  }

  async #ensure(name: string): Promise<void> {
    const bundled = this.#bundled.get(name);
    if (!bundled) return;
    const existing = this.#source.get('', name);
    if (existing && (isMadeFrom(existing, bundled.fingerprint) || existing.metadata.deletionTimestamp)) return;
    const crd = toCustomResourceDefinition(bundled.definition);
    const generation = existing ? (existing.metadata.generation ?? 0) + 1 : 1;
    crd.metadata.annotations = {
      ...existing?.metadata.annotations,
      [MADE_FROM]: `${bundled.fingerprint}/${generation}`,
    };
    crd.metadata.finalizers = existing?.metadata.finalizers ?? [CLEANUP_FINALIZER];
    if (existing) {
      crd.metadata.labels = existing.metadata.labels ?? {};
      crd.metadata.resourceVersion = existing.metadata.resourceVersion ?? '';
      await this.#transport.request({ method: 'PUT', path: `${PATH}/${name}`, body: crd });
    } else {
      await this.#transport.request({ method: 'POST', path: PATH, body: crd });
    }
  }

  async settled(): Promise<void> {
    while (this.#work.size > 0) await Promise.all(this.#work.values());
  }

  close(): void {
    this.#closed.abort();
    this.#unsubscribe();
  }

  #served(crd: CustomResourceDefinition): ServedResource {
    const name = crd.metadata.name ?? '';
    const bundled = this.#bundled.get(name);
    if (bundled && isMadeFrom(crd, bundled.fingerprint)) {
      const served = serveBuiltIn(bundled.definition);
      return crd.metadata.deletionTimestamp ? { ...served, terminating: true } : served;
    }
    return servedFrom(crd, () => this.#source.get('', name) ?? crd);
  }

  #changed(crd: CustomResourceDefinition): void {
    const others = this.#others(crd);
    const status = wantedStatus(crd, others, now());
    const accepted = (status?.conditions ?? crd.status?.conditions)?.some(
      (c) => c.type === 'Established' && c.status === 'True',
    );
    // Served before its status says so: whoever waits for Established finds the resource.
    if (accepted) this.#table.install(this.#served(crd));
    if (status) this.#enqueue(crd, () => this.#writeStatus(crd.metadata.name ?? '', status));
    if (crd.metadata.deletionTimestamp) this.#enqueue(crd, () => this.#cleanUp(crd));
  }

  #others(crd: CustomResourceDefinition): CustomResourceDefinition[] {
    // Conflicts are only possible within a group that others have, which spares reading all definitions for each of them.
    const { group, names } = crd.spec;
    if (!this.#table.all().some(({ definition: d }) => d.group === group && d.plural !== names.plural)) return [];
    if (isTrue(crd, 'Established') && isTrue(crd, 'NamesAccepted')) return [];
    return this.#source
      .list()
      .filter((other) => other.spec.group === group && other.metadata.name !== crd.metadata.name);
  }

  #gone(crd: CustomResourceDefinition): void {
    const { group, names } = crd.spec;
    if (!this.#table.get(group, names.plural)) return;
    try {
      this.#table.uninstall(group, names.plural);
    } catch (error) {
      this.#onError(error);
    }
  }

  #enqueue(crd: CustomResourceDefinition, task: () => Promise<void>): void {
    const name = crd.metadata.name ?? '';
    const done = (this.#work.get(name) ?? Promise.resolve())
      .then(task)
      .catch((error: unknown) => {
        // Gone, changed meanwhile (another event follows) or closing.
        if (isStatusError(error, 'NotFound') || isStatusError(error, 'Conflict') || this.#closed.signal.aborted) return;
        this.#onError(error);
      })
      .then(() => {
        if (this.#work.get(name) === done) this.#work.delete(name);
      });
    this.#work.set(name, done);
  }

  async #writeStatus(name: string, status: object): Promise<void> {
    const current = this.#source.get('', name);
    if (!current) return;
    const { finalizers = [], deletionTimestamp } = current.metadata;
    const isGuarded = finalizers.includes(CLEANUP_FINALIZER) || deletionTimestamp !== undefined;
    await this.#transport.request({
      method: 'PATCH',
      path: `${PATH}/${name}/status`,
      query: { fieldManager: 'kube-apiserver' },
      contentType: patchContentType.merge,
      body: { ...(isGuarded ? {} : { metadata: { finalizers: [...finalizers, CLEANUP_FINALIZER] } }), status },
      signal: this.#closed.signal,
    });
  }

  /** Instances go first, then the definition. Source: apiextensions finalizer controller. */
  async #cleanUp(crd: CustomResourceDefinition): Promise<void> {
    const name = crd.metadata.name ?? '';
    const { group, names } = crd.spec;
    const version = crd.spec.versions.find((v) => v.served)?.name;
    const base = `/apis/${group}/${version}`;
    for (;;) {
      const current = this.#source.get('', name);
      if (!current?.metadata.deletionTimestamp || !current.metadata.finalizers?.includes(CLEANUP_FINALIZER)) return;
      if (version !== undefined && this.#table.get(group, names.plural)) {
        const path = `${base}/${names.plural}`;
        const list = (await this.#transport.request({ method: 'GET', path })) as KubeList<KubeObject>;
        if (list.items.length > 0) {
          const namespaces = new Set(list.items.map((item) => item.metadata?.namespace ?? ''));
          for (const namespace of namespaces) {
            const collection = namespace === '' ? path : `${base}/namespaces/${namespace}/${names.plural}`;
            await this.#transport.request({ method: 'DELETE', path: collection });
          }
          await pause(CLEANUP_RETRY_MS, this.#closed.signal, (await this.#remaining(path)) === 0);
          continue;
        }
      }
      await this.#transport.request({
        method: 'PATCH',
        path: `${PATH}/${name}`,
        contentType: patchContentType.merge,
        body: { metadata: { finalizers: current.metadata.finalizers.filter((f) => f !== CLEANUP_FINALIZER) } },
        signal: this.#closed.signal,
      });
      return;
    }
  }

  async #remaining(path: string): Promise<number> {
    return ((await this.#transport.request({ method: 'GET', path })) as KubeList).items.length;
  }
}

const now = (): string => `${new Date().toISOString().slice(0, 19)}Z`;

function pause(milliseconds: number, signal: AbortSignal, skip: boolean): Promise<void> {
  if (skip) return Promise.resolve();
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, milliseconds);
    signal.addEventListener(
      'abort',
      () => {
        clearTimeout(timer);
        reject(new Error('the server is stopping'));
      },
      { once: true },
    );
  });
}

/** Whether the object is what the program made of that declaration, untouched since. */
const isMadeFrom = (crd: CustomResourceDefinition, fingerprint: string): boolean =>
  crd.metadata.annotations?.[MADE_FROM] === `${fingerprint}/${crd.metadata.generation ?? 0}`;
