/**
 * The bridge binding, as KubeVirt lays it out: the guest takes over the pod interface's MAC (and its address, if the
 * network gave one) and is on the network itself. Pure.
 */
import { createHash } from 'node:crypto';
import ipaddr from 'ipaddr.js';
import type { BindingPlan } from './binding.ts';
import type { Resolver } from './dhcp.ts';
import { bridgeName, tapNameInPod } from './masquerade.ts';

export interface BridgeBindingInput {
  podInterface: string;
  podMtu: number;
  /** The pod interface's MAC as CNI left it: the guest gets it. */
  mac: string;
  /** What CNI assigned; without it nothing of ours answers DHCP on the segment. */
  address?: { cidr: string; gateway?: string; routes: readonly { dst: string; gw?: string }[] };
  hostname: string | undefined;
  resolver: Resolver;
}

/** The NIC needs another MAC than the guest; this one is locally administered and the same at each try. */
export function replacementMac(mac: string): string {
  const digest = createHash('sha256').update(mac.toLowerCase()).digest('hex');
  return [
    '02',
    digest.slice(0, 2),
    digest.slice(2, 4),
    digest.slice(4, 6),
    digest.slice(6, 8),
    digest.slice(8, 10),
  ].join(':');
}

export function planBridgeBinding(input: BridgeBindingInput): BindingPlan {
  const { podInterface, podMtu, mac, address } = input;
  const bridge = bridgeName(podInterface);
  const index = Number(podInterface.replace(/\D/g, '') || 0);
  const nic = `${podInterface}-nic`;
  const nicMac = replacementMac(mac);
  const links: string[][] = [
    ['link', 'set', 'dev', podInterface, 'down'],
    ...(address ? [['addr', 'flush', 'dev', podInterface]] : []),
    ['link', 'set', 'dev', podInterface, 'name', nic],
    // Whoever looks for the pod's interface still finds one of its name with its address. A bridge without ports serves
    // as the dummy device, which not every kernel has.
    ...(address
      ? [
          ['link', 'add', podInterface, 'type', 'bridge'],
          ['addr', 'add', address.cidr, 'dev', podInterface],
        ]
      : []),
    ['link', 'set', 'dev', nic, 'address', nicMac],
    ['link', 'add', bridge, 'address', nicMac, 'mtu', String(podMtu), 'type', 'bridge', 'forward_delay', '0'],
    ['link', 'set', 'dev', nic, 'master', bridge],
    ['link', 'set', 'dev', nic, 'type', 'bridge_slave', 'learning', 'off'],
    ['addr', 'add', `169.254.75.${10 + (index % 200)}/32`, 'dev', bridge],
    ['link', 'set', 'dev', nic, 'up'],
    ['link', 'set', 'dev', bridge, 'up'],
  ];
  return {
    podInterface,
    bridge,
    tap: tapNameInPod(podInterface),
    mtu: podMtu,
    guestMac: mac,
    guestAddress: address?.cidr.split('/')[0],
    links,
    sysctls: address ? ['ipv4/conf/all/arp_ignore'] : [],
    nft: undefined,
    dhcp: address && dhcpFor(input, address, bridge),
  };
}

function dhcpFor(
  input: BridgeBindingInput,
  address: NonNullable<BridgeBindingInput['address']>,
  bridge: string,
): BindingPlan['dhcp'] {
  const [ip, prefix] = ipaddr.IPv4.parseCIDR(address.cidr);
  const routes = address.routes
    .filter(({ dst }) => dst !== '0.0.0.0/0')
    .map(({ dst, gw }) => ({ destination: dst, gateway: gw ?? address.gateway ?? '0.0.0.0' }));
  return {
    bridge,
    network: ipaddr.IPv4.networkAddressFromCIDR(address.cidr).toString(),
    netmask: ipaddr.IPv4.subnetMaskFromPrefixLength(prefix).toString(),
    guestAddress: ip.toString(),
    guestMac: input.mac,
    router: address.gateway,
    hostname: input.hostname,
    mtu: input.podMtu,
    resolver: input.resolver,
    options: [],
    routes,
    foreignSegment: true,
  };
}
