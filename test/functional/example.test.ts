import * as fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { run, top } from '../harness/virtplane.ts';

const command = path.join(top, 'bin/virtplane');
const data = await fs.mkdtemp(path.join(os.tmpdir(), 'vp-'));
afterAll(async () => {
  await run(command, ['down', '--wipe', '--grace-period', '5', '--data', data], { timeoutMs: 120_000 });
});

test('`up --example` ends with the guest’s own lines and how to log in; a second `up` finds it running', async () => {
  const first = await run(command, ['up', '--detach', '--example', '--data', data, '--port', '0'], {
    timeoutMs: 170_000,
  });
  expect(first.code, first.stderr).toBe(0);
  expect(first.stdout).toContain('guest: init uptime=');
  expect(first.stdout).toContain('Hello from hello, a guest described by a KubeVirt manifest');
  expect(first.stdout).toMatch(/guest: ready .*hostname=hello/);
  expect(first.stdout).toContain(`log in with: bin/virtplane vm console hello --data ${data}`);
  expect(first.stdout).toContain(`export KUBECONFIG=${data}/admin.kubeconfig`);

  const again = await run(command, ['up', '--detach', '--data', data]);
  expect(again.code).toBe(0);
  expect(again.stderr).toContain('is up already');

  const explained = await run(command, ['explain', 'vm', 'hello', '--data', data]);
  expect(explained.stdout).toMatch(/^hello runs on /);
  expect(explained.stdout).toContain('requests.memory = ');
  const missing = await run(command, ['explain', 'vm', 'nope', '--data', data]);
  expect(missing.code).toBe(1);
  expect(missing.stdout).toContain('There is no virtual machine nope in namespace default.');

  const stopped = await run(command, ['vm', 'stop', 'hello', '--data', data]);
  expect(stopped.stdout).toBe('VM hello was scheduled to stop\n');
});
