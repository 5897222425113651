import type { KubeObject, VirtualMachineInstance } from '@virtplane/resources';
import type { AdmissionOutcome, AdmissionRequest } from '@virtplane/runtime';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { JsonObject } from './json.ts';
import { virtApiAdmission } from './plugins.ts';
import { NO_MEMORY } from './validate-resources.ts';

const plugins = virtApiAdmission({ kubeVirt: () => undefined, now: () => 0 });
const alice = { username: 'alice', groups: ['system:masters', 'system:authenticated'] };
const controller = { username: 'system:virt-controller', groups: [] };

interface Admitted {
  readonly object: JsonObject;
  readonly warnings: readonly string[];
  readonly denied: NonNullable<AdmissionOutcome['denied']> | undefined;
}

/** The chain as the API server runs it; the schema between the two phases is left out. */
async function admit(
  resource: 'virtualmachines' | 'virtualmachineinstances',
  object: unknown,
  options: { old?: unknown; user?: AdmissionRequest['user'] } = {},
): Promise<Admitted> {
  const { old, user = alice } = options;
  let current = object as KubeObject;
  const warnings: string[] = [];
  for (const plugin of plugins) {
    const request: AdmissionRequest = {
      operation: old ? 'UPDATE' : 'CREATE',
      group: 'kubevirt.io',
      version: 'v1',
      resource,
      kind: '',
      name: 'vm1',
      namespace: 'ns',
      user,
      object: current,
      ...(old !== undefined && { oldObject: old as KubeObject }),
      dryRun: false,
    };
    if (!plugin.handles(request)) continue;
    const outcome = await plugin.admit(request);
    warnings.push(...(outcome.warnings ?? []));
    if (outcome.denied) return { object: current as JsonObject, warnings, denied: outcome.denied };
    if (outcome.object) current = outcome.object;
  }
  return { object: current as JsonObject, warnings, denied: undefined };
}

const P = 'spec.template.spec';
const machine = (spec: JsonObject, own: JsonObject = { running: false }): unknown => ({
  metadata: { name: 'vm1', namespace: 'ns' },
  spec: { ...own, template: { spec: { domain: { devices: {} }, ...spec } } },
});
const instance = (spec: JsonObject = {}, metadata: JsonObject = {}): unknown => ({
  metadata: { name: 'vm1', namespace: 'ns', ...metadata },
  spec: { domain: { devices: {}, resources: { requests: { memory: '64Mi' } } }, ...spec },
});
const domain = (parts: JsonObject): JsonObject => ({ domain: { devices: {}, ...parts } });
const disks = (...list: JsonObject[]): JsonObject => ({
  domain: { devices: { disks: list } },
  volumes: list.map(({ name }) => ({ name, emptyDisk: { capacity: '1Gi' } })),
});
const volumes = (...list: JsonObject[]): JsonObject => ({ volumes: list });
const nic = (parts: JsonObject, network: JsonObject = { pod: {} }): JsonObject => ({
  domain: { devices: { interfaces: [{ name: 'n', ...parts }] } },
  networks: [{ name: 'n', ...network }],
});
const nodeTerms = (nodeSelectorTerms: unknown): JsonObject => ({
  affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } } },
});
const REQUIRED = `${P}.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms`;
const D0 = `${P}.domain.devices.disks[0]`;
const V0 = `${P}.volumes[0]`;
const N0 = `${P}.domain.devices.interfaces[0]`;
const R = `${P}.domain.resources`;
const init = (parts: JsonObject): JsonObject => volumes({ name: 'v', cloudInitNoCloud: parts });
const LABEL_TEXT =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";

describe('what a machine is refused for', () => {
  test.each<[string, JsonObject, string, string]>([
    [
      'disk without volume',
      { domain: { devices: { disks: [{ name: 'x' }] } } },
      `${D0}.name`,
      `${D0}.Name 'x' not found.`,
    ],
    [
      'equal disks',
      { domain: { devices: { disks: [{ name: 'a' }, { name: 'a' }] } }, volumes: [{ name: 'a', emptyDisk: {} }] },
      `${P}.domain.devices.disks[1].name`,
      `${P}.domain.devices.disks[1] and ${D0} must not have the same Name.`,
    ],
    [
      'equal volumes',
      volumes({ name: 'a', emptyDisk: {} }, { name: 'a', emptyDisk: {} }),
      `${P}.volumes[1].name`,
      `${P}.volumes[1] and ${V0} must not have the same Name.`,
    ],
    ['volume without source', volumes({ name: 'a' }), V0, `${V0} must have exactly one source type set`],
    [
      'host disk',
      volumes({ name: 'a', hostDisk: { path: '/x', type: 'Disk' } }),
      V0,
      'HostDisk feature gate is not enabled',
    ],
    [
      'host disk type',
      volumes({ name: 'a', hostDisk: { path: '/x', type: 'y' } }),
      `${V0}.hostDisk.type`,
      `${V0}.hostDisk.type has invalid value 'y', allowed are 'Disk' or 'DiskOrCreate'`,
    ],
    [
      'host disk capacity',
      volumes({ name: 'a', hostDisk: { path: '/x', type: 'Disk', capacity: '1Gi' } }),
      `${V0}.hostDisk.capacity`,
      `${V0}.hostDisk.capacity is allowed to pass only with ${V0}.hostDisk.type equal to 'DiskOrCreate'`,
    ],
    [
      'two user data',
      init({ userData: 'x', userDataBase64: 'eA==' }),
      `${V0}.cloudInitNoCloud`,
      `${V0}.cloudInitNoCloud must have only one userdatasource set.`,
    ],
    [
      'two network data',
      init({ networkData: 'x', networkDataBase64: 'eA==' }),
      `${V0}.cloudInitNoCloud`,
      `${V0}.cloudInitNoCloud must have only one networkdata source set.`,
    ],
    [
      'no cloud-init data',
      init({}),
      `${V0}.cloudInitNoCloud`,
      `${V0}.cloudInitNoCloud must have at least one userdatasource or one networkdatasource set.`,
    ],
    [
      'long user data',
      init({ userData: 'x'.repeat(2049) }),
      `${V0}.cloudInitNoCloud`,
      `${V0}.cloudInitNoCloud userdata exceeds 2048 byte limit. Should use UserDataSecretRef for larger data.`,
    ],
    [
      'long network data',
      init({ networkData: 'x'.repeat(2049) }),
      `${V0}.cloudInitNoCloud`,
      `${V0}.cloudInitNoCloud networkdata exceeds 2048 byte limit. Should use NetworkDataSecretRef for larger data.`,
    ],
    [
      'bad base64',
      init({ userDataBase64: '*' }),
      `${V0}.cloudInitNoCloud.userDataBase64`,
      `${V0}.cloudInitNoCloud.userDataBase64 is not a valid base64 value.`,
    ],
    [
      'container disk at root',
      volumes({ name: 'a', containerDisk: { image: 'i', path: '/' } }),
      `${V0}.containerDisk`,
      `${V0}.containerDisk must not point to root`,
    ],
    [
      'container disk path',
      volumes({ name: 'a', containerDisk: { image: 'i', path: '/a/../b' } }),
      `${V0}.containerDisk`,
      `${V0}.containerDisk must be an absolute path to a file without relative components`,
    ],
    [
      'secret without name',
      volumes({ name: 'a', secret: {} }),
      `${V0}.secret.secretName`,
      `${V0}.secret.secretName is a required field`,
    ],
    ['data volume without name', volumes({ name: 'a', dataVolume: {} }), `${V0}.name`, "DataVolume 'name' must be set"],
    ['two targets', disks({ name: 'a', disk: {}, cdrom: {} }), D0, `${D0} can only have a single target type defined`],
    ['ide', disks({ name: 'a', disk: { bus: 'ide' } }), `${D0}.disk.bus`, 'IDE bus is not supported'],
    [
      'unknown bus',
      disks({ name: 'a', disk: { bus: 'x' } }),
      `${D0}.disk.bus`,
      `${D0} is set with an unrecognized bus x, must be one of: [virtio scsi sata usb]`,
    ],
    [
      'virtio cdrom',
      disks({ name: 'a', cdrom: { bus: 'virtio' } }),
      `${D0}.cdrom.bus`,
      'Bus type virtio is invalid for CD-ROM device',
    ],
    ['cache', disks({ name: 'a', cache: 'x' }), `${D0}.cache`, `${D0}.cache has invalid value x`],
    [
      'shareable cache',
      disks({ name: 'a', shareable: true, cache: 'writeback' }),
      `${D0}.cache`,
      'a sharable disk requires cache = none got: writeback',
    ],
    [
      'serial',
      disks({ name: 'a', serial: 'a b' }),
      `${D0}.serial`,
      `${D0} must be made up of the following characters [A-Za-z0-9_.+-], if specified`,
    ],
    [
      'long serial',
      disks({ name: 'a', serial: 'a'.repeat(257) }),
      `${D0}.serial`,
      `${D0} must be less than or equal to 256 in length, if specified`,
    ],
    ['disk name', disks({ name: 'A' }), `${D0}.name`, LABEL_TEXT],
    [
      'io',
      disks({ name: 'a', io: 'x' }),
      `${D0}.io`,
      `Disk IO mode for ${D0}.io is not supported. Supported modes are: native, threads, default.`,
    ],
    [
      'io thread on sata',
      disks({ name: 'a', dedicatedIOThread: true, disk: { bus: 'sata' } }),
      `${D0}.disk.bus`,
      'IOThreads are not supported for disks on a SATA bus',
    ],
    [
      'lun',
      disks({ name: 'a', lun: {} }),
      `${D0}.lun`,
      `${D0}.lun can only be mapped to a PersistentVolumeClaim volume.`,
    ],
    [
      'boot order 0',
      disks({ name: 'a', bootOrder: 0 }),
      `${D0}.bootOrder`,
      `${D0} must have a boot order > 0, if supplied`,
    ],
    [
      'boot order twice',
      disks({ name: 'a', bootOrder: 1 }, { name: 'b', bootOrder: 1 }),
      `${P}.domain.devices.disks[1].bootOrder`,
      `Boot order for ${P}.domain.devices.disks[1].bootOrder already set for a different device.`,
    ],
    [
      'hostname',
      { hostname: 'A' },
      `${P}.hostname`,
      `${P}.hostname does not conform to the kubernetes DNS_LABEL rules : ${LABEL_TEXT}`,
    ],
    [
      '257 disks',
      disks(...Array.from({ length: 257 }, (_, i) => ({ name: `d${i}` }))),
      `${P}.domain.devices.disks`,
      `${P}.domain.devices.disks list exceeds the 256 element limit in length`,
    ],
    [
      'machine',
      domain({ machine: { type: 'pc' } }),
      `${P}.domain.machine.type`,
      `${P}.domain.machine.type is not supported: pc (allowed values: [q35* pc-q35*])`,
    ],
    [
      'eviction',
      { evictionStrategy: 'x' },
      `${P}.evictionStrategy`,
      `${P}.evictionStrategy is set with an unrecognized option: x`,
    ],
    [
      'start strategy',
      { startStrategy: 'x' },
      `${P}.startStrategy`,
      `${P}.startStrategy is set with an unrecognized option: x`,
    ],
    [
      'paused with probe',
      { startStrategy: 'Paused', livenessProbe: { exec: { command: ['a'] } } },
      `${P}.startStrategy`,
      `either ${P}.startStrategy or ${P}.livenessProbe should be provided.Pausing VMI with LivenessProbe is not supported`,
    ],
    [
      'no probe type',
      { readinessProbe: {} },
      `${P}.readinessProbe`,
      `either ${P}.readinessProbe.tcpSocket, ${P}.readinessProbe.exec or ${P}.readinessProbe.httpGet must be set if a ${P}.readinessProbe is specified`,
    ],
    [
      'two probe types',
      { readinessProbe: { exec: {}, tcpSocket: { port: 1 } } },
      `${P}.readinessProbe`,
      `${P}.readinessProbe must have exactly one probe type set`,
    ],
    [
      'input bus',
      domain({ devices: { inputs: [{ name: 'i', type: 'tablet', bus: 'ps2' }] } }),
      `${P}.domain.devices.inputs[0].bus`,
      'Input device can have only virtio or usb bus.',
    ],
    [
      'input type',
      domain({ devices: { inputs: [{ name: 'i' }] } }),
      `${P}.domain.devices.inputs[0].type`,
      'Input device can have only tablet type.',
    ],
    [
      'watchdog',
      domain({ devices: { watchdog: { name: 'w', i6300esb: { action: 'explode' } } } }),
      `${P}.domain.devices.watchdog.i6300esb.action`,
      `${P}.domain.devices.watchdog.i6300esb.action is set with an unrecognized action explode, must be one of: [poweroff reset shutdown]`,
    ],
    [
      'secure boot',
      domain({ firmware: { bootloader: { efi: {} } } }),
      `${P}.domain`,
      `${P}.domain has EFI SecureBoot enabled. SecureBoot requires SMM, which is currently disabled.`,
    ],
    [
      'efi and bios',
      domain({ firmware: { bootloader: { bios: {}, efi: { secureBoot: false } } } }),
      `${P}.domain.firmware.bootloader`,
      `${P}.domain.firmware.bootloader has both EFI and BIOS configured, but they are mutually exclusive.`,
    ],
    [
      'negative memory',
      domain({ resources: { requests: { memory: '-1Mi' } } }),
      `${R}.requests.memory`,
      `${R}.requests.memory '-1Mi': must be greater than or equal to 0.`,
    ],
    [
      'too little memory',
      domain({ resources: { requests: { memory: '512k' } } }),
      `${R}.requests.memory`,
      `${R}.requests.memory '512k': must be greater than or equal to 1M.`,
    ],
    [
      'request over limit',
      domain({ resources: { requests: { memory: '256Mi' }, limits: { memory: '128Mi' } } }),
      `${R}.requests.memory`,
      `${R}.requests.memory '256Mi' is greater than ${R}.limits.memory '128Mi'`,
    ],
    [
      'cpu over limit',
      domain({ resources: { requests: { cpu: '2' }, limits: { cpu: '1' } } }),
      `${R}.requests.cpu`,
      `${R}.requests.cpu '2' is greater than ${R}.limits.cpu '1'`,
    ],
    [
      'guest over limit',
      domain({ memory: { guest: '1Gi' }, resources: { limits: { memory: '512Mi' } } }),
      `${P}.domain.memory.guest`,
      `${P}.domain.memory.guest '1Gi' must be equal to or less than the memory limit ${R}.limits.memory '512Mi'`,
    ],
    [
      'page size',
      domain({ memory: { hugepages: { pageSize: '1GB' } } }),
      `${P}.domain.memory.hugepages.pageSize`,
      `${P}.domain.memory.hugepages.pageSize '1GB': quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'`,
    ],
    [
      'page over memory',
      domain({ memory: { hugepages: { pageSize: '1Gi' } }, resources: { requests: { memory: '500Mi' } } }),
      `${R}.requests.memory`,
      `${R}.requests.memory '500Mi' must be equal to or larger than page size ${P}.domain.memory.hugepages.pageSize '1Gi'`,
    ],
    [
      'odd pages',
      domain({ memory: { hugepages: { pageSize: '1Gi' } }, resources: { requests: { memory: '1500Mi' } } }),
      `${R}.requests.memory`,
      `${R}.requests.memory '1500Mi' is not a multiple of the page size ${P}.domain.memory.hugepages.pageSize '1Gi'`,
    ],
    [
      'page size 0',
      domain({ memory: { hugepages: { pageSize: '0' } } }),
      `${P}.domain.memory.hugepages.pageSize`,
      `${P}.domain.memory.hugepages.pageSize '0' must be greater than 0`,
    ],
    [
      'cpu policy',
      domain({ cpu: { features: [{ name: 'apic', policy: 'must' }] } }),
      `${P}.domain.cpu.features[0].policy`,
      'CPU feature apic uses policy must that is not supported.',
    ],
    [
      'cpu feature twice',
      domain({ cpu: { features: [{ name: 'aes' }, { name: 'aes' }] } }),
      `${P}.domain.cpu.features[1].name`,
      'CPU feature aes is specified more than once.',
    ],
    [
      'dedicated without cpus',
      domain({ cpu: { dedicatedCpuPlacement: true }, memory: { guest: '1Gi' } }),
      `${P}.domain.cpu.dedicatedCpuPlacement`,
      `either ${R}.requests.cpu or ${R}.limits.cpu or ${P}.domain.cpu.cores must be provided when DedicatedCPUPlacement is true `,
    ],
    [
      'dedicated fraction',
      domain({
        cpu: { dedicatedCpuPlacement: true, cores: 1 },
        memory: { guest: '1Gi' },
        resources: { requests: { cpu: '1500m' }, limits: { cpu: '1' } },
      }),
      `${R}.requests.cpu`,
      'provided resources CPU requests must be an interger',
    ],
    [
      'interface without network',
      domain({ devices: { interfaces: [{ name: 'n', bridge: {} }] } }),
      `${N0}.name`,
      `${N0}.name 'n' not found.`,
    ],
    [
      'network without interface',
      { networks: [{ name: 'n', pod: {} }] },
      `${P}.networks[0].name`,
      `${P}.networks[0].name 'n' not found.`,
    ],
    ['no binding', nic({}), N0, `${N0} must have exactly one binding method.`],
    [
      'masquerade on multus',
      nic({ masquerade: {} }, { multus: { networkName: 'x' } }),
      `${N0}.name`,
      'Masquerade interface only implemented with pod network',
    ],
    [
      'reserved MAC',
      nic({ masquerade: {}, macAddress: '02:00:00:00:00:00' }),
      `${N0}.macAddress`,
      'The requested MAC address is reserved for the in-pod bridge. Please choose another one.',
    ],
    [
      'bad MAC',
      nic({ bridge: {}, macAddress: 'de:ad' }),
      `${N0}.macAddress`,
      `interface ${N0}.name has malformed MAC address (de:ad).`,
    ],
    [
      'long MAC',
      nic({ bridge: {}, macAddress: 'de:00:00:00:00:de:00:01' }),
      `${N0}.macAddress`,
      `interface ${N0}.name has MAC address (de:00:00:00:00:de:00:01) that is too long.`,
    ],
    [
      'NIC model',
      nic({ bridge: {}, model: 'x' }),
      `${N0}.model`,
      `interface ${N0}.name uses model x that is not supported.`,
    ],
    ['slirp', nic({ slirp: {} }), `${N0}.name`, 'Slirp interface is not enabled in kubevirt-config'],
    [
      'port',
      nic({ masquerade: {}, ports: [{ port: 70000 }] }),
      `${N0}.ports[0]`,
      'Port field must be in range 0 < x < 65536.',
    ],
    ['no terms', nodeTerms([]), REQUIRED, `${REQUIRED}: Required value: must have at least one node selector term`],
    [
      'In without values',
      nodeTerms([{ matchExpressions: [{ key: 'a', operator: 'In' }] }]),
      `${REQUIRED}[0].matchExpressions[0].values`,
      `${REQUIRED}[0].matchExpressions[0].values: Required value: must be specified when \`operator\` is 'In' or 'NotIn'`,
    ],
    [
      'Exists with values',
      nodeTerms([{ matchExpressions: [{ key: 'a', operator: 'Exists', values: ['b'] }] }]),
      `${REQUIRED}[0].matchExpressions[0].values`,
      `${REQUIRED}[0].matchExpressions[0].values: Forbidden: may not be specified when \`operator\` is 'Exists' or 'DoesNotExist'`,
    ],
    [
      'unknown operator',
      nodeTerms([{ matchExpressions: [{ key: 'a', operator: 'in' }] }]),
      `${REQUIRED}[0].matchExpressions[0].operator`,
      `${REQUIRED}[0].matchExpressions[0].operator: Invalid value: "in": not a valid selector operator`,
    ],
    [
      'toleration operator',
      { tolerations: [{ key: 'k', operator: 'Equals' }] },
      `${P}.tolerations[0].operator`,
      'Unsupported value: "Equals": supported values: "Equal", "Exists"',
    ],
    [
      'toleration without key',
      { tolerations: [{ value: 'v' }] },
      `${P}.tolerations[0].operator`,
      'Invalid value: "": operator must be Exists when `key` is empty, which means "match all values and all keys"',
    ],
    [
      'toleration value',
      { tolerations: [{ key: 'k', operator: 'Exists', value: 'v' }] },
      `${P}.tolerations[0].operator`,
      "value must be empty when `operator` is 'Exists'",
    ],
    [
      'toleration seconds',
      { tolerations: [{ key: 'k', effect: 'NoSchedule', tolerationSeconds: 1 }] },
      `${P}.tolerations[0].effect`,
      'Invalid value: "NoSchedule": effect must be \'NoExecute\' when `tolerationSeconds` is set',
    ],
    [
      'toleration effect',
      { tolerations: [{ key: 'k', effect: 'x' }] },
      `${P}.tolerations[0].effect`,
      'Unsupported value: "x": supported values: "NoSchedule", "PreferNoSchedule", "NoExecute"',
    ],
  ])('%s', async (_name, spec, field, message) => {
    const { denied } = await admit('virtualmachines', machine(spec));
    expect(denied?.code).toBe(422);
    expect(denied?.reason).toBe('Invalid');
    const causes = denied?.status.details?.causes ?? [];
    expect(causes).toContainEqual(expect.objectContaining({ field, message }));
    expect(denied?.message).toBe(
      `admission webhook "virtualmachine-validator.kubevirt.io" denied the request: ${causes.map((c) => c.message).join(', ')}`,
    );
  });

  test.each<[string, JsonObject, string, string, string]>([
    [
      'both',
      { running: true, runStrategy: 'Always' },
      'spec.running',
      'Running and RunStrategy are mutually exclusive',
      'FieldValueInvalid',
    ],
    ['unknown strategy', { runStrategy: 'x' }, 'spec.runStrategy', 'Invalid RunStrategy (x)', 'FieldValueInvalid'],
    [
      'nameless template',
      { running: true, dataVolumeTemplates: [{ spec: {} }] },
      'spec.dataVolumeTemplate[0].name',
      "'name' field must not be empty for DataVolumeTemplate entry spec.dataVolumeTemplate[0].",
      'FieldValueRequired',
    ],
    [
      'unused template',
      { running: true, dataVolumeTemplates: [{ metadata: { name: 'd' }, spec: {} }] },
      'spec.dataVolumeTemplate[0]',
      "DataVolumeTemplate entry spec.dataVolumeTemplate[0] must be referenced in the VMI template's 'volumes' list",
      'FieldValueRequired',
    ],
  ])('%s', async (_name, own, field, message, reason) => {
    const { denied } = await admit('virtualmachines', machine({}, own));
    expect(denied?.status.details?.causes).toContainEqual({ reason, field, message });
  });

  test('reserved labels in the template', async () => {
    const vm = machine({}) as { spec: { template: JsonObject } };
    const labelled = {
      ...vm,
      spec: { ...vm.spec, template: { ...vm.spec.template, metadata: { labels: { 'kubevirt.io/nodeName': 'x' } } } },
    };
    const { denied } = await admit('virtualmachines', labelled);
    expect(denied?.status.details?.causes?.[0]?.field).toBe('spec.template.metadata.labels');
  });

  test('all faults come at once', async () => {
    const { denied } = await admit(
      'virtualmachines',
      machine({ hostname: 'A', evictionStrategy: 'x' }, { runStrategy: 'y' }),
    );
    expect(denied?.status.details?.causes).toHaveLength(3);
  });

  test('a text that is no quantity: 400 without causes', async () => {
    const { denied } = await admit('virtualmachines', machine(domain({ resources: { limits: { memory: '12MB' } } })));
    expect(denied?.status).toEqual({
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      code: 400,
      message:
        'admission webhook "virtualmachines-mutator.kubevirt.io" denied the request: quantities must match the regular expression \'^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$\'',
    });
  });
});

describe('what a machine gets', () => {
  test('a machine type, and nothing else in its spec', async () => {
    const { object, warnings } = await admit(
      'virtualmachines',
      machine(domain({ resources: { requests: { memory: '64Mi' } } })),
    );
    expect(object.spec).toEqual({
      running: false,
      template: {
        spec: { domain: { devices: {}, machine: { type: 'q35' }, resources: { requests: { memory: '64Mi' } } } },
      },
    });
    expect(warnings).toEqual([]);
  });

  test.each<[string, JsonObject, string]>([
    [
      'little room over the request',
      domain({ resources: { requests: { memory: '128Mi' }, limits: { memory: '200Mi' } } }),
      `${R}.limits.memory should exceed requests.memory by at least 100Mi`,
    ],
    [
      'a field without effect',
      domain({ devices: { tpm: {} } }),
      `${P}.domain.devices.tpm is known but has no effect yet`,
    ],
  ])('a warning for %s', async (_name, spec, warning) => {
    expect((await admit('virtualmachines', machine(spec))).warnings).toEqual([warning]);
  });

  test('no memory warning with room, or Guaranteed', async () => {
    const room = domain({ resources: { requests: { memory: '128Mi' }, limits: { memory: '256Mi' } } });
    const same = { cpu: '1', memory: '128Mi' };
    const guaranteed = domain({ resources: { requests: same, limits: same } });
    for (const spec of [room, guaranteed]) expect((await admit('virtualmachines', machine(spec))).warnings).toEqual([]);
  });
});

const spec = (object: JsonObject) => (object as unknown as VirtualMachineInstance).spec;

describe('what an instance gets', () => {
  test('all defaults', async () => {
    const { object, denied } = await admit(
      'virtualmachineinstances',
      instance({ volumes: [{ name: 'root', containerDisk: { image: 'registry:5000/img' } }] }),
    );
    expect(denied).toBeUndefined();
    const { domain: d, networks, volumes: v } = spec(object);
    expect(d).toMatchObject({
      cpu: { cores: 1, sockets: 1, threads: 1, model: 'host-model' },
      machine: { type: 'q35' },
      features: { acpi: { enabled: true } },
      firmware: { uuid: expect.stringMatching(/^[0-9a-f-]{36}$/) },
      devices: {
        disks: [{ name: 'root', disk: { bus: 'sata' } }],
        interfaces: [{ name: 'default', masquerade: {} }],
      },
    });
    expect(networks).toEqual([{ name: 'default', pod: {} }]);
    expect(v?.[0]?.containerDisk?.imagePullPolicy).toBe('Always');
    expect(object.status).toEqual({
      phase: 'Pending',
      phaseTransitionTimestamps: [{ phase: 'Pending', phaseTransitionTimestamp: '1970-01-01T00:00:00Z' }],
    });
    expect((object.metadata as JsonObject).finalizers).toEqual(['foregroundDeleteVirtualMachine']);
  });

  test.each<[string, JsonObject, JsonObject]>([
    [
      'request from limit',
      { resources: { limits: { memory: '256Mi', cpu: '1500m' } } },
      { resources: { requests: { memory: '256Mi', cpu: '1500m' } }, cpu: { sockets: 2 } },
    ],
    ['request from guest memory', { memory: { guest: '1Gi' } }, { resources: { requests: { memory: '1Gi' } } }],
    [
      'cdrom',
      { devices: { disks: [{ name: 'a', cdrom: {} }] } },
      { devices: { disks: [{ name: 'a', cdrom: { bus: 'sata', readonly: true, tray: 'closed' } }] } },
    ],
    [
      'tablet',
      { devices: { autoattachInputDevice: true } },
      { devices: { inputs: [{ name: 'default-0', bus: 'usb', type: 'tablet' }] } },
    ],
    [
      'watchdog',
      { devices: { watchdog: { name: 'w' } } },
      { devices: { watchdog: { name: 'w', i6300esb: { action: 'reset' } } } },
    ],
    [
      'no interface wanted',
      { devices: { autoattachPodInterface: false } },
      { devices: { autoattachPodInterface: false } },
    ],
    [
      'Hyper-V needs',
      { features: { hyperv: { synictimer: {} } } },
      { features: { hyperv: { synictimer: { enabled: true }, synic: { enabled: true }, vpindex: { enabled: true } } } },
    ],
  ])('%s', async (_name, given, expected) => {
    const { object } = await admit('virtualmachineinstances', instance({ domain: { devices: {}, ...given } }));
    expect(spec(object).domain).toMatchObject(expected);
  });

  test.each([
    ['img', 'Always'],
    ['img:latest', 'Always'],
    ['img:1', 'IfNotPresent'],
    ['registry:5000/img:1', 'IfNotPresent'],
    ['img@sha256:0', 'IfNotPresent'],
  ])('%s is pulled %s', async (image, policy) => {
    const { object } = await admit(
      'virtualmachineinstances',
      instance({ volumes: [{ name: 'a', containerDisk: { image } }] }),
    );
    expect(spec(object).volumes?.[0]?.containerDisk?.imagePullPolicy).toBe(policy);
  });

  test('no memory: refused', async () => {
    const { denied } = await admit('virtualmachineinstances', instance({ domain: { devices: {} } }));
    expect(denied?.status.details?.causes).toEqual([{ reason: 'FieldValueRequired', field: '', message: NO_MEMORY }]);
  });
});

describe('updates of an instance', () => {
  const old = {
    metadata: { name: 'vm1', labels: {} },
    spec: { domain: { devices: {} } },
    status: { phase: 'Running', nodeName: 'n1' },
  };
  test('a user may not change its spec', async () => {
    const { denied } = await admit(
      'virtualmachineinstances',
      { ...old, spec: { ...old.spec, hostname: 'x' } },
      { old },
    );
    expect(denied?.status.details?.causes).toEqual([
      { reason: 'FieldValueNotSupported', field: '', message: 'update of VMI object is restricted' },
    ]);
    expect(denied?.message).toContain('"virtualmachineinstances-update-validator.kubevirt.io"');
  });
  test('what a user writes into its status is taken back', async () => {
    const { object, denied } = await admit('virtualmachineinstances', { ...old, status: { phase: 'Failed' } }, { old });
    expect(denied).toBeUndefined();
    expect(object.status).toEqual(old.status);
  });
  test('a user may not move its reserved labels', async () => {
    const changed = { ...old, metadata: { ...old.metadata, labels: { 'kubevirt.io/nodeName': 'x' } } };
    expect((await admit('virtualmachineinstances', changed, { old })).denied?.message).toContain(
      'modification of the following',
    );
  });
  test.each([
    ['the controller', controller, true],
    ['the agent of its node', { username: 'system:node:n1', groups: ['system:nodes'] }, true],
    ['the agent of another node', { username: 'system:node:n2', groups: ['system:nodes'] }, false],
    ['somebody who only calls himself so', { username: 'system:node:n1', groups: [] }, false],
  ])('%s may write: %s', async (_who, user, may) => {
    const changed = { ...old, status: { phase: 'Failed', nodeName: 'n1' } };
    const { object } = await admit('virtualmachineinstances', changed, { old, user });
    expect((object.status as JsonObject).phase).toBe(may ? 'Failed' : 'Running');
  });
});

test('whatever JSON comes: a decision, no crash', async () => {
  await fc.assert(
    fc.asyncProperty(fc.jsonValue(), fc.jsonValue(), async (a, b) => {
      for (const given of [
        { spec: a },
        { spec: { template: a, domain: b } },
        { spec: { template: { spec: { domain: a } } } },
      ])
        await mutateOnly('virtualmachines', given);
      for (const given of [
        { spec: a },
        { metadata: b, spec: { domain: a } },
        { metadata: {}, spec: { domain: { devices: a }, volumes: b } },
      ])
        await mutateOnly('virtualmachineinstances', given);
    }),
    { numRuns: 300 },
  );
});

/** Before the schema has judged, only the mutating half runs. */
async function mutateOnly(resource: string, object: unknown): Promise<void> {
  for (const plugin of plugins)
    if (plugin.phase === 'mutating') {
      const request: AdmissionRequest = {
        operation: 'CREATE',
        group: 'kubevirt.io',
        version: 'v1',
        resource,
        kind: '',
        name: '',
        namespace: 'ns',
        user: alice,
        object: object as KubeObject,
        dryRun: false,
      };
      if (plugin.handles(request)) await plugin.admit(request);
    }
}
