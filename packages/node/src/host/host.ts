/**
 * The one door to the machine: commands, files, clock. Production opens the real machine (`openLocalHost`), tests hand in
 * a fixture (`FixtureHost`).
 */
import type { Clock } from '@virtplane/runtime';

export interface RunOptions {
  /** Written to stdin, which is then closed. Without it stdin is empty. */
  input?: string | Uint8Array;
  /** SIGKILL after so many milliseconds and a CommandTimeoutError; default 60 000. */
  timeoutMs?: number;
  /** Added to a minimal environment (PATH, LC_ALL=C). */
  env?: Readonly<Record<string, string>>;
  /** Name of a network namespace under /run/netns in which the command runs. */
  netns?: string;
  /** More output than this is an error; default 4 MiB per stream. */
  maxOutputBytes?: number;
}

export interface CommandResult {
  stdout: string;
  stderr: string;
  /** Exit code; 128 + number when a signal ended it, as a shell reports it. */
  code: number;
}

export interface StartOptions {
  env?: Readonly<Record<string, string>>;
  netns?: string;
  /** File that receives stdout and stderr; without it they are discarded. */
  logFile?: string;
  /** The process gets a session of its own and survives this one. */
  detached?: boolean;
}

export interface StartedProcess {
  readonly pid: number;
  /** Exit code, 128 + signal number; resolves when the process ends. */
  readonly exited: Promise<number>;
  kill(signal?: NodeJS.Signals): void;
}

export interface FileStatus {
  kind: 'file' | 'directory' | 'symlink' | 'socket' | 'blockDevice' | 'characterDevice' | 'other';
  sizeBytes: number;
  /** Bytes really allocated on the disk. */
  allocatedBytes: number;
  modifiedMs: number;
  mode: number;
  uid: number;
  gid: number;
  inode: number;
}

export interface Host {
  /** `/` in production; every path given to this interface is absolute and lies below it. */
  readonly root: string;
  readonly clock: Clock;
  /** Do we run as root? Without it: user-mode networking, session libvirt. */
  readonly privileged: boolean;

  /**
   * Runs a command to its end, never through a shell.
   * @throws CommandMissingError, CommandTimeoutError; a non-zero exit code is a result, see `runChecked`.
   */
  run(file: string, args: readonly string[], options?: RunOptions): Promise<CommandResult>;
  /** Starts a long-running process. @throws CommandMissingError */
  start(file: string, args: readonly string[], options?: StartOptions): Promise<StartedProcess>;
  /** Sends a signal. @returns false when there is no such process. */
  kill(pid: number, signal: NodeJS.Signals | 0): boolean;
  /** The command line of a process; undefined when it does not exist. */
  commandLine(pid: number): Promise<string[] | undefined>;

  readText(path: string): Promise<string>;
  /** @returns undefined when there is no such file. */
  readTextIfExists(path: string): Promise<string | undefined>;
  /** Writes a temporary file and renames it: readers see the old or the new content. Mode 0644 unless given. */
  writeText(path: string, content: string, options?: { mode?: number; durable?: boolean }): Promise<void>;
  /** Writes bytes into a new or emptied file, mode 0644. */
  writeBytes(path: string, content: Uint8Array): Promise<void>;
  /** Writes into an existing file, as /proc and /sys want it. */
  writeInPlace(path: string, content: string): Promise<void>;
  /** Creates the directory and its parents; `mode` is applied to the last one, also when it exists. */
  makeDirectory(path: string, options?: { mode?: number }): Promise<void>;
  /** Names in the directory, sorted; empty when there is no such directory. */
  list(path: string): Promise<string[]>;
  status(path: string, options?: { followLinks?: boolean }): Promise<FileStatus | undefined>;
  rename(from: string, to: string): Promise<void>;
  /** Removes a file or a whole tree; nothing happens when it is not there. */
  remove(path: string): Promise<void>;
  setOwner(path: string, uid: number, gid: number): Promise<void>;
  setMode(path: string, mode: number): Promise<void>;
  createSymlink(target: string, path: string): Promise<void>;
  copyFile(from: string, to: string): Promise<void>;
}

/** Runs and demands exit code 0. @throws CommandFailedError with the command's own words. */
export async function runChecked(
  host: Pick<Host, 'run'>,
  file: string,
  args: readonly string[],
  options?: RunOptions,
): Promise<string> {
  const result = await host.run(file, args, options);
  if (result.code !== 0) throw new CommandFailedError(file, args, result);
  return result.stdout;
}

export class CommandFailedError extends Error {
  override name = 'CommandFailedError';
  readonly file: string;
  readonly result: CommandResult;

  constructor(file: string, args: readonly string[], result: CommandResult) {
    const words = (result.stderr.trim() || result.stdout.trim() || 'no output').slice(0, 2000);
    super(`"${[file, ...args].join(' ').slice(0, 300)}" failed with exit code ${result.code}: ${words}`);
    this.file = file;
    this.result = result;
  }
}

export class CommandTimeoutError extends Error {
  override name = 'CommandTimeoutError';

  constructor(file: string, args: readonly string[], timeoutMs: number) {
    super(`"${[file, ...args].join(' ').slice(0, 300)}" did not end within ${timeoutMs} ms and was killed`);
  }
}

/** The Debian package of each command we call. */
const packageOfCommand: Readonly<Record<string, string>> = {
  ip: 'iproute2',
  bridge: 'iproute2',
  nft: 'nftables',
  dnsmasq: 'dnsmasq-base',
  libvirtd: 'libvirt-daemon, libvirt-daemon-driver-qemu',
  virsh: 'libvirt-clients',
  'qemu-system-x86_64': 'qemu-system-x86',
  'qemu-img': 'qemu-utils',
  unshare: 'util-linux',
  nsenter: 'util-linux',
  mount: 'mount',
  umount: 'mount',
  mknod: 'coreutils',
  sleep: 'coreutils',
  genisoimage: 'genisoimage',
  xorriso: 'xorriso',
  skopeo: 'skopeo',
};

export class CommandMissingError extends Error {
  override name = 'CommandMissingError';
  readonly file: string;

  constructor(file: string) {
    const command = file.slice(file.lastIndexOf('/') + 1);
    const name = file.includes('/cni/') ? 'containernetworking-plugins' : packageOfCommand[command];
    super(`The command ${file} is not installed${name ? `; on Debian install the package ${name}` : ''}`);
    this.file = file;
  }
}
