/** iproute2 in few processes: many commands go through one `ip -batch`. */
import { CommandFailedError, type Host, runChecked } from '../host/host.ts';

/** Names in commands come from us, but a batch line must never be split by one that does not. */
function checked(line: readonly string[]): string {
  for (const word of line) {
    if (word === '' || /[\s"'\\#]/.test(word)) throw new Error(`Not a word of an ip command: ${JSON.stringify(word)}`);
  }
  return line.join(' ');
}

/** Runs the commands in order in one process, in a network namespace or in ours. Stops at the first that fails. */
export async function ipBatch(
  host: Host,
  commands: readonly (readonly string[])[],
  options: { netns?: string; force?: boolean } = {},
): Promise<void> {
  if (commands.length === 0) return;
  const args = [...(options.netns ? ['-n', options.netns] : []), ...(options.force ? ['-force'] : []), '-batch', '-'];
  const input = `${commands.map(checked).join('\n')}\n`;
  const result = await host.run('ip', args, { input });
  if (result.code !== 0 && !options.force) throw new CommandFailedError('ip', args, result);
}

export interface IpLink {
  ifname: string;
  mtu: number;
  address: string | undefined;
  master: string | undefined;
}

export async function listLinks(host: Host, netns?: string): Promise<IpLink[]> {
  const text = await runChecked(host, 'ip', [...(netns ? ['-n', netns] : []), '-j', 'link', 'show']);
  return records(text).map(({ ifname, mtu, address, master }) => ({
    ifname: String(ifname),
    mtu: Number(mtu),
    address: typeof address === 'string' ? address : undefined,
    master: typeof master === 'string' ? master : undefined,
  }));
}

export interface IpRoute {
  dst: string;
  dev: string | undefined;
  gateway: string | undefined;
}

/** IPv4 routes of all tables: network, host and broadcast addresses included. */
export async function listRoutes(host: Host): Promise<IpRoute[]> {
  const text = await runChecked(host, 'ip', ['-4', '-j', 'route', 'show', 'table', 'all']);
  return records(text).map(({ dst, dev, gateway }) => ({
    dst: String(dst),
    dev: typeof dev === 'string' ? dev : undefined,
    gateway: typeof gateway === 'string' ? gateway : undefined,
  }));
}

export async function listNamespaces(host: Host): Promise<string[]> {
  return host.list('/run/netns');
}

function records(json: string): Record<string, unknown>[] {
  if (json.trim() === '') return [];
  const value: unknown = JSON.parse(json);
  return Array.isArray(value) ? value.filter((item) => typeof item === 'object' && item !== null) : [];
}
