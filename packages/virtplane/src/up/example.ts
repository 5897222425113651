import * as fs from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { isStatusError, VirtualMachine, VirtualMachineInstance } from '@virtplane/resources';
import {
  type Client,
  type ClusterConfig,
  createClient,
  HttpsTransport,
  loadKubeconfig,
  openWebSocket,
} from '@virtplane/runtime';
import { subresourcePath } from '@virtplane/virtctl';
import { parse } from 'yaml';
import { type DataDirectory, defaultRoot } from '../data-directory.ts';
import { addImage } from '../node/image.ts';
import { Progress } from './progress.ts';

const image = 'localhost/virtplane/guest:1';
const namespace = 'default';
const bootTimeoutMs = 120_000;

/** Top of the checkout or of the installed package: the bundle lies one below. */
const top = path.dirname(path.dirname(fileURLToPath(import.meta.url)));

/** Applies examples/hello-vm.yaml and shows the guest's own first lines. */
export async function showExample(data: DataDirectory): Promise<void> {
  const progress = new Progress();
  const layout = path.join(top, '.cache/guest/oci');
  const manifest = parse(await fs.readFile(path.join(top, 'examples/hello-vm.yaml'), 'utf8')) as VirtualMachine;
  const name = manifest.metadata.name ?? '';
  const config = await loadKubeconfig({ path: data.adminKubeconfig });
  const transport = new HttpsTransport(config);
  try {
    const client = createClient(transport);
    await progress.step('example image', async () => {
      await fs.access(layout).catch((cause) => {
        throw new Error(`the example's image is not there (${layout}): run npm start once, it builds it`, { cause });
      });
      await addImage(data, layout, image);
      return `image ${image}`;
    });
    await progress.step(`VirtualMachine ${name}`, () => apply(client, manifest));
    await progress.step(`guest ${name}`, (update) => untilRunning(client, name, update));
    process.stdout.write(`\n--- console of ${name} ---\n`);
    await showFirstLines(config, name);
    const where = data.root === defaultRoot() ? '' : ` --data ${data.root}`;
    process.stdout.write(`--- end; log in with: bin/virtplane vm console ${name}${where}
`);
    process.stdout.write('    user alice, password virtplane; Ctrl-] leaves the console\n');
  } finally {
    transport.close();
  }
}

async function apply(client: Client, manifest: VirtualMachine): Promise<string> {
  try {
    await client(VirtualMachine).create({ ...manifest, metadata: { ...manifest.metadata, namespace } });
    return `virtualmachine.kubevirt.io/${manifest.metadata.name} created`;
  } catch (error) {
    if (!isStatusError(error, 'AlreadyExists')) throw error;
    return `virtualmachine.kubevirt.io/${manifest.metadata.name} is there already`;
  }
}

/** Follows the VMI until it runs; what keeps it from running is shown on the way and named when time is up. */
async function untilRunning(
  client: Client,
  name: string,
  update: (fraction: number, note?: string) => void,
): Promise<string> {
  const steps = ['', 'Pending', 'Scheduling', 'Scheduled', 'Running'];
  const signal = AbortSignal.timeout(bootTimeoutMs);
  let last: VirtualMachineInstance | undefined;
  while (!signal.aborted) {
    const watch = client(VirtualMachineInstance).watch({ namespace, fieldSelector: `metadata.name=${name}`, signal });
    for await (const { type, object } of watch) {
      if (type !== 'ADDED' && type !== 'MODIFIED') continue;
      last = object;
      const phase = object.status?.phase ?? '';
      if (phase === 'Running') {
        const ip = object.status?.interfaces?.[0]?.ipAddress;
        return `guest ${name} runs on ${object.status?.nodeName}${ip ? ` with address ${ip}` : ''}`;
      }
      update(steps.indexOf(phase) / (steps.length - 1), phase);
    }
  }
  throw new Error(
    `guest ${name} did not start within ${bootTimeoutMs / 1000} s: ${reasonOf(last)}; see virtplane explain vm ${name}`,
  );
}

function reasonOf(vmi: VirtualMachineInstance | undefined): string {
  if (!vmi) return 'no VirtualMachineInstance was made';
  const fault = vmi.status?.conditions?.find((c) => c.status === 'False' && c.message);
  return fault?.message ?? `it is still ${vmi.status?.phase || 'Pending'}`;
}

async function showFirstLines(config: ClusterConfig, name: string): Promise<void> {
  const console = subresourcePath(namespace, 'virtualmachineinstances', name, 'console');
  const socket = await openWebSocket(config, console, { protocols: ['plain.kubevirt.io'] });
  let seen = '';
  await new Promise<void>((resolve, reject) => {
    const end = setTimeout(() => {
      socket.terminate();
      reject(new Error(`the guest printed nothing more for ${bootTimeoutMs / 1000} s`));
    }, bootTimeoutMs);
    socket.on('message', (chunk: Buffer) => {
      // Terminal control sequences of the firmware would clear the user's screen.
      const text = plainText(chunk.toString('utf8'));
      process.stdout.write(text);
      seen = (seen + text).slice(-4096);
      if (!/guest: ready .*\n[\s\S]*(login: |# )$/.test(seen)) return;
      clearTimeout(end);
      socket.close(1000);
      resolve();
    });
    socket.once('error', reject);
    socket.once('close', () => resolve());
  });
  process.stdout.write('\n');
}

const plainText = (text: string): string =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are exactly what must go
  text.replace(/\u001b(\[[0-?]*[ -/]*[@-~]|[@-_])/g, '').replace(/[^\P{C}\n\t]/gu, '');
