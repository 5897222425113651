/** The pods' own piece of network on this node: subnet, bridge, forwarding, address translation. */
import { join } from 'node:path';
import { type Host, runChecked } from '../host/host.ts';
import type { CniNetwork } from './cni.ts';
import { ipBatch, listLinks, listRoutes } from './ip-command.ts';
import { choosePodSubnet, gatewayOf } from './pod-subnet.ts';

export interface Segment {
  subnet: string;
  /** The node's own address on the bridge. */
  gateway: string;
  bridge: string;
  /** nftables table `ip <name>`. */
  table: string;
  mtu: number;
  ipamDirectory: string;
  /** What CNI is called with. */
  network: CniNetwork;
  /** Forwarding was off before we came. */
  switchedForwardingOn: boolean;
}

const forwardingFile = '/proc/sys/net/ipv4/ip_forward';

interface StoredSegment {
  subnet: string;
  mtu: number;
  switchedForwardingOn: boolean;
}

export async function openSegment(
  host: Host,
  directory: string,
  key: string,
  wantedSubnet: string | undefined,
): Promise<Segment> {
  const file = join(directory, 'segment.json');
  const text = await host.readTextIfExists(file);
  const stored = text === undefined ? undefined : (JSON.parse(text) as StoredSegment);
  const forwarding = (await host.readTextIfExists(forwardingFile))?.trim() === '1';
  const chosen: StoredSegment = {
    ...(stored ?? (await chooseSegment(host, key, wantedSubnet))),
    switchedForwardingOn: stored?.switchedForwardingOn === true || !forwarding,
  };
  if (!stored) await host.writeText(file, `${JSON.stringify(chosen)}\n`);
  if (!forwarding) await host.writeInPlace(forwardingFile, '1\n');
  const segment = describeSegment(directory, key, chosen);
  await runChecked(host, 'nft', ['-f', '-'], { input: translationOfPods(segment) });
  return segment;
}

async function chooseSegment(
  host: Host,
  key: string,
  wanted: string | undefined,
): Promise<{ subnet: string; mtu: number }> {
  const [routes, links] = await Promise.all([listRoutes(host), listLinks(host)]);
  const outwards = routes.find(({ dst }) => dst === 'default')?.dev;
  const mtu = links.find(({ ifname }) => ifname === outwards)?.mtu ?? 1500;
  const resolv = (await host.readTextIfExists('/etc/resolv.conf')) ?? '';
  const servers = [...resolv.matchAll(/^nameserver\s+(\S+)/gm)].map((match) => match[1]!);
  const subnet = wanted ?? choosePodSubnet(key, [...routes.map(({ dst }) => dst), ...servers]);
  return { subnet, mtu };
}

function describeSegment(directory: string, key: string, stored: StoredSegment): Segment {
  const bridge = `vp-${key.slice(0, 8)}`;
  const ipamDirectory = join(directory, 'ipam');
  return {
    ...stored,
    gateway: gatewayOf(stored.subnet),
    bridge,
    table: `virtplane-${key}`,
    ipamDirectory,
    network: {
      cniVersion: '0.4.0',
      name: `virtplane-${key}`,
      plugins: [
        {
          type: 'bridge',
          bridge,
          isDefaultGateway: true,
          hairpinMode: true,
          mtu: stored.mtu,
          ipam: { type: 'host-local', dataDir: ipamDirectory, ranges: [[{ subnet: stored.subnet }]] },
        },
      ],
    },
  };
}

/** One atomic transaction; the empty declaration makes the deletion valid when the table does not exist. */
function translationOfPods({ table, subnet, bridge }: Segment): string {
  return [
    `table ip ${table}`,
    `delete table ip ${table}`,
    `table ip ${table} {`,
    'chain postrouting { type nat hook postrouting priority srcnat; policy accept;',
    `ip saddr ${subnet} ip daddr != ${subnet} oifname != "${bridge}" masquerade`,
    '}',
    '}',
    '',
  ].join('\n');
}

/** Removes table and bridge, and switches forwarding off again when we switched it on and no other node of ours runs. */
export async function wipeSegment(host: Host, segment: Segment): Promise<void> {
  await runChecked(host, 'nft', ['-f', '-'], {
    input: `table ip ${segment.table}\ndelete table ip ${segment.table}\n`,
  });
  if (await host.status(`/sys/class/net/${segment.bridge}`)) {
    await ipBatch(host, [['link', 'del', 'dev', segment.bridge]]);
  }
  if (!segment.switchedForwardingOn) return;
  const tables = await runChecked(host, 'nft', ['list', 'tables']);
  if (!tables.includes('virtplane-')) await host.writeInPlace(forwardingFile, '0\n');
}
