import {
  bool,
  type EmptyObject,
  emptyObject,
  field,
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

const gpu = object('io.kubevirt.v1.GPU', 'A virtual GPU of the host.', {
  deviceName: required(field(string, 'Name under which the device is permitted, such as nvidia.com/GRID_T4-1B.')),
  name: required(field(string, 'Name within the machine.')),
  tag: string,
  virtualGPUOptions: field(VGPUOptionsSchema, 'Display settings of a virtual GPU.'),
});
export interface GPU extends TypeOf<typeof gpu> {}
export const GPUSchema = named<GPU>(gpu);

const hostDevice = object('io.kubevirt.v1.HostDevice', 'A device of the host.', {
  deviceName: required(field(string, 'Name under which the device is permitted.')),
  name: required(field(string, 'Name within the machine.')),
  tag: string,
});
export interface HostDevice extends TypeOf<typeof hostDevice> {}
export const HostDeviceSchema = named<HostDevice>(hostDevice);

const input = object('io.kubevirt.v1.Input', '', {
  bus: field(string, 'usb or virtio.'),
  name: required(string),
  type: required(field(string, 'tablet.')),
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

const tpmDevice = object('io.kubevirt.v1.TPMDevice', 'An emulated TPM.', {
  persistent: field(bool, 'Keep its state over restarts.'),
});
export interface TPMDevice extends TypeOf<typeof tpmDevice> {}
export const TPMDeviceSchema = named<TPMDevice>(tpmDevice);

const i6300ESBWatchdog = object('io.kubevirt.v1.I6300ESBWatchdog', '', {
  action: field(string, 'reset (the default), poweroff or shutdown.'),
});
export interface I6300ESBWatchdog extends TypeOf<typeof i6300ESBWatchdog> {}
export const I6300ESBWatchdogSchema = named<I6300ESBWatchdog>(i6300ESBWatchdog);

const watchdog = object('io.kubevirt.v1.Watchdog', 'A watchdog: when the guest stops feeding it, it acts.', {
  i6300esb: field(I6300ESBWatchdogSchema, 'Watchdog of model i6300ESB.'),
  name: required(string),
});
export interface Watchdog extends TypeOf<typeof watchdog> {}
export const WatchdogSchema = named<Watchdog>(watchdog);

const devices = object('io.kubevirt.v1.Devices', 'All devices of a machine.', {
  autoattachGraphicsDevice: field(bool, 'false: no display and no VNC.'),
  autoattachInputDevice: field(bool, 'true: a tablet if no input is listed.'),
  autoattachMemBalloon: field(bool, 'false: no memory balloon.'),
  autoattachPodInterface: field(bool, 'false: no interface to the pod network unless one is listed.'),
  autoattachSerialConsole: field(bool, 'false: no serial console.'),
  blockMultiQueue: field(bool, 'One queue per processor for disks.'),
  clientPassthrough: field(ClientPassthroughDevicesSchema, 'Let clients pass USB devices to the guest.'),
  disableHotplug: field(bool, "true: disks can't be added while the machine runs."),
  disks: field(list(DiskSchema), 'Disks; each shows the volume of the same name.'),
  filesystems: field(list(FilesystemSchema, { type: 'atomic' }), 'Directories shared with the guest.'),
  gpus: field(list(GPUSchema, { type: 'atomic' }), 'Virtual GPUs.'),
  hostDevices: field(list(HostDeviceSchema, { type: 'atomic' }), 'Devices of the host that are passed through.'),
  inputs: field(list(InputSchema), 'Input devices such as a tablet.'),
  interfaces: field(list(InterfaceSchema), 'Network interfaces; each is attached to the network of the same name.'),
  networkInterfaceMultiqueue: field(bool, 'One queue per processor for interfaces.'),
  rng: field(RngSchema, 'Source of random numbers from the host.'),
  sound: field(SoundDeviceSchema, 'Sound device.'),
  tpm: field(TPMDeviceSchema, 'Emulated TPM.'),
  useVirtioTransitional: field(bool, 'Offer virtio devices to old guests too.'),
  watchdog: field(WatchdogSchema, 'Watchdog that acts when the guest hangs.'),
  logSerialConsole: field(bool, 'Write what the guest prints on its serial console to a log.'),
});
export interface Devices extends TypeOf<typeof devices> {}
export const DevicesSchema = named<Devices>(devices);
