import { bool, field, int32, int64, named, object, string, type TypeOf } from '../schema/builder.ts';

const featureState = object('io.kubevirt.v1.FeatureState', '', {
  enabled: bool,
});
export interface FeatureState extends TypeOf<typeof featureState> {}
export const FeatureStateSchema = named<FeatureState>(featureState);

const featureAPIC = object('io.kubevirt.v1.FeatureAPIC', '', {
  enabled: bool,
  endOfInterrupt: bool,
});
export interface FeatureAPIC extends TypeOf<typeof featureAPIC> {}
export const FeatureAPICSchema = named<FeatureAPIC>(featureAPIC);

const featureSpinlocks = object('io.kubevirt.v1.FeatureSpinlocks', '', {
  enabled: bool,
  spinlocks: int64,
});
export interface FeatureSpinlocks extends TypeOf<typeof featureSpinlocks> {}
export const FeatureSpinlocksSchema = named<FeatureSpinlocks>(featureSpinlocks);

const syNICTimer = object('io.kubevirt.v1.SyNICTimer', '', {
  direct: FeatureStateSchema,
  enabled: bool,
});
export interface SyNICTimer extends TypeOf<typeof syNICTimer> {}
export const SyNICTimerSchema = named<SyNICTimer>(syNICTimer);

const featureVendorID = object('io.kubevirt.v1.FeatureVendorID', '', {
  enabled: bool,
  vendorid: string,
});
export interface FeatureVendorID extends TypeOf<typeof featureVendorID> {}
export const FeatureVendorIDSchema = named<FeatureVendorID>(featureVendorID);

const featureHyperv = object('io.kubevirt.v1.FeatureHyperv', '', {
  evmcs: FeatureStateSchema,
  frequencies: FeatureStateSchema,
  ipi: FeatureStateSchema,
  reenlightenment: FeatureStateSchema,
  relaxed: FeatureStateSchema,
  reset: FeatureStateSchema,
  runtime: FeatureStateSchema,
  spinlocks: FeatureSpinlocksSchema,
  synic: FeatureStateSchema,
  synictimer: SyNICTimerSchema,
  tlbflush: FeatureStateSchema,
  vapic: FeatureStateSchema,
  vendorid: FeatureVendorIDSchema,
  vpindex: FeatureStateSchema,
});
export interface FeatureHyperv extends TypeOf<typeof featureHyperv> {}
export const FeatureHypervSchema = named<FeatureHyperv>(featureHyperv);

const featureKVM = object('io.kubevirt.v1.FeatureKVM', '', {
  hidden: bool,
});
export interface FeatureKVM extends TypeOf<typeof featureKVM> {}
export const FeatureKVMSchema = named<FeatureKVM>(featureKVM);

const features = object('io.kubevirt.v1.Features', 'Features of the machine.', {
  acpi: field(FeatureStateSchema, 'ACPI; on if unset.'),
  apic: FeatureAPICSchema,
  hyperv: field(FeatureHypervSchema, 'Hyper-V enlightenments for Windows guests.'),
  kvm: field(FeatureKVMSchema, 'Settings of KVM itself.'),
  pvspinlock: FeatureStateSchema,
  smm: field(FeatureStateSchema, 'System management mode, needed for secure boot.'),
});
export interface Features extends TypeOf<typeof features> {}
export const FeaturesSchema = named<Features>(features);

const clockOffsetUTC = object('io.kubevirt.v1.ClockOffsetUTC', '', {
  offsetSeconds: int32,
});
export interface ClockOffsetUTC extends TypeOf<typeof clockOffsetUTC> {}
export const ClockOffsetUTCSchema = named<ClockOffsetUTC>(clockOffsetUTC);

const clockOffset = object('io.kubevirt.v1.ClockOffset', '', {
  timezone: string,
  utc: ClockOffsetUTCSchema,
});
export interface ClockOffset extends TypeOf<typeof clockOffset> {}
export const ClockOffsetSchema = named<ClockOffset>(clockOffset);

const hpetTimer = object('io.kubevirt.v1.HPETTimer', '', {
  present: bool,
  tickPolicy: string,
});
export interface HPETTimer extends TypeOf<typeof hpetTimer> {}
export const HPETTimerSchema = named<HPETTimer>(hpetTimer);

const hypervTimer = object('io.kubevirt.v1.HypervTimer', '', {
  present: bool,
});
export interface HypervTimer extends TypeOf<typeof hypervTimer> {}
export const HypervTimerSchema = named<HypervTimer>(hypervTimer);

const kvmTimer = object('io.kubevirt.v1.KVMTimer', '', {
  present: bool,
});
export interface KVMTimer extends TypeOf<typeof kvmTimer> {}
export const KVMTimerSchema = named<KVMTimer>(kvmTimer);

const pitTimer = object('io.kubevirt.v1.PITTimer', '', {
  present: bool,
  tickPolicy: string,
});
export interface PITTimer extends TypeOf<typeof pitTimer> {}
export const PITTimerSchema = named<PITTimer>(pitTimer);

const rtcTimer = object('io.kubevirt.v1.RTCTimer', '', {
  present: bool,
  tickPolicy: string,
  track: string,
});
export interface RTCTimer extends TypeOf<typeof rtcTimer> {}
export const RTCTimerSchema = named<RTCTimer>(rtcTimer);

const timer = object('io.kubevirt.v1.Timer', '', {
  hpet: HPETTimerSchema,
  hyperv: HypervTimerSchema,
  kvm: KVMTimerSchema,
  pit: PITTimerSchema,
  rtc: RTCTimerSchema,
});
export interface Timer extends TypeOf<typeof timer> {}
export const TimerSchema = named<Timer>(timer);

const clock = object('io.kubevirt.v1.Clock', '', {
  timer: TimerSchema,
  timezone: string,
  utc: ClockOffsetUTCSchema,
});
export interface Clock extends TypeOf<typeof clock> {}
export const ClockSchema = named<Clock>(clock);
