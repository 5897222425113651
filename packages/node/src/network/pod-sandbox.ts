/**
 * Network namespaces of launcher Pods on one node: made by CNI, found again after a restart of the agent, removed
 * without a trace. One `PodNetwork` per data directory, with its own subnet, bridge and nftables table.
 */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { Logger } from '@virtplane/runtime';
import { type Host, runChecked } from '../host/host.ts';
import { stopAllDhcp } from './binding.ts';
import { Cni, type CniNetwork, type CniResult, defaultCniPath, readResult } from './cni.ts';
import { ipBatch, listLinks, listNamespaces } from './ip-command.ts';
import { nodeKey } from './pod-subnet.ts';
import { openSegment, type Segment, wipeSegment } from './segment.ts';
import { deleteTap, tapPrefix } from './tap.ts';

export interface PodNetworkOptions {
  host: Host;
  /** Where the state is kept, e.g. `<data>/network`; also gives names of bridge, table and namespaces. */
  directory: string;
  cniPath?: readonly string[];
  /** A /24 of your own choice; default: a free one of 10.244.0.0/16. */
  subnet?: string;
  log?: Logger;
}

export interface PodIdentity {
  uid: string;
  namespace: string;
  name: string;
}

export interface PodAttachment {
  interfaceName: string;
  network: CniNetwork;
  result: CniResult;
}

/** The pod network's interface comes first, secondary networks in the order they were attached. */
export interface PodSandbox {
  pod: PodIdentity;
  /** Name of the network namespace. */
  netns: string;
  netnsPath: string;
  /** The sandbox's own directory: applied bindings, DHCP servers. */
  directory: string;
  /** Addresses of eth0 without prefix length: the pod's `status.podIPs`. */
  ips: string[];
  mtu: number;
  attachments: PodAttachment[];
}

export interface NetworkRequest {
  network: CniNetwork;
  interfaceName: string;
  /** Wanted MAC; plugins that know the argument use it. */
  mac?: string;
}

export const podInterface = 'eth0';

interface StoredSandbox {
  state: 'creating' | 'ready';
  sandbox: PodSandbox;
}

export class PodNetwork {
  readonly segment: Segment;
  /** Stands for the data directory in names; give it to `tapName`. */
  readonly key: string;
  readonly #host: Host;
  readonly #directory: string;
  readonly #cni: Cni;
  readonly #log: Logger | undefined;

  private constructor(options: PodNetworkOptions, key: string, segment: Segment) {
    this.#host = options.host;
    this.#directory = options.directory;
    this.#cni = new Cni(options.host, options.cniPath ?? defaultCniPath);
    this.#log = options.log;
    this.key = key;
    this.segment = segment;
  }

  /** Chooses or re-reads the subnet, switches forwarding on, loads the address translation of the pods. */
  static async open(options: PodNetworkOptions): Promise<PodNetwork> {
    const key = nodeKey(options.directory);
    await options.host.makeDirectory(join(options.directory, 'pods'));
    return new PodNetwork(options, key, await openSegment(options.host, options.directory, key, options.subnet));
  }

  /**
   * Makes the pod's namespace and connects it to the pod network; a sandbox that exists is returned as it is.
   * @throws CniError; nothing is left behind then.
   */
  async create(pod: PodIdentity): Promise<PodSandbox> {
    const existing = await this.get(pod.uid);
    if (existing) return existing;
    // A half-made sandbox of an agent that died: away with it.
    await this.destroy(pod.uid);
    const netns = this.#namespaceOf(pod.uid);
    const sandbox: PodSandbox = {
      pod,
      netns,
      netnsPath: `/run/netns/${netns}`,
      directory: this.#directoryOf(pod.uid),
      ips: [],
      mtu: this.segment.mtu,
      attachments: [],
    };
    await this.#host.makeDirectory(sandbox.directory);
    await this.#save(sandbox, 'creating');
    try {
      await runChecked(this.#host, 'ip', ['netns', 'add', netns]);
      await Promise.all([
        ipBatch(this.#host, [['link', 'set', 'dev', 'lo', 'up']], { netns }),
        this.#attach(sandbox, { network: this.segment.network, interfaceName: podInterface }),
      ]);
      sandbox.ips = sandbox.attachments[0]!.result.ips.map(({ address }) => address.split('/')[0]!);
      await this.#save(sandbox, 'ready');
      return sandbox;
    } catch (error) {
      await this.destroy(pod.uid, this.segment.network);
      throw error;
    }
  }

  /** Connects the sandbox to one more network. @throws CniError; the attachment is taken back then. */
  async attach(sandbox: PodSandbox, request: NetworkRequest): Promise<PodAttachment> {
    const existing = sandbox.attachments.find(({ interfaceName }) => interfaceName === request.interfaceName);
    if (existing) return existing;
    try {
      const attachment = await this.#attach(sandbox, request);
      await this.#save(sandbox, 'ready');
      return attachment;
    } catch (error) {
      await this.#cni.del(request.network, this.#attachmentOf(sandbox, request)).catch((second: unknown) => {
        this.#log?.warn('A half-made network attachment could not be removed', { error: second });
      });
      throw error;
    }
  }

  /** @returns undefined when there is no complete sandbox, also when its namespace is gone (the machine has rebooted). */
  async get(uid: string): Promise<PodSandbox | undefined> {
    const stored = await this.#load(uid);
    if (stored?.state !== 'ready') return undefined;
    const alive = await this.#host.status(stored.sandbox.netnsPath);
    return alive ? stored.sandbox : undefined;
  }

  /** Every complete sandbox. */
  async list(): Promise<PodSandbox[]> {
    const uids = await this.#host.list(join(this.#directory, 'pods'));
    const sandboxes = await Promise.all(uids.map((uid) => this.get(uid)));
    return sandboxes.filter((sandbox) => sandbox !== undefined);
  }

  /**
   * Removes the sandbox: DHCP servers, CNI attachments in reverse order, namespace, state. Goes on after failures of
   * plugins and reports them in the log: a plugin must not keep a namespace alive.
   * @param unsaved a network whose attachment may have begun without being recorded.
   */
  async destroy(uid: string, unsaved?: CniNetwork): Promise<void> {
    const stored = await this.#load(uid);
    const netns = this.#namespaceOf(uid);
    const path = `/run/netns/${netns}`;
    if (!stored && !(await this.#host.status(path))) return;
    await stopAllDhcp(this.#host, this.#directoryOf(uid));
    for (const { network, interfaceName, result } of this.#attachmentsToRemove(stored, unsaved)) {
      try {
        await this.#cni.del(network, { containerId: uid, netns: path, interfaceName }, result);
      } catch (error) {
        this.#log?.warn('CNI DEL failed; the namespace is removed all the same', { pod: uid, interfaceName, error });
      }
    }
    if (await this.#host.status(path)) await runChecked(this.#host, 'ip', ['netns', 'del', netns]);
    await this.#host.remove(this.#directoryOf(uid));
  }

  /**
   * Removes what belongs to no pod: sandboxes, namespaces, taps and leases of pods that are not in `keep`.
   * @returns names of what was removed, for the log.
   */
  async removeLeftovers(keep: ReadonlySet<string>): Promise<string[]> {
    const removed: string[] = [];
    const uids = await this.#host.list(join(this.#directory, 'pods'));
    for (const uid of uids.filter((uid) => !keep.has(uid))) {
      await this.destroy(uid);
      removed.push(`sandbox ${uid}`);
    }
    const kept = new Set([...keep].map((uid) => this.#namespaceOf(uid)));
    for (const name of await listNamespaces(this.#host)) {
      if (!name.startsWith(this.#namespacePrefix) || kept.has(name)) continue;
      await runChecked(this.#host, 'ip', ['netns', 'del', name]);
      removed.push(`network namespace ${name}`);
    }
    removed.push(...(await this.#removeLeases(keep)));
    return removed;
  }

  /** Removes taps of ours in the node's namespace whose names are not in `keep`: guests that never got that far. */
  async removeLeftoverTaps(keep: ReadonlySet<string>): Promise<string[]> {
    const prefix = tapPrefix(this.key);
    const names = (await listLinks(this.#host)).map(({ ifname }) => ifname);
    const leftovers = names.filter((name) => name.startsWith(prefix) && !keep.has(name));
    for (const name of leftovers) await deleteTap(this.#host, name);
    return leftovers;
  }

  /** Removes everything of this data directory: sandboxes, taps, bridge, nftables table, state. */
  async wipe(): Promise<void> {
    await this.removeLeftovers(new Set());
    await this.removeLeftoverTaps(new Set());
    await wipeSegment(this.#host, this.segment);
    await this.#host.remove(this.#directory);
  }

  async #removeLeases(keep: ReadonlySet<string>): Promise<string[]> {
    const removed: string[] = [];
    const directory = join(this.segment.ipamDirectory, this.segment.network.name);
    for (const name of await this.#host.list(directory)) {
      if (!/^\d/.test(name)) continue;
      const [owner = ''] = ((await this.#host.readTextIfExists(join(directory, name))) ?? '').split('\n');
      if (keep.has(owner.trim())) continue;
      await this.#host.remove(join(directory, name));
      removed.push(`address ${name}`);
    }
    return removed;
  }

  #attachmentOf(sandbox: PodSandbox, request: NetworkRequest) {
    const { pod } = sandbox;
    return {
      containerId: pod.uid,
      netns: sandbox.netnsPath,
      interfaceName: request.interfaceName,
      args: {
        IgnoreUnknown: 'true',
        K8S_POD_NAMESPACE: pod.namespace,
        K8S_POD_NAME: pod.name,
        K8S_POD_INFRA_CONTAINER_ID: pod.uid,
        K8S_POD_UID: pod.uid,
        ...(request.mac && { MAC: request.mac }),
      },
      ...(request.mac && { runtimeConfig: { mac: request.mac } }),
    };
  }

  async #attach(sandbox: PodSandbox, request: NetworkRequest): Promise<PodAttachment> {
    const result = await this.#cni.add(request.network, this.#attachmentOf(sandbox, request));
    const attachment = { interfaceName: request.interfaceName, network: request.network, result };
    sandbox.attachments.push(attachment);
    return attachment;
  }

  /** In reverse order; an ADD that was begun but not recorded counts, for it may have taken an address. */
  #attachmentsToRemove(
    stored: StoredSandbox | undefined,
    unsaved: CniNetwork | undefined,
  ): { interfaceName: string; network: CniNetwork; result?: CniResult }[] {
    const recorded = stored?.sandbox.attachments ?? [];
    if (recorded.length > 0) return [...recorded].reverse();
    const begun = stored?.state === 'creating' || unsaved !== undefined;
    return begun ? [{ interfaceName: podInterface, network: unsaved ?? this.segment.network }] : [];
  }

  get #namespacePrefix(): string {
    return `vp-${this.key.slice(0, 6)}-`;
  }

  #namespaceOf(uid: string): string {
    return this.#namespacePrefix + createHash('sha256').update(uid).digest('hex').slice(0, 10);
  }

  #directoryOf(uid: string): string {
    if (!/^[A-Za-z0-9-]+$/.test(uid)) throw new Error(`"${uid}" is not a pod UID`);
    return join(this.#directory, 'pods', uid);
  }

  async #save(sandbox: PodSandbox, state: 'creating' | 'ready'): Promise<void> {
    await this.#host.writeText(join(sandbox.directory, 'sandbox.json'), `${JSON.stringify({ state, sandbox })}\n`);
  }

  async #load(uid: string): Promise<StoredSandbox | undefined> {
    const text = await this.#host.readTextIfExists(join(this.#directoryOf(uid), 'sandbox.json'));
    if (text === undefined) return undefined;
    const { state, sandbox } = JSON.parse(text) as StoredSandbox;
    const attachments = sandbox.attachments.map((attachment) => ({
      ...attachment,
      result: readResult(attachment.result.raw),
    }));
    return { state, sandbox: { ...sandbox, attachments } };
  }
}
