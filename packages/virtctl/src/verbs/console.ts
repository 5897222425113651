import { setTimeout as delay } from 'node:timers/promises';
import { isStatusError, VirtualMachineInstance } from '@virtplane/resources';
import { openWebSocket } from '@virtplane/runtime';
import type { WebSocket } from 'ws';
import { type CommandModule, integerFlag } from '../command-line/command.ts';
import { failed, type Session, subresourcePath, textOf, withSession } from '../session.ts';

/** Ctrl-] as telnet and virsh have it. */
const leaveKey = 0x1d;
const retryMs = 1_000;

const disconnected = `
You were disconnected from the console. This has one of the following reasons:
 - another user connected to the console of the target vm
 - network issues
`;

/** `virtctl console VMI [--timeout MINUTES]`: the serial console, until Ctrl-] or the end of the guest. */
export const serialConsole: CommandModule = {
  run: ({ args: [name = ''], flags }) =>
    withSession(flags, async (session) => {
      try {
        await warnIfPaused(session, name);
        const socket = await connectWithRetry(session, name, (integerFlag(flags, 'timeout') ?? 5) * 60_000);
        process.stderr.write(`Successfully connected to ${name} console. The escape sequence is ^]\n\n\r`);
        return await bridge(socket);
      } catch (error) {
        return failed(textOf(error));
      }
    }),
};

export async function warnIfPaused({ client, namespace }: Session, name: string): Promise<void> {
  const vmi = await client(VirtualMachineInstance).get({ namespace, name });
  if (vmi.status?.conditions?.some((c) => c.type === 'Paused' && c.status === 'True')) {
    process.stderr.write(`Warning: virtual machine ${name} is paused. Console will be active after unpause.\n`);
  }
}

/** A 400 means "not running yet": asked again every second until the time is up. Anything else ends at once. */
async function connectWithRetry(session: Session, name: string, timeoutMs: number): Promise<WebSocket> {
  const path = subresourcePath(session.namespace, 'virtualmachineinstances', name, 'console');
  const until = Date.now() + timeoutMs;
  for (;;) {
    try {
      return await openWebSocket(session.config, path, { protocols: ['plain.kubevirt.io'], userAgent: 'virtctl' });
    } catch (error) {
      if (!isStatusError(error) || error.code !== 400) throw error;
      if (Date.now() + retryMs > until) {
        throw new Error(`Timeout trying to connect to the virtual machine instance: ${error.message}`, {
          cause: error,
        });
      }
      await delay(retryMs);
    }
  }
}

function bridge(socket: WebSocket): Promise<number> {
  const { stdin, stdout } = process;
  const wasRaw = stdin.isTTY ? stdin.isRaw : false;
  if (stdin.isTTY) stdin.setRawMode(true);
  return new Promise<number>((resolve) => {
    let ending = false;
    const end = (code: number, message?: string): void => {
      if (ending) return;
      ending = true;
      stdin.off('data', typed).pause();
      if (stdin.isTTY) stdin.setRawMode(wasRaw);
      if (message) process.stderr.write(message);
      socket.terminate();
      resolve(code);
    };
    const typed = (chunk: Buffer): void => {
      const at = chunk.indexOf(leaveKey);
      const bytes = at < 0 ? chunk : chunk.subarray(0, at);
      if (bytes.length > 0) socket.send(bytes, { binary: true });
      if (at < 0) return;
      socket.close(1000);
      end(0, '\n\r');
    };
    stdin.on('data', typed);
    // A script that pipes its input goes on reading until the guest or the server ends the session.
    stdin.resume();
    socket.on('message', (data: Buffer) => {
      if (!stdout.write(data)) {
        socket.pause();
        stdout.once('drain', () => socket.resume());
      }
    });
    socket.on('error', (error) => end(1, `\n${error.message}\n`));
    socket.on('close', (code) => (code === 1000 ? end(0) : end(1, disconnected)));
  });
}
