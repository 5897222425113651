import { AffinitySchema, TolerationSchema, TopologySpreadConstraintSchema } from '../core/affinity.ts';
import { ExecActionSchema, HTTPGetActionSchema, TCPSocketActionSchema } from '../core/container.ts';
import { PodDNSConfigSchema } from '../core/pod.ts';
import { embeddedMetadata } from '../meta/embedded-metadata.ts';
import {
  type EmptyObject,
  emptyObject,
  field,
  int32,
  int64,
  list,
  map,
  named,
  object,
  string,
  type TypeOf,
} from '../schema/builder.ts';
import { AccessCredentialSchema } from './access-credentials.ts';
import { DomainSpecSchema } from './domain.ts';
import { NetworkSchema } from './interfaces.ts';
import { KubevirtVolumeSchema } from './volumes.ts';

export const GuestAgentPingSchema = emptyObject('io.kubevirt.v1.GuestAgentPing');
export type GuestAgentPing = EmptyObject;

const kubevirtProbe = object('io.kubevirt.v1.Probe', '', {
  exec: ExecActionSchema,
  failureThreshold: int32,
  guestAgentPing: GuestAgentPingSchema,
  httpGet: HTTPGetActionSchema,
  initialDelaySeconds: int32,
  periodSeconds: int32,
  successThreshold: int32,
  tcpSocket: TCPSocketActionSchema,
  timeoutSeconds: int32,
});
export interface KubevirtProbe extends TypeOf<typeof kubevirtProbe> {}
export const KubevirtProbeSchema = named<KubevirtProbe>(kubevirtProbe);

const virtualMachineInstanceSpec = object(
  'io.kubevirt.v1.VirtualMachineInstanceSpec',
  'What a running virtual machine is made of, and where it may run.',
  {
    accessCredentials: field(
      list(AccessCredentialSchema, { type: 'atomic' }),
      'SSH keys and passwords that are put into the guest.',
    ),
    affinity: field(AffinitySchema, 'Rules on nodes and neighbours.'),
    dnsConfig: field(PodDNSConfigSchema, 'Name servers and search domains.'),
    dnsPolicy: field(string, 'Where names are resolved.'),
    domain: field(DomainSpecSchema, 'Hardware of the machine.'),
    evictionStrategy: field(string, 'LiveMigrate moves the machine when its node is drained; None lets it end.'),
    hostname: field(string, 'Name that the guest gets; the name of the machine if unset.'),
    livenessProbe: field(KubevirtProbeSchema, 'When it fails, the machine is ended.'),
    networks: field(list(NetworkSchema), 'Networks that the interfaces are attached to.'),
    nodeSelector: field(map(string), 'Labels that a node must have.'),
    priorityClassName: field(string, 'Class from which the priority is taken.'),
    readinessProbe: field(KubevirtProbeSchema, 'While it fails, the machine is not ready.'),
    schedulerName: field(string, 'Scheduler that places the machine.'),
    startStrategy: field(string, 'Paused starts the machine with its processors halted.'),
    subdomain: field(string, "Subdomain of the guest's full name."),
    terminationGracePeriodSeconds: field(
      int64,
      'Seconds that the guest has for its shutdown before it is switched off; 30 if unset.',
    ),
    tolerations: field(list(TolerationSchema), 'Taints that do not keep the machine away.'),
    topologySpreadConstraints: field(
      list(TopologySpreadConstraintSchema, { type: 'map', keys: ['topologyKey', 'whenUnsatisfiable'] }),
      'How machines of a kind are spread over places.',
    ),
    volumes: field(list(KubevirtVolumeSchema), 'Contents of the disks.'),
  },
);
export interface VirtualMachineInstanceSpec extends TypeOf<typeof virtualMachineInstanceSpec> {}
export const VirtualMachineInstanceSpecSchema = named<VirtualMachineInstanceSpec>(virtualMachineInstanceSpec);

const virtualMachineInstanceTemplateSpec = object(
  'io.kubevirt.v1.VirtualMachineInstanceTemplateSpec',
  'Template of the running machine: its labels and its specification.',
  {
    metadata: field(embeddedMetadata, 'Labels and annotations of the running machine.'),
    spec: field(VirtualMachineInstanceSpecSchema, 'Specification of the running machine.'),
  },
);
export interface VirtualMachineInstanceTemplateSpec extends TypeOf<typeof virtualMachineInstanceTemplateSpec> {}
export const VirtualMachineInstanceTemplateSpecSchema = named<VirtualMachineInstanceTemplateSpec>(
  virtualMachineInstanceTemplateSpec,
);
