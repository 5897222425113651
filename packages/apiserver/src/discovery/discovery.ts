import { createHash } from 'node:crypto';
import type { ApiExtension } from '@virtplane/runtime';
import { aggregatedDiscoveryVersion } from '../http/negotiate.ts';
import type { ApiAnswer } from '../http/request.ts';
import type { ResourceTable } from '../registry/served-resource.ts';
import { aggregated, apiGroup, apiGroupList, apiResourceList, apiVersions } from './documents.ts';
import { type DiscoveredGroup, discoverGroups } from './groups.ts';

export interface DiscoveryHeaders {
  readonly accept: string | undefined;
  readonly ifNoneMatch: string | undefined;
}

export interface Discovery {
  /** Whether a group version is served at all; paths of others are unknown as a whole. */
  serves(group: string, version: string): boolean;
  /** `undefined`: not a discovery path, or of a group that is not served. */
  handle(path: string, headers: DiscoveryHeaders): ApiAnswer | undefined;
  /** Paths of all groups and versions, for `/`. */
  paths(): string[];
  close(): void;
}

interface Documents {
  readonly groups: readonly DiscoveredGroup[];
  readonly served: ReadonlySet<string>;
  readonly answers: Map<string, ApiAnswer>;
}

const groupPath = (group: string): string => (group === '' ? '/api' : `/apis/${group}`);

/**
 * Legacy and aggregated discovery. Everything is made from the resource table when asked for and kept until the table
 * changes, so a new kind is there with the first request after its installation.
 *
 * @param serverAddress `host:port` for clients outside
 */
export function createDiscovery(
  table: ResourceTable,
  extensions: readonly ApiExtension[],
  serverAddress: () => string,
): Discovery {
  let documents: Documents | undefined;
  const stop = table.onChange(() => {
    documents = undefined;
  });

  const current = (): Documents => {
    if (!documents) {
      const groups = discoverGroups(table, extensions);
      const served = new Set(groups.flatMap((g) => g.versions.map((v) => `${g.name}/${v.version}`)));
      documents = { groups, served, answers: new Map() };
    }
    return documents;
  };

  const legacy = (path: string, groups: readonly DiscoveredGroup[]): object | undefined => {
    if (path === '/api') return apiVersions(serverAddress());
    if (path === '/apis') return apiGroupList(groups);
    for (const group of groups) {
      const base = groupPath(group.name);
      if (!path.startsWith(base)) continue;
      if (path === base) return apiGroup(group);
      for (const version of group.versions) {
        if (path === `${base}/${version.version}`) return apiResourceList(group.name, version);
      }
    }
    return undefined;
  };

  const aggregatedAnswer = (path: '/api' | '/apis', version: string, { groups, answers }: Documents): ApiAnswer => {
    const key = `${path} ${version}`;
    let answer = answers.get(key);
    if (!answer) {
      const own = groups.filter(({ name }) => (name === '') === (path === '/api'));
      const text = JSON.stringify(aggregated(own, version));
      const etag = `"${createHash('sha256').update(text).digest('hex').toUpperCase()}"`;
      answer = {
        kind: 'text',
        code: 200,
        text,
        contentType: `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`,
        headers: { etag, vary: 'Accept', 'cache-control': 'public' },
      };
      answers.set(key, answer);
    }
    return answer;
  };

  return {
    serves: (group, version) => current().served.has(`${group}/${version}`),
    handle(rawPath, { accept, ifNoneMatch }) {
      const path = rawPath.length > 1 && rawPath.endsWith('/') ? rawPath.slice(0, -1) : rawPath;
      if (path !== '/api' && path !== '/apis' && !path.startsWith('/api/') && !path.startsWith('/apis/'))
        return undefined;
      const now = current();
      const version = path === '/api' || path === '/apis' ? aggregatedDiscoveryVersion(accept) : undefined;
      if ((path === '/api' || path === '/apis') && version !== undefined) {
        const answer = aggregatedAnswer(path, version, now);
        if (answer.kind !== 'text' || answer.headers === undefined || ifNoneMatch !== answer.headers.etag)
          return answer;
        // Caches take over the headers of a 304, the type among them: another one would hide what the document is.
        return { kind: 'text', code: 304, text: '', contentType: answer.contentType, headers: answer.headers };
      }
      let answer = now.answers.get(path);
      if (!answer) {
        const body = legacy(path, now.groups);
        if (!body) return undefined;
        answer = { kind: 'json', code: 200, pieces: [Buffer.from(JSON.stringify(body))] };
        now.answers.set(path, answer);
      }
      return answer;
    },
    paths() {
      const all = ['/api', '/apis'];
      for (const { name, versions } of current().groups) {
        if (name !== '') all.push(groupPath(name));
        for (const { version } of versions) all.push(`${groupPath(name)}/${version}`);
      }
      return all;
    },
    close: stop,
  };
}
