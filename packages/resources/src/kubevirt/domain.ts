import { field, named, object, string, type TypeOf } from '../schema/builder.ts';
import { CPUSchema, KubevirtResourceRequirementsSchema, MemorySchema } from './cpu-memory.ts';
import { DevicesSchema } from './devices.ts';
import { ClockSchema, FeaturesSchema } from './features.ts';
import { ChassisSchema, FirmwareSchema, LaunchSecuritySchema, MachineSchema } from './firmware.ts';

const domainSpec = object('io.kubevirt.v1.DomainSpec', 'Hardware of a virtual machine.', {
  chassis: field(ChassisSchema, 'Identity of the chassis that the guest reads from SMBIOS.'),
  clock: field(ClockSchema, 'Clock and timers.'),
  cpu: field(CPUSchema, 'Processors of the guest.'),
  devices: field(DevicesSchema, 'Disks, interfaces and all other devices.'),
  features: field(FeaturesSchema, 'Features such as ACPI, APIC and Hyper-V enlightenments.'),
  firmware: field(FirmwareSchema, 'Firmware and boot loader.'),
  ioThreadsPolicy: field(string, 'shared or auto: threads for disk input and output.'),
  launchSecurity: field(LaunchSecuritySchema, 'Encryption of guest memory.'),
  machine: field(MachineSchema, 'Machine type.'),
  memory: field(MemorySchema, 'Memory of the guest.'),
  resources: field(KubevirtResourceRequirementsSchema, 'Memory and CPU that are set aside on the node.'),
});
export interface DomainSpec extends TypeOf<typeof domainSpec> {}
export const DomainSpecSchema = named<DomainSpec>(domainSpec);
