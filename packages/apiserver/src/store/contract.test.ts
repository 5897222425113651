import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { networkFileSystem } from './file-system.ts';
import { LmdbStore } from './lmdb.ts';
import { emptyContents, type MemoryContents, MemoryStore } from './memory.ts';
import type { Store, StoreWrite } from './store.ts';

let directory: string;
let contents: MemoryContents;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'store-'));
  contents = emptyContents();
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const stores: readonly (readonly [string, () => Store])[] = [
  ['memory', () => new MemoryStore(contents)],
  ['lmdb', () => LmdbStore.open(join(directory, 'db'))],
];

const put = (key: string, revision: number, text = `{"r":${revision}}`): StoreWrite => ({
  key,
  revision,
  bytes: Buffer.from(text),
});

async function everything(store: Store): Promise<Record<string, string>> {
  const out: Record<string, string> = {};
  for await (const { key, bytes, revision } of store.load()) out[key] = `${revision} ${bytes}`;
  return out;
}

describe.each(stores)('%s', (_name, open) => {
  test('what was committed is there after reopening, in key order', async () => {
    const store = open();
    expect(store.revision).toBe(1);
    await store.commit([put('core/pods/b/x', 2), put('core/pods/a/x', 3)]);
    await store.commit([put('core/pods/b/x', 4)]);
    await store.commit([{ key: 'core/pods/a/x', revision: 5, bytes: null }, put('core/pods/a/y', 6, 'ä😀')]);
    await store.close();
    const again = open();
    expect(again.revision).toBe(6);
    const all = await everything(again);
    expect(all).toEqual({ 'core/pods/a/y': '6 ä😀', 'core/pods/b/x': '4 {"r":4}' });
    expect(Object.keys(all)).toEqual(['core/pods/a/y', 'core/pods/b/x']);
    await again.close();
  });

  test('the revision of a deletion is remembered', async () => {
    const store = open();
    await store.commit([put('core/pods/a/x', 7)]);
    await store.commit([{ key: 'core/pods/a/x', revision: 8, bytes: null }]);
    await store.close();
    const again = open();
    expect(again.revision).toBe(8);
    expect(await everything(again)).toEqual({});
    await again.close();
  });

  test('concurrent commits all become durable, in call order', async () => {
    const store = open();
    const order: number[] = [];
    const writes = Array.from({ length: 200 }, (_, i) =>
      store.commit([put('core/pods/a/same', i + 2), put(`core/pods/a/${i}`, i + 2)]).then(() => order.push(i)),
    );
    await Promise.all(writes);
    expect(order).toEqual(Array.from({ length: 200 }, (_, i) => i));
    await store.close();
    const again = open();
    const all = await everything(again);
    expect(Object.keys(all)).toHaveLength(201);
    expect(all['core/pods/a/same']).toBe('201 {"r":201}');
    await again.close();
  });

  test('meta survives', async () => {
    const store = open();
    expect(store.meta('uid')).toBeUndefined();
    await store.setMeta('uid', Buffer.from('abc'));
    expect(store.meta('uid')?.toString()).toBe('abc');
    await store.close();
    const again = open();
    expect(again.meta('uid')?.toString()).toBe('abc');
    await again.close();
  });

  test('a big value and an empty batch', async () => {
    const store = open();
    const big = 'x'.repeat(3 << 20);
    await store.commit([]);
    await store.commit([put('core/configmaps/a/big', 2, big)]);
    await store.close();
    const again = open();
    expect((await everything(again))['core/configmaps/a/big']).toBe(`2 ${big}`);
    await again.close();
  });

  test('backup holds the contents', async () => {
    const store = open();
    await store.commit([put('core/pods/a/x', 2)]);
    const path = join(directory, 'copy');
    await store.backup(path);
    expect((await readFile(path)).length).toBeGreaterThan(0);
    await store.close();
  });
});

describe('lmdb directory', () => {
  const db = () => join(directory, 'db');

  test('is used by one process', async () => {
    const store = LmdbStore.open(db());
    expect(() => LmdbStore.open(db())).toThrow(
      expect.objectContaining({ kind: 'in-use', message: expect.stringContaining(`in use by process ${process.pid}`) }),
    );
    await store.close();
    await LmdbStore.open(db()).close();
  });

  test.each([
    ['a process that is gone', '999999999 1 x'],
    ['the same process id of another boot', `${process.pid} 1 00000000-0000-0000-0000-000000000000`],
    ['half a line', '12'],
  ])('a lock of %s is taken over', async (_what, text) => {
    await LmdbStore.open(db()).close();
    await writeFile(join(db(), 'lock'), text);
    await LmdbStore.open(db()).close();
  });

  test('of another format is refused, and freed', async () => {
    const store = LmdbStore.open(db());
    await store.setMeta('format', Buffer.from('99'));
    await store.close();
    for (let i = 0; i < 2; i++) expect(() => LmdbStore.open(db())).toThrow(expect.objectContaining({ kind: 'format' }));
  });

  test('refuses writes before the disk is full, lets deletions pass, and goes on when there is space', async () => {
    let free = 1 << 30;
    const store = LmdbStore.open(db(), { freeBytes: () => free });
    await store.commit([put('core/pods/a/x', 2)]);
    free = 1 << 20;
    await expect(store.commit([put('core/pods/a/y', 3)])).rejects.toMatchObject({ kind: 'full' });
    await store.commit([{ key: 'core/pods/a/x', revision: 4, bytes: null }]);
    free = 1 << 30;
    await store.commit([put('core/pods/a/z', 5)]);
    await store.close();
    const again = LmdbStore.open(db());
    expect(await everything(again)).toEqual({ 'core/pods/a/z': '5 {"r":5}' });
    await again.close();
  });

  test('is refused on network file systems', () => {
    expect(networkFileSystem(0x6969)).toBe('NFS');
    expect(networkFileSystem(-11317950)).toBe('CIFS');
    expect(networkFileSystem(0xef53)).toBeUndefined();
  });

  test('after kill -9 in a write loop holds every acknowledged write', async () => {
    const script = join(directory, 'writer.mjs');
    const require = createRequire(import.meta.url);
    await build({
      stdin: {
        contents: `
          import { LmdbStore } from ${JSON.stringify(new URL('./lmdb.ts', import.meta.url).pathname)};
          const store = LmdbStore.open(${JSON.stringify(db())});
          let revision = store.revision;
          const loop = async (n) => { for (;;) { const r = ++revision;
            await store.commit([{ key: 'core/pods/a/' + n, revision: r, bytes: Buffer.from(String(r)) }]);
            process.stdout.write(n + ' ' + r + '\\n'); } };
          for (let n = 0; n < 8; n++) loop(n);`,
        resolveDir: directory,
        loader: 'ts',
      },
      bundle: true,
      platform: 'node',
      format: 'esm',
      outfile: script,
      plugins: [
        {
          name: 'installed-lmdb',
          setup: (b) => {
            const path = pathToFileURL(require.resolve('lmdb')).href;
            b.onResolve({ filter: /^lmdb$/ }, () => ({ path, external: true }));
          },
        },
      ],
    });
    let last = 0;
    for (let round = 0; round < 4; round++) {
      const acknowledged = await killedAfter(script, 300 + round * 37);
      const store = LmdbStore.open(db());
      const all = await everything(store);
      expect(acknowledged.size).toBeGreaterThan(0);
      for (const [n, revision] of acknowledged)
        expect(Number(all[`core/pods/a/${n}`]?.split(' ')[0])).toBeGreaterThanOrEqual(revision);
      expect(store.revision).toBeGreaterThanOrEqual(Math.max(last, ...acknowledged.values()));
      last = store.revision;
      await store.close();
    }
  });
});

/** Runs the writer, kills it when it has acknowledged so many writes; newest acknowledged revision by key. */
function killedAfter(script: string, count: number): Promise<Map<string, number>> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [script], { stdio: ['ignore', 'pipe', 'inherit'] });
    let text = '';
    let lines = 0;
    child.stdout.on('data', (chunk: Buffer) => {
      const piece = chunk.toString();
      text += piece;
      for (const c of piece) if (c === '\n') lines++;
      if (lines >= count) child.kill('SIGKILL');
    });
    child.on('error', reject);
    child.on('close', () => {
      const complete = text.slice(0, text.lastIndexOf('\n')).split('\n');
      resolve(new Map(complete.map((l) => l.split(' ')).map(([n = '', r]) => [n, Number(r)])));
    });
  });
}
