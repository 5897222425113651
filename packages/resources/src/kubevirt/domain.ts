import { named, object, string, type TypeOf } from '../schema/builder.ts';
import { CPUSchema, KubevirtResourceRequirementsSchema, MemorySchema } from './cpu-memory.ts';
import { DevicesSchema } from './devices.ts';
import { ClockSchema, FeaturesSchema } from './features.ts';
import { ChassisSchema, FirmwareSchema, LaunchSecuritySchema, MachineSchema } from './firmware.ts';

const domainSpec = object('io.kubevirt.v1.DomainSpec', '', {
  chassis: ChassisSchema,
  clock: ClockSchema,
  cpu: CPUSchema,
  devices: DevicesSchema,
  features: FeaturesSchema,
  firmware: FirmwareSchema,
  ioThreadsPolicy: string,
  launchSecurity: LaunchSecuritySchema,
  machine: MachineSchema,
  memory: MemorySchema,
  resources: KubevirtResourceRequirementsSchema,
});
export interface DomainSpec extends TypeOf<typeof domainSpec> {}
export const DomainSpecSchema = named<DomainSpec>(domainSpec);
