/** Reads back the few things that callers need from XML that libvirt wrote. */
import { DOMParser, type Document, type Element } from '@xmldom/xmldom';

export class XmlReadError extends Error {
  override name = 'XmlReadError';
}

/** @throws XmlReadError when the text is not well-formed XML or its root has another name. */
export function parseXml(xml: string, rootName: string): Element {
  let document: Document;
  try {
    document = new DOMParser({ onError: raise }).parseFromString(xml, 'text/xml');
  } catch (error) {
    throw new XmlReadError(`Not well-formed XML: ${error instanceof Error ? error.message : String(error)}`);
  }
  const root = document.documentElement;
  if (root?.nodeName !== rootName) throw new XmlReadError(`Expected <${rootName}>, found <${root?.nodeName ?? ''}>`);
  return root;
}

/** The parser's own habit is to write to stderr and go on. */
function raise(level: string, message: string): void {
  if (level !== 'warning') throw new XmlReadError(message);
}

/** Child elements of a name, in order. */
export function children(parent: Element | undefined, name: string): Element[] {
  const found: Element[] = [];
  for (let node = parent?.firstChild; node; node = node.nextSibling) {
    if (node.nodeType === 1 && node.nodeName === name) found.push(node as Element);
  }
  return found;
}

export function child(parent: Element | undefined, ...path: string[]): Element | undefined {
  let at = parent;
  for (const name of path) at = children(at, name)[0];
  return at;
}

export function attribute(of: Element | undefined, name: string): string | undefined {
  return of?.getAttribute(name) ?? undefined;
}

export function text(of: Element | undefined): string | undefined {
  return of?.textContent?.trim() || undefined;
}

export interface LiveInterface {
  type: string;
  mac: string | undefined;
  /** The tap's name at start; it may have been moved into another network namespace since. */
  target: string | undefined;
  model: string | undefined;
  alias: string | undefined;
}

export interface LiveDisk {
  device: string;
  source: string | undefined;
  format: string | undefined;
  target: string | undefined;
  bus: string | undefined;
  alias: string | undefined;
}

export interface LiveDomain {
  name: string;
  uuid: string;
  /** −1 when not running. */
  id: number;
  type: string;
  memoryBytes: number;
  vcpus: number;
  machine: string | undefined;
  nvram: string | undefined;
  interfaces: LiveInterface[];
  disks: LiveDisk[];
  cpu: { mode: string | undefined; model: string | undefined; features: { name: string; policy: string }[] };
  /** Text of the children of the metadata element with this namespace: `metadata('http://…')?.uid`. */
  metadata(namespace: string): Record<string, string> | undefined;
}

const bytesOfUnit: Record<string, number> = {
  b: 1,
  bytes: 1,
  KiB: 1024,
  k: 1024,
  MiB: 1024 ** 2,
  M: 1024 ** 2,
  GiB: 1024 ** 3,
  G: 1024 ** 3,
};

export function parseLiveDomain(xml: string): LiveDomain {
  const root = parseXml(xml, 'domain');
  const devices = child(root, 'devices');
  const cpu = child(root, 'cpu');
  const memory = child(root, 'memory');
  return {
    name: text(child(root, 'name')) ?? '',
    uuid: text(child(root, 'uuid')) ?? '',
    id: Number(attribute(root, 'id') ?? -1),
    type: attribute(root, 'type') ?? '',
    memoryBytes: Number(text(memory) ?? 0) * (bytesOfUnit[attribute(memory, 'unit') ?? 'KiB'] ?? 1024),
    vcpus: Number(text(child(root, 'vcpu')) ?? 0),
    machine: attribute(child(root, 'os', 'type'), 'machine'),
    nvram: text(child(root, 'os', 'nvram')),
    interfaces: children(devices, 'interface').map((nic) => ({
      type: attribute(nic, 'type') ?? '',
      mac: attribute(child(nic, 'mac'), 'address'),
      target: attribute(child(nic, 'target'), 'dev'),
      model: attribute(child(nic, 'model'), 'type'),
      alias: attribute(child(nic, 'alias'), 'name'),
    })),
    disks: children(devices, 'disk').map((disk) => ({
      device: attribute(disk, 'device') ?? 'disk',
      source: attribute(child(disk, 'source'), 'file') ?? attribute(child(disk, 'source'), 'dev'),
      format: attribute(child(disk, 'driver'), 'type'),
      target: attribute(child(disk, 'target'), 'dev'),
      bus: attribute(child(disk, 'target'), 'bus'),
      alias: attribute(child(disk, 'alias'), 'name'),
    })),
    cpu: {
      mode: attribute(cpu, 'mode'),
      model: text(child(cpu, 'model')),
      features: children(cpu, 'feature').map((feature) => ({
        name: attribute(feature, 'name') ?? '',
        policy: attribute(feature, 'policy') ?? 'require',
      })),
    },
    metadata: (namespace) => readMetadata(root, namespace),
  };
}

function readMetadata(root: Element, namespace: string): Record<string, string> | undefined {
  for (let node = child(root, 'metadata')?.firstChild; node; node = node.nextSibling) {
    if (node.nodeType !== 1 || node.namespaceURI !== namespace) continue;
    const values: Record<string, string> = {};
    for (let item = node.firstChild; item; item = item.nextSibling) {
      if (item.nodeType === 1) values[item.localName ?? item.nodeName] = item.textContent ?? '';
    }
    return values;
  }
  return undefined;
}

export interface DomainCapabilities {
  emulator: string | undefined;
  /** The machine type that the asked name stands for, e.g. `pc-q35-7.2` for `q35`. */
  machine: string | undefined;
  maxVcpus: number;
  cpu: {
    hostPassthrough: boolean;
    maximum: boolean;
    /** What host-model stands for here; undefined when the mode is not supported. */
    hostModel: { model: string; vendor: string | undefined; features: { name: string; policy: string }[] } | undefined;
    models: { name: string; usable: boolean; deprecated: boolean }[];
  };
}

export function parseDomainCapabilities(xml: string): DomainCapabilities {
  const root = parseXml(xml, 'domainCapabilities');
  const modes = new Map(children(child(root, 'cpu'), 'mode').map((mode) => [attribute(mode, 'name'), mode]));
  const supported = (name: string) => attribute(modes.get(name), 'supported') === 'yes';
  const hostModel = modes.get('host-model');
  return {
    emulator: text(child(root, 'path')),
    machine: text(child(root, 'machine')),
    maxVcpus: Number(attribute(child(root, 'vcpu'), 'max') ?? 1),
    cpu: {
      hostPassthrough: supported('host-passthrough'),
      maximum: supported('maximum'),
      hostModel: supported('host-model')
        ? {
            model: text(child(hostModel, 'model')) ?? '',
            vendor: text(child(hostModel, 'vendor')),
            features: children(hostModel, 'feature').map((feature) => ({
              name: attribute(feature, 'name') ?? '',
              policy: attribute(feature, 'policy') ?? 'require',
            })),
          }
        : undefined,
      models: children(modes.get('custom'), 'model').map((model) => ({
        name: text(model) ?? '',
        usable: attribute(model, 'usable') === 'yes',
        deprecated: attribute(model, 'deprecated') === 'yes',
      })),
    },
  };
}
