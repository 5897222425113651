import { createHash } from 'node:crypto';
import { VirtualMachine, VirtualMachineInstance } from '@virtplane/resources';
import { controllerReference } from '@virtplane/runtime';
import type { InstanceSpec } from '../instance-types.ts';
import { INSTANCE_FINALIZER, MACHINE_FINALIZER } from '../names.ts';

/** KubeVirt's namespace of firmware UUIDs. */
const FIRMWARE_NAMESPACE = Buffer.from('6a1a24a1406146078bf4a3963d0c5895', 'hex');

/** UUID version 5 (RFC 9562): the same for the same name, so that a guest's identity survives restarts. */
export function firmwareUuid(vmName: string): string {
  const bytes = createHash('sha1').update(FIRMWARE_NAMESPACE).update(vmName).digest().subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x50, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = bytes.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/** The instance that a machine runs as. `paused`: started with the guest's CPUs stopped. */
export function renderInstance(vm: VirtualMachine, paused: boolean, revisionName: string): VirtualMachineInstance {
  const { name = '', namespace = '' } = vm.metadata;
  const template = vm.spec.template;
  const spec: InstanceSpec = template?.spec ?? { domain: { devices: {} } };
  const domain = spec.domain ?? { devices: {} };
  const firmware = domain.firmware?.uuid ? domain.firmware : { ...domain.firmware, uuid: firmwareUuid(name) };
  return {
    apiVersion: 'kubevirt.io/v1',
    kind: VirtualMachineInstance.kind,
    metadata: {
      name,
      namespace,
      ...(template?.metadata?.labels && { labels: template.metadata.labels }),
      ...(template?.metadata?.annotations && { annotations: template.metadata.annotations }),
      ownerReferences: [controllerReference(vm, VirtualMachine)],
      finalizers: [MACHINE_FINALIZER, INSTANCE_FINALIZER],
    },
    spec: { ...spec, domain: { ...domain, firmware }, ...(paused && { startStrategy: 'Paused' }) },
    status: { virtualMachineRevisionName: revisionName },
  };
}
