import type { Pod, PodStatus, VirtualMachineInstance } from '@virtplane/resources';
import { describe, expect, test } from 'vitest';
import { type ObservedPod, type PodStep, planPod } from './plan.ts';
import { type ImageState, type PodFacts, renderPodStatus } from './pod-status.ts';

const pod = (changes: { deleting?: boolean; phase?: string; status?: PodStatus } = {}): Pod => ({
  metadata: {
    namespace: 'ns',
    name: 'virt-launcher-x',
    uid: 'p1',
    ...(changes.deleting && { deletionTimestamp: '2026-01-01T00:00:00Z' }),
  },
  spec: {
    initContainers: [{ name: 'volumedisk-init', image: 'quay.io/a/b:1' }],
    containers: [
      { name: 'compute', image: 'launcher' },
      { name: 'volumedisk', image: 'quay.io/a/b:1' },
    ],
    readinessGates: [{ conditionType: 'kubevirt.io/virtual-machine-unpaused' }],
  },
  status: changes.status ?? { phase: changes.phase ?? 'Pending' },
});
const vmi = (phase: string): VirtualMachineInstance => ({
  metadata: { uid: 'u' },
  spec: { domain: {} },
  status: { phase },
});

describe('plan', () => {
  const prepare: PodStep[] = [{ do: 'prepare' }, { do: 'report' }];
  test.each<{ name: string; given: Partial<ObservedPod>; steps: PodStep[] }>([
    { name: 'new', given: {}, steps: prepare },
    { name: 'runs', given: { hasGuest: true, hasSandbox: true, vmi: vmi('Running') }, steps: prepare },
    {
      name: 'guest has ended well',
      given: { hasSandbox: true, vmi: vmi('Succeeded') },
      steps: [{ do: 'report', ended: { exitCode: 0 } }, { do: 'removeSandbox' }],
    },
    { name: 'guest has failed', given: { vmi: vmi('Failed') }, steps: [{ do: 'report', ended: { exitCode: 1 } }] },
    { name: 'waits until nothing of the guest is left', given: { vmi: vmi('Failed'), hasGuest: true }, steps: [] },
    {
      name: 'finished',
      given: { pod: pod({ phase: 'Succeeded' }), hasSandbox: true },
      steps: [{ do: 'removeSandbox' }],
    },
    {
      name: 'deleted while the guest runs',
      given: { pod: pod({ deleting: true }), hasGuest: true, hasSandbox: true },
      steps: [],
    },
    {
      name: 'deleted, guest gone',
      given: { pod: pod({ deleting: true }), hasSandbox: true },
      steps: [{ do: 'removeSandbox' }, { do: 'finalize' }],
    },
    { name: 'gone by force, guest still here', given: { pod: undefined, hasGuest: true, hasSandbox: true }, steps: [] },
    { name: 'gone by force', given: { pod: undefined, hasSandbox: true }, steps: [{ do: 'removeSandbox' }] },
    { name: 'no launcher', given: { isLauncher: false }, steps: [{ do: 'refuse' }] },
    {
      name: 'no launcher, deleted',
      given: { isLauncher: false, pod: pod({ deleting: true }) },
      steps: [{ do: 'finalize' }],
    },
  ])('$name', ({ given, steps }) => {
    expect(
      planPod({ pod: pod(), isLauncher: true, vmi: undefined, hasGuest: false, hasSandbox: false, ...given }),
    ).toEqual(steps);
  });
});

describe('status', () => {
  const nowMs = Date.parse('2026-01-02T03:04:05Z');
  const facts = (image: ImageState, changes: Partial<PodFacts> = {}): PodFacts => ({
    nodeIp: '192.0.2.1',
    podIps: ['10.244.0.5'],
    images: new Map([['quay.io/a/b:1', image]]),
    nowMs,
    ...changes,
  });
  const present: ImageState = { state: 'present', digest: 'sha256:d' };
  const ready = (status: PodStatus): Record<string, string | undefined> =>
    Object.fromEntries((status.conditions ?? []).map((c) => [c.type, c.reason ?? c.status]));

  test('pulling', () => {
    const status = renderPodStatus(pod(), facts({ state: 'pulling' }));
    expect(status.phase).toBe('Pending');
    expect(status.containerStatuses?.map((c) => c.state?.waiting?.reason)).toEqual([
      'PodInitializing',
      'PodInitializing',
    ]);
    expect(ready(status)).toEqual({
      Initialized: 'ContainersNotInitialized',
      Ready: 'ContainersNotReady',
      ContainersReady: 'ContainersNotReady',
      PodScheduled: 'True',
    });
  });

  test('an image that cannot be pulled is told where kubectl shows it', () => {
    const status = renderPodStatus(pod(), facts({ state: 'failed', reason: 'ErrImagePull', message: 'no such image' }));
    expect(status.initContainerStatuses?.[0]?.state).toEqual({
      waiting: { reason: 'ErrImagePull', message: 'no such image' },
    });
    expect(status.containerStatuses?.[1]?.state?.waiting?.reason).toBe('ErrImagePull');
  });

  test('running, and ready once its gate is open', () => {
    const status = renderPodStatus(pod(), facts(present));
    expect(status).toMatchObject({
      phase: 'Running',
      podIP: '10.244.0.5',
      podIPs: [{ ip: '10.244.0.5' }],
      hostIP: '192.0.2.1',
      startTime: '2026-01-02T03:04:05Z',
    });
    expect(status.containerStatuses?.map((c) => [c.name, c.ready, c.started, c.restartCount])).toEqual([
      ['compute', true, true, 0],
      ['volumedisk', true, true, 0],
    ]);
    expect(status.containerStatuses?.[1]?.imageID).toBe('quay.io/a/b:1@sha256:d');
    expect(ready(status)).toMatchObject({ Ready: 'ReadinessGatesNotReady', ContainersReady: 'True' });
    const open = pod({
      status: { conditions: [{ type: 'kubevirt.io/virtual-machine-unpaused', status: 'True', reason: 'NotPaused' }] },
    });
    expect(ready(renderPodStatus(open, facts(present)))).toMatchObject({
      Ready: 'True',
      'kubevirt.io/virtual-machine-unpaused': 'NotPaused',
    });
  });

  test('the same facts later change nothing', () => {
    const once = renderPodStatus(pod(), facts(present));
    expect(renderPodStatus(pod({ status: once }), facts(present, { nowMs: nowMs + 60_000 }))).toEqual(once);
  });

  test.each([
    [0, 'Succeeded', 'Completed', 'PodCompleted'],
    [1, 'Failed', 'Error', 'ContainersNotReady'],
  ])('ended with %d', (exitCode, phase, reason, conditionReason) => {
    const running = renderPodStatus(pod(), facts(present));
    const status = renderPodStatus(
      pod({ status: running }),
      facts(present, { ended: { exitCode }, nowMs: nowMs + 1000 }),
    );
    expect(status.phase).toBe(phase);
    expect(status.containerStatuses?.[0]?.state?.terminated).toEqual({
      exitCode,
      reason,
      startedAt: '2026-01-02T03:04:05Z',
      finishedAt: '2026-01-02T03:04:06Z',
    });
    expect(ready(status)).toMatchObject({ Ready: conditionReason, ContainersReady: conditionReason });
  });
});
