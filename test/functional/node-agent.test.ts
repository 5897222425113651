/**
 * The node agent with a real libvirtd, real QEMU guests (TCG), CNI and streams, against an API in memory whose controllers are
 * played by this test: it binds launcher Pods and moves VMIs from Scheduling to Scheduled.
 */
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request as httpsRequest } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Event, type KubevirtVolume, Lease, Node, Pod, VirtualMachineInstance } from '@virtplane/resources';
import { type Client, createClient, createJsonLogger, systemClock } from '@virtplane/runtime';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import {
  type NodeAgent,
  openImageStore,
  openLocalHost,
  type StartTimes,
  startNodeAgent,
  wipeNode,
} from '../../packages/node/src/index.ts';
import { nodeKey } from '../../packages/node/src/network/index.ts';
import { InMemoryApi } from '../../packages/runtime/src/testing/index.ts';

const layout = join(import.meta.dirname, '../../.cache/guest/oci');
const image = 'localhost/virtplane/guest:1';
const host = openLocalHost();
const canRun = host.privileged && existsSync(layout) && existsSync('/usr/sbin/libvirtd');

const directory = mkdtempSync(join(tmpdir(), 'vpn-'));
chmodSync(directory, 0o755);
const data = join(directory, 'node');
const log = createJsonLogger({ name: 'node-agent-test', level: 'warn' });

/** Network namespaces of this data directory; other tests have theirs. */
function namespaces(): string[] {
  const prefix = `vp-${nodeKey(join(data, 'network')).slice(0, 6)}-`;
  const names = execFileSync('ip', ['netns', 'list'], { encoding: 'utf8' })
    .split('\n')
    .map((line) => line.split(' ')[0] ?? '');
  return names.filter((name) => name.startsWith(prefix));
}

const openssl = (...args: string[]): void => void execFileSync('openssl', args, { cwd: directory, stdio: 'ignore' });
function certificates(): void {
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  openssl('req', '-x509', ...newKey, '-keyout', 'ca.key', '-out', 'ca.crt', '-subj', '/CN=ca', '-days', '1');
  writeFileSync(join(directory, 'san'), 'subjectAltName=IP:127.0.0.1\n');
  for (const [name, subject] of [
    ['node', '/CN=node1'],
    ['api', '/CN=virt-api'],
  ] as const) {
    openssl('req', ...newKey, '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', subject);
    openssl(
      'x509',
      '-req',
      '-in',
      `${name}.csr`,
      '-CA',
      'ca.crt',
      '-CAkey',
      'ca.key',
      '-CAcreateserial',
      '-days',
      '1',
      '-extfile',
      'san',
      '-out',
      `${name}.crt`,
    );
  }
}
const pem = (name: string): string => readFileSync(join(directory, name), 'utf8');

let api: InMemoryApi;
let client: Client;
let agent: NodeAgent;
const starts = new Map<string, StartTimes>();

const startAgent = async (): Promise<void> => {
  agent = await startNodeAgent({
    transport: Object.assign(Object.create(api) as InMemoryApi, {
      close: () => undefined,
      request: api.request.bind(api),
      watch: api.watch.bind(api),
    }),
    dataDir: data,
    nodeName: 'node1',
    host,
    servingCertificate: join(directory, 'node.crt'),
    servingKey: join(directory, 'node.key'),
    clientCertificateAuthority: join(directory, 'ca.crt'),
    accelerator: 'tcg',
    address: '127.0.0.1',
    port: 0,
    log,
    onGuestStarted: (uid, times) => starts.set(uid, times),
  });
};

const vmiOf = (name: string): VirtualMachineInstance | undefined =>
  api.objects(VirtualMachineInstance).find((v) => v.metadata?.name === name);
const podOf = (name: string): Pod | undefined =>
  api.objects(Pod).find((p) => p.metadata?.name === `virt-launcher-${name}`);
const phaseOf = (name: string): string | undefined => vmiOf(name)?.status?.phase;
const conditionOf = (name: string, type: string) => vmiOf(name)?.status?.conditions?.find((c) => c.type === type);
const reasonsFor = (name: string): (string | undefined)[] => {
  const uid = vmiOf(name)?.metadata?.uid;
  return api
    .objects(Event)
    .filter((event) => event.involvedObject?.uid === uid)
    .map((event) => event.reason);
};
const within = (timeout: number) => ({ timeout, interval: 5 });
const qemuPid = (name: string): number =>
  Number(readFileSync(join(data, 'libvirt/run/qemu', `ns_${name}.pid`), 'utf8'));

interface Wish {
  readonly volumes?: readonly KubevirtVolume[];
  readonly grace?: number;
}

/** Plays scheduler and controllers: VMI, its bound Pod, Scheduled once the Pod's containers are ready. Returns when. */
async function createVmi(name: string, { volumes, grace }: Wish = {}): Promise<number> {
  const wanted = volumes ?? [
    { name: 'root', containerDisk: { image } },
    { name: 'seed', cloudInitNoCloud: { userData: `#!/bin/sh\necho "seed of ${name}"\n` } },
  ];
  const vmi = await client(VirtualMachineInstance).create({
    apiVersion: 'kubevirt.io/v1',
    kind: 'VirtualMachineInstance',
    metadata: {
      namespace: 'ns',
      name,
      finalizers: ['foregroundDeleteVirtualMachine'],
    },
    spec: {
      domain: {
        machine: { type: 'q35' },
        memory: { guest: '192Mi' },
        resources: { requests: { memory: '192Mi' } },
        features: { acpi: { enabled: true } },
        devices: {
          disks: wanted.map((volume) => ({ name: volume.name, disk: { bus: 'virtio' } })),
          interfaces: [{ name: 'default', masquerade: {} }],
        },
      },
      networks: [{ name: 'default', pod: {} }],
      volumes: [...wanted],
      ...(grace !== undefined && { terminationGracePeriodSeconds: grace }),
    },
    status: { phase: 'Scheduling' },
  });
  const uid = vmi.metadata?.uid ?? '';
  const images = wanted.flatMap((volume) =>
    volume.containerDisk ? [{ name: `volume${volume.name}`, image: volume.containerDisk.image }] : [],
  );
  await client(Pod).create({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      namespace: 'ns',
      name: `virt-launcher-${name}`,
      labels: { 'kubevirt.io': 'virt-launcher', 'kubevirt.io/created-by': uid },
      ownerReferences: [{ apiVersion: 'kubevirt.io/v1', kind: 'VirtualMachineInstance', name, uid, controller: true }],
    },
    spec: { nodeName: 'node1', containers: [{ name: 'compute', image: 'launcher' }, ...images] },
    status: { phase: 'Pending' },
  });
  const bound = performance.now();
  await vi.waitFor(
    () => expect(podOf(name)?.status?.containerStatuses?.every((c) => c.ready)).toBe(true),
    within(30_000),
  );
  console.log(`Pod bound → containers ready: ${Math.round(performance.now() - bound)} ms`);
  const current = vmiOf(name);
  if (!current) throw new Error('the VMI vanished');
  await client(VirtualMachineInstance).update({
    ...current,
    metadata: { ...current.metadata, labels: { 'kubevirt.io/nodeName': 'node1' } },
    status: { ...current.status, phase: 'Scheduled', nodeName: 'node1' },
  });
  return performance.now();
}

async function removeVmi(name: string): Promise<void> {
  const vmi = vmiOf(name);
  if (!vmi) return;
  if (vmi.metadata?.deletionTimestamp === undefined)
    await client(VirtualMachineInstance).delete({ namespace: 'ns', name });
  const pod = podOf(name);
  if (pod)
    api.put({
      ...pod,
      metadata: { ...pod.metadata, deletionTimestamp: new Date().toISOString(), deletionGracePeriodSeconds: 60 },
    });
  await vi.waitFor(() => {
    expect(['Succeeded', 'Failed']).toContain(phaseOf(name));
    expect(podOf(name)).toBeUndefined();
  }, within(60_000));
  const final = vmiOf(name);
  if (final) await client(VirtualMachineInstance).update({ ...final, metadata: { ...final.metadata, finalizers: [] } });
}

const identity = () => ({ cert: pem('api.crt'), key: pem('api.key'), ca: pem('ca.crt') });
const base = '/v1/namespaces/ns/virtualmachineinstances';

function call(method: string, path: string): Promise<{ code: number; body: Buffer }> {
  return new Promise((resolve, reject) => {
    const request = httpsRequest(
      { host: '127.0.0.1', port: agent.port, method, path: `${base}/${path}`, ...identity() },
      (response) => {
        const parts: Buffer[] = [];
        response.on('data', (part: Buffer) => parts.push(part));
        response.on('end', () => resolve({ code: response.statusCode ?? 0, body: Buffer.concat(parts) }));
      },
    );
    request.on('error', reject);
    request.end();
  });
}

interface Stream {
  text(): string;
  type(line: string): void;
  close(): void;
}
function openStream(path: string): Promise<Stream> {
  const socket = new WebSocket(`wss://127.0.0.1:${agent.port}${base}/${path}`, ['plain.kubevirt.io'], identity());
  let text = '';
  socket.on('message', (bytes) => {
    text += bytes.toString();
  });
  return new Promise((resolve, reject) => {
    socket.on('error', reject);
    socket.on('unexpected-response', (_, response) => {
      response.on('data', (body: Buffer) => reject(new Error(body.toString())));
    });
    socket.on('open', () =>
      resolve({ text: () => text, type: (line) => socket.send(Buffer.from(line)), close: () => socket.close() }),
    );
  });
}

describe.skipIf(!canRun)('a node agent', () => {
  beforeAll(async () => {
    certificates();
    api = new InMemoryApi(systemClock, [Node, Pod, VirtualMachineInstance, Lease, Event]);
    client = createClient(api);
    await openImageStore(host, data).importOciLayout(layout, image);
    const began = performance.now();
    await startAgent();
    console.log(`agent start on a new directory: ${Math.round(performance.now() - began)} ms`);
  });
  afterAll(async () => {
    await agent?.stop();
    await wipeNode(host, data, log);
    rmSync(directory, { recursive: true, force: true });
    expect(namespaces()).toEqual([]);
  });

  test('registers its Node and Lease', () => {
    const [node] = api.objects(Node);
    expect(node?.metadata?.labels).toMatchObject({
      'kubevirt.io/schedulable': 'true',
      'virtplane.io/accelerator': 'tcg',
    });
    expect(node?.status?.conditions?.find((c) => c.type === 'Ready')).toMatchObject({
      status: 'True',
      reason: 'KubeletReady',
    });
    expect(node?.status?.daemonEndpoints?.kubeletEndpoint?.Port).toBe(agent.port);
    expect(api.objects(Lease)).toHaveLength(1);
  });

  describe('one guest', () => {
    beforeEach(async () => {
      const scheduled = await createVmi('vm1');
      await vi.waitFor(() => expect(phaseOf('vm1')).toBe('Running'), within(30_000));
      const times = starts.get(vmiOf('vm1')?.metadata?.uid ?? '');
      console.log(
        `Scheduled → Running written: ${Math.round(performance.now() - scheduled)} ms; steps ${JSON.stringify(times)}`,
      );
    });
    afterEach(() => removeVmi('vm1'));

    test('boots with its disks, network, seed and agent, and obeys', async () => {
      const console1 = await openStream('vm1/console?backlog=true');
      await vi.waitFor(() => expect(console1.text()).toContain('guest: ready'), within(60_000));
      expect(console1.text()).toContain('seed of vm1');
      const vmi = vmiOf('vm1');
      const ip = podOf('vm1')?.status?.podIP;
      expect(vmi?.status?.interfaces).toMatchObject([{ name: 'default', ipAddress: ip }]);
      expect(vmi?.status?.volumeStatus).toMatchObject([
        { name: 'root', target: 'vda' },
        { name: 'seed', target: 'vdb' },
      ]);
      await vi.waitFor(() => expect(conditionOf('vm1', 'AgentConnected')?.status).toBe('True'), within(30_000));
      await vi.waitFor(
        () => expect(vmiOf('vm1')?.status?.interfaces?.[0]?.infoSource).toBe('domain, guest-agent'),
        within(30_000),
      );
      await vi.waitFor(async () => {
        const info = await call('GET', 'vm1/guestosinfo');
        expect(JSON.parse(info.body.toString())).toMatchObject({ hostname: 'vm1' });
      }, within(30_000));

      await vi.waitFor(() => expect(console1.text()).toContain('guest: network'), within(30_000));
      console1.type('nc -ll -p 7 -e cat &\n');
      const echo = await vi.waitFor(() => openStream('vm1/portforward/7'), within(30_000));
      echo.type('hello through the pod');
      await vi.waitFor(() => expect(echo.text()).toBe('hello through the pod'), within(10_000));
      echo.close();

      expect((await call('GET', 'vm1/vnc/screenshot')).body.toString('latin1', 1, 4)).toBe('PNG');
      const vnc = await openStream('vm1/vnc');
      await vi.waitFor(() => expect(vnc.text()).toBe('RFB 003.008\n'));
      vnc.close();

      expect((await call('PUT', 'vm1/pause')).code).toBe(200);
      await vi.waitFor(() => expect(conditionOf('vm1', 'Paused')).toMatchObject({ reason: 'PausedByUser' }));
      expect((await call('PUT', 'vm1/pause')).code).toBe(409);
      expect((await call('PUT', 'vm1/unpause')).code).toBe(200);
      await vi.waitFor(() => expect(conditionOf('vm1', 'Paused')).toBeUndefined());

      const off = performance.now();
      console1.type('poweroff -f\n');
      await vi.waitFor(() => expect(phaseOf('vm1')).toBe('Succeeded'), within(30_000));
      console.log(`power-off typed → Succeeded: ${Math.round(performance.now() - off)} ms`);
      await vi.waitFor(() => expect(podOf('vm1')?.status?.phase).toBe('Succeeded'), within(10_000));
      console1.close();
    });

    test('outlives the agent and libvirtd, and is found again', async () => {
      const pid = qemuPid('vm1');
      const libvirtd = await agent.libvirtdPid();
      await agent.stop();
      process.kill(libvirtd ?? 0, 'SIGKILL');
      const began = performance.now();
      await startAgent();
      console.log(`agent start with a dead libvirtd and a running guest: ${Math.round(performance.now() - began)} ms`);
      await vi.waitFor(async () => expect((await openStream('vm1/console')).close()).toBeUndefined(), within(10_000));
      expect(qemuPid('vm1')).toBe(pid);
      expect(phaseOf('vm1')).toBe('Running');
      expect(reasonsFor('vm1').filter((reason) => reason === 'Started')).toHaveLength(1);
    });

    test('that is killed has failed', async () => {
      process.kill(qemuPid('vm1'), 'SIGKILL');
      await vi.waitFor(() => expect(phaseOf('vm1')).toBe('Failed'), within(10_000));
      await vi.waitFor(
        () => expect(podOf('vm1')?.status?.containerStatuses?.[0]?.state?.terminated?.exitCode).toBe(1),
        within(10_000),
      );
    });

    test('that is not asked politely is gone in five seconds, without a trace', async () => {
      const uid = vmiOf('vm1')?.metadata?.uid ?? '';
      const vmi = vmiOf('vm1');
      if (vmi)
        await client(VirtualMachineInstance).update({
          ...vmi,
          spec: { ...vmi.spec, terminationGracePeriodSeconds: 0 },
        });
      const began = performance.now();
      await removeVmi('vm1');
      expect(performance.now() - began).toBeLessThan(5_000);
      expect(existsSync(join(data, 'guests', uid))).toBe(false);
      expect(existsSync(join(data, 'guests', `${uid}.json`))).toBe(false);
      expect(existsSync(join(data, 'libvirt/lib/vp', uid))).toBe(false);
      expect(namespaces()).toEqual([]);
    });
  });

  test('a guest that obeys ACPI stops by itself', async () => {
    await createVmi('polite');
    await vi.waitFor(() => expect(phaseOf('polite')).toBe('Running'), within(30_000));
    const stream = await openStream('polite/console?backlog=true');
    await vi.waitFor(() => expect(stream.text()).toContain('guest: ready'), within(60_000));
    const uid = vmiOf('polite')?.metadata?.uid;
    await removeVmi('polite');
    const reasons = api
      .objects(Event)
      .filter((event) => event.involvedObject?.uid === uid)
      .map((event) => event.reason);
    expect(reasons).toContain('ShuttingDown');
  });

  test('volumes that cannot be made fail the VMI at once, with the reason', async () => {
    await createVmi('bad', { volumes: [{ name: 'root', containerDisk: { image, path: '/nothing.img' } }] });
    await vi.waitFor(() => expect(phaseOf('bad')).toBe('Failed'), within(10_000));
    expect(conditionOf('bad', 'Synchronized')).toMatchObject({
      status: 'False',
      message: expect.stringContaining('no file /nothing.img found'),
    });
    await removeVmi('bad');
  });
});
