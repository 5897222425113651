import { spawn } from 'node:child_process';
import * as fs from 'node:fs/promises';
import path from 'node:path';
import { eventually, guestImage, run, type TestVirtplane, top } from './virtplane.ts';

export interface GuestOptions {
  readonly namespace?: string;
  /** `running` of a VM; otherwise `runStrategy`. */
  readonly running?: boolean;
  readonly runStrategy?: string;
  /** `false`: a machine without any disk, which never obeys its power button. */
  readonly disk?: boolean;
  /** Path inside the container disk, to name one that is not there. */
  readonly path?: string;
  /** Shell lines that the guest runs before it says `guest: ready`. */
  readonly script?: string;
  readonly graceSeconds?: number;
  readonly memory?: string;
  readonly devices?: Readonly<Record<string, unknown>>;
}

function instanceSpec(options: GuestOptions): Record<string, unknown> {
  const { disk = true, script, graceSeconds, memory = disk ? '160Mi' : '64Mi', devices = {} } = options;
  const seeded = disk && script !== undefined;
  const disks = [
    ...(disk ? [{ name: 'system', disk: { bus: 'virtio' } }] : []),
    ...(seeded ? [{ name: 'seed', disk: { bus: 'virtio' } }] : []),
  ];
  const volumes = [
    ...(disk
      ? [
          {
            name: 'system',
            containerDisk: { image: guestImage.reference, ...(options.path && { path: options.path }) },
          },
        ]
      : []),
    ...(seeded ? [{ name: 'seed', cloudInitNoCloud: { userData: `#!/bin/sh\n${script}\n` } }] : []),
  ];
  return {
    domain: {
      memory: { guest: memory },
      devices: { ...(disks.length > 0 && { disks }), interfaces: [{ name: 'default', masquerade: {} }], ...devices },
    },
    networks: [{ name: 'default', pod: {} }],
    ...(graceSeconds !== undefined && { terminationGracePeriodSeconds: graceSeconds }),
    ...(volumes.length > 0 && { volumes }),
  };
}

export function machine(name: string, options: GuestOptions): Record<string, unknown> {
  const { namespace = 'default', running, runStrategy } = options;
  return {
    apiVersion: 'kubevirt.io/v1',
    kind: 'VirtualMachine',
    metadata: { name, namespace },
    spec: {
      ...(runStrategy === undefined ? { running: running ?? false } : { runStrategy }),
      template: { metadata: { labels: { guest: name } }, spec: instanceSpec(options) },
    },
  };
}

export const instance = (name: string, options: GuestOptions): Record<string, unknown> => ({
  apiVersion: 'kubevirt.io/v1',
  kind: 'VirtualMachineInstance',
  metadata: { name, namespace: options.namespace ?? 'default' },
  spec: instanceSpec(options),
});

export const asList = (...items: readonly Record<string, unknown>[]): string =>
  JSON.stringify({ apiVersion: 'v1', kind: 'List', items });

/** A running command whose output is awaited; with `terminal`, on a pseudo terminal of its own. */
export class LiveCommand {
  readonly #child;
  readonly #ended: Promise<number>;
  output = '';
  /** Read up to here. */
  #at = 0;

  constructor(vp: TestVirtplane, args: readonly string[], { terminal = false } = {}) {
    const virtctl = path.join(top, 'bin/virtctl');
    const env = { ...process.env, KUBECONFIG: vp.kubeconfig, HOME: vp.dataDirectory };
    this.#child = terminal
      ? spawn('script', ['-qefc', [virtctl, ...args].join(' '), '/dev/null'], { env })
      : spawn(virtctl, [...args], { env });
    this.#child.stdin.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
    });
    for (const stream of [this.#child.stdout, this.#child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => {
        this.output += text;
      });
    this.#ended = new Promise((resolve) => this.#child.once('close', (code) => resolve(code ?? 128)));
  }

  /** Waits for text after what was awaited before. */
  async expect(pattern: string | RegExp, withinMs = 60_000): Promise<RegExpExecArray> {
    const regexp = typeof pattern === 'string' ? new RegExp(pattern.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')) : pattern;
    return eventually(
      () => {
        const found = regexp.exec(this.output.slice(this.#at));
        if (!found) throw new Error(`${pattern} does not come; what came: ${this.output.slice(this.#at).slice(-2000)}`);
        this.#at += found.index + found[0].length;
        return found;
      },
      withinMs,
      20,
    );
  }

  type(text: string): void {
    this.#child.stdin.write(text);
  }

  /** Runs a command in the guest's root shell and returns what it prints on one line. */
  async ask(command: string, withinMs = 30_000): Promise<string> {
    const mark = `answer${Math.random().toString(36).slice(2)}`;
    this.type(`echo ${mark.slice(0, 6)}''${mark.slice(6)}=$(${command})=\n`);
    return (await this.expect(new RegExp(`${mark}=([^=]*)=`), withinMs))[1] ?? '';
  }

  /** The exit status. */
  ended(withinMs = 20_000): Promise<number> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => reject(new Error(`the command does not end; it said: ${this.output}`)), withinMs);
    });
    return Promise.race([this.#ended, late]).finally(() => clearTimeout(timer));
  }

  async stop(): Promise<void> {
    this.#child.kill('SIGTERM');
    await this.#ended;
  }
}

/** Runs what needs a console and ends that afterwards. */
export async function onConsole<T>(
  vp: TestVirtplane,
  name: string,
  use: (console: LiveCommand) => Promise<T>,
  namespace = 'default',
): Promise<T> {
  const session = new LiveCommand(vp, ['console', name, '-n', namespace]);
  try {
    await session.expect('Successfully connected');
    return await use(session);
  } finally {
    await session.stop();
  }
}

/** Until the guest has come up since nobody read its console; its power button works then. */
export const guestReady = (vp: TestVirtplane, name: string, namespace = 'default'): Promise<RegExpExecArray> =>
  onConsole(vp, name, (session) => session.expect(/guest: ready uptime=\S+ hostname=\S+/, 90_000), namespace);

/** What kubectl prints for a JSONPath. */
export const read = (vp: TestVirtplane, what: string, jsonPath: string, namespace = 'default'): Promise<string> =>
  vp.ok(['get', ...what.split('/'), '-n', namespace, '-o', `jsonpath=${jsonPath}`]);

/** Waits until a JSONPath prints exactly this. */
export const until = (
  vp: TestVirtplane,
  what: string,
  jsonPath: string,
  expected: string,
  { withinMs = 60_000, namespace = 'default' } = {},
): Promise<void> =>
  eventually(async () => {
    const got = await read(vp, what, jsonPath, namespace);
    if (got !== expected) throw new Error(`${what} ${jsonPath} is ${JSON.stringify(got)}, not ${expected}`);
  }, withinMs);

/** Waits until the object is gone. */
export const gone = (vp: TestVirtplane, what: string, withinMs = 60_000, namespace = 'default'): Promise<void> =>
  eventually(async () => {
    const { code, stdout } = await vp.kubectl([
      'get',
      ...what.split('/'),
      '-n',
      namespace,
      '--ignore-not-found',
      '-o',
      'name',
    ]);
    if (code !== 0 || stdout !== '') throw new Error(`${what} is still there`);
  }, withinMs);

/** What guests of this one Virtplane have on the machine, whatever others do there at the same time. */
export async function guestTraces(vp: TestVirtplane): Promise<Record<string, readonly string[]>> {
  const node = path.join(vp.dataDirectory, 'node');
  const names = async (...parts: readonly string[]): Promise<string[]> =>
    (await fs.readdir(path.join(node, ...parts))).sort();
  const [ipam = ''] = await names('network', 'ipam');
  const key = ipam.replace('virtplane-', '');
  const links = await run('ip', ['-o', 'link', 'show', 'master', `vp-${key.slice(0, 8)}`]);
  if (links.code !== 0) throw new Error(`the bridge of ${ipam} is not there: ${links.stderr}`);
  const processes = await run('ps', ['-eo', 'args']);
  return {
    guests: await names('guests'),
    pods: await names('network', 'pods'),
    addresses: (await names('network', 'ipam', ipam)).filter((name) => /^\d+\.\d+\.\d+\.\d+$/.test(name)),
    namespaces: (await fs.readdir('/run/netns')).filter((name) => name.startsWith(`vp-${key.slice(0, 6)}-`)),
    links: links.stdout.split('\n').filter((line) => line !== ''),
    processes: processes.stdout
      .split('\n')
      .filter((line) => /^\S*(?:qemu-system|dnsmasq)/.test(line) && line.includes(vp.dataDirectory)),
  };
}
