import type { FieldError } from '@virtplane/resources';
import { listLimitFaults } from './validate-disks.ts';
import type { Interface, Network } from './virtual-machine-types.ts';
import { fault } from './webhooks.ts';

export interface InterfaceRules {
  readonly permitBridgeOnPodNetwork: boolean;
  readonly permitSlirp: boolean;
  readonly macvtap: boolean;
  readonly passt: boolean;
}

const MODELS = ['e1000', 'e1000e', 'ne2k_pci', 'pcnet', 'rtl8139', 'virtio'];
const BINDINGS = ['bridge', 'masquerade', 'slirp', 'sriov', 'macvtap', 'passt'] as const;
/** MAC address of the bridge that stands between a masqueraded guest and its pod. */
const RESERVED_MAC = '02:00:00:00:00:00';
const NAME = /^[A-Za-z0-9_-]+$/;
const MAC = /^[0-9a-f]{2}([:-][0-9a-f]{2}){5,19}$/i;
const PCI_ADDRESS = /^[0-9a-f]{4}:[0-9a-f]{2}:[0-1][0-9a-f]\.[0-7]$/i;
const IPV4 = /^((25[0-5]|2[0-4]\d|1?\d?\d)(\.|$)){4}$/;
const PORT_NAME = /^(?=.*[a-z])[a-z0-9]([a-z0-9-]*[a-z0-9])?$/;

export function validateNetworks(
  networks: readonly Network[],
  interfaces: readonly Interface[],
  p: string,
): FieldError[] {
  const list = `${p}.networks`;
  const faults = listLimitFaults(list, networks.length);
  const used = new Set(interfaces.map((nic) => nic.name));
  const seen = new Set<string>();
  let multusDefaults = 0;
  let pods = 0;
  for (const [i, network] of networks.entries()) {
    const n = `${list}[${i}]`;
    if (seen.has(network.name))
      faults.push(
        fault(
          `${n}.name`,
          `Network with name "${network.name}" already exists, every network must have a unique name`,
          'FieldValueDuplicate',
        ),
      );
    seen.add(network.name);
    if (!used.has(network.name))
      faults.push(fault(`${n}.name`, `${n}.name '${network.name}' not found.`, 'FieldValueRequired'));
    if (!network.pod && !network.multus) faults.push(fault(n, 'should have a network type', 'FieldValueRequired'));
    if (network.pod && network.multus) faults.push(fault(n, 'should have only one network type', 'FieldValueRequired'));
    if (network.multus && !network.multus.networkName)
      faults.push(fault(n, 'CNI delegating plugin must have a networkName', 'FieldValueRequired'));
    if (network.multus?.default) multusDefaults++;
    if (network.pod) pods++;
  }
  if (multusDefaults > 1) faults.push(fault(list, 'Multus CNI should only have one default network'));
  if (multusDefaults > 0 && pods > 0)
    faults.push(fault(list, 'Pod network cannot be defined when Multus default network is defined'));
  return faults;
}

export function validateInterfaces(
  interfaces: readonly Interface[],
  networks: readonly Network[],
  p: string,
  rules: InterfaceRules,
): FieldError[] {
  const list = `${p}.domain.devices.interfaces`;
  const faults = listLimitFaults(list, interfaces.length);
  const networkOf = new Map(networks.map((network) => [network.name, network]));
  const connected = new Set<string>();
  let onPodNetwork = 0;
  for (const [i, nic] of interfaces.entries()) {
    const f = `${list}[${i}]`;
    const network = networkOf.get(nic.name);
    if (!network) faults.push(fault(`${f}.name`, `${f}.name '${nic.name}' not found.`));
    if (connected.has(nic.name))
      faults.push(
        fault(`${f}.name`, 'Only one interface can be connected to one specific network', 'FieldValueDuplicate'),
      );
    else if (network?.pod && ++onPodNetwork === 2)
      faults.push(
        fault(
          `${p}.interfaces`,
          `more than one interface is connected to a pod network in ${p}.interfaces`,
          'FieldValueDuplicate',
        ),
      );
    connected.add(nic.name);
    if (!NAME.test(nic.name))
      faults.push(
        fault(
          `${f}.name`,
          'Network interface name can only contain alphabetical characters, numbers, dashes (-) or underscores (_)',
        ),
      );
    validateBinding(nic, network, f, rules, faults);
    validateAddresses(nic, f, faults);
    validatePorts(nic, f, faults);
    validateDhcp(nic, faults);
    if (nic.bootOrder !== undefined && nic.bootOrder < 1)
      faults.push(fault(`${f}.bootOrder`, `${f} must have a boot order > 0, if supplied`));
  }
  return faults;
}

function validateBinding(
  nic: Interface,
  network: Network | undefined,
  f: string,
  rules: InterfaceRules,
  faults: FieldError[],
): void {
  let bindings = 0;
  for (const binding of BINDINGS) if (nic[binding] !== undefined) bindings++;
  if (bindings !== 1) faults.push(fault(f, `${f} must have exactly one binding method.`));
  if (nic.masquerade && network && !network.pod)
    faults.push(fault(`${f}.name`, 'Masquerade interface only implemented with pod network'));
  if (nic.bridge && network?.pod && !rules.permitBridgeOnPodNetwork)
    faults.push(fault(`${f}.name`, 'Bridge on pod network configuration is not enabled under kubevirt-config'));
  if (nic.slirp && !rules.permitSlirp)
    faults.push(fault(`${f}.name`, 'Slirp interface is not enabled in kubevirt-config'));
  if (nic.macvtap && !rules.macvtap) faults.push(fault(`${f}.name`, 'Macvtap feature gate is not enabled'));
  if (nic.passt && !rules.passt) faults.push(fault(`${f}.name`, 'Passt feature gate is not enabled'));
}

function validateAddresses(nic: Interface, f: string, faults: FieldError[]): void {
  if (nic.model && !MODELS.includes(nic.model))
    faults.push(
      fault(
        `${f}.model`,
        `interface ${f}.name uses model ${nic.model} that is not supported.`,
        'FieldValueNotSupported',
      ),
    );
  if (nic.pciAddress && !PCI_ADDRESS.test(nic.pciAddress))
    faults.push(fault(`${f}.pciAddress`, `interface ${f}.name has malformed PCI address (${nic.pciAddress}).`));
  const mac = nic.macAddress;
  if (!mac) return;
  const octets = mac.split(/[:-]/);
  if (!MAC.test(mac) || ![6, 8, 20].includes(octets.length))
    faults.push(fault(`${f}.macAddress`, `interface ${f}.name has malformed MAC address (${mac}).`));
  else if (octets.length > 6)
    faults.push(fault(`${f}.macAddress`, `interface ${f}.name has MAC address (${mac}) that is too long.`));
  else if (nic.masquerade && mac.replaceAll('-', ':') === RESERVED_MAC)
    faults.push(
      fault(
        `${f}.macAddress`,
        'The requested MAC address is reserved for the in-pod bridge. Please choose another one.',
      ),
    );
  else if ((Number.parseInt(octets[0] ?? '', 16) & 1) === 1 || octets.every((octet) => octet === '00'))
    faults.push(
      fault(`${f}.macAddress`, `interface ${f}.name has MAC address (${mac}) that is not a unicast address.`),
    );
}

function validatePorts(nic: Interface, f: string, faults: FieldError[]): void {
  const names = new Set<string>();
  for (const [j, port] of (nic.ports ?? []).entries()) {
    const field = `${f}.ports[${j}]`;
    if (!port.port) faults.push(fault(field, 'Port field is mandatory.', 'FieldValueRequired'));
    else if (port.port < 0 || port.port > 65535)
      faults.push(fault(field, 'Port field must be in range 0 < x < 65536.'));
    if (port.protocol && port.protocol !== 'TCP' && port.protocol !== 'UDP')
      faults.push(fault(field, 'Unknown protocol, only TCP or UDP allowed'));
    if (!port.name) continue;
    if (names.has(port.name)) faults.push(fault(field, `Duplicate name of the port: ${port.name}`));
    names.add(port.name);
    if (port.name.length > 15 || !PORT_NAME.test(port.name))
      faults.push(fault(field, `Invalid name of the port: ${port.name}`));
  }
}

function validateDhcp(nic: Interface, faults: FieldError[]): void {
  const options = nic.dhcpOptions;
  if (!options) return;
  const seen = new Set<number>();
  const duplicates: number[] = [];
  for (const { option } of options.privateOptions ?? []) {
    if (seen.has(option)) duplicates.push(option);
    seen.add(option);
  }
  if ([...seen].some((option) => option < 224 || option > 254))
    faults.push(fault('', 'provided DHCPPrivateOptions are out of range, must be in range 224 to 254'));
  if (duplicates.length > 0) faults.push(fault('', `Found Duplicates: ${duplicates.join(', ')}`));
  if ((options.ntpServers ?? []).some((server) => !IPV4.test(server)))
    faults.push(fault('', 'NTP servers must be a list of valid IPv4 addresses.'));
}
