/** dnsmasq as the DHCP server of one guest: one address, one MAC, nothing else is answered. */
import type { Host } from '../host/host.ts';
import { runChecked } from '../host/host.ts';

export interface Resolver {
  nameservers: string[];
  search: string[];
}

export interface DhcpPlan {
  bridge: string;
  /** Network address and mask of the segment, e.g. 10.0.2.0 and 255.255.255.0. */
  network: string;
  netmask: string;
  guestAddress: string;
  guestMac: string;
  /** Default gateway; undefined: none is offered. */
  router: string | undefined;
  hostname: string | undefined;
  mtu: number;
  resolver: Resolver;
  /** Option number → value. */
  options: readonly { number: number; value: string }[];
  /** The bridge has no address in the segment (bridge binding): the range is tied to it by name. */
  foreignSegment?: boolean;
  /** Classless static routes (option 121). */
  routes: readonly { destination: string; gateway: string }[];
}

/** 999 days, as KubeVirt leases. */
const leaseSeconds = 999 * 24 * 3600;

/** @throws Error when a value would not survive dnsmasq's own syntax. */
export function dhcpArguments(plan: DhcpPlan, pidFile: string): string[] {
  const { bridge, network, netmask, guestAddress, guestMac, hostname, resolver } = plan;
  const option = (number: number, value: string) => {
    if (/\p{Cc}/u.test(value)) throw new Error(`DHCP option ${number} must not contain control characters`);
    return `--dhcp-option=${number},${value}`;
  };
  const domain = resolver.search[0];
  const routes = plan.routes.map(({ destination, gateway }) => `${destination},${gateway}`).join(',');
  return [
    '--conf-file=/dev/null',
    '--no-hosts',
    '--no-resolv',
    '--port=0',
    '--user=nobody',
    '--group=nogroup',
    '--no-ping',
    '--quiet-dhcp',
    '--leasefile-ro',
    '--dhcp-authoritative',
    '--bind-interfaces',
    '--except-interface=lo',
    `--interface=${bridge}`,
    `--pid-file=${pidFile}`,
    ...(plan.foreignSegment ? [`--shared-network=${bridge},${network}`] : []),
    `--dhcp-range=${network},static,${netmask},${leaseSeconds}s`,
    // The address belongs to whoever has the MAC, whatever client id an installer or a second system sends.
    `--dhcp-host=${[guestMac, 'id:*', guestAddress, ...(hostname ? [hostname] : []), `${leaseSeconds}s`].join(',')}`,
    '--dhcp-ignore=tag:!known',
    // An option without a value tells dnsmasq not to offer itself.
    plan.router === undefined ? '--dhcp-option=3' : option(3, plan.router),
    resolver.nameservers.length > 0 ? option(6, resolver.nameservers.join(',')) : '--dhcp-option=6',
    ...(domain ? [option(15, domain)] : []),
    ...(resolver.search.length > 0 ? [option(119, resolver.search.join(','))] : []),
    option(26, String(plan.mtu)),
    ...(routes === '' ? [] : [option(121, routes)]),
    ...plan.options.map(({ number, value }) => option(number, value)),
  ];
}

/** Starts the server in the pod's namespace; resolves when it serves. It outlives us; `stopDhcp` ends it. */
export async function startDhcp(host: Host, netns: string, plan: DhcpPlan, pidFile: string): Promise<void> {
  await stopDhcp(host, pidFile);
  await runChecked(host, 'dnsmasq', dhcpArguments(plan, pidFile), { netns });
}

/** Ends the server of this pid file; nothing happens when it does not run. */
export async function stopDhcp(host: Host, pidFile: string): Promise<void> {
  const pid = await serverPid(host, pidFile);
  if (pid !== undefined) host.kill(pid, 'SIGKILL');
  await host.remove(pidFile);
}

export async function dhcpRuns(host: Host, pidFile: string): Promise<boolean> {
  return (await serverPid(host, pidFile)) !== undefined;
}

async function serverPid(host: Host, pidFile: string): Promise<number | undefined> {
  const pid = Number.parseInt((await host.readTextIfExists(pidFile)) ?? '', 10);
  // Pids are re-used: only a process with our pid file in its arguments is the server.
  return pid > 1 && (await host.commandLine(pid))?.includes(`--pid-file=${pidFile}`) ? pid : undefined;
}

/** The machine's name servers as a pod can reach them: a stub on loopback stands for the servers behind it. */
export async function readHostResolver(host: Host): Promise<Resolver> {
  const first = parseResolvConf((await host.readTextIfExists('/etc/resolv.conf')) ?? '');
  if (first.nameservers.length > 0) return first;
  const behindStub = parseResolvConf((await host.readTextIfExists('/run/systemd/resolve/resolv.conf')) ?? '');
  return { nameservers: behindStub.nameservers, search: first.search.length > 0 ? first.search : behindStub.search };
}

/** IPv4 servers that are not on loopback, and the search list. */
export function parseResolvConf(text: string): Resolver {
  const nameservers: string[] = [];
  let search: string[] = [];
  for (const line of text.split('\n')) {
    const [key, ...values] = line.trim().split(/\s+/);
    const [value] = values;
    if (key === 'nameserver' && value && /^\d+\.\d+\.\d+\.\d+$/.test(value) && !value.startsWith('127.')) {
      nameservers.push(value);
    } else if (key === 'search' || key === 'domain') {
      search = values.filter((domain) => /^[A-Za-z0-9._-]+$/.test(domain) && domain !== '.');
    }
  }
  return { nameservers: nameservers.slice(0, 3), search };
}
