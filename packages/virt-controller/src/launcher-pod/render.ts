import { type Container, Pod, type PodSpec, VirtualMachineInstance } from '@virtplane/resources';
import { controllerReference } from '@virtplane/runtime';
import type { ControllerConfig } from '../config.ts';
import type { InstanceSpec } from '../instance-types.ts';
import { annotation, hostnameOf, label, UNPAUSED_GATE } from '../names.ts';
import { affinityOf, nodeSelectorOf } from './placement.ts';
import { computeResources } from './resources.ts';
import { renderStorage } from './volumes.ts';

/** What is rendered besides the instance itself. */
export interface LauncherOptions {
  readonly config: ControllerConfig;
  /** Image of the container `compute`: `virtplane.io/virt-launcher:v0.1.0`. */
  readonly launcherImage: string;
  /** Claims of the namespace whose volume mode is Block. */
  readonly blockClaims?: ReadonlySet<string>;
}

/** The user that guests run as (qemu). */
export const LAUNCHER_USER = 107;
const DEFAULT_GRACE_SECONDS = 30;
const NO_CLAIMS: ReadonlySet<string> = new Set();

/** The launcher pod of an instance: what quota, scheduler and node see of the guest. Pure; the name is made by the server. */
export function renderLauncherPod(vmi: VirtualMachineInstance, options: LauncherOptions): Pod {
  const { name = '', namespace = '', uid = '' } = vmi.metadata;
  const { spec } = vmi;
  const hostname = hostnameOf(name, spec.hostname);
  return {
    apiVersion: 'v1',
    kind: Pod.kind,
    metadata: {
      generateName: `virt-launcher-${name}-`,
      namespace,
      labels: {
        ...vmi.metadata.labels,
        [label.app]: 'virt-launcher',
        [label.createdBy]: uid,
        [label.machineName]: hostname,
      },
      annotations: annotationsOf(vmi),
      ownerReferences: [controllerReference(vmi, VirtualMachineInstance)],
    },
    spec: podSpec(spec, hostname, options),
  };
}

function podSpec(spec: InstanceSpec, hostname: string, options: LauncherOptions): PodSpec {
  const storage = renderStorage(spec, options.launcherImage, options.blockClaims ?? NO_CLAIMS);
  const affinity = affinityOf(spec);
  const serviceAccount = spec.volumes?.find((volume) => volume.serviceAccount)?.serviceAccount?.serviceAccountName;
  const hugepages = spec.domain?.memory?.hugepages !== undefined;
  const compute: Container = {
    name: 'compute',
    image: options.launcherImage,
    imagePullPolicy: 'IfNotPresent',
    command: ['/usr/bin/virt-launcher'],
    resources: computeResources(spec, options.config),
    securityContext: {
      runAsUser: LAUNCHER_USER,
      runAsNonRoot: true,
      allowPrivilegeEscalation: false,
      capabilities: { add: ['NET_BIND_SERVICE'], drop: ['ALL'] },
    },
  };
  const mounts = hugepages ? [...storage.mounts, { name: 'hugepages', mountPath: '/dev/hugepages' }] : storage.mounts;
  if (mounts.length > 0) compute.volumeMounts = mounts;
  if (storage.devices.length > 0) compute.volumeDevices = storage.devices;
  const volumes = hugepages
    ? [...storage.volumes, { name: 'hugepages', emptyDir: { medium: 'HugePages' } }]
    : storage.volumes;
  return {
    restartPolicy: 'Never',
    enableServiceLinks: false,
    automountServiceAccountToken: serviceAccount !== undefined,
    ...(serviceAccount !== undefined && { serviceAccountName: serviceAccount }),
    terminationGracePeriodSeconds: (spec.terminationGracePeriodSeconds ?? DEFAULT_GRACE_SECONDS) + 30,
    hostname,
    ...(spec.subdomain && { subdomain: spec.subdomain }),
    ...(spec.dnsPolicy && { dnsPolicy: spec.dnsPolicy }),
    ...(spec.dnsConfig && { dnsConfig: spec.dnsConfig }),
    nodeSelector: nodeSelectorOf(spec, options.config),
    ...(affinity && { affinity }),
    ...(spec.tolerations && { tolerations: spec.tolerations }),
    ...(spec.topologySpreadConstraints && { topologySpreadConstraints: spec.topologySpreadConstraints }),
    ...(spec.schedulerName && { schedulerName: spec.schedulerName }),
    ...(spec.priorityClassName && { priorityClassName: spec.priorityClassName }),
    readinessGates: [{ conditionType: UNPAUSED_GATE }],
    securityContext: { runAsUser: LAUNCHER_USER, ...(hugepages && { fsGroup: LAUNCHER_USER }) },
    ...(storage.imagePullSecrets.length > 0 && { imagePullSecrets: storage.imagePullSecrets }),
    ...(storage.initContainers.length > 0 && { initContainers: storage.initContainers }),
    containers: [compute, ...storage.containers],
    ...(volumes.length > 0 && { volumes }),
  };
}

/** Bookkeeping of the instance's own clients means nothing on its pod. */
const isOwnBookkeeping = (key: string): boolean =>
  key.startsWith('kubectl.kubernetes.io') ||
  key === 'kubevirt.io/storage-observed-api-version' ||
  key === 'kubevirt.io/latest-observed-api-version';

function annotationsOf(vmi: VirtualMachineInstance): Record<string, string> {
  const annotations: Record<string, string> = {};
  for (const [key, value] of Object.entries(vmi.metadata.annotations ?? {}))
    if (!isOwnBookkeeping(key)) annotations[key] = value;
  annotations[annotation.domain] = vmi.metadata.name ?? '';
  annotations['kubectl.kubernetes.io/default-container'] = 'compute';
  annotations['kubevirt.io/migrationTransportUnix'] = 'true';
  const interfaces = vmi.spec.domain?.devices?.interfaces ?? [];
  if (interfaces.some((nic) => nic.masquerade)) annotations['traffic.sidecar.istio.io/kubevirtInterfaces'] = 'k6t-eth0';
  const networks = multusNetworks(vmi);
  if (networks.length > 0) annotations['k8s.v1.cni.cncf.io/networks'] = JSON.stringify(networks);
  const primary = vmi.spec.networks?.find((network) => network.multus?.default)?.multus?.networkName;
  if (primary) annotations['v1.multus-cni.io/default-network'] = primary;
  return annotations;
}

interface MultusAttachment {
  readonly interface: string;
  readonly mac?: string;
  readonly name: string;
  readonly namespace: string;
}

/** Secondary networks are `net1`, `net2`, … in the order of the instance's networks. */
function multusNetworks(vmi: VirtualMachineInstance): MultusAttachment[] {
  const attachments: MultusAttachment[] = [];
  for (const network of vmi.spec.networks ?? []) {
    const full = network.multus?.networkName;
    if (!full || network.multus?.default) continue;
    const slash = full.indexOf('/');
    const mac = vmi.spec.domain?.devices?.interfaces?.find((nic) => nic.name === network.name)?.macAddress;
    attachments.push({
      interface: `net${attachments.length + 1}`,
      ...(mac && { mac }),
      name: slash < 0 ? full : full.slice(slash + 1),
      namespace: slash < 0 ? (vmi.metadata.namespace ?? '') : full.slice(0, slash),
    });
  }
  return attachments;
}
