import { execFile, spawn } from 'node:child_process';
import * as fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

const execute = promisify(execFile);
export const top = path.dirname(path.dirname(import.meta.dirname));
const command = path.join(top, 'bin/virtplane');
export const guestImage = { layout: path.join(top, '.cache/guest/oci'), reference: 'localhost/virtplane/guest:1' };

export interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command to its end; a non-zero status is a result, not an exception. */
export async function run(
  file: string,
  args: readonly string[],
  options: { readonly input?: string; readonly env?: NodeJS.ProcessEnv; readonly timeoutMs?: number } = {},
): Promise<CommandResult> {
  const child = execFile(file, [...args], {
    env: { ...process.env, ...options.env },
    timeout: options.timeoutMs ?? 60_000,
    maxBuffer: 1 << 28,
  });
  let stdout = '';
  let stderr = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  child.stdin?.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
  child.stdin?.end(options.input ?? '');
  const code = await new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (status, signal) => resolve(status ?? (signal ? 128 : 1)));
  });
  return { code, stdout, stderr };
}

/** One Virtplane of this test alone: own data directory, free port; everything is gone after `stop`. */
export interface TestVirtplane {
  readonly dataDirectory: string;
  readonly kubeconfig: string;
  kubectl(
    args: readonly string[],
    options?: { readonly input?: string; readonly timeoutMs?: number },
  ): Promise<CommandResult>;
  /** Like `kubectl`, but a non-zero status fails the test with kubectl's own words. */
  ok(args: readonly string[], options?: { readonly input?: string; readonly timeoutMs?: number }): Promise<string>;
  virtctl(
    args: readonly string[],
    options?: { readonly input?: string; readonly timeoutMs?: number },
  ): Promise<CommandResult>;
  virtplane(args: readonly string[], options?: { readonly timeoutMs?: number }): Promise<CommandResult>;
  /** Pids of `server`, `node` and `up` as they are now. */
  pids(): Promise<{ readonly server: number; readonly node: number; readonly up: number }>;
  stop(): Promise<void>;
}

export interface StartOptions {
  /** Take the small guest into the image store. */
  readonly withGuestImage?: boolean;
  /** Short, because unix socket paths below it are limited. */
  readonly prefix?: string;
}

export async function startVirtplane(options: StartOptions = {}): Promise<TestVirtplane> {
  const dataDirectory = await fs.mkdtemp(path.join(os.tmpdir(), options.prefix ?? 'vp-'));
  const kubeconfig = path.join(dataDirectory, 'admin.kubeconfig');
  const env = { KUBECONFIG: kubeconfig, HOME: path.join(dataDirectory, 'run') };
  const virtplane = (args: readonly string[], more: { timeoutMs?: number } = {}): Promise<CommandResult> =>
    run(command, [...args], { env, timeoutMs: more.timeoutMs ?? 120_000 });

  const up = await virtplane(['up', '--detach', '--data', dataDirectory, '--port', '0'], { timeoutMs: 120_000 });
  const self: TestVirtplane = {
    dataDirectory,
    kubeconfig,
    kubectl: (args, more) => run('kubectl', args, { env, ...more }),
    async ok(args, more) {
      const result = await self.kubectl(args, more);
      if (result.code !== 0) throw new Error(`kubectl ${args.join(' ')}: ${result.stderr}`);
      return result.stdout;
    },
    virtctl: (args, more) => run(path.join(top, 'bin/virtctl'), args, { env, ...more }),
    virtplane,
    async pids() {
      const { stdout } = await virtplane(['status', '--data', dataDirectory, '-o', 'json']);
      const { parts } = JSON.parse(stdout) as { parts: Record<string, { pid: number } | null> };
      return { server: parts.server?.pid ?? 0, node: parts.node?.pid ?? 0, up: parts.up?.pid ?? 0 };
    },
    async stop() {
      // Caches of a kubectl whose HOME a test put here: `down --wipe` removes nothing that is not Virtplane's.
      for (const name of await fs.readdir(dataDirectory).catch(() => [])) {
        if (name === '.kube' || name.startsWith('home-')) {
          await fs.rm(path.join(dataDirectory, name), { recursive: true, force: true });
        }
      }
      const down = await virtplane(['down', '--data', dataDirectory, '--wipe', '--grace-period', '5'], {
        timeoutMs: 120_000,
      });
      await fs.rm(dataDirectory, { recursive: true, force: true });
      if (down.code !== 0) throw new Error(`virtplane down: ${down.stderr}`);
    },
  };
  if (up.code !== 0) {
    const logs = await Promise.all(
      ['server', 'node'].map((part) =>
        fs.readFile(path.join(dataDirectory, 'log', `${part}.log`), 'utf8').catch(() => ''),
      ),
    );
    await self.stop().catch(() => undefined);
    throw new Error(`virtplane up: ${up.stderr}\n${logs.join('\n').slice(-4000)}`);
  }
  if (options.withGuestImage) {
    const added = await virtplane(['image', 'add', guestImage.layout, guestImage.reference, '--data', dataDirectory]);
    if (added.code !== 0) throw new Error(`virtplane image add: ${added.stderr}`);
  }
  return self;
}

/** Tries until the check does not throw; the last error says what was missing. */
export async function eventually<T>(check: () => Promise<T> | T, withinMs = 30_000, everyMs = 100): Promise<T> {
  const until = Date.now() + withinMs;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (Date.now() > until) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}

/** What a host could be left with: compared before and after. */
export async function hostTraces(): Promise<Record<string, readonly string[]>> {
  const lines = async (file: string, args: readonly string[]): Promise<string[]> =>
    (await execute(file, [...args])).stdout.split('\n').filter((line) => line !== '');
  const [links, namespaces, tables, mounts, processes] = await Promise.all([
    lines('ip', ['-o', 'link', 'show']),
    fs.readdir('/run/netns').catch(() => []),
    lines('nft', ['list', 'tables']),
    fs.readFile('/proc/self/mounts', 'utf8'),
    lines('ps', ['-eo', 'comm']),
  ]);
  const ours = ['qemu-system-x86', 'libvirtd', 'dnsmasq'];
  const cgroups = await Promise.all(
    (await fs.readdir('/sys/fs/cgroup')).map(async (controller) =>
      (await fs.readdir(path.join('/sys/fs/cgroup', controller)).catch(() => []))
        .filter((name) => /virtplane|machine|partition/.test(name))
        .map((name) => `${controller}/${name}`),
    ),
  );
  return {
    links: links.map((line) => (line.split(': ')[1] ?? '').split('@')[0] ?? '').sort(),
    namespaces: [...namespaces].sort(),
    tables: tables.sort(),
    mounts: mounts
      .split('\n')
      .map((line) => line.split(' ')[1] ?? '')
      .sort(),
    processes: processes.filter((name) => ours.includes(name)).sort(),
    cgroups: cgroups.flat().sort(),
  };
}

/** Starts something that runs until the test ends it. */
export const start = (file: string, args: readonly string[], env: NodeJS.ProcessEnv = {}) =>
  spawn(file, [...args], { env: { ...process.env, ...env }, stdio: ['pipe', 'pipe', 'pipe'] });
