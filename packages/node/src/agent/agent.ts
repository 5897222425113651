import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Pod, VirtualMachineInstance } from '@virtplane/resources';
import {
  type Clock,
  createControllerContext,
  HttpsTransport,
  type Logger,
  loadKubeconfig,
  systemClock,
  type Transport,
} from '@virtplane/runtime';
import { supportsDirectIo } from '../disks/prepare.ts';
import type { Host } from '../host/index.ts';
import { type AcceleratorChoice, chooseAccelerator, Libvirtd } from '../hypervisor/index.ts';
import { ImageStore } from '../images/image-store.ts';
import { diskInspector } from '../images/inspect-disk.ts';
import { PodNetwork, readHostResolver } from '../network/index.ts';
import { PodManager, vmiUidOf } from '../pods/pod-manager.ts';
import { startStreamServer } from '../streams/server.ts';
import { GuestManager } from '../vmi/guest-manager.ts';
import { GuestRecords } from '../vmi/guest-records.ts';
import { GuestVerbs } from '../vmi/guest-verbs.ts';
import { resolveMachine, type StartTimes, Turnstile } from '../vmi/start-guest.ts';
import { machineAddress, readBootId } from './machine.ts';
import { NodeRegistration } from './node-registration.ts';
import { Upkeep } from './upkeep.ts';

export interface NodeAgentOptions {
  /** The API: a transport at hand, or the path of a kubeconfig. */
  readonly transport?: Transport;
  readonly kubeconfig?: string;
  /** Everything of this node: images, guests, libvirt, network. Must be traversable for the QEMU user; keep its path short. */
  readonly dataDir: string;
  readonly nodeName: string;
  readonly host: Host;
  /** Serving certificate of the stream server (PEM files) and the CA that signs its clients. */
  readonly servingCertificate: string;
  readonly servingKey: string;
  readonly clientCertificateAuthority: string;
  readonly accelerator: 'auto' | 'kvm' | 'tcg';
  readonly log: Logger;
  readonly clock?: Clock;
  /** Of this machine, as others reach it; the serving certificate must be valid for it. */
  readonly address?: string;
  /** Port of the stream server; default 10250, 0: any. */
  readonly port?: number;
  readonly version?: string;
  /** Default 250. */
  readonly maxPods?: number;
  /** Default 256 MiB. */
  readonly reservedMemoryBytes?: number;
  readonly insecureRegistries?: readonly string[];
  readonly podSubnet?: string;
  readonly cniPath?: readonly string[];
  /** Measured times of each start, for benchmarks. */
  readonly onGuestStarted?: (uid: string, times: StartTimes) => void;
}

export interface NodeAgent {
  /** Port of the stream server. */
  readonly port: number;
  readonly images: ImageStore;
  readonly accelerator: 'kvm' | 'tcg';
  /** Why guests run under emulation. */
  readonly emulationReason?: string;
  /** Pid of the private libvirtd. */
  libvirtdPid(): Promise<number | undefined>;
  /** Ends the agent: no new guests are placed here; those that run, and libvirtd, run on. */
  stop(): Promise<void>;
}

const concurrentStarts = 2;
const subdirectories = { images: 'images', guests: 'guests', libvirt: 'libvirt', network: 'network' } as const;

/** The images of a node, also while no agent runs (imports by command). */
export const openImageStore = (host: Host, dataDir: string, insecureRegistries: readonly string[] = []): ImageStore =>
  new ImageStore({ directory: join(dataDir, subdirectories.images), inspect: diskInspector(host), insecureRegistries });

/**
 * Starts the agent of one standalone node: registers the Node, runs launcher Pods and their guests, serves streams. Resolves
 * once the node is Ready and everything that ran before has been found again.
 */
export async function startNodeAgent(options: NodeAgentOptions): Promise<NodeAgent> {
  const { host, dataDir, nodeName, log, clock = systemClock } = options;
  const transport =
    options.transport ??
    new HttpsTransport(await loadKubeconfig({ ...(options.kubeconfig && { path: options.kubeconfig }) }));
  const context = createControllerContext({ transport, log, clock, host: nodeName });
  await host.makeDirectory(dataDir, { mode: 0o755 });
  const directory = (name: keyof typeof subdirectories): string => join(dataDir, subdirectories[name]);
  await Promise.all(
    Object.keys(subdirectories).map((name) => host.makeDirectory(join(dataDir, name), { mode: 0o755 })),
  );

  const pods = context.informers(Pod, { fieldSelector: `spec.nodeName=${nodeName}` });
  const vmis = context.informers(VirtualMachineInstance, { labelSelector: `kubevirt.io/nodeName=${nodeName}` });
  vmis.addIndex('uid', (vmi) => [vmi.metadata?.uid ?? '']);
  pods.addIndex('uid', (pod) => [pod.metadata?.uid ?? '']);
  pods.addIndex('vmi', (pod) => [vmiUidOf(pod)]);

  const [{ libvirtd, choice }, podNetwork, directIo, resolver, bootId] = await Promise.all([
    startHypervisor(options, directory('libvirt')),
    PodNetwork.open({
      host,
      directory: directory('network'),
      log,
      ...(options.podSubnet && { subnet: options.podSubnet }),
      ...(options.cniPath && { cniPath: options.cniPath }),
    }),
    supportsDirectIo(directory('guests')),
    readHostResolver(host),
    readBootId(host),
  ]);
  const images = openImageStore(host, dataDir, options.insecureRegistries);
  const records = new GuestRecords(host, directory('guests'));
  const { qemuUser } = libvirtd;
  const address = options.address ?? machineAddress();

  const guests: GuestManager = new GuestManager({
    context,
    start: {
      host,
      client: context.client,
      libvirtd,
      network: { host, client: context.client, podNetwork, resolver, qemuUser },
      images,
      records,
      accelerator: choice.accelerator,
      directIo,
      starts: new Turnstile(concurrentStarts),
    },
    nodeName,
    bootId,
    vmis,
    podOf: (vmiUid) => podManager.podOf(vmiUid),
    sandboxOf: (podUid) => podManager.sandboxOf(podUid),
    onGuestChanged: (podUid) => podManager.enqueue(podUid),
    ...(options.onGuestStarted && { onStarted: options.onGuestStarted }),
  });
  const podManager = new PodManager({
    context,
    pods,
    vmis,
    podNetwork,
    images,
    nodeName,
    nodeIp: address,
    hasGuest: (podUid) => guests.recordOfPod(podUid) !== undefined,
    onSandboxReady: (pod, sandbox) => guests.preparations.begin(pod, sandbox),
    onPodChanged: (vmiUid) => guests.enqueue(vmiUid),
  });
  const access = new GuestVerbs({
    host,
    libvirtd,
    records,
    manager: guests,
    vmis,
    clock,
    log,
    events: context.events('virt-handler'),
  });
  const [certificate, key, clientCertificateAuthority] = await Promise.all(
    [options.servingCertificate, options.servingKey, options.clientCertificateAuthority].map((path) =>
      readFile(path, 'utf8'),
    ),
  );
  const streams = await startStreamServer({
    certificate: certificate ?? '',
    key: key ?? '',
    clientCertificateAuthority: clientCertificateAuthority ?? '',
    port: options.port ?? 10_250,
    guests: access,
    clock,
    log,
  });
  const registration = new NodeRegistration({
    context,
    host,
    dataDirectory: dataDir,
    name: nodeName,
    address,
    port: streams.port,
    accelerator: choice.accelerator,
    ...(choice.reason && { emulationReason: choice.reason }),
    version: options.version ?? '0.1.0',
    maxPods: options.maxPods ?? 250,
    reservedMemoryBytes: options.reservedMemoryBytes ?? 256 * 2 ** 20,
  });

  await Promise.all([pods.synced(), vmis.synced()]);
  const strange = await records.load();
  if (strange.length > 0) log.warn('files that are no guest records are left alone', { files: strange });
  await removeLeftovers(podNetwork, pods.list(), records, log);
  await podManager.run();
  await guests.run();
  await registration.start();
  const upkeep = new Upkeep({
    clock,
    log,
    libvirtd,
    streams,
    guests: () => records.all().map((record) => record.uid),
    serving: { certificate: options.servingCertificate, key: options.servingKey, current: certificate ?? '' },
  });
  log.info('node agent is ready', {
    node: nodeName,
    accelerator: choice.accelerator,
    port: streams.port,
    libvirtdAdopted: libvirtd.adopted,
  });

  return {
    port: streams.port,
    images,
    accelerator: choice.accelerator,
    ...(choice.reason && { emulationReason: choice.reason }),
    libvirtdPid: () => libvirtd.pid(),
    async stop() {
      upkeep.stop();
      await registration.stop();
      await Promise.all([podManager.stop(), guests.stop(), streams.stop()]);
      context.informers.stop();
      await libvirtd.disconnect();
      transport.close();
    },
  };
}

async function startHypervisor(
  options: NodeAgentOptions,
  directory: string,
): Promise<{ libvirtd: Libvirtd; choice: AcceleratorChoice }> {
  const { host, log } = options;
  const choice = await chooseAccelerator(host, options.accelerator, { directory, log });
  const libvirtd = await Libvirtd.start({ host, directory, accelerator: choice.accelerator, log });
  // Lets libvirt probe QEMU now, and not when the first guest waits for it.
  await resolveMachine(libvirtd, choice.accelerator, 'q35');
  return { libvirtd, choice };
}

/** Sandboxes and taps of Pods that ended while no agent looked. A guest's sandbox stays as long as the guest does. */
async function removeLeftovers(
  podNetwork: PodNetwork,
  pods: readonly Pod[],
  records: GuestRecords,
  log: Logger,
): Promise<void> {
  const keep = new Set([
    ...pods.map((pod) => pod.metadata?.uid ?? ''),
    ...records.all().map((record) => record.podUid),
  ]);
  const removed = [...(await podNetwork.removeLeftovers(keep)), ...(await podNetwork.removeLeftoverTaps(new Set()))];
  if (removed.length > 0) log.info('leftovers of earlier Pods were removed', { removed });
}

/** Ends every guest and removes everything of this node from the machine, data included. No agent may run. */
export async function wipeNode(host: Host, dataDir: string, log: Logger): Promise<void> {
  const libvirt = join(dataDir, subdirectories.libvirt);
  if (await host.status(libvirt)) {
    const libvirtd = await Libvirtd.start({ host, directory: libvirt, accelerator: 'tcg', log });
    await libvirtd.wipe();
  }
  if (await host.status(join(dataDir, subdirectories.network))) {
    const podNetwork = await PodNetwork.open({ host, directory: join(dataDir, subdirectories.network), log });
    await podNetwork.wipe();
  }
  await host.remove(dataDir);
}
