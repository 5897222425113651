import {
  bool,
  type EmptyObject,
  emptyObject,
  field,
  named,
  object,
  required,
  string,
  type TypeOf,
} from '../schema/builder.ts';

const bios = object('io.kubevirt.v1.BIOS', '', {
  useSerial: field(bool, 'Show the BIOS messages on the serial console.'),
});
export interface BIOS extends TypeOf<typeof bios> {}
export const BIOSSchema = named<BIOS>(bios);

const efi = object('io.kubevirt.v1.EFI', '', {
  secureBoot: field(bool, 'Start only signed boot loaders; true if unset. Needs features.smm.'),
  persistent: field(bool, 'Keep the variables of the firmware over restarts.'),
});
export interface EFI extends TypeOf<typeof efi> {}
export const EFISchema = named<EFI>(efi);

const bootloader = object('io.kubevirt.v1.Bootloader', '', {
  bios: field(BIOSSchema, 'Boot with BIOS.'),
  efi: field(EFISchema, 'Boot with UEFI.'),
});
export interface Bootloader extends TypeOf<typeof bootloader> {}
export const BootloaderSchema = named<Bootloader>(bootloader);

const kernelBootContainer = object('io.kubevirt.v1.KernelBootContainer', '', {
  image: required(string),
  imagePullPolicy: string,
  imagePullSecret: string,
  initrdPath: string,
  kernelPath: string,
});
export interface KernelBootContainer extends TypeOf<typeof kernelBootContainer> {}
export const KernelBootContainerSchema = named<KernelBootContainer>(kernelBootContainer);

const kernelBoot = object('io.kubevirt.v1.KernelBoot', '', {
  container: KernelBootContainerSchema,
  kernelArgs: string,
});
export interface KernelBoot extends TypeOf<typeof kernelBoot> {}
export const KernelBootSchema = named<KernelBoot>(kernelBoot);

const firmware = object('io.kubevirt.v1.Firmware', 'Firmware of a machine.', {
  bootloader: field(BootloaderSchema, 'BIOS or EFI.'),
  kernelBoot: field(KernelBootSchema, 'Boot a kernel directly.'),
  serial: field(string, 'Serial number that the guest reads from SMBIOS.'),
  uuid: field(string, 'Identity that the guest reads from SMBIOS.'),
});
export interface Firmware extends TypeOf<typeof firmware> {}
export const FirmwareSchema = named<Firmware>(firmware);

const chassis = object('io.kubevirt.v1.Chassis', '', {
  asset: string,
  manufacturer: string,
  serial: string,
  sku: string,
  version: string,
});
export interface Chassis extends TypeOf<typeof chassis> {}
export const ChassisSchema = named<Chassis>(chassis);

export const SEVSchema = emptyObject('io.kubevirt.v1.SEV');
export type SEV = EmptyObject;

const launchSecurity = object('io.kubevirt.v1.LaunchSecurity', '', {
  sev: SEVSchema,
});
export interface LaunchSecurity extends TypeOf<typeof launchSecurity> {}
export const LaunchSecuritySchema = named<LaunchSecurity>(launchSecurity);

const machine = object('io.kubevirt.v1.Machine', '', {
  type: field(string, 'Name such as q35.'),
});
export interface Machine extends TypeOf<typeof machine> {}
export const MachineSchema = named<Machine>(machine);
