import { Pod, VirtualMachine, VirtualMachineInstance } from '@virtplane/resources';
import type { ApiExtension, Client, ExtensionAnswer, ExtensionRequest } from '@virtplane/runtime';
import { type Body, isDryRun, readOptions } from './body.ts';
import type { BridgeOptions } from './bridge.ts';
import { type NodeConnector, refusalOf } from './node-connector.ts';
import { badRequest, conflict, notFound, unknownPath, wrongMethod } from './refusals.ts';
import { SUBRESOURCES } from './resource-list.ts';
import { agentPath, nodeOf, type StreamTarget, streams } from './streams.ts';
import { versionInfo } from './version.ts';
import {
  planRestart,
  planStart,
  planStop,
  readRestartOptions,
  readStopOptions,
  refuseMigration,
  refuseRunning,
  type VmChange,
} from './vm-verbs.ts';
import {
  checkConsole,
  checkGuestInfo,
  checkPortForward,
  checkVnc,
  GUEST_INFO_VERBS,
  isPutVerb,
  putChecks,
} from './vmi-checks.ts';

export interface SubresourceOptions {
  /** Writes as a component: machines, instances, pods. */
  readonly client: Client;
  readonly nodes: NodeConnector;
  /** Of Virtplane, without a leading v. */
  readonly version: string;
  readonly streams?: BridgeOptions;
}

const json = (value: unknown): ExtensionAnswer => ({
  code: 200,
  contentType: 'application/json',
  body: JSON.stringify(value),
});
const accepted: ExtensionAnswer = { code: 202 };
const done: ExtensionAnswer = { code: 200 };

interface Key {
  readonly namespace: string;
  readonly name: string;
}

/** `subresources.kubevirt.io`: the verbs of machines and instances, and the streams to a guest's devices. */
export function subresourceExtension(options: SubresourceOptions): ApiExtension {
  const { client, nodes, version } = options;
  const stream = streams(nodes, options.streams);

  async function machine(key: Key): Promise<VirtualMachine> {
    const vm = await client(VirtualMachine).find(key);
    if (!vm) throw notFound('virtualmachine', key.name);
    return vm;
  }
  const findInstance = (key: Key) => client(VirtualMachineInstance).find(key);
  async function instance(key: Key): Promise<VirtualMachineInstance> {
    const vmi = await findInstance(key);
    if (!vmi) throw notFound('virtualmachineinstance', key.name);
    return vmi;
  }

  async function apply(vm: VirtualMachine, vmi: VirtualMachineInstance | undefined, change: VmChange): Promise<void> {
    const { namespace = '', name = '', resourceVersion } = vm.metadata;
    const key = { namespace, name };
    if (change.gracePeriodSeconds !== undefined)
      await client(VirtualMachineInstance).patch(key, 'merge', {
        spec: { terminationGracePeriodSeconds: change.gracePeriodSeconds },
      });
    // The version makes two writers of one machine see each other.
    if (change.spec)
      await client(VirtualMachine).patch(key, 'merge', { metadata: { resourceVersion }, spec: change.spec });
    if (change.requests)
      await client(VirtualMachine).patch(
        key,
        'merge',
        { metadata: { resourceVersion }, status: { stateChangeRequests: change.requests, startFailure: null } },
        { subresource: 'status' },
      );
    if (change.killPod && vmi) await killPods(vmi);
  }

  async function killPods(vmi: VirtualMachineInstance): Promise<void> {
    const { namespace = '', uid } = vmi.metadata;
    const pods = await client(Pod).list({ namespace, labelSelector: `kubevirt.io/created-by=${uid}` });
    for (const pod of pods.items) {
      if (pod.status?.phase !== 'Running') continue;
      await client(Pod).delete({ namespace, name: pod.metadata.name ?? '' }, { gracePeriodSeconds: 0 });
    }
  }

  async function machineVerb(key: Key, verb: string, request: ExtensionRequest): Promise<ExtensionAnswer> {
    const finish = async (
      vm: VirtualMachine,
      vmi: VirtualMachineInstance | undefined,
      body: Body,
      change: VmChange,
    ): Promise<ExtensionAnswer> => {
      if (!isDryRun(body)) await apply(vm, vmi, change);
      return accepted;
    };
    switch (verb) {
      case 'start': {
        const vm = await machine(key);
        const vmi = await findInstance(key);
        refuseRunning(vm, vmi);
        const body = await readOptions(request.body);
        return finish(vm, vmi, body, planStart(vm, vmi, body));
      }
      case 'stop': {
        const body = await readOptions(request.body);
        const given = readStopOptions(body);
        const vm = await machine(key);
        const vmi = await findInstance(key);
        return finish(vm, vmi, body, planStop(vm, vmi, given));
      }
      case 'restart': {
        const body = await readOptions(request.body);
        const given = readRestartOptions(body);
        const vm = await machine(key);
        const vmi = await findInstance(key);
        return finish(vm, vmi, body, planRestart(vm, vmi, given));
      }
      case 'migrate': {
        isDryRun(await readOptions(request.body));
        return refuseMigration(await machine(key), await instance(key));
      }
      case 'addvolume':
      case 'removevolume':
        throw hotplugOff(verb);
      default:
        throw unknownPath();
    }
  }

  async function instanceVerb(key: Key, verb: string, request: ExtensionRequest): Promise<ExtensionAnswer> {
    if (verb === 'addvolume' || verb === 'removevolume') throw hotplugOff(verb);
    if (!isPutVerb(verb)) throw unknownPath();
    const body = await readOptions(request.body);
    const dryRun = isDryRun(body);
    const vmi = await instance(key);
    putChecks[verb](vmi, body);
    if (dryRun) return done;
    const node = nodeOf(vmi);
    const answer = await nodes.request(node, 'PUT', agentPath(vmi, verb), JSON.stringify(body));
    if (answer.code >= 400) throw refusalOf(answer, node);
    return done;
  }

  async function fromNode(vmi: VirtualMachineInstance, path: string): Promise<ExtensionAnswer> {
    const node = nodeOf(vmi);
    const answer = await nodes.request(node, 'GET', agentPath(vmi, path));
    if (answer.code >= 400) throw refusalOf(answer, node);
    return { code: 200, contentType: answer.contentType, body: answer.body };
  }

  async function read(
    resource: string,
    key: Key,
    rest: readonly string[],
    request: ExtensionRequest,
  ): Promise<ExtensionAnswer> {
    const verb = rest.join('/');
    if (resource === 'virtualmachines' && verb === 'expand-spec') return json(expanded(await machine(key)));
    if (resource === 'virtualmachineinstances') {
      if ((GUEST_INFO_VERBS as readonly string[]).includes(verb)) {
        const vmi = await instance(key);
        checkGuestInfo(vmi);
        return fromNode(vmi, verb);
      }
      if (verb === 'vnc/screenshot') {
        const vmi = await instance(key);
        checkVnc(vmi);
        const moves = request.query.get('moveCursor') === 'true';
        return fromNode(vmi, `vnc/screenshot${moves ? '?moveCursor=true' : ''}`);
      }
    }
    // A stream that somebody asks for without an upgrade: its own refusals come first, as for a real one.
    await streamTarget(resource, key, rest, request.query);
    throw badRequest('Upgrade request required');
  }

  /** All checks before an upgrade. */
  async function streamTarget(
    resource: string,
    key: Key,
    rest: readonly string[],
    query: URLSearchParams,
  ): Promise<StreamTarget> {
    const [kind = '', port, protocol = 'tcp', ...more] = rest;
    const plain = rest.length === 1;
    if (kind === 'portforward' && port !== undefined && more.length === 0) {
      if (!/^\d+$/.test(port) || (protocol !== 'tcp' && protocol !== 'udp')) throw unknownPath();
      if (Number(port) < 1 || Number(port) > 65535) throw badRequest(`port ${port} is not between 1 and 65535`);
      if (resource === 'virtualmachines') {
        const vm = await machine(key);
        if (!vm.status?.created) throw conflict('virtualmachine', key.name, 'VMI is not started');
      }
      const vmi = await instance(key);
      checkPortForward(vmi);
      return { vmi, path: `portforward/${Number(port)}/${protocol}`, query: new URLSearchParams() };
    }
    if (resource === 'virtualmachineinstances' && plain && (kind === 'console' || kind === 'vnc')) {
      const vmi = await instance(key);
      if (kind === 'console') checkConsole(vmi);
      else checkVnc(vmi);
      const passed = new URLSearchParams();
      for (const name of ['preserveSession', 'shared']) if (query.get(name) === 'true') passed.set(name, 'true');
      return { vmi, path: kind, query: passed };
    }
    throw unknownPath();
  }

  async function expandGiven(namespace: string, request: ExtensionRequest): Promise<ExtensionAnswer> {
    const vm = (await readOptions(request.body)) as Partial<VirtualMachine>;
    const isMachine =
      vm.kind === VirtualMachine.kind &&
      typeof vm.spec === 'object' &&
      vm.spec !== null &&
      typeof vm.spec.template === 'object';
    if (!isMachine) throw badRequest('Object is not a valid VirtualMachine');
    if (vm.metadata?.namespace && vm.metadata.namespace !== namespace)
      throw badRequest(`VM namespace must be empty or ${namespace}`);
    return json(expanded(vm as VirtualMachine));
  }

  return {
    group: 'subresources.kubevirt.io',
    versions: ['v1', 'v1alpha3'],
    resources: () => SUBRESOURCES,

    async handle(request) {
      const { segments, method } = request;
      const [first = '', namespace = '', resource = '', name = '', ...rest] = segments;
      if (first !== 'namespaces') {
        if (segments.length !== 1) throw unknownPath();
        const answer = clusterAnswer(first, version);
        if (method !== 'GET') throw wrongMethod();
        return answer;
      }
      if (resource === 'expand-vm-spec' && segments.length === 3) {
        if (method !== 'PUT') throw wrongMethod();
        return expandGiven(namespace, request);
      }
      const isKnown = resource === 'virtualmachines' || resource === 'virtualmachineinstances';
      const verb = rest.join('/');
      const declared =
        isKnown && SUBRESOURCES.find((r) => r.name === `${resource}/${verb}` || isPort(r.name, resource, rest));
      if (!declared) throw unknownPath();
      const key = { namespace, name };
      if (method === 'GET' && declared.verbs.includes('get')) return read(resource, key, rest, request);
      if (method !== 'PUT' || !declared.verbs.includes('update')) throw wrongMethod();
      return resource === 'virtualmachines' ? machineVerb(key, verb, request) : instanceVerb(key, verb, request);
    },

    async upgrade(request, raw, socket, head) {
      const [first, namespace = '', resource = '', name = '', ...rest] = request.segments;
      if (first !== 'namespaces') throw unknownPath();
      if (request.method !== 'GET') throw wrongMethod();
      const target = await streamTarget(resource, { namespace, name }, rest, request.query);
      await stream(target, raw, socket, head, request.signal);
    },
  };
}

const isPort = (name: string, resource: string, rest: readonly string[]): boolean =>
  rest[0] === 'portforward' && rest.length > 1 && name === `${resource}/portforward`;

const hotplugOff = (verb: 'addvolume' | 'removevolume') =>
  badRequest(
    `Unable to ${verb === 'addvolume' ? 'Add' : 'Remove'} Volume because HotplugVolumes feature gate is not enabled.`,
  );

function clusterAnswer(name: string, version: string): ExtensionAnswer {
  if (name === 'version') return json(versionInfo(version));
  if (name === 'healthz') return json({ apiserver: { connectivity: 'ok' } });
  if (name === 'guestfs') return json({ registry: '', tag: '', digest: '' });
  throw unknownPath();
}

/** The machine as it would run. Instance types are not resolved here: a machine that names one is told so. */
function expanded(vm: VirtualMachine): VirtualMachine {
  if (vm.spec.instancetype || vm.spec.preference)
    throw badRequest('cannot expand instancetype to VM: instance types are not available on this server yet');
  return vm;
}
