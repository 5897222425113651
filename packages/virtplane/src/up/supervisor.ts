import { type ChildProcess, spawn } from 'node:child_process';
import * as fs from 'node:fs';
import path from 'node:path';

export interface SupervisedOptions {
  readonly name: string;
  /** Arguments of this same command: `['server', '--data', …]`; for another start with what the first one reported. */
  args(report: Readonly<Record<string, unknown>> | undefined): readonly string[];
  readonly logFile: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Told about every end that was not asked for. */
  onCrash(line: string): void;
}

const restartDelaysMs = [0, 200, 500, 1_000, 2_000, 5_000];
/** After running this long a crash counts as the first again. */
const steadyAfterMs = 30_000;

/**
 * Keeps one part running: a process of its own that is started again when it ends without being asked to. Its output goes to a
 * log file. `started` resolves with what the part reports when it is ready, and rejects with its last words when it ends before.
 */
export class Supervised {
  readonly started: Promise<Readonly<Record<string, unknown>>>;
  private readonly options: SupervisedOptions;
  private child: ChildProcess | undefined;
  private stopping = false;
  private crashes = 0;
  private timer: NodeJS.Timeout | undefined;
  private report: Readonly<Record<string, unknown>> | undefined;
  private settle: { resolve(report: Record<string, unknown>): void; reject(error: Error): void } | undefined;

  constructor(options: SupervisedOptions) {
    this.options = options;
    this.started = new Promise((resolve, reject) => {
      this.settle = { resolve, reject };
    });
    this.launch();
  }

  get pid(): number | undefined {
    return this.child?.pid;
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM', timeoutMs = 20_000): Promise<void> {
    this.stopping = true;
    clearTimeout(this.timer);
    const { child } = this;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    child.kill(signal);
    const force = setTimeout(() => child.kill('SIGKILL'), timeoutMs);
    await ended;
    clearTimeout(force);
  }

  private launch(): void {
    const { logFile, env } = this.options;
    const args = this.options.args(this.report);
    fs.mkdirSync(path.dirname(logFile), { recursive: true });
    const log = fs.openSync(logFile, 'a', 0o640);
    const from = fs.fstatSync(log).size;
    const main = process.argv[1] as string;
    const child = spawn(process.execPath, [...process.execArgv, main, ...args], {
      // A process group of its own: Ctrl-C on the terminal is for the supervisor, which then stops the parts in order.
      detached: true,
      stdio: ['ignore', log, log, 'ipc'],
      env: { ...process.env, ...env },
    });
    fs.closeSync(log);
    this.child = child;
    const launchedAt = Date.now();
    child.on('message', (message) => {
      if (!isReport(message)) return;
      this.report ??= message.ready;
      this.settle?.resolve(message.ready);
      this.settle = undefined;
    });
    child.once('error', (error) => this.ended(`could not be started: ${error.message}`, from, launchedAt));
    child.once('exit', (code, signal) =>
      this.ended(signal ? `was ended by ${signal}` : `ended with status ${code}`, from, launchedAt),
    );
  }

  private ended(how: string, logFrom: number, launchedAt: number): void {
    if (this.stopping) return;
    const { name, logFile } = this.options;
    if (this.settle) {
      // It never was ready: trying again would fail the same way.
      this.settle.reject(
        new Error(lastWords(logFile, logFrom) ?? `${name} ${how} before it was ready; see ${logFile}`),
      );
      this.settle = undefined;
      return;
    }
    if (Date.now() - launchedAt > steadyAfterMs) this.crashes = 0;
    const delayMs = restartDelaysMs[Math.min(this.crashes++, restartDelaysMs.length - 1)] as number;
    this.options.onCrash(`${name} ${how}; starting it again`);
    this.timer = setTimeout(() => this.launch(), delayMs);
  }
}

const isReport = (message: unknown): message is { ready: Record<string, unknown> } =>
  typeof message === 'object' && message !== null && 'ready' in message;

/** The sentence a part printed before it gave up: its last line that is not a log record. */
function lastWords(logFile: string, from: number): string | undefined {
  const text = fs.readFileSync(logFile).subarray(from).toString('utf8');
  return text
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.startsWith('{'))
    .at(-1);
}

/** In a part: tells the supervisor, if there is one, that it is ready. */
export function reportReady(report: Readonly<Record<string, unknown>>): void {
  process.send?.({ ready: report });
}

/** In a part: resolves on the first request to end. A lost supervisor is not one: guests and API go on. */
export function untilAskedToEnd(): Promise<NodeJS.Signals> {
  process.on('disconnect', () => undefined);
  // The channel must not keep a part alive that has ended its work.
  process.channel?.unref();
  // Waiting is work, too: controllers that stand by for the leader have nothing else that keeps the process alive.
  const alive = setInterval(() => undefined, 3_600_000);
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const)
      process.once(signal, () => {
        clearInterval(alive);
        resolve(signal);
      });
  });
}
