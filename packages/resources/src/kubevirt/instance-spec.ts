import { AffinitySchema, TolerationSchema, TopologySpreadConstraintSchema } from '../core/affinity.ts';
import { ExecActionSchema, HTTPGetActionSchema, TCPSocketActionSchema } from '../core/container.ts';
import { PodDNSConfigSchema } from '../core/pod.ts';
import { embeddedMetadata } from '../meta/embedded-metadata.ts';
import {
  type EmptyObject,
  emptyObject,
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

const virtualMachineInstanceSpec = object('io.kubevirt.v1.VirtualMachineInstanceSpec', '', {
  accessCredentials: list(AccessCredentialSchema, { type: 'atomic' }),
  affinity: AffinitySchema,
  dnsConfig: PodDNSConfigSchema,
  dnsPolicy: string,
  domain: DomainSpecSchema,
  evictionStrategy: string,
  hostname: string,
  livenessProbe: KubevirtProbeSchema,
  networks: list(NetworkSchema),
  nodeSelector: map(string),
  priorityClassName: string,
  readinessProbe: KubevirtProbeSchema,
  schedulerName: string,
  startStrategy: string,
  subdomain: string,
  terminationGracePeriodSeconds: int64,
  tolerations: list(TolerationSchema),
  topologySpreadConstraints: list(TopologySpreadConstraintSchema, {
    type: 'map',
    keys: ['topologyKey', 'whenUnsatisfiable'],
  }),
  volumes: list(KubevirtVolumeSchema),
});
export interface VirtualMachineInstanceSpec extends TypeOf<typeof virtualMachineInstanceSpec> {}
export const VirtualMachineInstanceSpecSchema = named<VirtualMachineInstanceSpec>(virtualMachineInstanceSpec);

const virtualMachineInstanceTemplateSpec = object('io.kubevirt.v1.VirtualMachineInstanceTemplateSpec', '', {
  metadata: embeddedMetadata,
  spec: VirtualMachineInstanceSpecSchema,
});
export interface VirtualMachineInstanceTemplateSpec extends TypeOf<typeof virtualMachineInstanceTemplateSpec> {}
export const VirtualMachineInstanceTemplateSpecSchema = named<VirtualMachineInstanceTemplateSpec>(
  virtualMachineInstanceTemplateSpec,
);
