import * as fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { type FlagSpec, type FlagValues, UsageError } from '@virtplane/virtctl/command-line';

export const dataFlag: FlagSpec = {
  type: 'string',
  description: 'data directory (default: /var/lib/virtplane as root, else $XDG_DATA_HOME/virtplane)',
  placeholder: 'DIR',
};

/** Where everything of one Virtplane lies. `server` and `secrets` are for the owner only; QEMU must be able to reach `node`. */
export interface DataDirectory {
  readonly root: string;
  readonly server: string;
  readonly node: string;
  readonly log: string;
  readonly run: string;
  readonly adminKubeconfig: string;
  readonly nodeKubeconfig: string;
}

export function dataDirectory(flags: FlagValues): DataDirectory {
  const root = path.resolve(typeof flags.data === 'string' && flags.data !== '' ? flags.data : defaultRoot());
  return {
    root,
    server: path.join(root, 'server'),
    node: path.join(root, 'node'),
    log: path.join(root, 'log'),
    run: path.join(root, 'run'),
    adminKubeconfig: path.join(root, 'admin.kubeconfig'),
    nodeKubeconfig: path.join(root, 'node.kubeconfig'),
  };
}

/** Where data lies when nothing else is said. */
export function defaultRoot(): string {
  if (process.getuid?.() === 0) return '/var/lib/virtplane';
  return path.join(process.env.XDG_DATA_HOME || path.join(os.homedir(), '.local/share'), 'virtplane');
}

/** Makes what is missing; says what is wrong with what is there. */
export async function prepareDataDirectory(data: DataDirectory): Promise<void> {
  try {
    await fs.mkdir(data.root, { recursive: true, mode: 0o755 });
    // The QEMU user must be able to walk down to the guests' disks, whatever the umask was.
    await fs.chmod(data.root, 0o755);
    await fs.mkdir(data.server, { recursive: true, mode: 0o700 });
    await fs.mkdir(data.log, { recursive: true, mode: 0o750 });
    await fs.mkdir(data.run, { recursive: true, mode: 0o755 });
    await fs.mkdir(data.node, { recursive: true, mode: 0o755 });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`data directory ${data.root} cannot be used: ${reason}; choose another one with --data DIR`, {
      cause,
    });
  }
}

/** A machine's node bears its host name in the form that Kubernetes demands of names. */
export const nodeNameOfThisMachine = (): string =>
  os
    .hostname()
    .toLowerCase()
    .replace(/[^a-z0-9.-]/g, '-')
    .replace(/^[.-]+|[.-]+$/g, '') || 'node';

/** Removes what is ours, and the directory unless something else lies in it: `--data` may have named anything. */
export async function removeDataDirectory(data: DataDirectory): Promise<void> {
  const ours = [data.server, data.node, data.log, data.run, data.adminKubeconfig, data.nodeKubeconfig];
  const ofOurs = (name: string): boolean => {
    const file = path.join(data.root, name);
    // A kubeconfig that a killed server had not finished bears its pid.
    return ours.includes(file) || ours.includes(file.replace(/\.\d+$/, ''));
  };
  for (const name of (await fs.readdir(data.root)).filter(ofOurs)) {
    await fs.rm(path.join(data.root, name), { recursive: true, force: true });
  }
  const others = await fs.readdir(data.root);
  if (others.length > 0) {
    const shown = others.slice(0, 5).join(', ') + (others.length > 5 ? ' …' : '');
    throw new Error(`${data.root} stays because it holds what is not Virtplane's: ${shown}; remove it yourself`);
  }
  await fs.rmdir(data.root);
}

/** The `--port` flag: 0 takes any free one. */
export function portFlag(flags: FlagValues): number {
  const port = typeof flags.port === 'number' ? flags.port : 6443;
  if (port < 0 || port > 65_535) throw new UsageError(`--port is a number from 0 to 65535, not ${port}`);
  return port;
}
