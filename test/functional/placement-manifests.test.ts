import fs from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually, run, startVirtplane, type TestVirtplane, top } from '../harness/virtplane.ts';
import { kubectlBinary } from './kubectl-binaries.ts';

let plane: TestVirtplane;

beforeAll(async () => {
  plane = await startVirtplane();
});
afterAll(() => plane?.stop());

const completed = [
  'Warning: spec.runStrategy not set; using Halted',
  'Warning: spec.template.spec.domain not set; using {}',
  'Warning: spec.template.spec.domain.devices not set; using {}',
];
const moved = 'Warning: spec.tolerations is shorthand and was moved to spec.template.spec.tolerations';
const devicesOnly = ['Warning: spec.template.spec.domain.devices not set; using {}'];
const manifests = [
  { file: 'placement/node-selector.yaml', name: 'example-vm-node-selector', warnings: completed, again: 'unchanged' },
  { file: 'placement/pod-affinity.yaml', name: 'example-vm-pod-affinity', warnings: completed, again: 'unchanged' },
  { file: 'placement/node-affinity.yaml', name: 'example-vm-node-affinity', warnings: completed, again: 'unchanged' },
  // kubectl itself finds spec.tolerations missing in what is stored and says "configured"; the server changes nothing.
  {
    file: 'placement/tolerations.yaml',
    name: 'example-vm-tolerations',
    warnings: [moved, ...completed],
    again: 'configured',
  },
  { file: 'resource-quota/limits.yaml', name: 'with-limits', warnings: devicesOnly, again: 'unchanged' },
];
const lines = (text: string): string[] => text.split('\n').filter((line) => line !== '');
const stored = async (name: string) => JSON.parse(await plane.ok(['get', 'vm', name, '-o', 'json']));
const vm = (name: string, spec: object, more: object = {}) =>
  JSON.stringify({
    apiVersion: 'kubevirt.io/v1',
    kind: 'VirtualMachine',
    metadata: { name },
    spec: { runStrategy: 'Halted', template: { spec: { domain: { devices: {} }, ...spec } }, ...more },
  });
const small = {
  terminationGracePeriodSeconds: 0,
  domain: { devices: {}, resources: { requests: { memory: '64Mi' } } },
};
const seedSelector = { 'example-key-1': 'example-value-1', 'example-key-2': 'example-value-2' };
const seedToleration = { key: 'key', operator: 'Equal', value: 'virtualization', effect: 'NoSchedule' };

describe.each(['1.27', '1.33'] as const)('kubectl %s', (version) => {
  let kubectl: (args: readonly string[], input?: string) => ReturnType<typeof run>;
  beforeAll(async () => {
    const binary = await kubectlBinary(version);
    const env = { KUBECONFIG: plane.kubeconfig, HOME: plane.dataDirectory };
    kubectl = (args, input) => run(binary, args, { env, ...(input === undefined ? {} : { input }) });
  });

  test.each(manifests)(
    '$file as printed: $warnings.length warnings, idempotent',
    async ({ file, name, warnings, again }) => {
      const manifest = path.join(top, 'examples', file);
      const dry = await kubectl(['apply', '--dry-run=server', '-f', manifest]);
      expect(dry).toMatchObject({ code: 0, stdout: `virtualmachine.kubevirt.io/${name} created (server dry run)\n` });
      expect(lines(dry.stderr)).toEqual(warnings);
      expect((await kubectl(['get', 'vm', name])).stderr).toContain('NotFound');

      const first = await kubectl(['apply', '-f', manifest]);
      expect(first).toMatchObject({ code: 0, stdout: `virtualmachine.kubevirt.io/${name} created\n` });
      expect(lines(first.stderr)).toEqual(warnings);
      const settled = await eventually(async () => {
        const object = await stored(name);
        expect(object.status?.printableStatus).toBe('Stopped');
        return object;
      });
      const second = await kubectl(['apply', '-f', manifest]);
      expect(second).toMatchObject({ code: 0, stdout: `virtualmachine.kubevirt.io/${name} ${again}\n` });
      expect(lines(second.stderr)).toEqual(again === 'unchanged' ? [] : [moved]);
      const { metadata, spec } = await stored(name);
      expect([metadata.generation, spec]).toEqual([settled.metadata.generation, settled.spec]);
      expect(metadata.resourceVersion).toBe(settled.metadata.resourceVersion);
      await plane.ok(['delete', 'vm', name]);
    },
  );

  test('a shorthand that contradicts the template is refused without a word about moving', async () => {
    const other = vm(
      'differs',
      { tolerations: [{ ...seedToleration, value: 'x' }] },
      { tolerations: [seedToleration] },
    );
    const refused = await kubectl(['apply', '-f', '-'], other);
    expect(refused).toMatchObject({
      code: 1,
      stdout: '',
      stderr:
        'The request is invalid: spec.tolerations: spec.tolerations and spec.template.spec.tolerations are both set and differ; keep only spec.template.spec.tolerations\n',
    });
    expect((await kubectl(['get', 'vm', 'differs'])).code).toBe(1);
  });

  test('faults in rules are all told at once, and nothing is stored', async () => {
    const affinity = {
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [] },
        preferredDuringSchedulingIgnoredDuringExecution: [
          { weight: 0, preference: { matchExpressions: [{ key: 'a', operator: 'in', values: ['b'] }] } },
        ],
      },
    };
    const bad = vm('bad', { affinity, tolerations: [{ key: 'k', operator: 'Equals' }] });
    for (const args of [
      ['apply', '-f', '-'],
      ['create', '--dry-run=server', '-f', '-'],
    ]) {
      const { code, stderr } = await kubectl(args, bad);
      expect(code).toBe(1);
      for (const text of [
        'nodeSelectorTerms: Required value: must have at least one node selector term',
        '[0].weight: Invalid value: 0: must be in the range 1-100',
        'operator: Invalid value: "in": not a valid selector operator',
        'spec.template.spec.tolerations[0].operator: Unsupported value: "Equals": supported values: "Equal", "Exists"',
      ])
        expect(stderr).toContain(text);
    }
    expect((await kubectl(['get', 'vm', 'bad'])).code).toBe(1);
  });

  test('older and mistaken API versions', async () => {
    const text = await fs.readFile(path.join(top, 'examples/placement/node-selector.yaml'), 'utf8');
    const old = await kubectl(['apply', '-f', '-'], text.replace('kubevirt.io/v1', 'kubevirt.io/v1alpha3'));
    expect(old).toMatchObject({ code: 0, stdout: 'virtualmachine.kubevirt.io/example-vm-node-selector created\n' });
    await plane.ok(['delete', 'vm', 'example-vm-node-selector']);

    const mistaken = text.replace('kubevirt.io/v1', 'kubevirt/v1alpha3');
    const alias = await kubectl(['apply', '-f', '-'], mistaken);
    expect(alias).toMatchObject({ code: 0, stdout: 'virtualmachine.kubevirt/example-vm-node-selector created\n' });
    expect(lines(alias.stderr)).toContain(
      'Warning: kubevirt/v1alpha3 is not a KubeVirt API group; stored as kubevirt.io/v1',
    );
    expect((await stored('example-vm-node-selector')).apiVersion).toBe('kubevirt.io/v1');
    expect((await kubectl(['apply', '-f', '-'], mistaken)).stdout).toContain('unchanged');
    await plane.ok(['delete', 'vm', 'example-vm-node-selector']);
  });
});

test('what is stored: the shorthand only where it belongs', async () => {
  await plane.ok(['apply', '-f', path.join(top, 'examples/placement/tolerations.yaml')]);
  const { spec } = await stored('example-vm-tolerations');
  expect(spec).toEqual({
    runStrategy: 'Halted',
    template: { spec: { domain: { devices: {}, machine: { type: 'q35' } }, tolerations: [seedToleration] } },
  });
});

test('the difference between memory limit and request is warned about below 100Mi only', async () => {
  const warn = 'should exceed requests.memory by at least 100Mi';
  const limited = (name: string, limit: string) =>
    vm(name, { domain: { devices: {}, resources: { requests: { memory: '128Mi' }, limits: { memory: limit } } } });
  expect((await plane.kubectl(['apply', '-f', '-'], { input: limited('near', '227Mi') })).stderr).toContain(warn);
  expect((await plane.kubectl(['apply', '-f', '-'], { input: limited('far', '228Mi') })).stderr).toBe('');
});

const unschedulable = (name: string, reason: string) =>
  eventually(async () => {
    const { status } = await stored(name);
    expect(status.printableStatus).toBe('ErrorUnschedulable');
    const condition = status.conditions.find((c: { type: string }) => c.type === 'PodScheduled');
    expect(condition.message).toBe(
      `0/1 nodes are available: 1 ${reason}. preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.`,
    );
  });
const running = (name: string) =>
  eventually(async () => expect((await stored(name)).status.printableStatus).toBe('Running'));

test('a node selector: all labels, at scheduling time only', async () => {
  const node = (await plane.ok(['get', 'node', '-o', 'jsonpath={.items[0].metadata.name}'])).trim();
  const selects = vm('selects', { ...small, nodeSelector: seedSelector }, { runStrategy: 'Always' });
  const noMatch = "node(s) didn't match Pod's node affinity/selector";
  await plane.ok(['apply', '-f', '-'], { input: selects });
  await unschedulable('selects', noMatch);
  await plane.ok(['label', 'node', node, 'example-key-1=example-value-1']);
  await unschedulable('selects', noMatch);
  await plane.ok(['label', 'node', node, 'example-key-2=example-value-2']);
  await running('selects');
  expect(await plane.ok(['get', 'vmi', 'selects', '-o', 'jsonpath={.status.nodeName}'])).toBe(node);
  expect((await stored('selects')).status.conditions.map((c: { type: string }) => c.type)).not.toContain(
    'PodScheduled',
  );

  const uid = () => plane.ok(['get', 'vmi', 'selects', '-o', 'jsonpath={.metadata.uid}']);
  const before = await uid();
  await plane.ok(['label', 'node', node, 'example-key-1-', 'example-key-2-']);
  // A restart shows the rules again; until then nobody is moved.
  expect([await uid(), (await stored('selects')).status.printableStatus]).toEqual([before, 'Running']);
  expect((await plane.virtctl(['restart', 'selects'])).code).toBe(0);
  await unschedulable('selects', noMatch);
  await plane.ok(['delete', 'vm', 'selects']);
});

test('a taint keeps out who does not tolerate it', async () => {
  const node = (await plane.ok(['get', 'node', '-o', 'jsonpath={.items[0].metadata.name}'])).trim();
  await plane.ok(['taint', 'node', node, 'key=virtualization:NoSchedule']);
  await plane.ok(['apply', '-f', '-'], { input: vm('kept-out', small, { runStrategy: 'Always' }) });
  const tolerates = vm('tolerates', { ...small, tolerations: [seedToleration] }, { runStrategy: 'Always' });
  await plane.ok(['apply', '-f', '-'], { input: tolerates });
  await unschedulable('kept-out', 'node(s) had untolerated taint {key: virtualization}');
  await running('tolerates');
  await plane.ok(['taint', 'node', node, 'key-']);
  await running('kept-out');
  await plane.ok(['delete', 'vm', 'kept-out', 'tolerates']);
});
