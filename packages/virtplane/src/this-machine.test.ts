import * as fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { withKubeconfig } from './this-machine.ts';

const made: string[] = [];
afterEach(async () => {
  vi.unstubAllEnvs();
  for (const directory of made.splice(0)) await fs.rm(directory, { recursive: true });
});

async function dataDirectory(): Promise<string> {
  const directory = await fs.mkdtemp(path.join(os.tmpdir(), 'vp-'));
  made.push(directory);
  await fs.writeFile(path.join(directory, 'admin.kubeconfig'), '');
  return directory;
}

test('a given kubeconfig wins over everything', async () => {
  vi.stubEnv('KUBECONFIG', '/other');
  expect(await withKubeconfig({ kubeconfig: '/mine', data: await dataDirectory() })).toMatchObject({
    kubeconfig: '/mine',
  });
});

test('KUBECONFIG wins over the Virtplane of this machine, a named data directory over KUBECONFIG', async () => {
  vi.stubEnv('KUBECONFIG', '/other');
  expect(await withKubeconfig({})).toEqual({});
  const data = await dataDirectory();
  expect(await withKubeconfig({ data })).toEqual({ data, kubeconfig: path.join(data, 'admin.kubeconfig') });
});
