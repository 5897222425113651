import { createHash } from 'node:crypto';
import type { Interface, Network, VirtualMachineInstance } from '@virtplane/resources';
import type { Client } from '@virtplane/runtime';
import { guestHostname } from '../disks/cloud-init.ts';
import type { Host } from '../host/host.ts';
import type { PreparedInterface } from '../hypervisor/prepared-guest.ts';
import {
  applyBinding,
  type BindingPlan,
  createTap,
  moveTap,
  type PodAttachment,
  type PodNetwork,
  type PodSandbox,
  parseCniConfig,
  planBridgeBinding,
  planMasquerade,
  podInterface,
  type Resolver,
  tapName,
} from '../network/index.ts';
import type { NodeInterface } from './status.ts';

export interface GuestNetworkOptions {
  readonly host: Host;
  readonly client: Client;
  readonly podNetwork: PodNetwork;
  readonly resolver: Resolver;
  /** Owner of the taps. */
  readonly qemuUser: { readonly uid: number; readonly gid: number };
}

/** Everything of one guest's network that has been made. */
export interface GuestNetwork {
  readonly prepared: Readonly<Record<string, PreparedInterface>>;
  readonly interfaces: readonly NodeInterface[];
  /** To be moved into the pod once QEMU has opened them. */
  readonly taps: readonly { readonly name: string; readonly plan: BindingPlan }[];
}

/** Locally administered, the same at every start of this VMI. */
export function stableMac(uid: string, interfaceName: string): string {
  const digest = createHash('sha256').update(`${uid}/${interfaceName}`).digest();
  return ['02', ...[...digest.subarray(0, 5)].map((byte) => byte.toString(16).padStart(2, '0'))].join(':');
}

interface Binding {
  readonly nic: Interface;
  readonly network: Network;
  /** `eth0` for the pod network, `net1` … for the others, in the order of the spec. */
  readonly podInterface: string;
}

/** Interfaces with their networks; SR-IOV ones are host devices. Throws when an interface names no network. */
export function bindingsOf(vmi: VirtualMachineInstance): Binding[] {
  let secondary = 0;
  const networks = new Map(
    (vmi.spec.networks ?? []).map((network) => {
      const isPod = network.pod !== undefined || network.multus?.default === true;
      return [network.name, { network, podInterface: isPod ? podInterface : `net${++secondary}` }] as const;
    }),
  );
  return (vmi.spec.domain?.devices?.interfaces ?? [])
    .filter((nic) => !nic.sriov)
    .map((nic) => {
      const found = networks.get(nic.name);
      if (!found) throw new Error(`interface ${nic.name} has no network of that name`);
      return { nic, ...found };
    });
}

/** Attaches secondary networks, binds every interface inside the pod and makes its tap. Every part may be called again. */
export async function prepareNetwork(
  vmi: VirtualMachineInstance,
  sandbox: PodSandbox,
  options: GuestNetworkOptions,
): Promise<GuestNetwork> {
  const { host, podNetwork, qemuUser } = options;
  const uid = vmi.metadata?.uid ?? '';
  const prepared: Record<string, PreparedInterface> = {};
  const interfaces: NodeInterface[] = [];
  const taps: { name: string; plan: BindingPlan }[] = [];
  for (const binding of bindingsOf(vmi)) {
    const plan = await planBinding(vmi, binding, sandbox, options);
    const name = tapName(podNetwork.key, uid, binding.nic.name);
    await Promise.all([
      applyBinding(host, sandbox.netns, sandbox.directory, plan),
      createTap(host, { name, uid: qemuUser.uid, gid: qemuUser.gid, mtu: plan.mtu }),
    ]);
    prepared[binding.nic.name] = { type: 'ethernet', tap: name, mac: plan.guestMac, mtu: plan.mtu };
    const hasPodAddress = binding.podInterface === podInterface;
    interfaces.push({ name: binding.nic.name, mac: plan.guestMac, ipAddresses: hasPodAddress ? sandbox.ips : [] });
    taps.push({ name, plan });
  }
  return { prepared, interfaces, taps };
}

async function planBinding(
  vmi: VirtualMachineInstance,
  binding: Binding,
  sandbox: PodSandbox,
  options: GuestNetworkOptions,
): Promise<BindingPlan> {
  const { nic, network } = binding;
  const uid = vmi.metadata?.uid ?? '';
  const wantedMac = nic.macAddress?.toLowerCase().replaceAll('-', ':');
  const attachment = await attachmentOf(vmi, binding, sandbox, wantedMac, options);
  const common = {
    podInterface: binding.podInterface,
    podMtu: sandbox.mtu,
    hostname: guestHostname(vmi),
    resolver: options.resolver,
  };
  if (nic.masquerade) {
    return planMasquerade({
      ...common,
      guestMac: wantedMac ?? stableMac(uid, nic.name),
      ...(network.pod?.vmNetworkCIDR && { vmNetworkCidr: network.pod.vmNetworkCIDR }),
      ports: nic.ports ?? [],
      ...(nic.dhcpOptions && { dhcpOptions: nic.dhcpOptions }),
    });
  }
  if (!nic.bridge)
    throw new Error(`interface ${nic.name}: only the bindings masquerade, bridge and sriov are supported by this node`);
  const { ips, routes, interfaces } = attachment.result;
  const inPod = interfaces.find((made) => made.name === binding.podInterface && made.sandbox !== undefined);
  const [address] = ips;
  return planBridgeBinding({
    ...common,
    mac: wantedMac ?? inPod?.mac?.toLowerCase() ?? stableMac(uid, nic.name),
    ...(address && {
      address: { cidr: address.address, ...(address.gateway && { gateway: address.gateway }), routes },
    }),
  });
}

async function attachmentOf(
  vmi: VirtualMachineInstance,
  { network, podInterface: interfaceName }: Binding,
  sandbox: PodSandbox,
  mac: string | undefined,
  { client, podNetwork }: GuestNetworkOptions,
): Promise<PodAttachment> {
  const existing = sandbox.attachments.find((made) => made.interfaceName === interfaceName);
  if (existing) return existing;
  const reference = network.multus?.networkName;
  if (!reference) throw new Error(`network ${network.name} is neither the pod network nor a multus network`);
  const slash = reference.indexOf('/');
  const namespace = slash < 0 ? (vmi.metadata?.namespace ?? '') : reference.slice(0, slash);
  const name = reference.slice(slash + 1);
  const path = `/apis/k8s.cni.cncf.io/v1/namespaces/${encodeURIComponent(namespace)}/network-attachment-definitions/${encodeURIComponent(name)}`;
  const definition = (await client.raw('GET', path)) as { spec?: { config?: unknown } } | undefined;
  const config = definition?.spec?.config;
  if (typeof config !== 'string')
    throw new Error(`NetworkAttachmentDefinition ${namespace}/${name} has no spec.config`);
  return podNetwork.attach(sandbox, { network: parseCniConfig(config, name), interfaceName, ...(mac && { mac }) });
}

/** Connects the taps of a guest that has been started paused. */
export async function connectTaps(host: Host, sandbox: PodSandbox, network: GuestNetwork): Promise<void> {
  await Promise.all(
    network.taps.map(({ name, plan }) =>
      moveTap(host, { name, netns: sandbox.netns, newName: plan.tap, bridge: plan.bridge, mtu: plan.mtu }),
    ),
  );
}

/** Names of the guest's taps while they are in the node's namespace. */
export const tapNames = (vmi: VirtualMachineInstance, key: string): string[] =>
  (vmi.spec.domain?.devices?.interfaces ?? [])
    .filter((nic) => !nic.sriov)
    .map((nic) => tapName(key, vmi.metadata?.uid ?? '', nic.name));
