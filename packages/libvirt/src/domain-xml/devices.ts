import type { Controller, Devices, Disk, HostDevice, Interface, PciAddress } from './description.ts';
import { element, textElement, type XmlElement } from './xml.ts';

/** libvirt drops an alias with other characters without a word, so none is written: devices are never found by alias. */
const aliasPattern = /^[A-Za-z0-9_-]+$/;

/** `ua-<name>`, or undefined when libvirt would drop it. */
export function userAlias(name: string): string | undefined {
  return aliasPattern.test(name) ? `ua-${name}` : undefined;
}

const alias = (name: string | undefined) => (name === undefined ? undefined : element('alias', { name }));
const boot = (order: number | undefined) => (order === undefined ? undefined : element('boot', { order }));
const onOff = (value: boolean | undefined) => (value === undefined ? undefined : value ? 'on' : 'off');

const pciPattern = /^([0-9a-fA-F]{4}):([0-9a-fA-F]{2}):([0-9a-fA-F]{2})\.([0-9a-fA-F])$/;

/** Reads `0000:81:01.10`-like addresses as the kernel writes them. @returns undefined when it is none. */
export function parsePciAddress(text: string): PciAddress | undefined {
  const match = pciPattern.exec(text);
  if (!match) return undefined;
  const [domain, bus, slot, fn] = match.slice(1).map((part) => Number.parseInt(part, 16));
  return { domain: domain!, bus: bus!, slot: slot!, function: fn! };
}

const hex = (value: number) => `0x${value.toString(16).padStart(2, '0')}`;

function pciAddress(address: PciAddress | undefined, type: 'pci' | undefined): XmlElement | undefined {
  if (!address) return undefined;
  const { domain, bus, slot } = address;
  return element('address', {
    type,
    domain: `0x${domain.toString(16).padStart(4, '0')}`,
    bus: hex(bus),
    slot: hex(slot),
    function: `0x${address.function.toString(16)}`,
  });
}

function sourceElement(type: 'file' | 'block', path: string, keepOwner: boolean): XmlElement {
  return element(
    'source',
    type === 'block' ? { dev: path } : { file: path },
    keepOwner && element('seclabel', { model: 'dac', relabel: 'no' }),
  );
}

function backingStore(chain: NonNullable<Disk['backingChain']>): XmlElement {
  const [top, ...below] = chain;
  if (!top) return element('backingStore');
  return element(
    'backingStore',
    { type: top.type },
    element('format', { type: top.format }),
    // Several guests share these images: libvirt must not take and give back their owner.
    sourceElement(top.type, top.path, true),
    backingStore(below),
  );
}

export function diskElement(disk: Disk): XmlElement {
  const { source, target } = disk;
  return element(
    'disk',
    { type: source?.type ?? 'file', device: disk.device, model: disk.model },
    element('driver', {
      name: 'qemu',
      type: disk.format ?? 'raw',
      cache: disk.cache,
      error_policy: disk.errorPolicy,
      io: disk.io,
      discard: disk.discard,
      iothread: disk.ioThread,
      queues: disk.queues,
    }),
    source && sourceElement(source.type, source.path, source.keepOwner === true),
    disk.backingChain && backingStore(disk.backingChain),
    element('target', { dev: target.dev, bus: target.bus, tray: target.tray }),
    disk.blockSize &&
      element('blockio', {
        logical_block_size: disk.blockSize.logicalBytes,
        physical_block_size: disk.blockSize.physicalBytes,
      }),
    disk.readonly && element('readonly'),
    disk.shareable && element('shareable'),
    textElement('serial', disk.serial),
    boot(disk.bootOrder),
    alias(disk.alias),
    pciAddress(disk.address, 'pci'),
  );
}

export function interfaceElement(nic: Interface): XmlElement {
  return element(
    'interface',
    { type: nic.type },
    nic.mac === undefined ? undefined : element('mac', { address: nic.mac }),
    nic.tap === undefined ? undefined : element('target', { dev: nic.tap, managed: 'no' }),
    element('model', { type: nic.model }),
    nic.queues === undefined ? undefined : element('driver', { name: 'qemu', queues: nic.queues }),
    nic.mtu === undefined ? undefined : element('mtu', { size: nic.mtu }),
    boot(nic.bootOrder),
    nic.rom === false && element('rom', { enabled: 'no' }),
    alias(nic.alias),
    pciAddress(nic.address, 'pci'),
  );
}

function controllerElement({ type, index, model, ioThread }: Controller): XmlElement {
  return element(
    'controller',
    { type, index, model },
    ioThread === undefined ? undefined : element('driver', { iothread: ioThread }),
  );
}

export function hostDeviceElement(device: HostDevice): XmlElement {
  if (device.type === 'pci') {
    return element(
      'hostdev',
      { mode: 'subsystem', type: 'pci', managed: 'no' },
      element('source', {}, pciAddress(device.address, undefined)),
      boot(device.bootOrder),
      alias(device.alias),
    );
  }
  return element(
    'hostdev',
    {
      mode: 'subsystem',
      type: 'mdev',
      managed: 'no',
      model: 'vfio-pci',
      display: onOff(device.display),
      ramfb: onOff(device.ramfb),
    },
    element('source', {}, element('address', { uuid: device.uuid })),
    alias(device.alias),
  );
}

export function devicesElement(devices: Devices): XmlElement {
  const { serial, vnc, video, balloon, rng, watchdog, sound, tpm } = devices;
  return element(
    'devices',
    {},
    textElement('emulator', devices.emulator),
    ...(devices.disks ?? []).map(diskElement),
    ...(devices.controllers ?? []).map(controllerElement),
    ...(devices.interfaces ?? []).map(interfaceElement),
    serial &&
      element(
        'serial',
        { type: 'unix' },
        element('source', { mode: 'bind', path: serial.path }),
        serial.logFile === undefined ? undefined : element('log', { file: serial.logFile, append: 'on' }),
        element('target', { type: 'isa-serial', port: 0 }, element('model', { name: 'isa-serial' })),
      ),
    ...(devices.channels ?? []).map((channel) =>
      element(
        'channel',
        { type: 'unix' },
        element('source', { mode: 'bind', path: channel.path }),
        element('target', { type: 'virtio', name: channel.name }),
      ),
    ),
    ...(devices.inputs ?? []).map(({ type, bus, model, alias: name }) =>
      element('input', { type, bus, model }, alias(name)),
    ),
    tpm && element('tpm', { model: tpm.model }, element('backend', { type: 'emulator', version: '2.0' })),
    vnc && element('graphics', { type: 'vnc' }, element('listen', { type: 'socket', socket: vnc.socket })),
    sound && element('sound', { model: sound.model }, alias(sound.alias)),
    video &&
      element(
        'video',
        {},
        element('model', {
          type: video.model,
          vram: video.vramKibibytes,
          heads: video.model === 'none' ? undefined : 1,
        }),
      ),
    ...(devices.hostDevices ?? []).map(hostDeviceElement),
    watchdog && element('watchdog', { model: watchdog.model, action: watchdog.action }, alias(watchdog.alias)),
    balloon &&
      element(
        'memballoon',
        { model: balloon.model },
        balloon.statsPeriodSeconds === undefined ? undefined : element('stats', { period: balloon.statsPeriodSeconds }),
      ),
    rng && element('rng', { model: rng.model }, element('backend', { model: 'random' }, '/dev/urandom')),
  );
}
