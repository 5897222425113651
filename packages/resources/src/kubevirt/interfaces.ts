import {
  bool,
  type EmptyObject,
  emptyObject,
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

const interfaceType = object('io.kubevirt.v1.Interface', '', {
  bootOrder: int32,
  bridge: InterfaceBridgeSchema,
  dhcpOptions: DHCPOptionsSchema,
  macAddress: string,
  macvtap: InterfaceMacvtapSchema,
  masquerade: InterfaceMasqueradeSchema,
  model: string,
  name: required(string),
  passt: InterfacePasstSchema,
  pciAddress: string,
  ports: list(PortSchema),
  slirp: InterfaceSlirpSchema,
  sriov: InterfaceSRIOVSchema,
  tag: string,
});
export interface Interface extends TypeOf<typeof interfaceType> {}
export const InterfaceSchema = named<Interface>(interfaceType);

const multusNetwork = object('io.kubevirt.v1.MultusNetwork', '', {
  default: bool,
  networkName: required(string),
});
export interface MultusNetwork extends TypeOf<typeof multusNetwork> {}
export const MultusNetworkSchema = named<MultusNetwork>(multusNetwork);

const podNetwork = object('io.kubevirt.v1.PodNetwork', '', {
  vmIPv6NetworkCIDR: string,
  vmNetworkCIDR: string,
});
export interface PodNetwork extends TypeOf<typeof podNetwork> {}
export const PodNetworkSchema = named<PodNetwork>(podNetwork);

const network = object('io.kubevirt.v1.Network', '', {
  multus: MultusNetworkSchema,
  name: required(string),
  pod: PodNetworkSchema,
});
export interface Network extends TypeOf<typeof network> {}
export const NetworkSchema = named<Network>(network);
