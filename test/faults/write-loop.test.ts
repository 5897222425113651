import * as fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { ApiCaller, type ServerProcess, startServer } from './server-process.ts';

const rounds = 50;
const writers = 4;

interface ConfigMap {
  readonly metadata: { readonly name: string; readonly resourceVersion: string };
  readonly data?: Readonly<Record<string, string>>;
}

test(`${rounds} × kill -9 in a write loop: no acknowledged write is lost, resourceVersion never goes back`, async () => {
  const dataDirectory = await fs.mkdtemp(path.join(os.tmpdir(), 'vpw-'));
  const collection = '/api/v1/namespaces/default/configmaps';
  /** The last acknowledged value and resourceVersion of each name. */
  const acknowledged = new Map<string, { value: number; revision: number }>();
  let newest = 0;
  let writes = 0;
  let running: ServerProcess | undefined;
  try {
    for (let round = 0; round < rounds; round++) {
      const server = await startServer(dataDirectory);
      running = server;
      const api = await ApiCaller.administrator(dataDirectory, server.url);
      const list = await api.request('GET', collection);
      expect(list.status).toBe(200);
      const { items, metadata } = JSON.parse(list.body) as {
        items: ConfigMap[];
        metadata: { resourceVersion: string };
      };
      expect(Number(metadata.resourceVersion), `round ${round}`).toBeGreaterThanOrEqual(newest);
      const stored = new Map(items.map((item) => [item.metadata.name, item]));
      for (const [name, { value, revision }] of acknowledged) {
        const found = stored.get(name);
        expect(found, `${name} in round ${round}`).toBeDefined();
        // A write whose answer did not arrive any more may have been made all the same: newer is right, older is lost.
        expect(Number(found?.data?.value), `${name} in round ${round}`).toBeGreaterThanOrEqual(value);
        expect(Number(found?.metadata.resourceVersion)).toBeGreaterThanOrEqual(revision);
      }

      let killed = false;
      const write = async (writer: number): Promise<void> => {
        const name = `writer-${writer}`;
        let value = Number(stored.get(name)?.data?.value ?? 0);
        let exists = stored.has(name);
        while (!killed) {
          value++;
          const body = JSON.stringify({ metadata: { name }, data: { value: String(value) } });
          const answer = await api
            .request(exists ? 'PUT' : 'POST', exists ? `${collection}/${name}` : collection, body)
            .catch((error: unknown) => {
              if (!killed) throw error;
              return undefined;
            });
          if (!answer) return;
          expect([200, 201], answer.body).toContain(answer.status);
          exists = true;
          const revision = Number((JSON.parse(answer.body) as ConfigMap).metadata.resourceVersion);
          expect(revision).toBeGreaterThan(acknowledged.get(name)?.revision ?? 0);
          acknowledged.set(name, { value, revision });
          newest = Math.max(newest, revision);
          writes++;
        }
      };
      const writing = Promise.all(Array.from({ length: writers }, (_, writer) => write(writer)));
      // Killed in the middle of the loop, each round at another point of it.
      const until = writes + 20 + ((round * 7) % 40);
      const watching = (async () => {
        while (writes < until) await new Promise((resolve) => setImmediate(resolve));
        killed = true;
        await server.end('SIGKILL');
        running = undefined;
      })();
      await Promise.all([writing, watching]);
      api.close();
    }
    expect(writes).toBeGreaterThan(rounds * 20);
  } finally {
    await running?.end('SIGKILL');
    await fs.rm(dataDirectory, { recursive: true, force: true });
  }
});
