import {
  ControllerRevision,
  type KubeObject,
  KubeVirt,
  LimitRange,
  Node,
  PersistentVolumeClaim,
  Pod,
  ResourceQuota,
  VirtualMachine,
  VirtualMachineInstance,
  VirtualMachineInstanceReplicaSet,
} from '@virtplane/resources';
import { type RunningController, refusal, runController } from '@virtplane/runtime';
import { createTestContext, eventually, type TestContext } from '@virtplane/runtime/testing';
import { afterEach, describe, expect, test } from 'vitest';
import { virtControllers } from './index.ts';

const definitions = [
  VirtualMachine,
  VirtualMachineInstance,
  VirtualMachineInstanceReplicaSet,
  Pod,
  ControllerRevision,
  KubeVirt,
  Node,
  PersistentVolumeClaim,
  ResourceQuota,
  LimitRange,
];

let running: RunningController[] = [];
let context: TestContext | undefined;

afterEach(async () => {
  await Promise.all(running.map((controller) => controller.stop()));
  context?.stop();
  running = [];
  context = undefined;
});

function start(...objects: KubeObject[]): TestContext {
  context = createTestContext({ definitions, objects });
  const controllers = virtControllers(context, { version: '0.1.0', random: () => 0 });
  for (const controller of controllers) running.push(runController(controller, context));
  return context;
}

const KEY = { namespace: 'ns', name: 'vm1' };

const machine = (spec: Partial<VirtualMachine['spec']> = { runStrategy: 'Always' }): VirtualMachine => ({
  apiVersion: 'kubevirt.io/v1',
  kind: 'VirtualMachine',
  metadata: { ...KEY },
  spec: {
    template: {
      metadata: { labels: { 'kubevirt.io/vm': 'vm1' } },
      spec: { domain: { devices: {}, resources: { requests: { memory: '64Mi' } } } },
    },
    ...spec,
  },
});

const theMachine = (c: TestContext) => c.objects(VirtualMachine)[0];
const theInstance = (c: TestContext) => c.objects(VirtualMachineInstance)[0];
const thePod = (c: TestContext) => c.objects(Pod)[0];

const instanceReaches = (c: TestContext, phase: string): Promise<void> =>
  eventually(() => theInstance(c)?.status?.phase === phase, `instance ${phase}`);
const machineShows = (c: TestContext, status: string): Promise<void> =>
  eventually(() => theMachine(c)?.status?.printableStatus === status, `machine ${status}`);

/** What scheduler and node agent do to a launcher pod. */
async function runPod(c: TestContext): Promise<void> {
  await eventually(() => thePod(c) !== undefined, 'a launcher pod');
  const pod = thePod(c);
  if (!pod) throw new Error('no pod');
  const statuses = (pod.spec?.containers ?? []).map(({ name, image }) => ({
    name,
    image: image ?? '',
    imageID: '',
    ready: true,
    restartCount: 0,
    state: { running: {} },
  }));
  c.api.put({
    ...pod,
    spec: { ...pod.spec, containers: pod.spec?.containers ?? [], nodeName: 'node1' },
    status: { ...pod.status, phase: 'Running', qosClass: 'Burstable', containerStatuses: statuses },
  });
}

async function setPhase(c: TestContext, phase: string): Promise<void> {
  const vmi = theInstance(c);
  await c.client(VirtualMachineInstance).patch(KEY, 'merge', {
    status: {
      phase,
      phaseTransitionTimestamps: [
        ...(vmi?.status?.phaseTransitionTimestamps ?? []),
        { phase, phaseTransitionTimestamp: '2026-01-01T00:00:00Z' },
      ],
    },
  });
}

async function bringUp(c: TestContext): Promise<void> {
  await runPod(c);
  await instanceReaches(c, 'Scheduled');
  await setPhase(c, 'Running');
}

/** The node agent lets a finished or deleted launcher pod go. */
async function endPod(c: TestContext): Promise<void> {
  const pod = thePod(c);
  if (pod) await c.client(Pod).delete({ namespace: 'ns', name: pod.metadata.name ?? '' }, { gracePeriodSeconds: 0 });
}

describe('a machine that is always on', () => {
  test('gets one instance, one pod and one revision', async () => {
    const c = start(machine());
    await instanceReaches(c, 'Scheduling');
    await machineShows(c, 'Starting');
    expect(c.objects(VirtualMachineInstance)).toHaveLength(1);
    expect(c.objects(Pod)).toHaveLength(1);
    const vmi = theInstance(c);
    expect(vmi?.metadata.labels).toEqual({ 'kubevirt.io/vm': 'vm1' });
    expect(vmi?.spec.domain?.firmware?.uuid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab]/);
    expect(c.objects(ControllerRevision).map((r) => r.metadata.name)).toEqual([
      vmi?.status?.virtualMachineRevisionName,
    ]);
    expect(theMachine(c)?.metadata.finalizers).toEqual(['kubevirt.io/virtualMachineControllerFinalize']);
    expect(c.recorded.filter((e) => e.about.kind === 'VirtualMachine').map((e) => e.message)).toEqual([
      'Started the virtual machine by creating the new virtual machine instance vm1',
    ]);
  });

  test('follows the pod to the node, and the guest to Running', async () => {
    const c = start(machine());
    await bringUp(c);
    await machineShows(c, 'Running');
    const vmi = theInstance(c);
    expect(vmi?.status).toMatchObject({ nodeName: 'node1', qosClass: 'Burstable', runtimeUser: 107 });
    expect(vmi?.metadata.labels?.['kubevirt.io/nodeName']).toBe('node1');
    await eventually(
      () => thePod(c)?.status?.conditions?.some((x) => x.type === 'kubevirt.io/virtual-machine-unpaused') === true,
      'the readiness gate',
    );
  });

  test('starts a new instance when the guest powers off', async () => {
    const c = start(machine());
    await bringUp(c);
    const first = theInstance(c)?.metadata.uid;
    await setPhase(c, 'Succeeded');
    await eventually(() => thePod(c)?.metadata.deletionTimestamp !== undefined, 'the pod is let go');
    await endPod(c);
    await eventually(() => theInstance(c) !== undefined && theInstance(c)?.metadata.uid !== first, 'a new instance');
    expect(theMachine(c)?.status?.startFailure).toBeUndefined();
  });

  test('backs off when the guest never ran', async () => {
    const c = start(machine());
    await runPod(c);
    await instanceReaches(c, 'Scheduled');
    await setPhase(c, 'Failed');
    await eventually(() => thePod(c)?.metadata.deletionTimestamp !== undefined, 'the pod is let go');
    await endPod(c);
    await machineShows(c, 'CrashLoopBackOff');
    await eventually(() => theInstance(c) === undefined, 'the failed instance is gone');
    expect(theMachine(c)?.status?.startFailure?.consecutiveFailCount).toBe(1);
    c.clock.advance(10_000);
    await eventually(() => theInstance(c) !== undefined, 'a new start after ten seconds');
  });
});

test('a halted machine shows Stopped and does nothing', async () => {
  const c = start(machine({ running: false }));
  await machineShows(c, 'Stopped');
  expect(theInstance(c)).toBeUndefined();
  expect(theMachine(c)?.status?.conditions).toMatchObject([
    { type: 'Ready', status: 'False', reason: 'VMINotExists', message: 'VMI does not exist' },
  ]);
});

test('deleting a running machine waits for its guest', async () => {
  const c = start(machine());
  await bringUp(c);
  await eventually(() => theMachine(c)?.metadata.finalizers !== undefined, 'the finalizer');
  await c.client(VirtualMachine).delete(KEY);
  await machineShows(c, 'Terminating');
  await eventually(() => thePod(c)?.metadata.deletionTimestamp !== undefined, 'the pod is told to end');
  expect(theMachine(c)).toBeDefined();
  await setPhase(c, 'Succeeded');
  await endPod(c);
  await eventually(() => theInstance(c) === undefined && theMachine(c) === undefined, 'all gone');
});

test('stopping before the pod runs leaves nothing behind', async () => {
  const c = start(machine({ running: true }));
  await instanceReaches(c, 'Scheduling');
  await c.client(VirtualMachine).patch(KEY, 'merge', { spec: { running: false } });
  await eventually(() => theInstance(c) === undefined && thePod(c) === undefined, 'instance and pod gone');
  await machineShows(c, 'Stopped');
});

test('a refused pod is told and tried again when the quota changes', async () => {
  const quota: ResourceQuota = {
    apiVersion: 'v1',
    kind: 'ResourceQuota',
    metadata: { namespace: 'ns', name: 'q' },
    spec: {},
  };
  const c = start(quota);
  let full = true;
  c.api.intercept = ({ method, path }) => {
    if (full && method === 'POST' && path.endsWith('/pods'))
      throw refusal(403, 'Forbidden', 'pods "x" is forbidden: exceeded quota: q');
  };
  await c.client(VirtualMachine).create(machine());
  await eventually(
    () => theInstance(c)?.status?.conditions?.some((x) => x.type === 'Synchronized') === true,
    'the condition',
  );
  expect(theInstance(c)?.status?.conditions).toContainEqual(
    expect.objectContaining({
      type: 'Synchronized',
      status: 'False',
      reason: 'FailedCreate',
      message: 'failed to create virtual machine pod: pods "x" is forbidden: exceeded quota: q',
    }),
  );
  await machineShows(c, 'Starting');
  full = false;
  c.api.put({ ...quota, metadata: { ...quota.metadata, labels: { changed: 'yes' } } });
  await instanceReaches(c, 'Scheduling');
  expect(theInstance(c)?.status?.conditions?.some((x) => x.type === 'Synchronized')).toBe(false);
});

test('a missing claim is told, and its appearance starts the machine', async () => {
  const volumes = [{ name: 'd', persistentVolumeClaim: { claimName: 'c' } }];
  const spec = { domain: { devices: {}, resources: { requests: { memory: '64Mi' } } }, volumes };
  const c = start(machine({ runStrategy: 'Always', template: { spec } }));
  await machineShows(c, 'ErrorPvcNotFound');
  const claim: PersistentVolumeClaim = {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { namespace: 'ns', name: 'c' },
    spec: {},
  };
  c.api.put(claim);
  await instanceReaches(c, 'Scheduling');
});

test('an unschedulable pod is shown on the machine', async () => {
  const c = start(machine());
  await eventually(() => thePod(c) !== undefined, 'a pod');
  const pod = thePod(c);
  if (!pod) throw new Error('no pod');
  const message = "0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector.";
  c.api.put({
    ...pod,
    status: {
      phase: 'Pending',
      conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message }],
    },
  });
  await machineShows(c, 'ErrorUnschedulable');
  expect(theMachine(c)?.status?.conditions).toContainEqual(expect.objectContaining({ type: 'PodScheduled', message }));
});

test('a guest on a lost node fails only when its pod object is gone', async () => {
  const node: Node = {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name: 'node1',
      labels: { 'kubevirt.io/schedulable': 'true' },
      annotations: { 'kubevirt.io/heartbeat': '2026-01-01T00:00:00Z' },
    },
  };
  const c = start(machine({ runStrategy: 'Manual' }), node);
  c.api.put({
    ...node,
    metadata: { ...node.metadata, annotations: { 'kubevirt.io/heartbeat': new Date(c.clock.now()).toISOString() } },
  });
  await c
    .client(VirtualMachine)
    .patch(KEY, 'merge', { status: { stateChangeRequests: [{ action: 'Start' }] } }, { subresource: 'status' });
  await bringUp(c);
  await machineShows(c, 'Running');
  c.clock.advance(301_000);
  await eventually(
    () => c.objects(Node)[0]?.metadata.labels?.['kubevirt.io/schedulable'] === 'false',
    'the node is marked',
  );
  expect(theInstance(c)?.status?.phase).toBe('Running');
  await endPod(c);
  await instanceReaches(c, 'Failed');
  expect(theInstance(c)?.status?.reason).toBe('NodeUnresponsive');
});

test('an edit of the template of a running machine asks for a restart', async () => {
  const c = start(machine());
  await bringUp(c);
  await machineShows(c, 'Running');
  const change = (memory: string) =>
    c.client(VirtualMachine).patch(KEY, 'merge', {
      spec: { template: { spec: { domain: { resources: { requests: { memory } } } } } },
    });
  const required = () => theMachine(c)?.status?.conditions?.some((x) => x.type === 'RestartRequired') === true;
  await change('128Mi');
  await eventually(required, 'RestartRequired');
  await change('64Mi');
  await eventually(() => !required(), 'no RestartRequired');
});

test('a replica set keeps its number', async () => {
  const c = start({
    apiVersion: 'kubevirt.io/v1',
    kind: 'VirtualMachineInstanceReplicaSet',
    metadata: { namespace: 'ns', name: 'rs' },
    spec: {
      replicas: 3,
      selector: { matchLabels: { a: 'b' } },
      template: { metadata: { labels: { a: 'b' } }, spec: machine().spec.template?.spec },
    },
  } as VirtualMachineInstanceReplicaSet);
  const set = () => c.objects(VirtualMachineInstanceReplicaSet)[0];
  await eventually(() => set()?.status?.replicas === 3, 'three replicas');
  expect(set()?.status?.labelSelector).toBe('a=b');
  await c
    .client(VirtualMachineInstanceReplicaSet)
    .patch({ namespace: 'ns', name: 'rs' }, 'merge', { spec: { replicas: 1 } });
  await eventually(() => c.objects(VirtualMachineInstance).length === 1, 'one replica');
  expect(c.objects(VirtualMachineInstance)).toHaveLength(1);
});
