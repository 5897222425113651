import {
  bool,
  type EmptyObject,
  emptyObject,
  named,
  object,
  required,
  string,
  type TypeOf,
} from '../schema/builder.ts';

const bios = object('io.kubevirt.v1.BIOS', '', {
  useSerial: bool,
});
export interface BIOS extends TypeOf<typeof bios> {}
export const BIOSSchema = named<BIOS>(bios);

const efi = object('io.kubevirt.v1.EFI', '', {
  secureBoot: bool,
  persistent: bool,
});
export interface EFI extends TypeOf<typeof efi> {}
export const EFISchema = named<EFI>(efi);

const bootloader = object('io.kubevirt.v1.Bootloader', '', {
  bios: BIOSSchema,
  efi: EFISchema,
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

const firmware = object('io.kubevirt.v1.Firmware', '', {
  bootloader: BootloaderSchema,
  kernelBoot: KernelBootSchema,
  serial: string,
  uuid: string,
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
  type: string,
});
export interface Machine extends TypeOf<typeof machine> {}
export const MachineSchema = named<Machine>(machine);
