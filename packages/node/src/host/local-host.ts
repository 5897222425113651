import { spawn } from 'node:child_process';
import {
  chmod,
  chown,
  copyFile,
  lstat,
  mkdir,
  open,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { constants } from 'node:os';
import { type Clock, systemClock } from '@virtplane/runtime';
import {
  CommandMissingError,
  type CommandResult,
  CommandTimeoutError,
  type FileStatus,
  type Host,
  type RunOptions,
  type StartedProcess,
  type StartOptions,
} from './host.ts';

const searchPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
const defaultTimeoutMs = 60_000;
const defaultOutputBytes = 4 * 1024 * 1024;

/** This machine. Give the agent's own clock in tests. */
export function openLocalHost(clock: Clock = systemClock): Host {
  return new LocalHost(clock);
}

class LocalHost implements Host {
  readonly root = '/';
  readonly clock: Clock;
  readonly privileged = process.getuid?.() === 0;
  #temporary = 0;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  run(file: string, args: readonly string[], options: RunOptions = {}): Promise<CommandResult> {
    const { timeoutMs = defaultTimeoutMs, maxOutputBytes = defaultOutputBytes } = options;
    return new Promise((resolve, reject) => {
      const [command, commandArgs] = inNamespace(file, args, options.netns);
      const child = spawn(command, commandArgs, {
        env: { PATH: searchPath, LC_ALL: 'C', ...options.env },
        stdio: [options.input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
        windowsHide: true,
      });
      let failure: Error | undefined;
      const stop = (error: Error) => {
        failure ??= error;
        child.kill('SIGKILL');
      };
      const timer = setTimeout(() => stop(new CommandTimeoutError(file, args, timeoutMs)), timeoutMs);
      const collect = (stream: NodeJS.ReadableStream | null): Buffer[] => {
        const chunks: Buffer[] = [];
        let bytes = 0;
        stream?.on('data', (chunk: Buffer) => {
          bytes += chunk.length;
          if (bytes <= maxOutputBytes) chunks.push(chunk);
          else stop(new Error(`The command ${file} wrote more than ${maxOutputBytes} bytes and was killed`));
        });
        return chunks;
      };
      const stdout = collect(child.stdout);
      const stderr = collect(child.stderr);
      child.once('error', (error: NodeJS.ErrnoException) => {
        clearTimeout(timer);
        reject(error.code === 'ENOENT' ? new CommandMissingError(file) : error);
      });
      child.once('close', (code, signal) => {
        clearTimeout(timer);
        if (failure) reject(failure);
        else {
          resolve({
            stdout: Buffer.concat(stdout).toString('utf8'),
            stderr: Buffer.concat(stderr).toString('utf8'),
            code: exitCode(code, signal),
          });
        }
      });
      if (child.stdin) {
        // A command that ends without reading its input is judged by its exit code.
        child.stdin.on('error', () => undefined);
        child.stdin.end(options.input);
      }
    });
  }

  async start(file: string, args: readonly string[], options: StartOptions = {}): Promise<StartedProcess> {
    const log = options.logFile === undefined ? undefined : await open(options.logFile, 'a', 0o600);
    try {
      const output = log ? log.fd : 'ignore';
      const [command, commandArgs] = inNamespace(file, args, options.netns);
      const child = spawn(command, commandArgs, {
        env: { PATH: searchPath, LC_ALL: 'C', ...options.env },
        stdio: ['ignore', output, output],
        detached: options.detached === true,
        cwd: '/',
      });
      const exited = new Promise<number>((resolve) => {
        child.once('exit', (code, signal) => resolve(exitCode(code, signal)));
      });
      await new Promise<void>((resolve, reject) => {
        child.once('spawn', resolve);
        child.once('error', (error: NodeJS.ErrnoException) => {
          reject(error.code === 'ENOENT' ? new CommandMissingError(file) : error);
        });
      });
      if (options.detached) child.unref();
      return { pid: child.pid!, exited, kill: (signal) => void child.kill(signal) };
    } finally {
      await log?.close();
    }
  }

  kill(pid: number, signal: NodeJS.Signals | 0): boolean {
    try {
      process.kill(pid, signal);
      return true;
    } catch (error) {
      if (errorCode(error) === 'ESRCH') return false;
      throw error;
    }
  }

  async commandLine(pid: number): Promise<string[] | undefined> {
    const text = await this.readTextIfExists(`/proc/${pid}/cmdline`);
    // A zombie has an empty command line: it runs nothing any more.
    return text ? text.split('\0').slice(0, -1) : undefined;
  }

  readText(path: string): Promise<string> {
    return readFile(path, 'utf8');
  }

  readTextIfExists(path: string): Promise<string | undefined> {
    return absentAsUndefined(readFile(path, 'utf8'));
  }

  async writeText(path: string, content: string, options: { mode?: number; durable?: boolean } = {}): Promise<void> {
    const { mode = 0o644, durable = false } = options;
    const temporary = `${path}.${process.pid}.${this.#temporary++}.tmp`;
    try {
      const file = await open(temporary, 'wx', mode);
      try {
        await file.chmod(mode);
        await file.writeFile(content);
        if (durable) await file.sync();
      } finally {
        await file.close();
      }
      await rename(temporary, path);
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
    }
  }

  writeBytes(path: string, content: Uint8Array): Promise<void> {
    return writeFile(path, content);
  }

  writeInPlace(path: string, content: string): Promise<void> {
    return writeFile(path, content, { flag: 'r+' });
  }

  async makeDirectory(path: string, options: { mode?: number } = {}): Promise<void> {
    await mkdir(path, { recursive: true });
    if (options.mode !== undefined) await chmod(path, options.mode);
  }

  async list(path: string): Promise<string[]> {
    const names = await absentAsUndefined(readdir(path));
    return (names ?? []).sort();
  }

  async status(path: string, options: { followLinks?: boolean } = {}): Promise<FileStatus | undefined> {
    const found = await absentAsUndefined(options.followLinks === false ? lstat(path) : stat(path));
    if (!found) return undefined;
    return {
      kind: found.isFile()
        ? 'file'
        : found.isDirectory()
          ? 'directory'
          : found.isSymbolicLink()
            ? 'symlink'
            : found.isSocket()
              ? 'socket'
              : found.isBlockDevice()
                ? 'blockDevice'
                : found.isCharacterDevice()
                  ? 'characterDevice'
                  : 'other',
      sizeBytes: found.size,
      allocatedBytes: found.blocks * 512,
      modifiedMs: found.mtimeMs,
      mode: found.mode & 0o7777,
      uid: found.uid,
      gid: found.gid,
      inode: found.ino,
    };
  }

  rename(from: string, to: string): Promise<void> {
    return rename(from, to);
  }

  remove(path: string): Promise<void> {
    return rm(path, { recursive: true, force: true });
  }

  setOwner(path: string, uid: number, gid: number): Promise<void> {
    return chown(path, uid, gid);
  }

  setMode(path: string, mode: number): Promise<void> {
    return chmod(path, mode);
  }

  createSymlink(target: string, path: string): Promise<void> {
    return symlink(target, path);
  }

  copyFile(from: string, to: string): Promise<void> {
    return copyFile(from, to);
  }
}

/** nsenter only switches the network; `ip netns exec` would also remount /sys, which costs more and hides cgroups. */
function inNamespace(file: string, args: readonly string[], netns: string | undefined): [string, string[]] {
  if (netns === undefined) return [file, [...args]];
  return ['nsenter', [`--net=/run/netns/${netns}`, '--', file, ...args]];
}

function exitCode(code: number | null, signal: NodeJS.Signals | null): number {
  return code ?? 128 + (signal ? constants.signals[signal] : 0);
}

function errorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined;
}

async function absentAsUndefined<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading;
  } catch (error) {
    if (errorCode(error) === 'ENOENT' || errorCode(error) === 'ENOTDIR' || errorCode(error) === 'ESRCH')
      return undefined;
    throw error;
  }
}
