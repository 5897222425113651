/**
 * Runs CNI plugins (specification 0.4.0 to 1.0.0): a network is a list of plugins; ADD hands each the result of the one
 * before, DEL runs in reverse and goes on after failures.
 */
import { join } from 'node:path';
import type { Host } from '../host/host.ts';

export interface CniPlugin {
  type: string;
  capabilities?: Readonly<Record<string, boolean>>;
  [field: string]: unknown;
}

/** A conflist, or a single plugin's configuration turned into one. */
export interface CniNetwork {
  cniVersion: string;
  name: string;
  plugins: readonly CniPlugin[];
}

export interface CniAttachment {
  /** Sandbox id; letters, digits, `_`, `.`, `-`. */
  containerId: string;
  /** Path of the network namespace, e.g. /run/netns/vp-… */
  netns: string;
  interfaceName: string;
  /** CNI_ARGS, e.g. `{ IgnoreUnknown: 'true', K8S_POD_NAME: … }`. */
  args?: Readonly<Record<string, string>>;
  /** Handed to plugins that declare the capability of this name. */
  runtimeConfig?: Readonly<Record<string, unknown>>;
}

interface CniInterface {
  name: string;
  mac?: string;
  sandbox?: string;
}

export interface CniResult {
  interfaces: CniInterface[];
  /** Addresses in CIDR form. */
  ips: { address: string; gateway?: string; interface?: number }[];
  routes: { dst: string; gw?: string }[];
  dns: { nameservers?: string[]; search?: string[]; domain?: string };
  /** As the plugin wrote it: the next plugin, CHECK and DEL want it back. */
  raw: Record<string, unknown>;
}

export class CniError extends Error {
  override name = 'CniError';
  /** CNI's error code; 0 when the plugin gave none. */
  readonly code: number;
  readonly plugin: string;

  constructor(plugin: string, code: number, message: string) {
    super(message);
    this.plugin = plugin;
    this.code = code;
  }
}

/** Error codes that the specification reserves. */
const codeMeaning: Readonly<Record<number, string>> = {
  1: 'incompatible CNI version',
  2: 'unsupported field in the network configuration',
  3: 'the container is unknown or does not exist',
  4: 'a necessary environment variable is invalid',
  5: 'input or output failed',
  6: 'the network configuration cannot be decoded',
  7: 'the network configuration is invalid',
  11: 'temporarily impossible, try again later',
};

/** What OpenShift calls the plugins that it ships under names of its own. */
const pluginAliases: Readonly<Record<string, string>> = { 'cnv-bridge': 'bridge', 'cnv-tuning': 'tuning' };

const timeLimitMs = 60_000;
const outputLimitBytes = 1024 * 1024;

export const defaultCniPath: readonly string[] = ['/usr/lib/cni', '/opt/cni/bin'];

/**
 * Reads a conflist or a single configuration (NetworkAttachmentDefinition `spec.config`).
 * @throws CniError code 6 or 7 saying what is wrong.
 */
export function parseCniConfig(text: string, defaultName: string): CniNetwork {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new CniError('', 6, `The CNI configuration is not JSON: ${error instanceof Error ? error.message : error}`);
  }
  if (!isRecord(value)) throw new CniError('', 7, 'The CNI configuration is not a JSON object');
  const cniVersion = typeof value.cniVersion === 'string' ? value.cniVersion : '0.4.0';
  const name = typeof value.name === 'string' && value.name !== '' ? value.name : defaultName;
  const list: unknown = value.plugins ?? [value];
  if (!Array.isArray(list) || list.length === 0) throw new CniError('', 7, 'The CNI configuration lists no plugins');
  const plugins = list.map((plugin: unknown, i): CniPlugin => {
    if (!isRecord(plugin) || typeof plugin.type !== 'string' || !/^[A-Za-z0-9._-]+$/.test(plugin.type)) {
      throw new CniError('', 7, `plugins[${i}] of CNI network ${name} has no valid "type"`);
    }
    return { ...plugin, type: plugin.type };
  });
  return { cniVersion, name, plugins };
}

export class Cni {
  readonly #host: Host;
  readonly #path: readonly string[];
  readonly #found = new Map<string, string>();

  constructor(host: Host, path: readonly string[] = defaultCniPath) {
    this.#host = host;
    this.#path = path;
  }

  /** @returns the last plugin's result. @throws CniError of the first plugin that fails; the caller then calls `del`. */
  async add(network: CniNetwork, attachment: CniAttachment): Promise<CniResult> {
    let previous: Record<string, unknown> | undefined;
    for (const plugin of network.plugins) previous = await this.#run('ADD', network, plugin, attachment, previous);
    return readResult(previous ?? {});
  }

  /** @throws CniError when the attachment is no longer as `result` says. */
  async check(network: CniNetwork, attachment: CniAttachment, result: CniResult): Promise<void> {
    for (const plugin of network.plugins) await this.#run('CHECK', network, plugin, attachment, result.raw);
  }

  /** Runs every plugin in reverse order. @throws AggregateError when some fail; what is gone already is no failure. */
  async del(network: CniNetwork, attachment: CniAttachment, result?: CniResult): Promise<void> {
    const failures: unknown[] = [];
    for (const plugin of [...network.plugins].reverse()) {
      try {
        await this.#run('DEL', network, plugin, attachment, result?.raw);
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length === 1) throw failures[0];
    if (failures.length > 1) throw new AggregateError(failures, `CNI network ${network.name} could not be removed`);
  }

  async #run(
    command: 'ADD' | 'DEL' | 'CHECK',
    network: CniNetwork,
    plugin: CniPlugin,
    attachment: CniAttachment,
    previous: Record<string, unknown> | undefined,
  ): Promise<Record<string, unknown> | undefined> {
    const file = await this.#find(plugin.type);
    const { capabilities = {}, ...configuration } = plugin;
    const offered = Object.entries(attachment.runtimeConfig ?? {}).filter(([name]) => capabilities[name] === true);
    const input = {
      ...configuration,
      cniVersion: network.cniVersion,
      name: network.name,
      type: pluginAliases[plugin.type] ?? plugin.type,
      ...(offered.length > 0 && { runtimeConfig: Object.fromEntries(offered) }),
      ...(previous && { prevResult: previous }),
    };
    const args = Object.entries(attachment.args ?? {}).map(([key, value]) => `${key}=${value.replaceAll(';', '_')}`);
    const env = {
      CNI_COMMAND: command,
      CNI_CONTAINERID: attachment.containerId,
      CNI_NETNS: attachment.netns,
      CNI_IFNAME: attachment.interfaceName,
      CNI_PATH: this.#path.join(':'),
      CNI_ARGS: args.join(';'),
    };
    const result = await this.#host.run(file, [], {
      input: JSON.stringify(input),
      env,
      timeoutMs: timeLimitMs,
      maxOutputBytes: outputLimitBytes,
    });
    if (result.code !== 0) throw pluginError(plugin.type, command, result.stdout, result.stderr);
    if (command !== 'ADD') return undefined;
    const parsed = parseObject(result.stdout);
    if (!parsed) throw new CniError(plugin.type, 6, `CNI plugin ${plugin.type} answered ADD with something not JSON`);
    return parsed;
  }

  async #find(type: string): Promise<string> {
    const known = this.#found.get(type);
    if (known) return known;
    const name = pluginAliases[type] ?? type;
    for (const directory of this.#path) {
      const file = join(directory, name);
      if ((await this.#host.status(file))?.kind === 'file') {
        this.#found.set(type, file);
        return file;
      }
    }
    throw new CniError(
      type,
      0,
      `failed to find plugin "${type}" in path [${this.#path.join(' ')}]; on Debian install the package containernetworking-plugins`,
    );
  }
}

function pluginError(type: string, command: string, stdout: string, stderr: string): CniError {
  const answer = parseObject(stdout);
  const code = typeof answer?.code === 'number' ? answer.code : 0;
  const words = [answer?.msg, answer?.details].filter((text) => typeof text === 'string' && text !== '');
  const text = words.length > 0 ? words.join(': ') : stderr.trim() || 'no message';
  const meaning = codeMeaning[code];
  return new CniError(type, code, `CNI plugin ${type} failed ${command}: ${text}${meaning ? ` (${meaning})` : ''}`);
}

/** Reads a stored or fresh result, all fields optional. */
export function readResult(raw: Record<string, unknown>): CniResult {
  const list = (value: unknown) => (Array.isArray(value) ? value.filter(isRecord) : []);
  const text = (value: unknown) => (typeof value === 'string' ? value : undefined);
  return {
    interfaces: list(raw.interfaces).map(({ name, mac, sandbox }) => ({
      name: text(name) ?? '',
      ...(text(mac) && { mac: text(mac)! }),
      ...(text(sandbox) && { sandbox: text(sandbox)! }),
    })),
    ips: list(raw.ips).map((ip) => ({
      address: text(ip.address) ?? '',
      ...(text(ip.gateway) && { gateway: text(ip.gateway)! }),
      ...(typeof ip.interface === 'number' && { interface: ip.interface }),
    })),
    routes: list(raw.routes).map(({ dst, gw }) => ({ dst: text(dst) ?? '', ...(text(gw) && { gw: text(gw)! }) })),
    dns: isRecord(raw.dns) ? raw.dns : {},
    raw,
  };
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : undefined;
  } catch {
    // Plugins that crash write no JSON; the caller then reports what they wrote to stderr.
    return undefined;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
