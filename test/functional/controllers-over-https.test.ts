import type { ChildProcess } from 'node:child_process';
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually, run, start, top } from '../harness/virtplane.ts';

const command = path.join(top, 'bin/virtplane');
const running = new Set<ChildProcess>();
let directory: string;
let kubeconfig: string;

/** Starts a part in the foreground and resolves once its log says that it is ready. */
async function part(args: readonly string[]): Promise<ChildProcess> {
  const child = start(command, args, { HOME: directory });
  running.add(child);
  child.once('close', () => running.delete(child));
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  await eventually(() => {
    if (child.exitCode !== null) throw new Error(`virtplane ${args[0]} ended: ${output}`);
    expect(output).toMatch(/"ready"/);
  });
  return child;
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  const closed = new Promise((resolve) => child.once('close', resolve));
  child.kill(signal);
  await closed;
}

const kubectl = async (args: readonly string[], input?: string): Promise<string> => {
  const env = { KUBECONFIG: kubeconfig, HOME: directory };
  const { code, stdout, stderr } = await run('kubectl', args, { env, ...(input === undefined ? {} : { input }) });
  if (code !== 0) throw new Error(`kubectl ${args.join(' ')}: ${stderr}`);
  return stdout;
};
const uids = (what: string) => kubectl(['get', what, '-o', 'jsonpath={.items[*].metadata.uid}']);

const node = {
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name: 'n1', labels: { 'kubevirt.io/schedulable': 'true', 'kubernetes.io/hostname': 'n1' } },
};
const capacity = {
  cpu: '4',
  memory: '8Gi',
  pods: '10',
  'ephemeral-storage': '10Gi',
  'devices.kubevirt.io/tun': '10',
  'devices.kubevirt.io/kvm': '10',
  'devices.kubevirt.io/vhost-net': '10',
};
const machine = (name: string) =>
  JSON.stringify({
    apiVersion: 'kubevirt.io/v1',
    kind: 'VirtualMachine',
    metadata: { name },
    spec: {
      runStrategy: 'Always',
      template: { spec: { domain: { devices: {}, resources: { requests: { memory: '64Mi' } } } } },
    },
  });
const bound = (count: number) =>
  eventually(async () => {
    const nodes = (await kubectl(['get', 'pod', '-o', 'jsonpath={.items[*].spec.nodeName}'])).split(' ');
    expect(nodes).toEqual(Array.from({ length: count }, () => 'n1'));
    // The dead leader's Lease has to run out first.
  }, 60_000);

beforeAll(async () => {
  directory = await fs.mkdtemp(path.join(os.tmpdir(), 'vp-apart-'));
  kubeconfig = path.join(directory, 'admin.kubeconfig');
  await part(['server', '--without-controllers', '--data', directory, '--port', '0']);
  await kubectl(['create', '-f', '-'], JSON.stringify(node));
  const status = { capacity, allocatable: capacity, conditions: [{ type: 'Ready', status: 'True' }] };
  await kubectl(['patch', 'node', 'n1', '--subresource=status', '--type=merge', '-p', JSON.stringify({ status })]);
});
afterAll(async () => {
  await Promise.all([...running].map((child) => end(child, 'SIGTERM')));
  await fs.rm(directory, { recursive: true, force: true });
});

test('without controllers nothing happens; with them, over HTTPS, a machine gets its Pod; killed and back, no second one', async () => {
  await kubectl(['create', '-f', '-'], machine('one'));
  expect(await uids('vmi,pod')).toBe('');

  const first = await part(['controllers', '--kubeconfig', kubeconfig]);
  await bound(1);
  const before = [await uids('vmi'), await uids('pod')];
  expect(await kubectl(['get', 'vmi', 'one', '-o', 'jsonpath={.metadata.ownerReferences[0].kind}'])).toBe(
    'VirtualMachine',
  );

  await end(first, 'SIGKILL');
  await kubectl(['create', '-f', '-'], machine('two'));
  await part(['controllers', '--kubeconfig', kubeconfig]);
  // The second machine shows that the new process has seen everything: the first one is as it was.
  await bound(2);
  const [vmis, pods] = [(await uids('vmi')).split(' '), (await uids('pod')).split(' ')];
  expect([vmis.length, pods.length]).toEqual([2, 2]);
  expect(vmis).toContain(before[0]);
  expect(pods).toContain(before[1]);
});

test('killed in the middle of its work', async () => {
  const names = ['a', 'b', 'c', 'd'];
  for (const child of [...running].filter((c) => c.spawnargs.includes('controllers'))) {
    await Promise.all(names.map((name) => kubectl(['create', '-f', '-'], machine(name))));
    await end(child, 'SIGKILL');
  }
  await part(['controllers', '--kubeconfig', kubeconfig]);
  await bound(2 + names.length);
  expect((await uids('vmi')).split(' ')).toHaveLength(2 + names.length);
});
