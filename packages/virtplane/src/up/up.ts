import { spawn } from 'node:child_process';
import path from 'node:path';
import { booleanFlag, type CommandModule, type Invocation } from '@virtplane/virtctl';
import { type DataDirectory, dataDirectory, portFlag, prepareDataDirectory } from '../data-directory.ts';
import { endProcess, removeRecord, runningRecord, writeRecord } from '../process-record.ts';
import { chooseEmulation } from './emulation.ts';
import { Progress } from './progress.ts';
import { reportReady, Supervised, type SupervisedOptions, untilAskedToEnd } from './supervisor.ts';

/** `virtplane up`: the server and the node agent as two processes, watched over by this one. */
export const up: CommandModule = {
  async run(invocation) {
    portFlag(invocation.flags);
    const data = dataDirectory(invocation.flags);
    const running = await runningRecord(data, 'up');
    if (running) {
      process.stderr.write(`Virtplane is up already (process ${running.pid}, since ${running.startedAt})\n`);
      return await afterwards(invocation, data);
    }
    if (process.getuid?.() !== 0) {
      throw new Error(
        'the node agent needs root for the networks of Pods, taps and huge pages: run virtplane up as root, or virtplane server, which needs none, for the API alone',
      );
    }
    await prepareDataDirectory(data);
    return booleanFlag(invocation.flags, 'detach') ? detach(invocation, data) : foreground(invocation, data);
  },
};

async function foreground(invocation: Invocation, data: DataDirectory): Promise<number> {
  const asked = untilAskedToEnd();
  // With --detach nobody reads our messages once everything runs.
  process.stderr.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
  const progress = new Progress();
  await endLeftovers(data);
  await writeRecord(data, 'up');
  const parts: Supervised[] = [];
  const stop = async (): Promise<void> => {
    // The agent first: it still wants to say goodbye to the API.
    for (const part of parts.reverse()) await part.stop();
    await removeRecord(data, 'up');
  };
  try {
    await startParts(invocation, data, parts, progress);
    reportReady({});
    const code = await afterwards(invocation, data);
    if (code !== 0) {
      await stop();
      return code;
    }
    await asked;
    process.stderr.write('stopping the control plane; guests run on (virtplane down stops them too)\n');
    await stop();
    return 0;
  } catch (error) {
    await stop();
    throw error;
  }
}

async function startParts(
  { flags }: Invocation,
  data: DataDirectory,
  parts: Supervised[],
  progress: Progress,
): Promise<void> {
  const supervise = (name: string, file: string, args: SupervisedOptions['args']): Supervised => {
    const part = new Supervised({
      name,
      args,
      logFile: path.join(data.log, `${file}.log`),
      onCrash: (line) => process.stderr.write(`${line}\n`),
    });
    parts.push(part);
    return part;
  };
  await progress.step('API server', async () => {
    // A server that is started again keeps its port, also one that was free to choose: agents and shells know it.
    const { url } = await supervise('the API server', 'server', (first) => [
      ...['server', '--data', data.root, '--bind', String(flags.bind)],
      ...['--port', String(first?.port ?? flags.port)],
    ]).started;
    return `API server ready at ${url}`;
  });
  await progress.step('node agent', async () => {
    const args = ['node', 'run', '--data', data.root, '--accelerator', String(flags.accelerator)];
    const report = await supervise('the node agent', 'node', () => args).started;
    await chooseEmulation(data, report.accelerator === 'tcg');
    const how = report.accelerator === 'tcg' ? `emulation: ${report.accelerationReason ?? 'as asked'}` : 'KVM';
    return `node ${report.nodeName} ready (${how})`;
  });
}

/** Parts whose supervisor was killed are ended in good order: a new supervisor starts its own. Guests are not touched. */
async function endLeftovers(data: DataDirectory): Promise<void> {
  for (const part of ['node', 'server'] as const) {
    const record = await runningRecord(data, part);
    if (record && !(await endProcess(record, 'SIGTERM', 20_000))) await endProcess(record, 'SIGKILL', 5_000);
  }
}

async function detach(invocation: Invocation, data: DataDirectory): Promise<number> {
  const { flags } = invocation;
  const args = ['up', '--data', data.root];
  for (const name of ['port', 'bind', 'accelerator']) args.push(`--${name}`, String(flags[name]));
  const child = spawn(process.execPath, [...process.execArgv, process.argv[1] as string, ...args], {
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  child.stderr?.pipe(process.stderr, { end: false });
  const ready = await new Promise<boolean>((resolve) => {
    child.once('message', () => resolve(true));
    child.once('exit', () => resolve(false));
  });
  if (!ready) return 1;
  child.disconnect();
  child.stderr?.destroy();
  child.unref();
  return afterwards(invocation, data);
}

/** What comes once everything runs: how to use it, and the example. */
async function afterwards({ flags }: Invocation, data: DataDirectory): Promise<number> {
  if (booleanFlag(flags, 'example')) {
    const { showExample } = await import('./example.ts');
    await showExample(data);
  }
  process.stdout.write(howToUse(data));
  return 0;
}

const howToUse = (data: DataDirectory): string => `
Virtplane is up. In another shell:
  export KUBECONFIG=${data.adminKubeconfig}
  kubectl get nodes,vm,vmi -A
`;
