import type { KubeObject, ResourceDefinition } from '@virtplane/resources';
import type { Clock, Logger } from '@virtplane/runtime';
import type { ApiAnswer, ApiRequest, Negotiated, WatchSink } from '../http/request.ts';
import { requestInfo } from '../http/router.ts';
import type { Strategy } from '../kinds/strategy.ts';
import type { CompiledSchema } from '../schema/compiled-schema.ts';
import { MemoryStore } from '../store/memory.ts';
import type { Store } from '../store/store.ts';
import { type Core, type CoreOptions, createCore } from './core.ts';
import type { ServedResource } from './served-resource.ts';

/** Accepts everything: the registry's own rules are what is tested here. */
const openSchema: CompiledSchema = {
  decodeFault: () => undefined,
  prune: () => {},
  applyDefaults: () => {},
  validate: () => [],
};

const ALL = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'] as const;

function serve(
  d: Partial<ResourceDefinition> & { kind: string; plural: string },
  strategy: Strategy = {},
  extra: Partial<ServedResource> = {},
): ServedResource {
  const version = d.version ?? 'v1';
  const definition: ResourceDefinition = {
    group: '',
    version,
    servedVersions: [version],
    listKind: `${d.kind}List`,
    singular: d.kind.toLowerCase(),
    shortNames: [],
    categories: [],
    namespaced: true,
    builtIn: true,
    verbs: ALL,
    subresources: [],
    columns: [],
    selectableFields: [],
    schema: { type: 'object' },
    ...d,
  };
  const versions = definition.servedVersions.map((name) => ({ name, schema: openSchema, columns: [] }));
  return { definition, versions, strategy, ...extra };
}

const STATUS = { name: 'status', verbs: ['get', 'patch', 'update'] };

export const configMaps = serve({ kind: 'ConfigMap', plural: 'configmaps' });
export const namespaces = serve(
  {
    kind: 'Namespace',
    plural: 'namespaces',
    namespaced: false,
    selectableFields: ['status.phase'],
    subresources: [STATUS, { name: 'finalize', verbs: ['update'] }],
  },
  {
    returnsDeletedObject: true,
    prepareForCreate: (object) => {
      Object.assign(object, { spec: { finalizers: ['kubernetes'] }, status: { phase: 'Active' } });
    },
  },
);
export const widgets = serve(
  {
    group: 'demo.io',
    kind: 'Widget',
    plural: 'widgets',
    builtIn: false,
    servedVersions: ['v1', 'v1beta1'],
    subresources: [
      STATUS,
      {
        name: 'scale',
        verbs: ['get', 'patch', 'update'],
        kind: { group: 'autoscaling', version: 'v1', kind: 'Scale' },
      },
    ],
  },
  {},
  { scale: { specReplicas: '.spec.replicas', statusReplicas: '.status.replicas', labelSelector: '.status.sel' } },
);
export const pods = serve(
  {
    kind: 'Pod',
    plural: 'pods',
    selectableFields: ['spec.nodeName', 'status.phase'],
    subresources: [STATUS, { name: 'binding', verbs: ['create'] }, { name: 'eviction', verbs: ['create'] }],
  },
  {
    returnsDeletedObject: true,
    gracePeriodSeconds: (object, requested) => {
      const { spec } = object as { spec?: { nodeName?: string; terminationGracePeriodSeconds?: number } };
      if (!spec?.nodeName) return 0;
      return requested ?? spec.terminationGracePeriodSeconds ?? 30;
    },
  },
);

const quiet: Logger = { debug() {}, info() {}, warn() {}, error() {}, child: () => quiet };

/** Wall clock that tests can move; timers fire for real. */
class TestClock implements Clock {
  offsetMs = 0;
  now(): number {
    return Date.now() + this.offsetMs;
  }
  after(delayMs: number, callback: () => void): () => void {
    const timer = setTimeout(callback, delayMs);
    timer.unref();
    return () => clearTimeout(timer);
  }
}

/** Collects the lines of a watch. */
export class LineSink implements WatchSink {
  lines: { type: string; object: KubeObject & Record<string, unknown> }[] = [];
  queuedBytes = 0;
  ended = false;
  write(chunk: Buffer): void {
    this.lines.push(JSON.parse(chunk.toString()));
  }
  end(): void {
    this.ended = true;
  }
}

export interface Reply {
  readonly code: number;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every kind
  readonly body: any;
  readonly warnings: readonly string[];
}

const JSON_ACCEPT: Negotiated = { format: 'json' };

export class Harness {
  readonly clock = new TestClock();
  readonly store: Store;
  readonly core: Core;

  constructor(options: Partial<CoreOptions> = {}) {
    this.store = options.store ?? new MemoryStore();
    this.core = createCore({
      clock: this.clock,
      log: quiet,
      builtIn: [namespaces, configMaps, pods, widgets],
      onFatal: () => {},
      ...options,
      store: this.store,
    });
  }

  request(
    method: ApiRequest['method'],
    url: string,
    body?: unknown,
    contentType = 'application/json',
    accept = JSON_ACCEPT,
  ) {
    const [path = '', search] = url.split('?');
    const query = new URLSearchParams(search);
    const warnings: string[] = [];
    const request: ApiRequest = {
      method,
      info: requestInfo(method, path, query),
      query,
      user: { username: 'admin', groups: ['system:masters'] },
      userAgent: 'test',
      accept,
      body: body === undefined ? { kind: 'none', contentType } : { kind: 'value', contentType, value: body },
      signal: new AbortController().signal,
      warn: (text) => warnings.push(text),
    };
    return { request, warnings };
  }

  /** Answers and refusals alike. */
  async call(
    method: ApiRequest['method'],
    url: string,
    body?: unknown,
    contentType?: string,
    accept?: Negotiated,
  ): Promise<Reply> {
    const { request, warnings } = this.request(method, url, body, contentType, accept);
    try {
      const answer = await this.core.handler(request);
      return { code: 'code' in answer ? answer.code : 200, body: bodyOf(answer), warnings };
    } catch (error) {
      if (error instanceof Error && 'status' in error && typeof error.status === 'object' && error.status !== null)
        return { code: (error.status as { code: number }).code, body: error.status, warnings };
      throw error;
    }
  }

  async watch(url: string, accept?: Negotiated): Promise<{ sink: LineSink; stop: () => void }> {
    const { request } = this.request('GET', url, undefined, undefined, accept);
    const answer = await this.core.handler(request);
    if (answer.kind !== 'watch') throw new Error(`no watch: ${JSON.stringify(bodyOf(answer))}`);
    const sink = new LineSink();
    return { sink, stop: answer.start(sink) };
  }

  async namespace(name: string): Promise<void> {
    await this.call('POST', '/api/v1/namespaces', { metadata: { name } });
  }
}

function bodyOf(answer: ApiAnswer): unknown {
  if (answer.kind === 'json') return JSON.parse(Buffer.concat([...answer.pieces]).toString());
  if (answer.kind === 'object') return JSON.parse(JSON.stringify(answer.object));
  return undefined;
}
