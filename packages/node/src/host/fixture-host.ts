import type { Clock } from '@virtplane/runtime';
import { systemClock } from '@virtplane/runtime';
import {
  CommandMissingError,
  type CommandResult,
  type FileStatus,
  type Host,
  type RunOptions,
  type StartedProcess,
  type StartOptions,
} from './host.ts';

export interface RecordedCommand {
  file: string;
  args: readonly string[];
  input: string | undefined;
  netns: string | undefined;
}

export type CommandScript = (command: RecordedCommand) => Partial<CommandResult> | undefined;

/**
 * A machine of plain data for tests: files are a map, commands are answered by a script and recorded. A command that the
 * script does not answer is missing, as on a machine where it is not installed.
 */
export class FixtureHost implements Host {
  readonly root = '/';
  readonly clock: Clock;
  readonly privileged: boolean;
  readonly files = new Map<string, string>();
  readonly directories = new Set<string>(['/']);
  readonly commands: RecordedCommand[] = [];
  readonly processes = new Map<number, string[]>();
  readonly #script: CommandScript;
  #nextPid = 1000;

  constructor(
    options: { files?: Record<string, string>; script?: CommandScript; clock?: Clock; privileged?: boolean } = {},
  ) {
    for (const [path, content] of Object.entries(options.files ?? {})) this.files.set(path, content);
    this.#script = options.script ?? (() => undefined);
    this.clock = options.clock ?? systemClock;
    this.privileged = options.privileged ?? true;
  }

  #answer(file: string, args: readonly string[], options: RunOptions | StartOptions): CommandResult {
    const input = 'input' in options && options.input !== undefined ? Buffer.from(options.input).toString() : undefined;
    const command = { file, args, input, netns: options.netns };
    this.commands.push(command);
    const answer = this.#script(command);
    if (!answer) throw new CommandMissingError(file);
    return { stdout: '', stderr: '', code: 0, ...answer };
  }

  async run(file: string, args: readonly string[], options: RunOptions = {}): Promise<CommandResult> {
    return this.#answer(file, args, options);
  }

  async start(file: string, args: readonly string[], options: StartOptions = {}): Promise<StartedProcess> {
    this.#answer(file, args, options);
    const pid = this.#nextPid++;
    this.processes.set(pid, [file, ...args]);
    let ended: (code: number) => void = () => undefined;
    const exited = new Promise<number>((resolve) => {
      ended = resolve;
    });
    return {
      pid,
      exited,
      kill: () => {
        this.processes.delete(pid);
        ended(0);
      },
    };
  }

  kill(pid: number, signal: NodeJS.Signals | 0): boolean {
    const exists = this.processes.has(pid);
    if (signal !== 0) this.processes.delete(pid);
    return exists;
  }

  async commandLine(pid: number): Promise<string[] | undefined> {
    return this.processes.get(pid);
  }

  async readText(path: string): Promise<string> {
    const content = this.files.get(path);
    if (content === undefined) throw absent(path);
    return content;
  }

  async readTextIfExists(path: string): Promise<string | undefined> {
    return this.files.get(path);
  }

  async writeText(path: string, content: string): Promise<void> {
    this.files.set(path, content);
  }

  async writeBytes(path: string, content: Uint8Array): Promise<void> {
    this.files.set(path, Buffer.from(content).toString('latin1'));
  }

  async writeInPlace(path: string, content: string): Promise<void> {
    if (!this.files.has(path)) throw absent(path);
    this.files.set(path, content);
  }

  async makeDirectory(path: string): Promise<void> {
    this.directories.add(path);
  }

  async list(path: string): Promise<string[]> {
    const prefix = path.endsWith('/') ? path : `${path}/`;
    const names = new Set<string>();
    for (const entry of [...this.files.keys(), ...this.directories]) {
      if (entry.startsWith(prefix) && entry.length > prefix.length)
        names.add(entry.slice(prefix.length).split('/')[0]!);
    }
    return [...names].sort();
  }

  async status(path: string): Promise<FileStatus | undefined> {
    const content = this.files.get(path);
    const isDirectory = this.directories.has(path);
    if (content === undefined && !isDirectory) return undefined;
    const sizeBytes = content === undefined ? 0 : Buffer.byteLength(content);
    return {
      kind: isDirectory ? 'directory' : 'file',
      sizeBytes,
      allocatedBytes: sizeBytes,
      modifiedMs: 0,
      mode: isDirectory ? 0o755 : 0o644,
      uid: 0,
      gid: 0,
      inode: 1,
    };
  }

  async rename(from: string, to: string): Promise<void> {
    this.files.set(to, await this.readText(from));
    this.files.delete(from);
  }

  async remove(path: string): Promise<void> {
    for (const entry of [...this.files.keys()]) {
      if (entry === path || entry.startsWith(`${path}/`)) this.files.delete(entry);
    }
    for (const entry of [...this.directories]) {
      if (entry === path || entry.startsWith(`${path}/`)) this.directories.delete(entry);
    }
  }

  async setOwner(): Promise<void> {}

  async setMode(): Promise<void> {}

  async createSymlink(target: string, path: string): Promise<void> {
    this.files.set(path, target);
  }

  async copyFile(from: string, to: string): Promise<void> {
    this.files.set(to, await this.readText(from));
  }
}

function absent(path: string): Error {
  return Object.assign(new Error(`ENOENT: no such file or directory, open '${path}'`), { code: 'ENOENT' });
}
