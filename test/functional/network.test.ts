/**
 * Pod sandboxes and interface bindings with the real CNI plugins, nftables and dnsmasq. The guest is played by a network
 * namespace that hangs on the in-pod bridge where the tap would. What was there before is there afterwards, nothing more.
 */
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { openLocalHost, runChecked } from '../../packages/node/src/host/index.ts';
import {
  applyBinding,
  type BindingPlan,
  createTap,
  deleteTap,
  listLinks,
  moveTap,
  PodNetwork,
  type PodSandbox,
  parseCniConfig,
  planBridgeBinding,
  planMasquerade,
  tapName,
} from '../../packages/node/src/network/index.ts';

const host = openLocalHost();
const missing = await missingPrerequisite();

async function missingPrerequisite(): Promise<string | undefined> {
  if (!host.privileged) return 'needs root';
  for (const file of ['/usr/lib/cni/bridge', '/usr/sbin/nft', '/usr/sbin/dnsmasq']) {
    if (!(await host.status(file))) return `${file} is not installed`;
  }
  return undefined;
}
if (missing) console.warn(`network.test.ts is skipped: ${missing}`);

/** Names only of what these tests could leave behind: others may work on this machine meanwhile. */
async function traces(): Promise<string[]> {
  const links = (await listLinks(host)).map(({ ifname }) => ifname);
  const tables = (await runChecked(host, 'nft', ['list', 'tables'])).trim().split('\n');
  return [...links, ...tables, ...(await host.list('/run/netns'))].filter((name) =>
    keys.some((key) => name.includes(key)),
  );
}

const keys: string[] = [];
let root: string;
let network: PodNetwork;
let podSerial = 0;

const pod = () => ({
  uid: `00000000-0000-4000-9000-00000000000${++podSerial}`,
  namespace: 'test',
  name: `pod-${podSerial}`,
});
const resolver = { nameservers: ['192.0.2.53'], search: ['example.com', 'test'] };

async function openNetwork(name: string): Promise<PodNetwork> {
  const opened = await PodNetwork.open({ host, directory: join(root, name) });
  keys.push(opened.key.slice(0, 5));
  return opened;
}

async function sandbox(): Promise<PodSandbox> {
  const created = await network.create(pod());
  onTestFinished(() => network.destroy(created.pod.uid));
  return created;
}

/** A namespace in the guest's place, connected to the in-pod bridge. */
async function playGuest({ netns }: PodSandbox, plan: BindingPlan, mac: string): Promise<string> {
  const guest = `${netns}-g`;
  await runChecked(host, 'ip', ['netns', 'add', guest]);
  onTestFinished(async () => {
    await runChecked(host, 'ip', ['netns', 'del', guest]);
  });
  const ip = (...args: string[]) => runChecked(host, 'ip', args);
  await ip('-n', netns, 'link', 'add', plan.tap, 'type', 'veth', 'peer', 'name', 'guest0', 'netns', guest);
  await ip('-n', netns, 'link', 'set', plan.tap, 'master', plan.bridge, 'up');
  await ip('-n', guest, 'link', 'set', 'guest0', 'address', mac, 'up');
  await ip('-n', guest, 'addr', 'add', '169.254.9.9/16', 'dev', 'guest0');
  await ip('-n', guest, 'route', 'add', 'default', 'dev', 'guest0');
  return guest;
}

/** Sends one DHCPDISCOVER and prints the offer: address and options. */
const discover = `
const mac = Buffer.from(process.argv[1].replaceAll(':', ''), 'hex');
const packet = Buffer.alloc(300);
packet.set([1, 1, 6, 0, 1, 2, 3, 4, 0, 0, 0x80, 0]); packet.set(mac, 28);
packet.set([99, 130, 83, 99, 53, 1, 1, 55, 8, 1, 3, 6, 12, 15, 26, 42, 119, 255], 236);
const socket = require('dgram').createSocket('udp4');
const timer = setInterval(() => socket.send(packet, 67, '255.255.255.255'), 300);
const end = (result) => { console.log(JSON.stringify(result)); clearInterval(timer); socket.close(); clearTimeout(limit); };
const limit = setTimeout(() => end(null), Number(process.argv[2]));
socket.on('message', (reply) => {
  const options = {};
  for (let i = 240; reply[i] !== 255; i += 2 + reply[i + 1]) options[reply[i]] = reply.subarray(i + 2, i + 2 + reply[i + 1]).toString('hex');
  end({ address: [...reply.subarray(16, 20)].join('.'), options });
});
socket.bind(68, () => { socket.setBroadcast(true); socket.send(packet, 67, '255.255.255.255'); });
`;

async function dhcp(
  netns: string,
  mac: string,
  limitMs = 5000,
): Promise<{ address: string; options: Record<string, string> } | null> {
  return JSON.parse(await runChecked(host, process.execPath, ['-e', discover, mac, String(limitMs)], { netns }));
}

/** A server that answers with its name and the address of whoever calls. */
async function serve(netns: string, port: number, name: string): Promise<void> {
  const code = `require('net').createServer((s) => s.end(${JSON.stringify(name)} + ' ' + s.remoteAddress)).listen(${port}, '0.0.0.0')`;
  const server = await host.start(process.execPath, ['-e', code], { netns });
  onTestFinished(async () => {
    server.kill('SIGKILL');
    await server.exited;
  });
  await expect
    .poll(async () => runChecked(host, 'cat', ['/proc/net/tcp'], { netns }))
    .toContain(`:${port.toString(16).toUpperCase().padStart(4, '0')} 00000000:0000 0A`);
}

function call(address: string, port: number, timeoutMs = 3000): Promise<string> {
  return new Promise((resolve) => {
    const socket = net.connect({ host: address, port, timeout: timeoutMs });
    let text = '';
    socket.on('data', (data) => {
      text += data;
    });
    socket.on('end', () => resolve(text));
    socket.on('timeout', () => {
      socket.destroy();
      resolve('timeout');
    });
    socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'error'));
  });
}

async function callFrom(netns: string, address: string, port: number): Promise<string> {
  const code = `const s = require('net').connect(${port}, '${address}'); s.on('data', (d) => process.stdout.write(d)); s.on('error', (e) => console.log(e.code)); setTimeout(() => process.exit(), 3000).unref()`;
  return (await runChecked(host, process.execPath, ['-e', code], { netns, timeoutMs: 10_000 })).trim();
}

beforeAll(async () => {
  if (missing) return;
  root = await mkdtemp(join(tmpdir(), 'vp-net-'));
  await chmod(root, 0o755);
  network = await openNetwork('net');
});

afterAll(async () => {
  if (missing) return;
  await network.wipe();
  await rm(root, { recursive: true });
});

describe.skipIf(missing)('pod sandboxes', () => {
  test('have addresses of their own, reach each other and the node', async () => {
    const [a, b] = await Promise.all([sandbox(), sandbox()]);
    expect(a.ips).toHaveLength(1);
    expect(a.ips[0]).not.toBe(b.ips[0]);
    await serve(a.netns, 8080, 'a');
    expect(await callFrom(b.netns, a.ips[0]!, 8080)).toBe(`a ${b.ips[0]}`);
    expect(await call(a.ips[0]!, 8080)).toBe(`a ${network.segment.gateway}`);
  });

  test('are made once, and found again by the next agent', async () => {
    const identity = pod();
    const first = await network.create(identity);
    expect(await network.create(identity)).toEqual(first);
    const next = await PodNetwork.open({ host, directory: join(root, 'net') });
    expect(next.segment).toEqual(network.segment);
    expect(await next.get(identity.uid)).toEqual(first);
    expect((await next.list()).map((each) => each.pod.uid)).toEqual([identity.uid]);
    await next.destroy(identity.uid);
    expect(await next.get(identity.uid)).toBeUndefined();
    await next.destroy(identity.uid);
  });

  test('of an agent that died half-way are made anew; their address is not lost', async () => {
    const identity = pod();
    const first = await network.create(identity);
    const file = join(first.directory, 'sandbox.json');
    await host.writeText(file, (await host.readText(file)).replace('"ready"', '"creating"'));
    const again = await network.create(identity);
    expect(again.ips).toHaveLength(1);
    await network.destroy(identity.uid);
    const leases = await host.list(join(network.segment.ipamDirectory, network.segment.network.name));
    expect(leases.filter((name) => /^\d/.test(name))).toEqual([]);
  });

  test('whose pods are gone are removed, the others stay', async () => {
    const [kept, lost] = [await sandbox(), await sandbox()];
    expect(await network.removeLeftovers(new Set([kept.pod.uid]))).toContain(`sandbox ${lost.pod.uid}`);
    expect(await network.get(kept.pod.uid)).toBeDefined();
    expect(await host.status(lost.netnsPath)).toBeUndefined();
  });

  test('a plugin that fails leaves the sandbox as it was', async () => {
    const box = await sandbox();
    const broken = parseCniConfig('{"cniVersion":"0.4.0","name":"x","type":"no-such-plugin"}', 'x');
    await expect(network.attach(box, { network: broken, interfaceName: 'net1' })).rejects.toThrow(
      /failed to find plugin "no-such-plugin" in path \[/,
    );
    const wrong = parseCniConfig('{"cniVersion":"0.4.0","name":"x","type":"bridge","ipam":{"type":"host-local"}}', 'x');
    await expect(network.attach(box, { network: wrong, interfaceName: 'net1' })).rejects.toThrow(
      /CNI plugin bridge failed ADD: /,
    );
    expect((await listLinks(host, box.netns)).map(({ ifname }) => ifname).sort()).toEqual(['eth0', 'lo']);
    // CNI's bridge plugin makes its bridge before it fails.
    await deleteTap(host, 'cni0');
  });
});

describe.skipIf(missing)('the masquerade binding', () => {
  const mac = '52:54:00:aa:bb:01';
  const plan = (box: PodSandbox, ports: { port: number; protocol?: string }[] = []) =>
    planMasquerade({ podInterface: 'eth0', podMtu: box.mtu, guestMac: mac, hostname: 'guest', ports, resolver });

  test('serves DHCP to the guest alone', async () => {
    const box = await sandbox();
    const binding = plan(box);
    await applyBinding(host, box.netns, box.directory, binding);
    const guest = await playGuest(box, binding, mac);
    const offer = await dhcp(guest, mac);
    expect(offer?.address).toBe('10.0.2.2');
    const hex = (text: string) => Buffer.from(text).toString('hex');
    expect(offer?.options).toMatchObject({
      1: 'ffffff00',
      3: '0a000201',
      6: 'c0000235',
      12: hex('guest'),
      15: hex('example.com'),
      26: box.mtu.toString(16).padStart(4, '0'),
      51: (999 * 86400).toString(16).padStart(8, '0'),
    });
    expect(await dhcp(guest, '52:54:00:aa:bb:99', 700)).toBeNull();
  });

  test('forwards what comes to the pod, translates what leaves', async () => {
    const box = await sandbox();
    const binding = plan(box);
    await applyBinding(host, box.netns, box.directory, binding);
    const guest = await playGuest(box, binding, mac);
    await runChecked(host, 'ip', ['-n', guest, 'addr', 'add', '10.0.2.2/24', 'dev', 'guest0']);
    await runChecked(host, 'ip', ['-n', guest, 'route', 'replace', 'default', 'via', '10.0.2.1']);
    await serve(guest, 8080, 'guest');
    expect(await call(box.ips[0]!, 8080)).toBe(`guest ${network.segment.gateway}`);
    const other = await sandbox();
    await serve(other.netns, 9090, 'other');
    expect(await callFrom(guest, other.ips[0]!, 9090)).toBe(`other ${box.ips[0]}`);
    expect(await callFrom(box.netns, '127.0.0.1', 8080)).toBe('guest 10.0.2.1');
  });

  test('forwards only the listed ports', async () => {
    const box = await sandbox();
    const binding = plan(box, [{ port: 8080 }]);
    await applyBinding(host, box.netns, box.directory, binding);
    const guest = await playGuest(box, binding, mac);
    await runChecked(host, 'ip', ['-n', guest, 'addr', 'add', '10.0.2.2/24', 'dev', 'guest0']);
    await runChecked(host, 'ip', ['-n', guest, 'route', 'replace', 'default', 'via', '10.0.2.1']);
    await serve(guest, 8080, 'guest');
    await serve(guest, 8081, 'guest');
    expect(await call(box.ips[0]!, 8080)).toMatch(/^guest/);
    expect(await call(box.ips[0]!, 8081)).toBe('ECONNREFUSED');
  });

  test('applied twice changes nothing but a dead DHCP server; another plan replaces it', async () => {
    const box = await sandbox();
    await applyBinding(host, box.netns, box.directory, plan(box));
    const pid = await host.readText(join(box.directory, 'dhcp-eth0.pid'));
    await applyBinding(host, box.netns, box.directory, plan(box));
    expect(await host.readText(join(box.directory, 'dhcp-eth0.pid'))).toBe(pid);
    process.kill(Number(pid), 'SIGKILL');
    await expect.poll(() => host.commandLine(Number(pid))).toBeUndefined();
    await applyBinding(host, box.netns, box.directory, plan(box));
    const revived = Number(await host.readText(join(box.directory, 'dhcp-eth0.pid')));
    expect(await host.commandLine(revived)).toContain('--interface=k6t-eth0');
    await applyBinding(host, box.netns, box.directory, plan(box, [{ port: 22 }]));
    expect(await runChecked(host, 'nft', ['list', 'ruleset'], { netns: box.netns })).toContain(
      'tcp dport 22 dnat to 10.0.2.2',
    );
    await expect.poll(() => host.commandLine(revived)).toBeUndefined();
  });
});

test.skipIf(missing)('the bridge binding hands MAC and address of the pod to the guest', async () => {
  const box = await sandbox();
  const { result } = box.attachments[0]!;
  const nic = (await listLinks(host, box.netns)).find(({ ifname }) => ifname === 'eth0')!;
  const { address: cidr, gateway } = result.ips[0]!;
  const binding = planBridgeBinding({
    podInterface: 'eth0',
    podMtu: box.mtu,
    mac: nic.address!,
    address: { cidr, routes: result.routes, ...(gateway && { gateway }) },
    hostname: 'guest',
    resolver,
  });
  await applyBinding(host, box.netns, box.directory, binding);
  const guest = await playGuest(box, binding, nic.address!);
  expect(await dhcp(guest, nic.address!)).toMatchObject({ address: box.ips[0] });
  await runChecked(host, 'ip', ['-n', guest, 'addr', 'add', cidr, 'dev', 'guest0']);
  await serve(guest, 8080, 'guest');
  expect(await call(box.ips[0]!, 8080)).toBe(`guest ${network.segment.gateway}`);
});

test.skipIf(missing)('a tap is made in the node, moved into the pod, and gone with it', async () => {
  const box = await sandbox();
  const binding = planMasquerade({
    podInterface: 'eth0',
    podMtu: box.mtu,
    guestMac: '52:54:00:aa:bb:02',
    hostname: undefined,
    ports: [],
    resolver,
  });
  const name = tapName(network.key, 'vmi', 'default');
  await applyBinding(host, box.netns, box.directory, binding);
  await createTap(host, { name, uid: 64055, mtu: box.mtu });
  // A second try after a crash meets the tap of the first.
  await createTap(host, { name, uid: 64055, mtu: box.mtu });
  expect(await network.removeLeftoverTaps(new Set([name]))).toEqual([]);
  await moveTap(host, { name, netns: box.netns, newName: binding.tap, bridge: binding.bridge, mtu: binding.mtu });
  expect((await listLinks(host, box.netns)).find(({ ifname }) => ifname === 'tap0')).toMatchObject({
    master: 'k6t-eth0',
    mtu: box.mtu,
  });
  await createTap(host, { name, uid: 64055, mtu: box.mtu });
  expect(await network.removeLeftoverTaps(new Set())).toEqual([name]);
  await deleteTap(host, name);
});

test.skipIf(missing)('two data directories live side by side, and a wipe leaves nothing behind', async () => {
  const forwarding = await host.readText('/proc/sys/net/ipv4/ip_forward');
  const other = await openNetwork('other');
  expect(other.segment.subnet).not.toBe(network.segment.subnet);
  const box = await other.create(pod());
  const mine = await sandbox();
  await serve(box.netns, 8080, 'other');
  expect(await callFrom(mine.netns, box.ips[0]!, 8080)).toMatch(/^other/);
  const binding = planMasquerade({
    podInterface: 'eth0',
    podMtu: box.mtu,
    guestMac: '52:54:00:aa:bb:04',
    hostname: 'guest',
    ports: [],
    resolver,
  });
  await applyBinding(host, box.netns, box.directory, binding);
  const pid = Number(await host.readText(join(box.directory, 'dhcp-eth0.pid')));
  await createTap(host, { name: tapName(other.key, 'vmi', 'default'), uid: 64055 });
  const key = other.key.slice(0, 5);
  expect((await traces()).some((name) => name.includes(key))).toBe(true);
  await other.wipe();
  expect((await traces()).filter((name) => name.includes(key))).toEqual([]);
  expect(await host.commandLine(pid)).toBeUndefined();
  expect(await host.list(root)).not.toContain('other');
  expect(await host.readText('/proc/sys/net/ipv4/ip_forward')).toBe(forwarding);
});
