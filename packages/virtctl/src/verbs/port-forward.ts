import { createSocket } from 'node:dgram';
import net, { type AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { openWebSocket } from '@virtplane/runtime';
import { createWebSocketStream } from 'ws';
import { booleanFlag, type CommandModule, stringFlag } from '../command-line/command.ts';
import { UsageError } from '../command-line/flags.ts';
import { failed, type Session, subresourcePath, textOf, withSession } from '../session.ts';

export interface ForwardTarget {
  readonly resource: 'virtualmachines' | 'virtualmachineinstances';
  readonly name: string;
  readonly namespace?: string;
}

export interface ForwardedPort {
  readonly protocol: 'tcp' | 'udp';
  readonly local: number;
  readonly remote: number;
}

/** `[kind/]name[.namespace]`, or `kind/name/namespace`. A dot splits only when the kind is not followed by a namespace part. */
export function parseTarget(text: string): ForwardTarget {
  const parts = text.split('/');
  const kind = parts.length > 1 ? (parts[0] as string) : 'vmi';
  const rest = parts.length > 1 ? (parts[1] as string) : (parts[0] as string);
  const resource = ['vm', 'vms', 'virtualmachine', 'virtualmachines'].includes(kind)
    ? 'virtualmachines'
    : ['vmi', 'vmis', 'virtualmachineinstance', 'virtualmachineinstances'].includes(kind)
      ? 'virtualmachineinstances'
      : undefined;
  if (!resource) throw new UsageError(`unsupported resource type ${JSON.stringify(kind)}: use vm or vmi`);
  if (parts.length > 3)
    throw new UsageError(`target ${JSON.stringify(text)} is not of the form [kind/]name[.namespace]`);
  const dot = parts.length === 3 ? -1 : rest.indexOf('.');
  const name = dot < 0 ? rest : rest.slice(0, dot);
  const namespace = parts.length === 3 ? parts[2] : dot < 0 ? undefined : rest.slice(dot + 1);
  if (!name) throw new UsageError(`target ${JSON.stringify(text)} names nothing`);
  return { resource, name, ...(namespace ? { namespace } : {}) };
}

/** `[protocol/]local[:remote]`. */
export function parsePort(text: string): ForwardedPort {
  const match = /^(?:(tcp|udp)\/)?(\d{1,5})(?::(\d{1,5}))?$/.exec(text);
  const local = Number(match?.[2]);
  const remote = Number(match?.[3] ?? match?.[2]);
  if (!match || local > 65_535 || remote > 65_535 || remote === 0) {
    throw new UsageError(`port ${JSON.stringify(text)} is not of the form [protocol/]local[:remote]`);
  }
  return { protocol: match[1] === 'udp' ? 'udp' : 'tcp', local, remote };
}

/** `virtctl port-forward TARGET PORT…`: local ports that lead into the guest, or stdin and stdout with --stdio. */
export const portForward: CommandModule = {
  async run({ args: [target = '', ...ports], flags }) {
    const to = parseTarget(target);
    const wanted = ports.map(parsePort);
    return withSession(flags, async (session) => {
      if (booleanFlag(flags, 'stdio')) return stdio(session, to, target, wanted);
      const address = stringFlag(flags, 'address') ?? '127.0.0.1';
      try {
        for (const port of wanted)
          await (port.protocol === 'tcp' ? listenTcp : listenUdp)(session, to, target, port, address);
      } catch (error) {
        return failed(textOf(error));
      }
      return new Promise<number>((resolve) => {
        for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve(0));
      });
    });
  },
};

const open = async (session: Session, to: ForwardTarget, port: ForwardedPort) =>
  openWebSocket(
    session.config,
    subresourcePath(
      to.namespace ?? session.namespace,
      to.resource,
      to.name,
      'portforward',
      String(port.remote),
      port.protocol,
    ),
    { protocols: ['plain.kubevirt.io'], userAgent: 'virtctl' },
  );

/** Joins a local stream with the guest; ends both together. */
async function join(session: Session, to: ForwardTarget, port: ForwardedPort, local: Duplex): Promise<void> {
  const remote = createWebSocketStream(await open(session, to, port));
  await new Promise<void>((resolve, reject) => {
    remote.once('error', reject).once('close', resolve);
    local.once('error', reject).once('close', resolve);
    local.pipe(remote).pipe(local);
  }).finally(() => {
    remote.destroy();
    local.destroy();
  });
}

async function stdio(
  session: Session,
  to: ForwardTarget,
  target: string,
  ports: readonly ForwardedPort[],
): Promise<number> {
  const [port] = ports;
  if (!port || ports.length > 1) throw new UsageError('--stdio takes exactly one port');
  try {
    const remote = createWebSocketStream(await open(session, to, port));
    return await new Promise<number>((resolve, reject) => {
      remote.once('error', reject).once('close', () => resolve(0));
      process.stdin.pipe(remote).pipe(process.stdout);
    });
  } catch (error) {
    return failed(`can't access ${target}: ${textOf(error)}`);
  }
}

async function listenTcp(
  session: Session,
  to: ForwardTarget,
  target: string,
  port: ForwardedPort,
  address: string,
): Promise<void> {
  const server = net.createServer({ allowHalfOpen: false }, (local) => {
    join(session, to, port, local).catch((error: unknown) => {
      process.stderr.write(`can't access ${target}: ${textOf(error)}\n`);
      local.destroy();
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) =>
      reject(new Error(`cannot listen on ${address}:${port.local}: ${cause.message}`, { cause })),
    );
    server.listen(port.local, address, resolve);
  });
  process.stderr.write(`forwarding tcp ${address}:${(server.address() as AddressInfo).port} to ${port.remote}\n`);
}

/** One WebSocket per local sender; one datagram per frame. */
async function listenUdp(
  session: Session,
  to: ForwardTarget,
  target: string,
  port: ForwardedPort,
  address: string,
): Promise<void> {
  const server = createSocket(net.isIPv6(address) ? 'udp6' : 'udp4');
  const peers = new Map<string, ReturnType<typeof open>>();
  server.on('message', (datagram, from) => {
    const key = `${from.address}/${from.port}`;
    let peer = peers.get(key);
    if (!peer) {
      peer = open(session, to, port);
      peers.set(key, peer);
      peer.then(
        (socket) => {
          socket.on('message', (data: Buffer) => server.send(data, from.port, from.address));
          socket.once('close', () => peers.delete(key));
        },
        (error: unknown) => {
          peers.delete(key);
          process.stderr.write(`can't access ${target}: ${textOf(error)}\n`);
        },
      );
    }
    peer.then(
      (socket) => socket.send(datagram, { binary: true }),
      () => undefined,
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) =>
      reject(new Error(`cannot listen on ${address}:${port.local}: ${cause.message}`, { cause })),
    );
    server.bind(port.local, address, resolve);
  });
  process.stderr.write(`forwarding udp ${address}:${server.address().port} to ${port.remote}\n`);
}
