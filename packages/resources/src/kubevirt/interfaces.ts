import {
  bool,
  type EmptyObject,
  emptyObject,
  field,
  int32,
  list,
  named,
  object,
  required,
  string,
  type TypeOf,
} from '../schema/builder.ts';

const dhcpPrivateOptions = object('io.kubevirt.v1.DHCPPrivateOptions', '', {
  option: required(int32),
  value: required(string),
});
export interface DHCPPrivateOptions extends TypeOf<typeof dhcpPrivateOptions> {}
export const DHCPPrivateOptionsSchema = named<DHCPPrivateOptions>(dhcpPrivateOptions);

const dhcpOptions = object('io.kubevirt.v1.DHCPOptions', '', {
  bootFileName: string,
  ntpServers: list(string),
  privateOptions: list(DHCPPrivateOptionsSchema),
  tftpServerName: string,
});
export interface DHCPOptions extends TypeOf<typeof dhcpOptions> {}
export const DHCPOptionsSchema = named<DHCPOptions>(dhcpOptions);

export const InterfaceBridgeSchema = emptyObject('io.kubevirt.v1.InterfaceBridge');
export type InterfaceBridge = EmptyObject;

export const InterfaceMacvtapSchema = emptyObject('io.kubevirt.v1.InterfaceMacvtap');
export type InterfaceMacvtap = EmptyObject;

export const InterfaceMasqueradeSchema = emptyObject('io.kubevirt.v1.InterfaceMasquerade');
export type InterfaceMasquerade = EmptyObject;

export const InterfacePasstSchema = emptyObject('io.kubevirt.v1.InterfacePasst');
export type InterfacePasst = EmptyObject;

export const InterfaceSRIOVSchema = emptyObject('io.kubevirt.v1.InterfaceSRIOV');
export type InterfaceSRIOV = EmptyObject;

export const InterfaceSlirpSchema = emptyObject('io.kubevirt.v1.InterfaceSlirp');
export type InterfaceSlirp = EmptyObject;

const port = object('io.kubevirt.v1.Port', '', {
  name: string,
  port: required(int32),
  protocol: string,
});
export interface Port extends TypeOf<typeof port> {}
export const PortSchema = named<Port>(port);

const interfaceType = object('io.kubevirt.v1.Interface', 'A network interface of the machine.', {
  bootOrder: field(int32, 'Place in the order of boot devices, from 1.'),
  bridge: field(InterfaceBridgeSchema, 'Bridged to the network.'),
  dhcpOptions: field(DHCPOptionsSchema, 'Options that the guest gets by DHCP.'),
  macAddress: field(string, 'Hardware address; random if unset.'),
  macvtap: field(InterfaceMacvtapSchema, 'Attached to a macvtap device.'),
  masquerade: field(InterfaceMasqueradeSchema, 'Behind the address of the pod, by address translation.'),
  model: field(string, 'Model of the card: virtio (the default), e1000, e1000e, rtl8139 …'),
  name: required(field(string, 'Name of the network that it is attached to.')),
  passt: field(InterfacePasstSchema, 'User-mode network by passt.'),
  pciAddress: field(string, 'PCI address in the guest.'),
  ports: field(list(PortSchema), 'Ports that are forwarded to the guest; none means all.'),
  slirp: field(InterfaceSlirpSchema, 'User-mode network; needs no privileges, slow.'),
  sriov: field(InterfaceSRIOVSchema, 'A virtual function of a network card, passed through.'),
  tag: field(string, "Label that the guest reads with the device's address."),
});
export interface Interface extends TypeOf<typeof interfaceType> {}
export const InterfaceSchema = named<Interface>(interfaceType);

const multusNetwork = object('io.kubevirt.v1.MultusNetwork', '', {
  default: field(bool, 'Use it instead of the pod network.'),
  networkName: required(field(string, 'Name, or namespace/name, of the network attachment definition.')),
});
export interface MultusNetwork extends TypeOf<typeof multusNetwork> {}
export const MultusNetworkSchema = named<MultusNetwork>(multusNetwork);

const podNetwork = object('io.kubevirt.v1.PodNetwork', '', {
  vmIPv6NetworkCIDR: string,
  vmNetworkCIDR: field(string, 'Range of addresses for the guest behind masquerade.'),
});
export interface PodNetwork extends TypeOf<typeof podNetwork> {}
export const PodNetworkSchema = named<PodNetwork>(podNetwork);

const network = object('io.kubevirt.v1.Network', 'A network that an interface of the machine can be attached to.', {
  multus: field(MultusNetworkSchema, 'A network attachment definition.'),
  name: required(field(string, 'Name by which interfaces refer to it.')),
  pod: field(PodNetworkSchema, 'The network of the pod.'),
});
export interface Network extends TypeOf<typeof network> {}
export const NetworkSchema = named<Network>(network);
