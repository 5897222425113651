import {
  bool,
  type EmptyObject,
  emptyObject,
  list,
  named,
  object,
  required,
  string,
  type TypeOf,
} from '../schema/builder.ts';
import { DiskSchema, FilesystemSchema } from './disks.ts';
import { FeatureStateSchema } from './features.ts';
import { InterfaceSchema } from './interfaces.ts';

export const ClientPassthroughDevicesSchema = emptyObject('io.kubevirt.v1.ClientPassthroughDevices');
export type ClientPassthroughDevices = EmptyObject;

const vgpuDisplayOptions = object('io.kubevirt.v1.VGPUDisplayOptions', '', {
  enabled: bool,
  ramFB: FeatureStateSchema,
});
export interface VGPUDisplayOptions extends TypeOf<typeof vgpuDisplayOptions> {}
export const VGPUDisplayOptionsSchema = named<VGPUDisplayOptions>(vgpuDisplayOptions);

const vgpuOptions = object('io.kubevirt.v1.VGPUOptions', '', {
  display: VGPUDisplayOptionsSchema,
});
export interface VGPUOptions extends TypeOf<typeof vgpuOptions> {}
export const VGPUOptionsSchema = named<VGPUOptions>(vgpuOptions);

const gpu = object('io.kubevirt.v1.GPU', '', {
  deviceName: required(string),
  name: required(string),
  tag: string,
  virtualGPUOptions: VGPUOptionsSchema,
});
export interface GPU extends TypeOf<typeof gpu> {}
export const GPUSchema = named<GPU>(gpu);

const hostDevice = object('io.kubevirt.v1.HostDevice', '', {
  deviceName: required(string),
  name: required(string),
  tag: string,
});
export interface HostDevice extends TypeOf<typeof hostDevice> {}
export const HostDeviceSchema = named<HostDevice>(hostDevice);

const input = object('io.kubevirt.v1.Input', '', {
  bus: string,
  name: required(string),
  type: required(string),
});
export interface Input extends TypeOf<typeof input> {}
export const InputSchema = named<Input>(input);

export const RngSchema = emptyObject('io.kubevirt.v1.Rng');
export type Rng = EmptyObject;

const soundDevice = object('io.kubevirt.v1.SoundDevice', '', {
  model: string,
  name: required(string),
});
export interface SoundDevice extends TypeOf<typeof soundDevice> {}
export const SoundDeviceSchema = named<SoundDevice>(soundDevice);

const tpmDevice = object('io.kubevirt.v1.TPMDevice', '', {
  persistent: bool,
});
export interface TPMDevice extends TypeOf<typeof tpmDevice> {}
export const TPMDeviceSchema = named<TPMDevice>(tpmDevice);

const i6300ESBWatchdog = object('io.kubevirt.v1.I6300ESBWatchdog', '', {
  action: string,
});
export interface I6300ESBWatchdog extends TypeOf<typeof i6300ESBWatchdog> {}
export const I6300ESBWatchdogSchema = named<I6300ESBWatchdog>(i6300ESBWatchdog);

const watchdog = object('io.kubevirt.v1.Watchdog', '', {
  i6300esb: I6300ESBWatchdogSchema,
  name: required(string),
});
export interface Watchdog extends TypeOf<typeof watchdog> {}
export const WatchdogSchema = named<Watchdog>(watchdog);

const devices = object('io.kubevirt.v1.Devices', '', {
  autoattachGraphicsDevice: bool,
  autoattachInputDevice: bool,
  autoattachMemBalloon: bool,
  autoattachPodInterface: bool,
  autoattachSerialConsole: bool,
  blockMultiQueue: bool,
  clientPassthrough: ClientPassthroughDevicesSchema,
  disableHotplug: bool,
  disks: list(DiskSchema),
  filesystems: list(FilesystemSchema, { type: 'atomic' }),
  gpus: list(GPUSchema, { type: 'atomic' }),
  hostDevices: list(HostDeviceSchema, { type: 'atomic' }),
  inputs: list(InputSchema),
  interfaces: list(InterfaceSchema),
  networkInterfaceMultiqueue: bool,
  rng: RngSchema,
  sound: SoundDeviceSchema,
  tpm: TPMDeviceSchema,
  useVirtioTransitional: bool,
  watchdog: WatchdogSchema,
  logSerialConsole: bool,
});
export interface Devices extends TypeOf<typeof devices> {}
export const DevicesSchema = named<Devices>(devices);
