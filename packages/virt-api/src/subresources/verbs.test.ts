import { isStatusError, Pod, VirtualMachine, VirtualMachineInstance } from '@virtplane/resources';
import type { ExtensionRequest } from '@virtplane/runtime';
import { createTestContext, type TestContext } from '@virtplane/runtime/testing';
import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { aliasGroupExtension } from './alias-group.ts';
import { subresourceExtension } from './extension.ts';
import type { NodeConnector } from './node-connector.ts';

let context: TestContext | undefined;
afterEach(() => context?.stop());

const KEY = { namespace: 'ns', name: 'vm1' };

const machine = (spec: Partial<VirtualMachine['spec']>, status: VirtualMachine['status'] = {}): VirtualMachine => ({
  apiVersion: 'kubevirt.io/v1',
  kind: 'VirtualMachine',
  metadata: { ...KEY },
  spec: { template: { spec: { domain: { devices: {} } } }, ...spec },
  status,
});
const instance = (
  phase: string,
  parts: { spec?: Partial<VirtualMachineInstance['spec']>; conditions?: string[]; ip?: string } = {},
): VirtualMachineInstance => ({
  apiVersion: 'kubevirt.io/v1',
  kind: 'VirtualMachineInstance',
  metadata: { ...KEY, uid: 'i1' },
  spec: { domain: { devices: {} }, ...parts.spec },
  status: {
    phase,
    nodeName: 'node1',
    conditions: (parts.conditions ?? []).map((type) => ({ type, status: 'True' })),
    ...(parts.ip && { interfaces: [{ ipAddress: parts.ip }] }),
  },
});

function world(...objects: (VirtualMachine | VirtualMachineInstance | Pod)[]) {
  const asked: string[] = [];
  const nodes: NodeConnector = {
    async request(node, method, path, body) {
      asked.push(`${node} ${method} ${path}${body === undefined ? '' : ` ${body}`}`);
      return { code: 200, contentType: 'application/json', body: Buffer.from('{"hostname":"guest"}') };
    },
    async openStream() {
      throw new Error('no stream is opened here');
    },
  };
  const c = createTestContext({ definitions: [VirtualMachine, VirtualMachineInstance, Pod], objects });
  context = c;
  const extension = subresourceExtension({ client: c.client, nodes, version: '0.1.0' });
  const call = (method: string, path: string, body = '', query = '') =>
    extension.handle(asking(method, path, body, query));
  return {
    c,
    asked,
    extension,
    call,
    vm: () => c.objects(VirtualMachine)[0],
    vmi: () => c.objects(VirtualMachineInstance)[0],
  };
}

function asking(method: string, path: string, body = '', query = ''): ExtensionRequest {
  return {
    method,
    path: `/apis/subresources.kubevirt.io/v1/${path}`,
    version: 'v1',
    segments: path.split('/'),
    query: new URLSearchParams(query),
    headers: {},
    user: { username: 'alice', groups: [] },
    body: Buffer.from(body),
    signal: new AbortController().signal,
  };
}

/** `409 <message>` of a refusal, or the code of an answer. */
async function outcome(promise: Promise<{ readonly code: number }>): Promise<string> {
  try {
    return String((await promise).code);
  } catch (error) {
    if (!isStatusError(error)) throw error;
    return `${error.code} ${error.message}`;
  }
}

const VM = 'namespaces/ns/virtualmachines/vm1';
const VMI = 'namespaces/ns/virtualmachineinstances/vm1';
const onVm = 'Operation cannot be fulfilled on virtualmachine.kubevirt.io "vm1": ';
const onVmi = 'Operation cannot be fulfilled on virtualmachineinstance.kubevirt.io "vm1": ';
const acpiOff = { domain: { devices: {}, features: { acpi: { enabled: false } } } };

describe('refusals', () => {
  const on = { runStrategy: 'Always' };
  const manual = { runStrategy: 'Manual' };
  type Case = [string, Parameters<typeof world>, string, string, string];
  test.each<Case>([
    ['start: no machine', [], `PUT ${VM}/start`, '{', '404 virtualmachine.kubevirt.io "vm1" not found'],
    [
      'start: running, before the body is read',
      [machine(on), instance('Running')],
      `PUT ${VM}/start`,
      '{',
      `409 ${onVm}VM is already running`,
    ],
    [
      'start: always on',
      [machine(on)],
      `PUT ${VM}/start`,
      '',
      `409 ${onVm}Always does not support manual start requests`,
    ],
    [
      'start: once',
      [machine({ runStrategy: 'Once' })],
      `PUT ${VM}/start`,
      '',
      `409 ${onVm}Once does not support manual start requests`,
    ],
    [
      'start: failed',
      [machine({ runStrategy: 'RerunOnFailure' }), instance('Failed')],
      `PUT ${VM}/start`,
      '',
      `409 ${onVm}RerunOnFailure does not support starting VM from failed state`,
    ],
    ['stop: manual, stopped', [machine(manual)], `PUT ${VM}/stop`, '', `409 ${onVm}VM is not running`],
    ['stop: halted, stopped', [machine({ running: false })], `PUT ${VM}/stop`, '', `409 ${onVm}VM is not running`],
    [
      'stop: halted, ending',
      [machine({ running: false }), instance('Running')],
      `PUT ${VM}/stop`,
      '',
      `409 ${onVm}Halted only supports manual stop requests with a shorter graceperiod`,
    ],
    [
      'restart: grace 5',
      [],
      `PUT ${VM}/restart`,
      '{"gracePeriodSeconds":5}',
      '400 For force restart, only gracePeriod=0 is supported for now',
    ],
    [
      'restart: grace -1',
      [],
      `PUT ${VM}/restart`,
      '{"gracePeriodSeconds":-1}',
      '400 gracePeriod has to be greater or equal to 0',
    ],
    [
      'restart: halted',
      [machine({ running: false })],
      `PUT ${VM}/restart`,
      '',
      `409 ${onVm}RunStategy Halted does not support manual restart requests`,
    ],
    ['restart: stopped', [machine(manual)], `PUT ${VM}/restart`, '', `409 ${onVm}VM is not running: Halted`],
    [
      'restart: underway',
      [
        machine(manual, { stateChangeRequests: [{ action: 'Stop', uid: 'i1' }, { action: 'Start' }] }),
        instance('Running'),
      ],
      `PUT ${VM}/restart`,
      '',
      `409 ${onVm}unable to complete request: stop/start already underway`,
    ],
    [
      'migrate: no instance',
      [machine(on)],
      `PUT ${VM}/migrate`,
      '',
      '404 virtualmachineinstance.kubevirt.io "vm1" not found',
    ],
    [
      'migrate: not running',
      [machine(on), instance('Pending')],
      `PUT ${VM}/migrate`,
      '',
      `409 ${onVmi}VM is not running`,
    ],
    [
      'migrate: not here',
      [machine(on), instance('Running')],
      `PUT ${VM}/migrate`,
      '',
      `409 ${onVmi}live migration is not available on this server yet`,
    ],
    [
      'addvolume',
      [],
      `PUT ${VMI}/addvolume`,
      '',
      '400 Unable to Add Volume because HotplugVolumes feature gate is not enabled.',
    ],
    [
      'removevolume',
      [],
      `PUT ${VM}/removevolume`,
      '',
      '400 Unable to Remove Volume because HotplugVolumes feature gate is not enabled.',
    ],
    [
      'pause: the body comes first',
      [],
      `PUT ${VMI}/pause`,
      '[]',
      '400 Can not unmarshal Request body to struct, error: a list instead of an object',
    ],
    ['pause: no instance', [], `PUT ${VMI}/pause`, '', '404 virtualmachineinstance.kubevirt.io "vm1" not found'],
    ['pause: not running', [instance('Pending')], `PUT ${VMI}/pause`, '', `409 ${onVmi}VM is not running`],
    [
      'pause: with a liveness probe',
      [instance('Running', { spec: { livenessProbe: {} } })],
      `PUT ${VMI}/pause`,
      '',
      '403 virtualmachineinstance.kubevirt.io "vm1" is forbidden: Pausing VMIs with LivenessProbe is currently not supported',
    ],
    [
      'pause: paused',
      [instance('Running', { conditions: ['Paused'] })],
      `PUT ${VMI}/pause`,
      '',
      `409 ${onVmi}VMI is already paused`,
    ],
    ['unpause: not paused', [instance('Running')], `PUT ${VMI}/unpause`, '', `409 ${onVmi}VMI is not paused`],
    [
      'softreboot: paused',
      [instance('Running', { conditions: ['Paused'] })],
      `PUT ${VMI}/softreboot`,
      '',
      `409 ${onVmi}VMI is paused`,
    ],
    [
      'softreboot: no way',
      [instance('Running', { spec: acpiOff })],
      `PUT ${VMI}/softreboot`,
      '',
      `409 ${onVmi}VMI neither have the agent connected nor the ACPI feature enabled`,
    ],
    [
      'reset: not running',
      [instance('Pending')],
      `PUT ${VMI}/reset`,
      '',
      '400 Failed to reset non-running VMI with phase Pending: Unable to connect to VirtualMachineInstance because phase is Pending instead of Running',
    ],
    [
      'unfreeze: no agent',
      [instance('Running')],
      `PUT ${VMI}/unfreeze`,
      '',
      `409 ${onVmi}VMI does not have guest agent connected`,
    ],
    ['guestosinfo: not running', [instance('Pending')], `GET ${VMI}/guestosinfo`, '', `409 ${onVmi}VMI is not running`],
    [
      'userlist: no agent',
      [instance('Running')],
      `GET ${VMI}/userlist`,
      '',
      `409 ${onVmi}VMI does not have guest agent connected`,
    ],
    [
      'console: phase',
      [instance('Scheduling')],
      `GET ${VMI}/console`,
      '',
      '400 Unable to connect to VirtualMachineInstance because phase is Scheduling instead of Running',
    ],
    ['console: failed', [instance('Failed')], `GET ${VMI}/console`, '', `409 ${onVmi}VMI is in failed status`],
    [
      'console: none',
      [instance('Running', { spec: { domain: { devices: { autoattachSerialConsole: false } } } })],
      `GET ${VMI}/console`,
      '',
      '422 No serial consoles are present.',
    ],
    ['console: without an upgrade', [instance('Running')], `GET ${VMI}/console`, '', '400 Upgrade request required'],
    [
      'vnc: none',
      [instance('Running', { spec: { domain: { devices: { autoattachGraphicsDevice: false } } } })],
      `GET ${VMI}/vnc`,
      '',
      '400 No graphics devices are present.',
    ],
    [
      'portforward: letters',
      [],
      `GET ${VMI}/portforward/ssh`,
      '',
      '404 the server could not find the requested resource',
    ],
    [
      'portforward: protocol',
      [],
      `GET ${VMI}/portforward/22/sctp`,
      '',
      '404 the server could not find the requested resource',
    ],
    [
      'portforward: paused',
      [instance('Running', { conditions: ['Paused'] })],
      `GET ${VMI}/portforward/22`,
      '',
      `409 ${onVmi}VMI is paused`,
    ],
    [
      'portforward: no interface',
      [instance('Running')],
      `GET ${VMI}/portforward/22`,
      '',
      '400 no network interfaces are present',
    ],
    [
      'portforward: machine not started',
      [machine(on)],
      `GET ${VM}/portforward/22/tcp`,
      '',
      `409 ${onVm}VMI is not started`,
    ],
    [
      'portforward: instance gone',
      [machine(on, { created: true })],
      `GET ${VM}/portforward/22/tcp`,
      '',
      '404 virtualmachineinstance.kubevirt.io "vm1" not found',
    ],
    ['unknown verb', [machine(on)], `PUT ${VM}/memorydump`, '', '404 the server could not find the requested resource'],
    [
      'wrong method',
      [machine(on)],
      `POST ${VM}/start`,
      '',
      '405 the server does not allow this method on the requested resource',
    ],
    [
      'type of an option',
      [machine({ running: false })],
      `PUT ${VM}/start`,
      '{"paused":"yes"}',
      '400 Can not unmarshal Request body to struct, error: json: cannot unmarshal string into field paused of type bool',
    ],
  ])('%s', async (_name, objects, request, body, expected) => {
    const [method = '', path = ''] = request.split(' ');
    const { call, asked } = world(...objects);
    expect(await outcome(call(method, path, body))).toBe(expected);
    expect(asked).toEqual([]);
  });

  test('half a body', async () => {
    const { call } = world(machine({ running: false }));
    expect(await outcome(call('PUT', `${VM}/start`, '{'))).toMatch(
      /^400 Can not unmarshal Request body to struct, error: ./,
    );
  });
});

describe('start', () => {
  test('running: false becomes true', async () => {
    const { call, vm } = world(machine({ running: false }));
    expect(await outcome(call('PUT', `${VM}/start`, '{}'))).toBe('202');
    expect(vm()?.spec.running).toBe(true);
  });
  test('Halted becomes Always', async () => {
    const { call, vm } = world(machine({ runStrategy: 'Halted' }));
    await call('PUT', `${VM}/start`);
    expect(vm()?.spec.runStrategy).toBe('Always');
  });
  test('paused, as a request', async () => {
    const { call, vm } = world(machine({ running: false }));
    await call('PUT', `${VM}/start`, 'paused: true');
    expect(vm()?.status?.stateChangeRequests).toEqual([{ action: 'Start', data: { paused: 'true' } }]);
    expect(vm()?.spec.running).toBe(false);
  });
  test('Manual after the guest ended: stop, then start', async () => {
    const { call, vm } = world(machine({ runStrategy: 'Manual' }), instance('Succeeded'));
    await call('PUT', `${VM}/start`);
    expect(vm()?.status?.stateChangeRequests).toEqual([{ action: 'Stop', uid: 'i1' }, { action: 'Start' }]);
  });
  test('twice in a row is once', async () => {
    const { call, vm } = world(machine({ runStrategy: 'Manual' }));
    await call('PUT', `${VM}/start`);
    expect(await outcome(call('PUT', `${VM}/start`))).toBe('202');
    expect(vm()?.status?.stateChangeRequests).toEqual([{ action: 'Start' }]);
  });
  test('a dry run changes nothing', async () => {
    const { call, vm } = world(machine({ running: false }));
    expect(await outcome(call('PUT', `${VM}/start`, '{"dryRun":["All"]}'))).toBe('202');
    expect(vm()?.spec.running).toBe(false);
  });
});

describe('stop and restart', () => {
  test('stop with a grace period', async () => {
    const { call, vm, vmi } = world(machine({ running: true }), instance('Running'));
    await call('PUT', `${VM}/stop`, '{"gracePeriod":0}');
    expect(vm()?.spec.running).toBe(false);
    expect(vmi()?.spec.terminationGracePeriodSeconds).toBe(0);
  });
  test('a stop takes the place of a restart', async () => {
    const pending = [{ action: 'Stop', uid: 'i1' }, { action: 'Start' }];
    const { call, vm } = world(
      machine({ runStrategy: 'Manual' }, { stateChangeRequests: pending }),
      instance('Running'),
    );
    await call('PUT', `${VM}/stop`);
    expect(vm()?.status?.stateChangeRequests).toEqual([{ action: 'Stop', uid: 'i1' }]);
  });
  test('restart clears the failed starts', async () => {
    const startFailure = { consecutiveFailCount: 2, lastFailedVMIUID: 'x' };
    const { call, vm } = world(machine({ runStrategy: 'Always' }, { startFailure }), instance('Running'));
    await call('PUT', `${VM}/restart`);
    expect(vm()?.status?.startFailure).toBeUndefined();
    expect(vm()?.status?.stateChangeRequests).toEqual([{ action: 'Stop', uid: 'i1' }, { action: 'Start' }]);
  });
  test('a forced restart kills the pod', async () => {
    const pod: Pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { namespace: 'ns', name: 'p', labels: { 'kubevirt.io/created-by': 'i1' } },
      spec: { containers: [], nodeName: 'node1' },
      status: { phase: 'Running' },
    };
    const { call, c } = world(machine({ runStrategy: 'Always' }), instance('Running'), pod);
    await call('PUT', `${VM}/restart`, '{"gracePeriodSeconds":0}');
    expect(c.objects(Pod)).toEqual([]);
  });
});

describe('on the node', () => {
  test('pause', async () => {
    const { call, asked } = world(instance('Running'));
    expect(await outcome(call('PUT', `${VMI}/pause`))).toBe('200');
    expect(asked).toEqual(['node1 PUT /v1/namespaces/ns/virtualmachineinstances/vm1/pause {}']);
  });
  test('a dry run does not reach it', async () => {
    const { call, asked } = world(instance('Running'));
    await call('PUT', `${VMI}/pause`, '{"dryRun":["All"]}');
    expect(asked).toEqual([]);
  });
  test('guestosinfo', async () => {
    const { call } = world(instance('Running', { conditions: ['AgentConnected'] }));
    const answer = await call('GET', `${VMI}/guestosinfo`);
    expect(String(answer.body)).toBe('{"hostname":"guest"}');
  });
  test('screenshot', async () => {
    const { call, asked } = world(instance('Running'));
    await call('GET', `${VMI}/vnc/screenshot`, '', 'moveCursor=true');
    expect(asked).toEqual(['node1 GET /v1/namespaces/ns/virtualmachineinstances/vm1/vnc/screenshot?moveCursor=true']);
  });
});

test('version, health, discovery', async () => {
  const { call, extension } = world();
  const version = JSON.parse(String((await call('GET', 'version')).body)) as { gitVersion: string };
  expect(version.gitVersion).toBe('v0.58.2+virtplane.0.1.0');
  expect(await outcome(call('GET', 'healthz'))).toBe('200');
  expect(await outcome(call('PUT', 'version'))).toMatch(/^405/);
  expect(extension.resources('v1').map((r) => r.name)).toContain('virtualmachines/start');
});

test('expand-spec', async () => {
  const { call } = world(machine({ running: false }));
  expect(await outcome(call('GET', `${VM}/expand-spec`))).toBe('200');
  const given = JSON.stringify({ ...machine({ running: false }), metadata: { name: 'x', namespace: 'other' } });
  expect(await outcome(call('PUT', 'namespaces/ns/expand-vm-spec', given))).toBe(
    '400 VM namespace must be empty or ns',
  );
  expect(await outcome(call('PUT', 'namespaces/ns/expand-vm-spec', '{}'))).toBe(
    '400 Object is not a valid VirtualMachine',
  );
});

test('random bodies to every verb: 2xx or 4xx, nothing else', async () => {
  const { call } = world(machine({ runStrategy: 'Manual' }), instance('Running', { conditions: ['AgentConnected'] }));
  const verbs = ['start', 'stop', 'restart', 'migrate', 'addvolume'].map((verb) => `${VM}/${verb}`);
  verbs.push(...['pause', 'unpause', 'softreboot', 'reset', 'freeze', 'unfreeze'].map((verb) => `${VMI}/${verb}`));
  const bodies = fc.oneof(
    fc.string(),
    fc.json(),
    fc
      .record({
        gracePeriod: fc.jsonValue(),
        gracePeriodSeconds: fc.jsonValue(),
        paused: fc.jsonValue(),
        dryRun: fc.jsonValue(),
      })
      .map((v) => JSON.stringify(v)),
  );
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...verbs), bodies, async (path, body) => {
      expect(await outcome(call('PUT', path, body))).toMatch(/^(2|4)\d\d/);
    }),
    { numRuns: 500 },
  );
});

describe('the alias group', () => {
  const alias = () => {
    const { c } = world();
    const extension = aliasGroupExtension(() => c.client);
    return { c, call: (method: string, path: string, body = '') => extension.handle(asking(method, path, body)) };
  };
  test('stores as kubevirt.io/v1, answers as asked, and warns', async () => {
    const { c, call } = alias();
    const body = JSON.stringify({ ...machine({ running: false }), apiVersion: 'kubevirt/v1alpha3' });
    const answer = await call('POST', 'namespaces/ns/virtualmachines', body);
    expect(answer.code).toBe(201);
    expect(answer.headers?.warning).toBe(
      '299 - "kubevirt/v1alpha3 is not a KubeVirt API group; stored as kubevirt.io/v1"',
    );
    expect(c.objects(VirtualMachine)[0]?.apiVersion).toBe('kubevirt.io/v1');
    const read = await call('GET', 'namespaces/ns/virtualmachines/vm1');
    expect((JSON.parse(String(read.body)) as VirtualMachine).apiVersion).toBe('kubevirt/v1alpha3');
  });
  test('has nothing else', async () => {
    const { call } = alias();
    expect(await outcome(call('GET', 'namespaces/ns/pods'))).toMatch(/^404/);
  });
});
