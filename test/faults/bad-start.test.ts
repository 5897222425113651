import * as fs from 'node:fs/promises';
import net, { type AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { run, top } from '../harness/virtplane.ts';

const command = path.join(top, 'bin/virtplane');
const made: string[] = [];
afterEach(async () => {
  for (const directory of made.splice(0)) await fs.rm(directory, { recursive: true, force: true });
});

async function newDirectory(): Promise<string> {
  const directory = await fs.mkdtemp(path.join(os.tmpdir(), 'vpx-'));
  made.push(directory);
  return directory;
}

async function takenPort(body: (port: number) => Promise<void>): Promise<void> {
  const holder = net.createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => holder.once('listening', resolve));
  try {
    await body((holder.address() as AddressInfo).port);
  } finally {
    holder.close();
  }
}

test.each(['server', 'up'])('%s: a port that is taken is one sentence, and the command ends', async (verb) => {
  const data = await newDirectory();
  await takenPort(async (port) => {
    const result = await run(command, [verb, '--data', data, '--port', String(port)], { timeoutMs: 30_000 });
    expect(result.code).toBe(1);
    expect(result.stderr).toContain(String(port));
    expect(result.stderr).not.toMatch(/\n\s+at /);
  });
  const left = await run(command, ['status', '--data', data, '-o', 'json']);
  expect(JSON.parse(left.stdout)).toMatchObject({ parts: { up: null, server: null, node: null } });
});

test.each(['server', 'up'])('%s: a port that is none is wrong usage', async (verb) => {
  const result = await run(command, [verb, '--data', await newDirectory(), '--port', '99999999']);
  expect(result.code).toBe(2);
  expect(result.stderr).toContain('--port is a number from 0 to 65535, not 99999999');
});

test('a data directory that cannot be made is named, with what to do', async () => {
  const file = path.join(await newDirectory(), 'file');
  await fs.writeFile(file, '');
  const result = await run(command, ['server', '--data', path.join(file, 'data'), '--port', '0']);
  expect(result.code).toBe(1);
  expect(result.stderr).toContain('choose another one with --data DIR');
});

test('up without root refuses with one sentence and leaves nothing', async () => {
  const home = await newDirectory();
  await fs.chown(home, 65_534, 65_534);
  const data = path.join(home, 'data');
  const unprivileged = ['--reuid=65534', '--regid=65534', '--clear-groups', process.execPath, command];
  const up = await run('setpriv', [...unprivileged, 'up', '--data', data, '--port', '0'], { timeoutMs: 30_000 });
  expect(up.code).toBe(1);
  expect(up.stderr.trim().split('\n')).toHaveLength(1);
  expect(up.stderr).toContain('needs root');
  await expect(fs.stat(data)).rejects.toThrow('ENOENT');
});

test('a kubeconfig that is not there is named', async () => {
  const missing = path.join(await newDirectory(), 'kubeconfig');
  const result = await run(command, ['vm', 'start', 'x', '--kubeconfig', missing]);
  expect(result.code).toBe(1);
  expect(result.stderr).toContain(missing);
});
