import { spawn } from 'node:child_process';
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually, run, startVirtplane, type TestVirtplane } from '../harness/virtplane.ts';
import { kubectlBinary } from './kubectl-binaries.ts';

let plane: TestVirtplane;
let files: string;
let manifest: string;
let editor: string;

beforeAll(async () => {
  files = await fs.mkdtemp(path.join(os.tmpdir(), 'vp-kubectl-'));
  plane = await startVirtplane();
  manifest = path.join(files, 'vm.yaml');
  editor = path.join(files, 'editor');
  await fs.writeFile(
    manifest,
    `apiVersion: kubevirt.io/v1
kind: VirtualMachine
metadata:
  name: guest
  labels: {app: guest}
spec:
  runStrategy: Always
  template:
    metadata:
      labels: {app: guest}
    spec:
      terminationGracePeriodSeconds: 0
      domain:
        cpu: {cores: 1}
        devices:
          interfaces: [{name: default, masquerade: {}}]
        resources: {requests: {memory: 64Mi}}
      networks: [{name: default, pod: {}}]
`,
  );
  await fs.writeFile(editor, '#!/bin/sh\nsed -i "s/cores: 1/cores: 2/" "$1"\n', { mode: 0o755 });
});
afterAll(async () => {
  await fs.rm(files, { recursive: true, force: true });
  await plane?.stop();
});

const heads = (table: string): string[] =>
  table
    .split('\n')
    .filter((line) => line.startsWith('NAME'))
    .map((line) =>
      line
        .trim()
        .split(/\s{2,}/)
        .join(' '),
    );

describe.each(['1.27', '1.33', 'of this machine'] as const)('kubectl %s', (version) => {
  let binary: string;
  let env: Record<string, string>;
  beforeAll(async () => {
    binary = version === 'of this machine' ? 'kubectl' : await kubectlBinary(version);
    // A home of its own: the first command finds no cache.
    env = {
      KUBECONFIG: plane.kubeconfig,
      HOME: await fs.mkdtemp(path.join(files, 'home-')),
      EDITOR: editor,
    };
  });
  const kubectl = (args: readonly string[], input?: string) =>
    run(binary, args, { env, ...(input === undefined ? {} : { input }) });
  const ok = async (args: readonly string[]): Promise<string> => {
    const { code, stdout, stderr } = await kubectl(args);
    if (code !== 0) throw new Error(`kubectl ${args.join(' ')}: ${stderr}`);
    return stdout;
  };

  test('a machine comes up under apply, wait and get -w', async () => {
    const watch = spawn(binary, ['get', 'vm', '-w', '--no-headers'], { env: { ...process.env, ...env } });
    let seen = '';
    watch.stdout.setEncoding('utf8').on('data', (text: string) => {
      seen += text;
    });
    const gone = new Promise((resolve) => watch.once('close', resolve));
    try {
      // Read with a cold cache (validation needs the OpenAPI document), then with a warm one.
      expect(await ok(['apply', '-f', manifest])).toBe('virtualmachine.kubevirt.io/guest created\n');
      expect(await ok(['apply', '-f', manifest])).toBe('virtualmachine.kubevirt.io/guest unchanged\n');
      expect(await ok(['wait', '--for=condition=Ready', 'vm/guest', '--timeout=60s'])).toBe(
        'virtualmachine.kubevirt.io/guest condition met\n',
      );
      expect(await ok(['wait', '--for=condition=Ready', 'vmi/guest', '--timeout=60s'])).toContain('condition met');
      await eventually(() => expect(seen).toMatch(/guest +\S+ +Running +True/));
    } finally {
      watch.kill();
      await gone;
    }
  });

  test('columns', async () => {
    for (const cache of ['cold', 'warm']) {
      if (cache === 'cold') await fs.rm(path.join(env.HOME ?? '', '.kube'), { recursive: true, force: true });
      const [vm, vmi, pod, node] = heads(await ok(['get', 'vm,vmi,pod,node', '-o', 'wide']));
      expect(vm).toBe('NAME AGE STATUS READY');
      expect(vmi).toBe('NAME AGE PHASE IP NODENAME READY LIVE-MIGRATABLE PAUSED');
      expect(pod).toBe('NAME READY STATUS RESTARTS AGE IP NODE NOMINATED NODE READINESS GATES');
      expect(node).toBe(
        'NAME STATUS ROLES AGE VERSION INTERNAL-IP EXTERNAL-IP OS-IMAGE KERNEL-VERSION CONTAINER-RUNTIME',
      );
    }
    expect(heads(await ok(['get', 'vmi']))).toEqual(['NAME AGE PHASE IP NODENAME READY']);
  });

  test('explain, describe, api-resources', async () => {
    const cpu = 'vm.spec.template.spec.domain.cpu';
    expect(await ok(['explain', cpu])).toMatch(/VERSION: +v1\n[\s\S]*cores\s+<integer>/);
    expect(await ok(['explain', cpu, '--recursive'])).toMatch(/features\s+<\[\]CPUFeature>\n\s+name\s+<string>/);
    expect(await ok(['explain', cpu, '--api-version=kubevirt.io/v1alpha3'])).toMatch(/VERSION: +v1alpha3\n/);
    expect(await ok(['explain', 'pods.spec'])).toMatch(/containers\s+<\[\]Container>/);
    expect(await ok(['describe', 'vm', 'guest'])).toMatch(
      /Printable Status: +Running[\s\S]*SuccessfulCreate[\s\S]*Started the virtual machine by creating the new virtual machine instance guest/,
    );
    const node = await ok(['get', 'node', '-o', 'jsonpath={.items[0].metadata.name}']);
    expect(await ok(['describe', 'node', node])).toMatch(/Allocated resources:[\s\S]*cpu +100m/);
    expect(await ok(['api-resources', '--api-group=kubevirt.io'])).toMatch(
      /virtualmachines +vm,vms +kubevirt\.io\/v1 +true +VirtualMachine\n/,
    );
  });

  test('edit, label, annotate, patch, diff', async () => {
    expect(await ok(['edit', 'vm', 'guest'])).toBe('virtualmachine.kubevirt.io/guest edited\n');
    const cores = () => ok(['get', 'vm', 'guest', '-o', 'jsonpath={.spec.template.spec.domain.cpu.cores}']);
    expect(await cores()).toBe('2');
    const differs = await kubectl(['diff', '-f', manifest]);
    expect([differs.code, differs.stdout]).toEqual([1, expect.stringMatching(/-\s+cores: 2\n\+\s+cores: 1\n/)]);
    const merge = '{"spec":{"template":{"spec":{"domain":{"cpu":{"cores":1}}}}}}';
    expect(await ok(['patch', 'vm', 'guest', '--type=merge', '-p', merge])).toContain('patched');
    expect(await cores()).toBe('1');
    const json = '[{"op":"add","path":"/metadata/labels/tier","value":"one"}]';
    expect(await ok(['patch', 'vm', 'guest', '--type=json', '-p', json])).toContain('patched');
    const strategic = await kubectl(['patch', 'vm', 'guest', '-p', '{"metadata":{"labels":{"x":"y"}}}']);
    expect([strategic.code, strategic.stderr]).toEqual([
      1,
      expect.stringContaining(
        'error: application/strategic-merge-patch+json is not supported by kubevirt.io/v1, Kind=VirtualMachine: the body of the request was in an unknown format - accepted media types include: application/json-patch+json, application/merge-patch+json',
      ),
    ]);
    expect(await ok(['label', 'vm', 'guest', 'tier=two', '--overwrite'])).toBe(
      'virtualmachine.kubevirt.io/guest labeled\n',
    );
    expect(await ok(['get', 'vm', '-l', 'tier=two', '-o', 'name'])).toBe('virtualmachine.kubevirt.io/guest\n');
    expect(await ok(['annotate', 'vm', 'guest', 'example.io/note=x'])).toContain('guest annotate');
    expect((await kubectl(['diff', '-f', manifest])).code).toBe(0);
  });

  test('who may do what; raw paths', async () => {
    expect(await ok(['auth', 'can-i', 'create', 'vm'])).toBe('yes\n');
    expect(await ok(['auth', 'whoami'])).toContain('kubernetes-admin');
    expect((await ok(['create', 'token', 'default'])).split('.')).toHaveLength(3);
    const raw = JSON.parse(await ok(['get', '--raw', '/apis/kubevirt.io/v1/namespaces/default/virtualmachines/guest']));
    expect([raw.kind, raw.metadata.name]).toEqual(['VirtualMachine', 'guest']);
  });

  test('cordon and drain', async () => {
    const node = await ok(['get', 'node', '-o', 'jsonpath={.items[0].metadata.name}']);
    expect(await ok(['cordon', node])).toBe(`node/${node} cordoned\n`);
    expect(await ok(['get', 'node', node])).toContain('Ready,SchedulingDisabled');
    expect(await ok(['uncordon', node])).toBe(`node/${node} uncordoned\n`);
    expect(await ok(['drain', node, '--dry-run=server'])).toMatch(
      /evicting pod default\/virt-launcher-guest-\w{5} \(server dry run\)[\s\S]*drained \(server dry run\)/,
    );
    expect(await ok(['get', 'vm', 'guest'])).toContain('Running');
  });

  test("logs are those of the guest's QEMU", async () => {
    const pod = (await ok(['get', 'pod', '-l', 'kubevirt.io=virt-launcher', '-o', 'name'])).trim();
    const log = await ok(['logs', pod]);
    expect(log).toMatch(/starting up libvirt version: [\s\S]*qemu-system-x86_64/);
    expect(await ok(['logs', pod, '--tail=1'])).toBe(`${log.trimEnd().split('\n').at(-1)}\n`);
    expect((await ok(['logs', pod, '--limit-bytes=10'])).length).toBe(10);
    const refused = async (args: readonly string[]) => (await kubectl(['logs', ...args])).stderr;
    expect(await refused([pod, '-f'])).toContain('follow is not supported');
    expect(await refused([pod, '--since=1h'])).toContain('sinceSeconds is not supported');
    expect(await refused([pod, '-c', 'nope'])).toContain('container nope is not valid for pod');
    expect(await refused(['nope'])).toContain('pods "nope" not found');
    expect(await refused([pod, '--as=stranger'])).toContain('forbidden: User "stranger" cannot get resource "pods');
  });

  test('delete', async () => {
    expect(await ok(['delete', '-f', manifest])).toMatch(/virtualmachine.kubevirt.io "guest" deleted/);
    expect((await kubectl(['get', 'vm', 'guest'])).stderr).toBe(
      'Error from server (NotFound): virtualmachines.kubevirt.io "guest" not found\n',
    );
    await eventually(async () => expect(await ok(['get', 'vmi,pod', '-o', 'name'])).toBe(''));
  });
});
