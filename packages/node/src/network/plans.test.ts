import fc from 'fast-check';
import ipaddr from 'ipaddr.js';
import { describe, expect, test } from 'vitest';
import { FixtureHost } from '../host/index.ts';
import { planBridgeBinding, replacementMac } from './bridge-binding.ts';
import { dhcpArguments, parseResolvConf, readHostResolver } from './dhcp.ts';
import { ipBatch } from './ip-command.ts';
import { type MasqueradeInput, planMasquerade } from './masquerade.ts';
import { choosePodSubnet, gatewayOf, nodeKey } from './pod-subnet.ts';
import { createTap, tapName, tapPrefix } from './tap.ts';

const input: MasqueradeInput = {
  podInterface: 'eth0',
  podMtu: 1400,
  guestMac: '52:54:00:12:34:56',
  hostname: 'vm',
  ports: [],
  resolver: { nameservers: ['192.0.2.1'], search: ['example.com'] },
};

describe('masquerade', () => {
  test('the default network is 10.0.2.0/24', () => {
    const plan = planMasquerade(input);
    expect(plan).toMatchObject({ bridge: 'k6t-eth0', tap: 'tap0', mtu: 1400, guestAddress: '10.0.2.2' });
    expect(plan.links[1]).toEqual(['addr', 'add', '10.0.2.1/24', 'dev', 'k6t-eth0']);
    expect(plan.nft).toContain('iifname "eth0" jump KUBEVIRT_PREINBOUND');
    expect(plan.nft).toMatch(/KUBEVIRT_PREINBOUND \{\ndnat to 10\.0\.2\.2\n\}/);
  });

  test('a network of the user: first host is the gateway, second the guest', () => {
    const plan = planMasquerade({ ...input, vmNetworkCidr: '192.168.10.128/28' });
    expect(plan.guestAddress).toBe('192.168.10.130');
    expect(plan.dhcp).toMatchObject({
      network: '192.168.10.128',
      netmask: '255.255.255.240',
      router: '192.168.10.129',
    });
  });

  test('ports limit what is forwarded', () => {
    const { nft } = planMasquerade({ ...input, ports: [{ port: 80 }, { port: 53, protocol: 'UDP' }] });
    expect(nft).toMatch(
      /KUBEVIRT_PREINBOUND \{\ntcp dport 80 dnat to 10\.0\.2\.2\nudp dport 53 dnat to 10\.0\.2\.2\n\}/,
    );
  });

  test.each([
    [{ guestMac: '02:00:00:00:00:00' }, /reserved for the in-pod bridge/],
    [{ vmNetworkCidr: '10.0.2.0/31' }, /no room/],
    [{ vmNetworkCidr: 'fd10::/64' }, /not an IPv4 network/],
    [{ ports: [{ port: 0 }] }, /not a port/],
    [{ ports: [{ port: 1, protocol: 'TCP }; flush ruleset' }] }, /unknown protocol/],
  ] as [Partial<MasqueradeInput>, RegExp][])('%j is refused', (change, message) => {
    expect(() => planMasquerade({ ...input, ...change })).toThrow(message);
  });

  test("DHCP options of the interface reach the guest; only the private range is the user's", () => {
    const { dhcp } = planMasquerade({
      ...input,
      dhcpOptions: {
        bootFileName: 'boot.ipxe',
        tftpServerName: 'tftp',
        ntpServers: ['192.0.2.7'],
        privateOptions: [
          { option: 240, value: 'x' },
          { option: 3, value: '192.0.2.66' },
        ],
      },
    });
    expect(dhcp!.options.map(({ number }) => number)).toEqual([42, 66, 67, 240]);
    expect(dhcpArguments(dhcp!, '/pid')).toContain('--dhcp-option=67,boot.ipxe');
    expect(() => dhcpArguments({ ...dhcp!, options: [{ number: 240, value: 'a\nb' }] }, '/pid')).toThrow(/control/);
  });
});

describe('bridge binding', () => {
  test('without an address nothing of ours answers DHCP', () => {
    const plan = planBridgeBinding({
      podInterface: 'net1',
      podMtu: 1500,
      mac: 'de:00:00:00:00:de',
      hostname: 'vm',
      resolver: input.resolver,
    });
    expect(plan).toMatchObject({ tap: 'tap1', bridge: 'k6t-net1', dhcp: undefined, guestMac: 'de:00:00:00:00:de' });
  });

  test('the NIC gets a MAC of its own, always the same one', () => {
    expect(replacementMac('DE:00:00:00:00:DE')).toBe(replacementMac('de:00:00:00:00:de'));
    expect(replacementMac('de:00:00:00:00:de')).toMatch(/^02(:[0-9a-f]{2}){5}$/);
  });
});

describe('the subnet of the pods', () => {
  test('never overlaps with anything that is routed', () => {
    const network = fc.tuple(fc.nat(255), fc.nat(255), fc.integer({ min: 9, max: 32 })).map(([b, c, bits]) => {
      const cidr = `10.${b}.${c}.0/${bits}`;
      return `${ipaddr.IPv4.networkAddressFromCIDR(cidr)}/${bits}`;
    });
    fc.assert(
      fc.property(fc.array(network, { maxLength: 30 }), fc.string(), (taken, directory) => {
        let subnet: string;
        try {
          subnet = choosePodSubnet(nodeKey(directory), taken);
        } catch {
          // Everything may be taken: then there is no answer to be wrong.
          return;
        }
        const chosen = ipaddr.IPv4.parseCIDR(subnet);
        for (const cidr of taken) {
          const other = ipaddr.IPv4.parseCIDR(cidr);
          expect(chosen[0].match(other) || other[0].match(chosen)).toBe(false);
        }
      }),
    );
  });

  test('a default route takes nothing, single addresses count, exhaustion is told', () => {
    const key = nodeKey('/var/lib/virtplane/network');
    const first = choosePodSubnet(key, ['default', '0.0.0.0/0']);
    expect(first).toMatch(/^10\.244\.\d+\.0\/24$/);
    expect(choosePodSubnet(key, [gatewayOf(first)])).not.toBe(first);
    expect(choosePodSubnet(key, ['10.244.0.0/16'])).toMatch(/^10\.245\./);
    expect(() => choosePodSubnet(key, ['10.0.0.0/8'])).toThrow(/--pod-subnet/);
  });
});

describe("the machine's name servers", () => {
  test('are taken without loopback, search list and all', () => {
    expect(
      parseResolvConf(
        'nameserver 127.0.0.53\nnameserver 192.0.2.1 \nnameserver fd00::1\nsearch a.example b.example .\n',
      ),
    ).toEqual({ nameservers: ['192.0.2.1'], search: ['a.example', 'b.example'] });
  });

  test('behind a stub resolver are found', async () => {
    const host = new FixtureHost({
      files: {
        '/etc/resolv.conf': 'nameserver 127.0.0.53\nsearch home\n',
        '/run/systemd/resolve/resolv.conf': 'nameserver 192.0.2.9\n',
      },
    });
    expect(await readHostResolver(host)).toEqual({ nameservers: ['192.0.2.9'], search: ['home'] });
  });
});

describe('ip commands', () => {
  test('go in one process; a word with white space is refused', async () => {
    const host = new FixtureHost({ script: () => ({}) });
    await ipBatch(
      host,
      [
        ['link', 'add', 'a'],
        ['link', 'del', 'b'],
      ],
      { netns: 'n' },
    );
    expect(host.commands).toEqual([
      { file: 'ip', args: ['-n', 'n', '-batch', '-'], input: 'link add a\nlink del b\n', netns: undefined },
    ]);
    await expect(ipBatch(host, [['link', 'del', 'a\nlink del eth0']])).rejects.toThrow(/Not a word/);
  });

  test('taps have short names that tell whose they are', async () => {
    const key = nodeKey('/data');
    const name = tapName(key, 'uid', 'default');
    expect(name).toHaveLength(15);
    expect(name.startsWith(tapPrefix(key))).toBe(true);
    expect(tapName(key, 'uid', 'other')).not.toBe(name);
    const host = new FixtureHost({ script: () => ({}) });
    await createTap(host, { name, uid: 64055, mtu: 1400, multiQueue: true });
    expect(host.commands[0]?.input).toBe(
      `tuntap add dev ${name} mode tap user 64055 multi_queue\nlink set dev ${name} mtu 1400\n`,
    );
  });
});
