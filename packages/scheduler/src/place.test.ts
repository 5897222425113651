import type { Node, Pod, Toleration } from '@virtplane/resources';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { NodeInfo } from './node-info.ts';
import { feasibleNodesWanted, placePod } from './place.ts';

const node = (
  name: string,
  more: { labels?: Record<string, string>; spec?: Node['spec']; allocatable?: Record<string, string> } = {},
) =>
  new NodeInfo({
    metadata: { name, labels: more.labels },
    spec: more.spec,
    status: { allocatable: { cpu: '4', memory: '8Gi', pods: '110', ...more.allocatable } },
  });

const pod = (spec: Partial<NonNullable<Pod['spec']>> = {}, requests: Record<string, string> = {}): Pod => ({
  metadata: { name: 'p', namespace: 'default', uid: 'u' },
  spec: { containers: [{ name: 'c', resources: { requests } }], ...spec },
});

const messageOf = (p: Pod, nodes: NodeInfo[]): string => {
  const placement = placePod(p, nodes);
  return placement.node === undefined ? placement.message : `placed on ${placement.node}`;
};

describe('messages are those of kube-scheduler 1.25', () => {
  const four = ['a', 'b', 'c', 'd'];
  test.each([
    {
      name: 'node selector',
      pod: pod({ nodeSelector: { x: 'y' } }),
      nodes: four.map((n) => node(n)),
      message:
        "0/4 nodes are available: 4 node(s) didn't match Pod's node affinity/selector. preemption: 0/4 nodes are available: 4 Preemption is not helpful for scheduling.",
    },
    {
      name: 'taint, without a value',
      pod: pod(),
      nodes: four.map((n) =>
        node(n, { spec: { taints: [{ key: 'key', effect: 'NoSchedule', value: 'virtualization' }] } }),
      ),
      message:
        '0/4 nodes are available: 4 node(s) had untolerated taint {key: virtualization}. preemption: 0/4 nodes are available: 4 Preemption is not helpful for scheduling.',
    },
    {
      name: 'several reasons, sorted as texts; two resources short on one node count twice',
      pod: pod({}, { cpu: '5', memory: '9Gi' }),
      nodes: [node('a'), node('b', { allocatable: { cpu: '8' } }), node('c', { spec: { unschedulable: true } })],
      message:
        '0/3 nodes are available: 1 Insufficient cpu, 1 node(s) were unschedulable, 2 Insufficient memory. preemption: 0/3 nodes are available: 1 Preemption is not helpful for scheduling, 2 No preemption victims found for incoming pod.',
    },
    {
      name: 'too many pods and extended resources',
      pod: pod({}, { 'devices.kubevirt.io/kvm': '1' }),
      nodes: [node('a', { allocatable: { pods: '0' } })],
      message:
        '0/1 nodes are available: 1 Insufficient devices.kubevirt.io/kvm, 1 Too many pods. preemption: 0/1 nodes are available: 1 No preemption victims found for incoming pod.',
    },
    { name: 'no nodes at all', pod: pod(), nodes: [], message: 'no nodes available to schedule pods' },
  ])('$name', ({ pod: p, nodes, message }) => {
    expect(messageOf(p, nodes)).toBe(message);
  });
});

describe('node affinity', () => {
  const required = (...terms: object[]) =>
    pod({
      affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: terms } } },
    });
  const labelled = node('n', { labels: { zone: 'z1', cores: '8' } });
  test.each([
    { term: { matchExpressions: [{ key: 'zone', operator: 'In', values: ['z1', 'z2'] }] }, fits: true },
    { term: { matchExpressions: [{ key: 'zone', operator: 'NotIn', values: ['z1'] }] }, fits: false },
    { term: { matchExpressions: [{ key: 'other', operator: 'NotIn', values: ['x'] }] }, fits: true },
    { term: { matchExpressions: [{ key: 'other', operator: 'DoesNotExist' }] }, fits: true },
    { term: { matchExpressions: [{ key: 'cores', operator: 'Gt', values: ['4'] }] }, fits: true },
    { term: { matchExpressions: [{ key: 'cores', operator: 'Lt', values: ['8'] }] }, fits: false },
    { term: { matchExpressions: [{ key: 'zone', operator: 'Gt', values: ['1'] }] }, fits: false },
    { term: { matchFields: [{ key: 'metadata.name', operator: 'In', values: ['n'] }] }, fits: true },
    { term: {}, fits: false },
  ])('$term fits: $fits', ({ term, fits }) => {
    expect(placePod(required(term), [labelled]).node !== undefined).toBe(fits);
  });

  test('terms are ORed, the node selector is ANDed', () => {
    const no = { matchExpressions: [{ key: 'zone', operator: 'In', values: ['z9'] }] };
    const yes = { matchExpressions: [{ key: 'zone', operator: 'Exists' }] };
    const both = required(no, yes);
    expect(placePod(both, [labelled]).node).toBe('n');
    expect(
      placePod({ ...both, spec: { ...both.spec!, nodeSelector: { zone: 'z2' } } }, [labelled]).node,
    ).toBeUndefined();
  });

  test('a preferred term attracts', () => {
    const p = pod({
      affinity: {
        nodeAffinity: {
          preferredDuringSchedulingIgnoredDuringExecution: [
            { weight: 1, preference: { matchExpressions: [{ key: 'zone', operator: 'In', values: ['z1'] }] } },
          ],
        },
      },
    });
    for (let i = 0; i < 20; i++) expect(placePod(p, [node('a'), labelled, node('b')]).node).toBe('n');
  });
});

describe('tolerations', () => {
  const tainted = (effect: string) => node('n', { spec: { taints: [{ key: 'k', value: 'v', effect }] } });
  test.each<{ toleration: Toleration; effect: string; fits: boolean }>([
    { toleration: { key: 'k', operator: 'Equal', value: 'v', effect: 'NoSchedule' }, effect: 'NoSchedule', fits: true },
    { toleration: { key: 'k', value: 'v' }, effect: 'NoExecute', fits: true },
    { toleration: { key: 'k', operator: 'Exists' }, effect: 'NoSchedule', fits: true },
    { toleration: { operator: 'Exists' }, effect: 'NoSchedule', fits: true },
    { toleration: { key: 'k', value: 'w' }, effect: 'NoSchedule', fits: false },
    { toleration: { key: 'k', operator: 'Exists', effect: 'NoExecute' }, effect: 'NoSchedule', fits: false },
    { toleration: { key: 'j', operator: 'Exists' }, effect: 'PreferNoSchedule', fits: true },
  ])('$toleration against $effect: $fits', ({ toleration, effect, fits }) => {
    expect(placePod(pod({ tolerations: [toleration] }), [tainted(effect)]).node !== undefined).toBe(fits);
  });

  test('an untolerated PreferNoSchedule taint repels softly', () => {
    for (let i = 0; i < 20; i++) expect(placePod(pod(), [tainted('PreferNoSchedule'), node('free')]).node).toBe('free');
  });
});

test('search stops early in large clusters, as kube-scheduler does', () => {
  expect([1, 100, 101, 1000, 5000, 20000].map(feasibleNodesWanted)).toEqual([1, 100, 100, 420, 500, 1000]);
});

test('never over-commits, and refuses only what really does not fit', () => {
  const arbitraryPods = fc.array(
    fc.record({ cpu: fc.integer({ min: 0, max: 3000 }), memory: fc.integer({ min: 0, max: 4096 }) }),
    {
      maxLength: 40,
    },
  );
  const arbitraryNodes = fc.array(
    fc.record({
      cpu: fc.integer({ min: 1, max: 8 }),
      memory: fc.integer({ min: 1, max: 16 }),
      pods: fc.integer({ min: 0, max: 12 }),
    }),
    {
      minLength: 1,
      maxLength: 8,
    },
  );
  fc.assert(
    fc.property(arbitraryNodes, arbitraryPods, (sizes, wishes) => {
      const nodes = sizes.map((s, i) =>
        node(`n${i}`, { allocatable: { cpu: `${s.cpu}`, memory: `${s.memory}Gi`, pods: `${s.pods}` } }),
      );
      // The obvious bookkeeping, apart from the code under test.
      const left = sizes.map((s) => ({ cpu: s.cpu * 1000, memory: s.memory * 1024, pods: s.pods }));
      wishes.forEach((wish, i) => {
        const p = pod({}, { cpu: `${wish.cpu}m`, memory: `${wish.memory}Mi` });
        const placement = placePod(p, nodes);
        const fits = left.map((l) => l.pods > 0 && l.cpu >= wish.cpu && l.memory >= wish.memory);
        if (placement.node === undefined) {
          expect(fits).not.toContain(true);
          return;
        }
        const index = Number(placement.node.slice(1));
        expect(fits[index]).toBe(true);
        const l = left[index]!;
        l.cpu -= wish.cpu;
        l.memory -= wish.memory;
        l.pods--;
        nodes[index]!.addPod(`u${i}`, p);
      });
    }),
    { numRuns: 300 },
  );
});
