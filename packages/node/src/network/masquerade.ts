/**
 * The masquerade binding, as KubeVirt lays it out: the guest sits on a private bridge inside its pod, has the same
 * address in every pod (10.0.2.2), leaves with the pod's address, and is reached under it. Pure.
 */
import ipaddr from 'ipaddr.js';
import type { BindingPlan } from './binding.ts';
import type { Resolver } from './dhcp.ts';

const defaultVmNetworkCidr = '10.0.2.0/24';
/** Of the in-pod bridge; a guest must not have it. */
const bridgeMac = '02:00:00:00:00:00';

export interface MasqueradeInput {
  /** The pod's interface, usually `eth0`. */
  podInterface: string;
  podMtu: number;
  guestMac: string;
  hostname: string | undefined;
  /** `networks[].pod.vmNetworkCIDR`; its first host is the gateway, its second the guest. */
  vmNetworkCidr?: string;
  /** Only these ports are forwarded to the guest; none = all. */
  ports: readonly { port: number; protocol?: string }[];
  resolver: Resolver;
  dhcpOptions?: {
    bootFileName?: string;
    tftpServerName?: string;
    ntpServers?: readonly string[];
    privateOptions?: readonly { option: number; value: string }[];
  };
}

export function bridgeName(podInterface: string): string {
  return `k6t-${podInterface}`;
}

/** `tap` with the digits of the pod's interface: eth0 → tap0, net1 → tap1. */
export function tapNameInPod(podInterface: string): string {
  return `tap${podInterface.replace(/\D/g, '')}`;
}

/** @throws Error for a reserved MAC or a network that is too small. */
export function planMasquerade(input: MasqueradeInput): BindingPlan {
  const { podInterface, podMtu, guestMac, ports, resolver, hostname } = input;
  if (guestMac.toLowerCase() === bridgeMac) {
    throw new Error('The requested MAC address is reserved for the in-pod bridge. Please choose another one.');
  }
  const { network, netmask, prefix, gateway, guest } = addresses(input.vmNetworkCidr ?? defaultVmNetworkCidr);
  const bridge = bridgeName(podInterface);
  return {
    podInterface,
    bridge,
    tap: tapNameInPod(podInterface),
    mtu: podMtu,
    guestMac,
    guestAddress: guest,
    links: [
      ['link', 'add', bridge, 'address', bridgeMac, 'mtu', String(podMtu), 'type', 'bridge', 'forward_delay', '0'],
      ['addr', 'add', `${gateway}/${prefix}`, 'dev', bridge],
      ['link', 'set', 'dev', bridge, 'up'],
    ],
    sysctls: ['ipv4/ip_forward', 'ipv4/conf/all/route_localnet'],
    nft: translationScript({ podInterface, bridge, gateway, guest, ports }),
    dhcp: {
      bridge,
      network,
      netmask,
      guestAddress: guest,
      guestMac,
      router: gateway,
      hostname,
      mtu: podMtu,
      resolver,
      options: dhcpOptions(input.dhcpOptions),
      routes: [],
    },
  };
}

function addresses(cidr: string) {
  if (!ipaddr.IPv4.isValidCIDR(cidr))
    throw new Error(`"${cidr}" is not an IPv4 network such as ${defaultVmNetworkCidr}`);
  const [, prefix] = ipaddr.IPv4.parseCIDR(cidr);
  if (prefix > 30) throw new Error(`The network ${cidr} has no room for a gateway and a guest`);
  const network = ipaddr.IPv4.networkAddressFromCIDR(cidr);
  const host = (n: number) => {
    const octets = [...network.octets];
    octets[3] = (octets[3] ?? 0) + n;
    return octets.join('.');
  };
  return {
    network: network.toString(),
    netmask: ipaddr.IPv4.subnetMaskFromPrefixLength(prefix).toString(),
    prefix,
    gateway: host(1),
    guest: host(2),
  };
}

function translationScript(options: {
  podInterface: string;
  bridge: string;
  gateway: string;
  guest: string;
  ports: readonly { port: number; protocol?: string }[];
}): string {
  const { podInterface, bridge, gateway, guest, ports } = options;
  const matches = ports.map(({ port, protocol = 'TCP' }) => {
    const name = protocol.toLowerCase();
    if (name !== 'tcp' && name !== 'udp') throw new Error(`Port ${port}: unknown protocol ${protocol}`);
    if (!Number.isInteger(port) || port < 1 || port > 65535) throw new Error(`${port} is not a port number`);
    return `${name} dport ${port} `;
  });
  const toGuest = (matches.length > 0 ? matches : ['']).map((match) => `${match}dnat to ${guest}`);
  const fromLoopback = (matches.length > 0 ? matches : ['']).map(
    (match) => `ip daddr 127.0.0.1 ${match}dnat to ${guest}`,
  );
  return [
    'table ip nat',
    'delete table ip nat',
    'table ip nat {',
    'chain prerouting { type nat hook prerouting priority dstnat; policy accept;',
    `iifname "${podInterface}" jump KUBEVIRT_PREINBOUND`,
    '}',
    'chain output { type nat hook output priority -100; policy accept;',
    ...fromLoopback,
    '}',
    'chain postrouting { type nat hook postrouting priority srcnat; policy accept;',
    `ip saddr ${guest} oifname != "${bridge}" masquerade`,
    `oifname "${bridge}" jump KUBEVIRT_POSTINBOUND`,
    '}',
    'chain KUBEVIRT_PREINBOUND {',
    ...toGuest,
    '}',
    'chain KUBEVIRT_POSTINBOUND {',
    `ip saddr 127.0.0.1 snat to ${gateway}`,
    '}',
    '}',
    '',
  ].join('\n');
}

function dhcpOptions(options: MasqueradeInput['dhcpOptions']): { number: number; value: string }[] {
  if (!options) return [];
  const { tftpServerName, bootFileName, ntpServers = [], privateOptions = [] } = options;
  return [
    ...(ntpServers.length > 0 ? [{ number: 42, value: ntpServers.join(',') }] : []),
    ...(tftpServerName ? [{ number: 66, value: tftpServerName }] : []),
    ...(bootFileName ? [{ number: 67, value: bootFileName }] : []),
    ...privateOptions
      .filter(({ option }) => option >= 224 && option <= 254)
      .map(({ option, value }) => ({ number: option, value })),
  ];
}
