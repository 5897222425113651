import type { KubeObject, ResourceDefinition, Verb } from '@virtplane/resources';
import type { Client } from '@virtplane/runtime';

export interface Discovered {
  /** Main resources of every group in its preferred version; each resource is listed once. */
  readonly resources: readonly ResourceDefinition[];
  /** Group versions that did not answer, with why. */
  readonly failures: readonly { readonly groupVersion: string; readonly error: unknown }[];
}

interface ApiGroupList {
  groups?: { name: string; preferredVersion?: { groupVersion: string }; versions?: { groupVersion: string }[] }[];
}

interface ApiResourceList {
  resources?: {
    name: string;
    singularName?: string;
    namespaced: boolean;
    kind: string;
    verbs?: string[];
    shortNames?: string[];
  }[];
}

/**
 * What the server serves, as definitions that the client takes. The same resource keeps the same definition object from one
 * discovery to the next, so that a client and its caches stay the same too.
 */
export class Discovery {
  readonly #client: Client;
  readonly #known = new Map<string, ResourceDefinition>();

  constructor(client: Client) {
    this.#client = client;
  }

  /** Rejects when even the list of groups cannot be had. */
  async discover(): Promise<Discovered> {
    const { groups = [] } = (await this.#client.raw('GET', '/apis')) as ApiGroupList;
    const versions = ['v1'];
    for (const group of groups) {
      const preferred = group.preferredVersion?.groupVersion ?? group.versions?.[0]?.groupVersion;
      if (preferred) versions.push(preferred);
    }
    const failures: { groupVersion: string; error: unknown }[] = [];
    const lists = await Promise.all(
      versions.map(async (groupVersion): Promise<ResourceDefinition[]> => {
        try {
          return await this.#resourcesOf(groupVersion);
        } catch (error) {
          failures.push({ groupVersion, error });
          return [];
        }
      }),
    );
    return { resources: lists.flat(), failures };
  }

  async #resourcesOf(groupVersion: string): Promise<ResourceDefinition[]> {
    const core = !groupVersion.includes('/');
    const [group = '', version = ''] = core ? ['', groupVersion] : groupVersion.split('/');
    const path = core ? `/api/${version}` : `/apis/${groupVersion}`;
    const { resources = [] } = (await this.#client.raw('GET', path)) as ApiResourceList;
    return resources
      .filter((r) => !r.name.includes('/'))
      .map((r) => {
        const verbs = (r.verbs ?? []) as Verb[];
        const id = `${groupVersion}/${r.name}|${r.kind}|${r.namespaced}|${verbs.join()}`;
        let definition = this.#known.get(id);
        if (!definition) {
          definition = {
            group,
            version,
            servedVersions: [version],
            kind: r.kind,
            listKind: `${r.kind}List`,
            plural: r.name,
            singular: r.singularName || r.kind.toLowerCase(),
            shortNames: r.shortNames ?? [],
            categories: [],
            namespaced: r.namespaced,
            builtIn: core,
            verbs,
            subresources: [],
            columns: [],
            selectableFields: [],
            schema: {},
          } satisfies ResourceDefinition<KubeObject>;
          this.#known.set(id, definition);
        }
        return definition;
      });
  }
}

export const can = (definition: ResourceDefinition, ...verbs: Verb[]): boolean =>
  verbs.every((verb) => definition.verbs.includes(verb));
