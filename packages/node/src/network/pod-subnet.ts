/** Which addresses the pods of one data directory get: a /24 that nothing on this machine routes already. Pure. */
import { createHash } from 'node:crypto';
import ipaddr from 'ipaddr.js';

/** 10.244.0.0/16 is what Kubernetes installations use by habit; the others are tried when it is taken. */
const pools = [244, 245, 246, 250, 251, 252] as const;

/** Twelve hex digits that stand for a data directory in names of bridges, tables and namespaces. */
export function nodeKey(directory: string): string {
  return createHash('sha256').update(directory).digest('hex').slice(0, 12);
}

type Range = [ipaddr.IPv4, number];

function parseRange(text: string): Range | undefined {
  const cidr = text === 'default' ? '0.0.0.0/0' : text.includes('/') ? text : `${text}/32`;
  return ipaddr.IPv4.isValidCIDR(cidr) ? ipaddr.IPv4.parseCIDR(cidr) : undefined;
}

function overlaps([a, aBits]: Range, [b, bBits]: Range): boolean {
  const bits = Math.min(aBits, bBits);
  return a.match(b, bits);
}

/**
 * @param key decides where the search begins, so that several data directories rarely ask for the same range.
 * @param taken destinations of routes and addresses in use, CIDR or single; a default route takes nothing.
 * @throws Error when every candidate is taken.
 */
export function choosePodSubnet(key: string, taken: readonly string[]): string {
  const used = taken.map(parseRange).filter((range) => range !== undefined && range[1] > 0) as Range[];
  const start = Number.parseInt(key.slice(0, 4), 16) % 256;
  for (const pool of pools) {
    for (let i = 0; i < 256; i++) {
      const subnet = `10.${pool}.${(start + i) % 256}.0/24`;
      const range = ipaddr.IPv4.parseCIDR(subnet);
      if (!used.some((other) => overlaps(range, other))) return subnet;
    }
  }
  throw new Error(
    'No free /24 for pods: the machine routes all of 10.244–246 and 10.250–252; give one with --pod-subnet',
  );
}

/** The first host address: the node's own on the pods' bridge. */
export function gatewayOf(subnet: string): string {
  const octets = ipaddr.IPv4.networkAddressFromCIDR(subnet).octets;
  octets[3] = (octets[3] ?? 0) + 1;
  return octets.join('.');
}
