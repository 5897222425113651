import { spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import net, { type AddressInfo } from 'node:net';
import { openWebSocket } from '@virtplane/runtime';
import { createWebSocketStream } from 'ws';
import { booleanFlag, type CommandModule, integerFlag, stringFlag } from '../command-line/command.ts';
import { failed, print, type Session, subresourcePath, textOf, withSession } from '../session.ts';

/** `virtctl vnc VMI [--proxy-only] [--port N] [--address A]`: a local VNC port for one viewer, or a viewer started on it. */
export const vnc: CommandModule = {
  run: ({ args: [name = ''], flags }) =>
    withSession(flags, async (session) => {
      try {
        return await proxyOneViewer(session, name, {
          address: stringFlag(flags, 'address') ?? '127.0.0.1',
          port: integerFlag(flags, 'port') ?? 0,
          proxyOnly: booleanFlag(flags, 'proxy-only'),
          preserve: booleanFlag(flags, 'preserve-session'),
        });
      } catch (error) {
        return failed(`Can't access VMI ${name}: ${textOf(error)}`);
      }
    }),
};

interface ProxyOptions {
  readonly address: string;
  readonly port: number;
  readonly proxyOnly: boolean;
  readonly preserve: boolean;
}

async function proxyOneViewer(session: Session, name: string, options: ProxyOptions): Promise<number> {
  const path = subresourcePath(session.namespace, 'virtualmachineinstances', name, 'vnc');
  const socket = await openWebSocket(session.config, path, {
    protocols: ['plain.kubevirt.io'],
    userAgent: 'virtctl',
    query: options.preserve ? { preserveSession: 'true' } : {},
  });
  const remote = createWebSocketStream(socket);
  remote.pause();
  const server = net.createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) =>
      reject(new Error(`cannot listen on ${options.address}:${options.port}: ${cause.message}`, { cause })),
    );
    server.listen(options.port, options.address, resolve);
  });
  const { port } = server.address() as AddressInfo;
  const viewer = options.proxyOnly ? undefined : await startViewer(`${options.address}:${port}`, options.address, port);
  if (options.proxyOnly) print(JSON.stringify({ port }));
  return new Promise<number>((resolve) => {
    const end = (code: number, message?: string): void => {
      if (message) process.stderr.write(`${message}\n`);
      server.close();
      remote.destroy();
      resolve(code);
    };
    server.once('connection', (local) => {
      server.close();
      local.pipe(remote).pipe(local);
      local.once('close', () => end(0));
      local.once('error', (error) => end(1, error.message));
    });
    remote.once('error', (error) => end(1, error.message));
    socket.once('close', (code) =>
      end(code === 1000 ? 0 : 1, code === 1000 ? undefined : 'the VNC session was closed by the server'),
    );
    viewer?.once('error', (error) => end(1, `the viewer could not be started: ${error.message}`));
    viewer?.once('exit', () => end(0));
  });
}

/** The first viewer that is installed. */
async function startViewer(_target: string, address: string, port: number): Promise<ReturnType<typeof spawn>> {
  const candidates: readonly (readonly [string, readonly string[]])[] = [
    ['remote-viewer', [`vnc://${address}:${port}`]],
    ['vncviewer', [`${address}::${port}`]],
  ];
  for (const [command, args] of candidates) {
    const child = spawn(command, [...args], { stdio: 'ignore' });
    const started = await new Promise<boolean>((resolve) => {
      child.once('spawn', () => resolve(true));
      child.once('error', () => resolve(false));
    });
    if (started) return child;
  }
  throw new Error('could not find remote-viewer or vncviewer binary in $PATH; use --proxy-only and your own viewer');
}

/** `virtctl vnc screenshot VMI --file F`. */
export const vncScreenshot: CommandModule = {
  run: ({ args: [name = ''], flags }) =>
    withSession(flags, async (session) => {
      const file = stringFlag(flags, 'file');
      if (!file) return failed('the required flag --file is not set: where shall the PNG go?');
      const query = new URLSearchParams({ moveCursor: String(booleanFlag(flags, 'move-cursor')) });
      try {
        const png = await fetchBytes(
          session,
          `${subresourcePath(session.namespace, 'virtualmachineinstances', name, 'vnc', 'screenshot')}?${query}`,
        );
        await writeFile(file, png);
        return 0;
      } catch (error) {
        return failed(`Can't take a screenshot of VMI ${name}: ${textOf(error)}`);
      }
    }),
};

/** A binary answer: the typed client speaks JSON only. */
async function fetchBytes(session: Session, path: string): Promise<Buffer> {
  const { requestBytes } = await import('@virtplane/runtime');
  return requestBytes(session.config, path);
}
